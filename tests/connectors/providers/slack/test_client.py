"""Slack's operations through the whole pipeline, against the sandbox in this process."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar
from urllib.parse import parse_qs

import httpx2
import orjson
import pytest

from connectors.call import Scope, call_of
from connectors.connector import Connector, connect
from connectors.errors import (
    CursorExpired,
    NotAuthorized,
    NotFound,
    OutcomeUnknown,
    PayloadMismatch,
    RateLimited,
    ResultWindowExceeded,
    UpstreamRejected,
    UpstreamUnavailable,
)
from connectors.paging import Page, Position, Window, collect, paging_of
from connectors.providers.slack import client as slack_client
from connectors.providers.slack.client import SlackClient
from connectors.providers.slack.manifest import UPSTREAM
from connectors.providers.slack.sandbox import SlackSandbox
from connectors.sandbox.faults import Fault
from connectors.sandbox.people import population
from connectors.upstream import Endpoint
from tests.clock import FakeClock

T = TypeVar("T")
PEOPLE = population(120)


class World:
    """A sandbox, and the client in front of it."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        connector = connect(UPSTREAM, {}, people=PEOPLE, clock=self.clock)
        assert connector
        assert isinstance(connector.sandbox, SlackSandbox)
        self.connector: Connector = connector
        self.sandbox = connector.sandbox

    def call(self, call: Callable[[SlackClient], Awaitable[T]]) -> T:
        async def run() -> T:
            return await call(self.connector.client(Scope(deadline=self.clock.now() + 60)))

        return asyncio.run(run())

    def channel(self, name: str) -> str:
        channels = self.sandbox.workspace.channels.values()
        return next(str(one["id"]) for one in channels if one.get("name") == name)

    def queries(self) -> list[dict[str, list[str]]]:
        return [parse_qs(call.query) for call in self.sandbox.calls]


@pytest.fixture
def world() -> World:
    return World()


def answering(answer: object) -> SlackClient:
    """A client whose every call has this answer."""

    async def send(request: httpx2.Request) -> httpx2.Response:
        response = httpx2.Response(200, content=orjson.dumps(answer))
        response.extensions["verdict"] = UPSTREAM.judge(response, 0.0)
        return response

    return SlackClient(Endpoint("slack", "https://slack.com", send, Scope()))


def test_an_empty_cursor_ends_a_list(world: World) -> None:
    first = world.call(lambda slack: slack.list_users(Window(100)))
    last = world.call(lambda slack: slack.list_users(Window(100, after=first.next_cursor)))

    assert (len(first.items), len(last.items), last.next_cursor) == (100, 21, None)


def test_pages_with_fewer_items_than_asked_for_do_not_end_a_list(world: World) -> None:
    wish: dict[str, Any] = {"types": ["public_channel"], "exclude_archived": True}

    async def part(slack: SlackClient) -> list[Any]:
        async def fetch(window: Window) -> Page[Any]:
            return await slack.list_channels(Window(3, window.after), **wish)

        got = await collect(fetch, paging_of(SlackClient.list_channels), upstream="slack", limit=100)
        return [one["name"] for one in got.items]

    names = world.call(part)

    assert len(names) == len(set(names)) == 15
    assert "old-launch" not in names


def test_a_cursor_that_slack_forgot_has_expired(world: World) -> None:
    with pytest.raises(CursorExpired):
        world.call(lambda slack: slack.list_users(Window(5, after="dXNlcjpVMA==")))


def test_replies_leave_out_the_first_message_on_every_page(world: World) -> None:
    general = world.channel("general")

    async def thread(slack: SlackClient) -> tuple[list[str], list[str]]:
        parent = world.sandbox.workspace.post(general, "U0PUNNETBOT", "who comes?")["ts"]
        posted = [world.sandbox.workspace.post(general, "U0PUNNETBOT", "I", thread_ts=parent) for _ in range(7)]

        async def fetch(window: Window) -> Page[Any]:
            return await slack.list_replies(Window(2, window.after), channel=general, thread=parent)

        got = await collect(fetch, paging_of(SlackClient.list_replies), upstream="slack", limit=100)
        return [message["ts"] for message in got.items], [message["ts"] for message in posted]

    read, posted = world.call(thread)

    assert read == posted
    assert {query["limit"][0] for query in world.queries()} == {"3"}


def test_a_message_is_read_by_its_ts_be_it_a_reply_or_not(world: World) -> None:
    general = world.channel("general")
    messages = world.sandbox.workspace.messages[general]
    reply = next(message for message in messages if message.get("thread_ts", message["ts"]) != message["ts"])
    parent = reply["thread_ts"]

    assert world.call(lambda slack: slack.get_message(general, reply["ts"]))["text"] == reply["text"]
    assert world.call(lambda slack: slack.get_message(general, parent))["ts"] == parent
    with pytest.raises(NotFound):
        world.call(lambda slack: slack.get_message(general, "1.000000"))


def test_messages_know_the_channel_that_they_were_read_from(world: World) -> None:
    general = world.channel("general")
    history = world.call(lambda slack: slack.list_messages(Window(3), channel=general))
    found = world.call(lambda slack: slack.search_messages(Window(3), query="in:general"))

    assert {message["channel"] for message in (*history.items, *found.items)} == {general}


def test_numbered_pages_are_of_one_size_whatever_is_wanted(world: World) -> None:
    async def collected(slack: SlackClient, limit: int, at: Position) -> Any:
        def fetch(window: Window) -> Awaitable[Page[Any]]:
            return slack.search_messages(window, query="in:general")

        paging = paging_of(SlackClient.search_messages)
        return await collect(fetch, paging, upstream="slack", limit=limit, at=at)

    whole = world.call(lambda slack: collected(slack, 250, Position()))
    first = world.call(lambda slack: collected(slack, 30, Position()))
    rest = world.call(lambda slack: collected(slack, 220, first.positions[-1]))

    assert [m["ts"] for m in (*first.items, *rest.items)] == [m["ts"] for m in whole.items]
    assert {query["count"][0] for query in world.queries()} == {"100"}
    assert whole.total == len(whole.items) > 150


def test_search_ends_where_slack_ends_it(world: World) -> None:
    with pytest.raises(ResultWindowExceeded):
        world.call(lambda slack: slack.search_messages(Window(10, after="101"), query="pears"))

    assert world.sandbox.calls == []


def test_search_without_a_users_token_says_what_is_missing_and_calls_nobody() -> None:
    async def search() -> None:
        connector = connect(UPSTREAM, {"SLACK_BOT_TOKEN": "xoxb-alone", "SLACK_BASE_URL": "http://localhost:1"})
        assert connector
        await connector.client(Scope()).search_messages(Window(5), query="pears")

    with pytest.raises(NotAuthorized, match="SLACK_USER_TOKEN"):
        asyncio.run(search())


def test_each_token_goes_with_its_methods(world: World) -> None:
    found = world.call(lambda slack: slack.search_messages(Window(5), query="in:announcements"))

    assert found.items
    with pytest.raises(UpstreamRejected, match="not_in_channel"):
        world.call(lambda slack: slack.list_messages(Window(5), channel=world.channel("announcements")))


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ("invalid_auth", NotAuthorized),
        ("missing_scope", NotAuthorized),
        ("user_not_found", NotFound),
        ("internal_error", UpstreamUnavailable),
        ("not_in_channel", UpstreamRejected),
    ],
)
def test_errors_under_200_are_errors(error: str, kind: type[Exception]) -> None:
    with pytest.raises(kind, match=error):
        asyncio.run(answering({"ok": False, "error": error}).get_user("U1"))


@pytest.mark.parametrize("answer", [[], {"ok": True}, {"ok": True, "members": {}}])
def test_an_answer_that_is_no_list_is_a_mismatch(answer: object) -> None:
    with pytest.raises(PayloadMismatch):
        asyncio.run(answering(answer).list_users(Window(5)))


@pytest.mark.parametrize("messages", [["text"], [{"text": "no ts"}]])
def test_messages_without_a_ts_are_a_mismatch(messages: object) -> None:
    with pytest.raises(PayloadMismatch):
        asyncio.run(answering({"ok": True, "messages": messages}).list_messages(Window(5), channel="C1"))


def test_a_throttled_method_waits_as_long_as_slack_says(world: World) -> None:
    world.sandbox.faults.add(Fault(operation="users.info", throttled_s=5))
    world.call(lambda slack: slack.get_user("U0PUNNETBOT"))

    assert sum(world.clock.slept) >= 5
    assert world.sandbox.seen("users.info") == 2


def test_a_method_that_must_wait_too_long_says_so(world: World) -> None:
    world.sandbox.faults.add(Fault(operation="users.info", throttled_s=3000, times=None))

    with pytest.raises(RateLimited):
        world.call(lambda slack: slack.get_user("U0PUNNETBOT"))


@pytest.mark.parametrize(
    "fault",
    [
        Fault(drop="answer"),
        Fault(status=503),
        Fault(body='{"ok":false}', status=500),
        Fault(body='{"ok":false,"error":"internal_error"}', status=200),
        Fault(body='{"ok":false,"error":"fatal_error"}', status=200),
    ],
)
def test_a_post_whose_outcome_is_unknown_is_not_sent_again(world: World, fault: Fault) -> None:
    world.sandbox.faults.add(fault)

    with pytest.raises(OutcomeUnknown):
        world.call(lambda slack: slack.post_message(world.channel("general"), text="Once"))
    assert world.sandbox.seen("chat.postMessage") == 1


def test_a_throttled_post_is_sent_again_as_slack_refused_it(world: World) -> None:
    world.sandbox.faults.add(Fault(operation="chat.postMessage", throttled_s=1))
    posted = world.call(lambda slack: slack.post_message(world.channel("general"), text="Once"))

    assert posted["ok"]
    assert world.sandbox.seen("chat.postMessage") == 2


def test_a_refusal_that_the_caller_can_act_on_is_a_result(world: World) -> None:
    refused = world.call(lambda slack: slack.post_message("C0", text="Hello"))

    assert refused == {"ok": False, "error": "channel_not_found"}


def test_another_refusal_is_an_error() -> None:
    with pytest.raises(UpstreamRejected, match="as_user_not_supported"):
        asyncio.run(answering({"ok": False, "error": "as_user_not_supported"}).post_message("C1", text="x"))


def test_each_method_has_an_allowance_of_its_own_and_each_channel_one_for_posts() -> None:
    buckets: list[str] = []

    async def send(request: httpx2.Request) -> httpx2.Response:
        buckets.append(call_of(request).bucket)
        response = httpx2.Response(200, content=b'{"ok":true,"user":{}}')
        response.extensions["verdict"] = UPSTREAM.judge(response, 0.0)
        return response

    async def calls() -> None:
        slack = SlackClient(Endpoint("slack", "https://slack.com", send, Scope()))
        await slack.get_user("U1")
        await slack.find_user("ada@punnet.example")
        await slack.post_message("C1", text="x")
        await slack.delete_message("C1", "1.0")

    asyncio.run(calls())
    per_minute = [round(UPSTREAM.policy.throttle_of(bucket).per_second * 60) for bucket in buckets]

    assert buckets == ["users.info", "users.lookupByEmail", "chat.postMessage:C1", "chat.delete"]
    assert per_minute == [100, 50, 60, 50]


def test_every_method_says_where_it_was_written_from() -> None:
    methods = [m for name, m in vars(SlackClient).items() if callable(m) and not name.startswith("_")]

    assert all("Source: https://docs.slack.dev/" in (method.__doc__ or "") for method in methods)
    assert slack_client.PAGE == 200
