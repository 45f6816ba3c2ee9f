"""GitHub's events as subscriptions: what they are about is fetched from the sandbox."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from connectors.call import Scope
from connectors.connector import Connector, connect
from connectors.providers.github.client import GitHubClient
from connectors.providers.github.manifest import UPSTREAM
from connectors.sandbox.people import population
from connectors.webhooks.delivery import Event
from resolvers.context import Context
from resolvers.cursors import CursorCodec
from resolvers.providers.github import fields
from schema.compose import compose
from tests.clock import FakeClock
from tests.resolvers.following import followed

GRAPH = compose([fields], ["github"])
LEDGER = """{ github { repository(owner: "quartz-analytics", name: "ledger") { id: upstreamId
  issues(first: 2) { nodes { id: upstreamId comments(first: 1) { nodes { id: upstreamId } } } }
  pullRequests(first: 1) { nodes { id: upstreamId } } } } }"""

KINDS = {
    "issues.opened": ("githubIssueOpened", "issue", "title repository { nameWithOwner }"),
    "issues.closed": ("githubIssueClosed", "issue", "state"),
    "issues.reopened": ("githubIssueReopened", "issue", "state"),
    "issue_comment.created": ("githubIssueCommented", "comment", "body"),
    "pull_request.opened": ("githubPullRequestOpened", "pull_request", "title"),
    "pull_request.synchronize": ("githubPullRequestUpdated", "pull_request", "headRefName"),
    "pull_request.closed": ("githubPullRequestClosed", "pull_request", "merged"),
    "push": ("githubPushed", "repository", "pushedAt"),
}


@pytest.fixture(scope="module")
def connector() -> Connector:
    made = connect(UPSTREAM, {}, people=population(60), clock=FakeClock())
    assert made
    return made


@pytest.fixture(scope="module")
def ids(connector: Connector) -> dict[str, list[str]]:
    """The ids of what GitHub would tell of, by what it calls it."""

    async def go() -> Any:
        context = Context({GitHubClient: connector}, Scope(), CursorCodec(b"test"))
        return await GRAPH.execute(LEDGER, context_value=context)

    repository = asyncio.run(go()).data["github"]["repository"]
    issues = repository["issues"]["nodes"]
    comments = [comment["id"] for issue in issues for comment in issue["comments"]["nodes"]]
    pull_requests = [one["id"] for one in repository["pullRequests"]["nodes"]]
    found = {"repository": [repository["id"]], "issue": [issue["id"] for issue in issues]}
    return {**found, "comment": comments, "pull_request": pull_requests}


def event(type: str, **ids: str) -> Event:
    things = {noun: {"node_id": id} for noun, id in ids.items()}
    repository = {"full_name": "quartz-analytics/ledger", **things.get("repository", {})}
    payload = {"ref": "refs/heads/main", **things, "repository": repository}
    return Event(provider="github", id="1", type=type, payload=payload)


@pytest.mark.parametrize("type", KINDS)
def test_each_event_gives_what_it_is_about(connector: Connector, ids: dict[str, list[str]], type: str) -> None:
    field, noun, selected = KINDS[type]
    query = f"subscription {{ {field} {{ upstreamId {selected} }} }}"
    told = event(type, **{noun: ids[noun][0]})

    (result,) = followed(GRAPH, {GitHubClient: connector}, query, [told], 1)

    assert result.errors is None
    assert result.data
    assert result.data[field]["upstreamId"] == ids[noun][0]


def test_there_is_a_field_for_each_type() -> None:
    subscription = GRAPH._schema.subscription_type
    assert subscription

    assert set(subscription.fields) == {field for field, _, _ in KINDS.values()}


def test_of_what_an_event_is_about_only_what_is_selected_is_asked_for(
    connector: Connector, ids: dict[str, list[str]]
) -> None:
    assert connector.sandbox
    query = "subscription { githubIssueOpened { title author { login } } }"
    connector.sandbox.calls.clear()

    (result,) = followed(GRAPH, {GitHubClient: connector}, query, [event("issues.opened", issue=ids["issue"][0])], 1)

    assert result.errors is None
    (call,) = connector.sandbox.calls
    assert b"title" in call.body
    assert b"createdAt" not in call.body


@pytest.mark.parametrize("argument", ['repository: "Quartz-Analytics/Ledger"', 'ref: "refs/heads/main"'])
def test_arguments_leave_out_what_is_not_asked_for(
    connector: Connector, ids: dict[str, list[str]], argument: str
) -> None:
    query = f"subscription {{ githubPushed({argument}) {{ upstreamId }} }}"
    wanted = event("push", repository=ids["repository"][0])
    elsewhere = {"ref": "refs/heads/other", "repository": {"full_name": "quartz-analytics/other", "node_id": "R_1"}}
    other = replace(wanted, payload=elsewhere)

    results = followed(GRAPH, {GitHubClient: connector}, query, [other, wanted, other, wanted], 2)

    assert [result.data for result in results] == [{"githubPushed": {"upstreamId": ids["repository"][0]}}] * 2
