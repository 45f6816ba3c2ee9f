"""Slack's direct messages and SendGrid's mails with one person as one list."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from strawberry.types import ExecutionResult

from connectors.call import Scope
from connectors.connector import connect, discover
from connectors.sandbox.faults import Fault
from connectors.sandbox.people import EPOCH, population
from resolvers.context import Context
from resolvers.cursors import CursorCodec
from resolvers.discovery import discover as discover_fields
from schema.compose import compose
from tests.clock import FakeClock

PEOPLE = population(60)
UPSTREAMS = {name: upstream for name, upstream in discover().items() if name in ("sendgrid", "slack")}
GRAPH = compose(discover_fields(), UPSTREAMS)
MESSAGES = """query($email: String!, $first: Int, $after: String) { person(email: $email) {
  messages(first: $first, after: $after) {
    edges { cursor node { __typename upstreamId excerpt occurredAt author { __typename email }
      ... on SlackMessage { user { email } } ... on SendGridMessage { status } } }
    pageInfo { hasNextPage endCursor } } } }"""
KINDS = {"slack": "SlackMessage", "sendgrid": "SendGridMessage"}


class World:
    """Two upstreams; SendGrid has sent eleven more mails to the person, of which two at the same time."""

    def __init__(self) -> None:
        made = {name: connect(one, {}, people=PEOPLE, clock=FakeClock()) for name, one in UPSTREAMS.items()}
        self.connectors = {name: one for name, one in made.items() if one}
        self.slack, self.sendgrid = self.sandbox("slack"), self.sandbox("sendgrid")
        workspace = self.slack.workspace
        direct = next(one for one in workspace.channels.values() if one.get("is_im"))
        self.channel = str(direct["id"])
        self.email = str(workspace.users[direct["user"]]["profile"]["email"])
        for number in range(11):
            time = EPOCH - timedelta(days=2 * (number // 2 * 2), hours=5)
            self.mail(f"mail-{number}", time.strftime("%Y-%m-%dT%H:%M:%SZ"))

    def sandbox(self, name: str) -> Any:
        return self.connectors[name].sandbox

    def mail(self, id: str, time: str) -> None:
        some = next(iter(self.sendgrid.account.messages.values()))
        facts = {"msg_id": id, "to_email": self.email, "last_event_time": time}
        self.sendgrid.account.messages[id] = {**some, **facts}

    def ask(self, **variables: Any) -> ExecutionResult:
        clients = {UPSTREAMS[name].client: connector for name, connector in self.connectors.items()}
        context = Context(clients, Scope(), CursorCodec(b"test"))
        given = {"email": self.email, **variables}
        result = asyncio.run(GRAPH.execute(MESSAGES, variable_values=given, context_value=context))
        assert isinstance(result, ExecutionResult)
        return result

    def page(self, **variables: Any) -> Any:
        result = self.ask(**variables)
        assert result.errors is None, result.errors
        assert result.data
        return result.data["person"]["messages"]

    def nodes(self, **variables: Any) -> list[Any]:
        return [edge["node"] for edge in self.page(**variables)["edges"]]


@pytest.fixture
def world() -> World:
    return World()


def test_messages_of_both_come_newest_first(world: World) -> None:
    nodes = world.nodes(first=1000)

    times = [node["occurredAt"] for node in nodes]
    assert times == sorted(times, reverse=True)
    assert {node["__typename"] for node in nodes} == set(KINDS.values())
    assert {node["user"]["email"] for node in nodes if node.get("user")} >= {world.email}
    assert all(node["excerpt"] for node in nodes)


def test_the_author_is_whoever_its_upstream_says_and_is_asked_for_once(world: World) -> None:
    nodes = world.nodes(first=1000)

    authors = {
        node["__typename"]: [one["author"] for one in nodes if one["__typename"] == node["__typename"]]
        for node in nodes
    }
    assert {"__typename": "SlackUser", "email": world.email} in authors["SlackMessage"]
    assert {"__typename": "SlackUser", "email": None} in authors["SlackMessage"]  # the app itself
    some = next(iter(world.sendgrid.account.messages.values()))
    assert authors["SendGridMessage"][0] == {"__typename": "SendGridSender", "email": some["from_email"]}
    assert [call.operation for call in world.slack.calls].count("users.info") == 2


@pytest.mark.parametrize("first", [1, 2, 5])
def test_small_pages_give_what_one_large_page_gives(world: World, first: int) -> None:
    whole = world.nodes(first=1000)

    pages: list[Any] = [world.page(first=first)]
    while pages[-1]["pageInfo"]["hasNextPage"]:
        pages.append(world.page(first=first, after=pages[-1]["pageInfo"]["endCursor"]))

    assert [edge["node"] for page in pages for edge in page["edges"]] == whole
    assert all(0 < len(page["edges"]) <= first for page in pages)


def test_what_comes_in_between_two_pages_moves_nothing(world: World) -> None:
    whole = world.nodes(first=1000)
    page = world.page(first=4)

    newest = {**world.slack.workspace.messages[world.channel][-1], "ts": "1999999999.000100"}
    world.slack.workspace.messages[world.channel].append(newest)
    world.mail("mail-new", "2033-01-01T00:00:00Z")
    rest = world.nodes(first=1000, after=page["pageInfo"]["endCursor"])

    assert [edge["node"] for edge in page["edges"]] + rest == whole


@pytest.mark.parametrize(("dead", "alive"), [("slack", "sendgrid"), ("sendgrid", "slack")])
def test_where_one_fails_the_messages_of_the_other_are_there_with_the_error(
    world: World, dead: str, alive: str
) -> None:
    whole = world.nodes(first=1000)
    world.sandbox(dead).faults.add(Fault(status=400, times=None))

    result = world.ask(first=1000)
    assert result.data
    messages = result.data["person"]["messages"]
    world.sandbox(dead).faults.clear()
    rest = world.nodes(first=1000, after=messages["pageInfo"]["endCursor"])

    theirs = {name: [node for node in whole if node["__typename"] == kind] for name, kind in KINDS.items()}
    assert [edge["node"] and edge["node"]["upstreamId"] for edge in messages["edges"]] == [
        None,
        *(node["upstreamId"] for node in theirs[alive]),
    ]
    assert result.errors
    assert ["person", "messages", "edges", 0, "node"] in [error.path for error in result.errors]
    assert messages["pageInfo"]["hasNextPage"]
    assert rest == theirs[dead]


def test_who_is_no_member_and_got_no_mail_has_no_messages(world: World) -> None:
    page = world.page(email="nobody@nowhere.example")

    assert page == {"edges": [], "pageInfo": {"hasNextPage": False, "endCursor": None}}
    assert [call.operation for call in world.slack.calls] == ["users.lookupByEmail"]


def test_a_thousand_mails_are_read_and_then_it_is_said_that_there_may_be_more(world: World) -> None:
    for number in range(1000):
        world.mail(f"many-{number:04}", f"2025-11-{1 + number % 28:02}T00:00:{number // 28:02}Z")
    first = world.page(first=900)

    result = world.ask(first=1000, after=first["pageInfo"]["endCursor"])

    assert len(first["edges"]) == 900
    (error,) = result.errors or []
    assert type(error.original_error).__name__ == "ResultWindowExceeded"


def test_an_address_that_no_query_can_name_is_not_looked_for(world: World) -> None:
    assert world.nodes(email='"a"@b.example') == []
    assert world.sendgrid.calls == []
