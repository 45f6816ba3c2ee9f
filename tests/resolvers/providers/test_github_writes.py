"""What is changed on GitHub, through the graph."""

import asyncio
from typing import Any, Literal

import orjson
import pytest
from strawberry.types import ExecutionResult

from connectors.call import Scope
from connectors.connector import connect
from connectors.errors import NotAuthorized, OutcomeUnknown
from connectors.providers.github.client import GitHubClient
from connectors.providers.github.invented import LARGE
from connectors.providers.github.listing import Node
from connectors.providers.github.manifest import UPSTREAM
from connectors.providers.github.sandbox import CREATED_A_MINUTE, GitHubSandbox
from connectors.sandbox.faults import Fault
from connectors.sandbox.people import population
from resolvers import nodes
from resolvers.context import Context
from resolvers.cursors import CursorCodec
from resolvers.providers.github import fields
from schema.compose import compose
from schema.problems import BadInput
from schema.relay import global_id
from tests.clock import FakeClock

PEOPLE = population(60)
GRAPH = compose([nodes.fields, fields], ["github"])


class World:
    def __init__(self) -> None:
        self.clock = FakeClock()
        connector = connect(UPSTREAM, {}, people=PEOPLE, clock=self.clock)
        assert connector
        assert isinstance(connector.sandbox, GitHubSandbox)
        self._connectors = {GitHubClient: connector}
        self.sandbox = connector.sandbox
        self.sandbox.time = self.clock.time
        self.hub = self.sandbox.hub
        self.own = next(
            found
            for found in self.hub.repositories.values()
            if self.hub.viewer in self.hub.owners(found) and not found["isArchived"]
        )
        self.foreign = self.hub.repositories[LARGE]

    def ask(self, query: str, **variables: Any) -> ExecutionResult:
        context = Context(self._connectors, Scope(), CursorCodec(b"test"))
        result = asyncio.run(GRAPH.execute(query, variable_values=variables, context_value=context))
        assert isinstance(result, ExecutionResult)
        return result

    def data(self, query: str, **variables: Any) -> Any:
        """The one field of an answer that must have no errors."""
        result = self.ask(query, **variables)
        assert result.errors is None, result.errors
        assert result.data
        (value,) = result.data.values()
        return value

    def error(self, query: str, **variables: Any) -> Exception | None:
        (error,) = self.ask(query, **variables).errors or []
        return error.original_error

    def thread(self, repository: Node, kind: str) -> Node:
        """An issue or a pull request that somebody else wrote."""
        threads: list[Node] = self.hub._threads_in(repository["nameWithOwner"])
        return next(one for one in threads if one["__typename"] == kind and one["author"] is not self.hub.viewer)

    def open_issue(self) -> Node:
        """One of our own that is open."""
        owner, name = self.own["nameWithOwner"].split("/")
        issue = self.hub.open_issue(owner, name, "Crates")
        issue.update(state="OPEN", stateReason=None, closedAt=None)
        return issue

    def operations(self) -> list[str]:
        return [call.operation for call in self.sandbox.calls]


@pytest.fixture
def world() -> World:
    return World()


REFUSALS = """fragment refusals on GitHubIssueResult { ... on GitHubObjectNotFound { upstreamId }
  ... on GitHubForbidden { reason } ... on GitHubUnprocessable { message } }"""
CREATE = (
    """mutation($input: GitHubCreateIssueInput!) { githubCreateIssue(input: $input) { __typename ...refusals
  ... on GitHubIssueSaved { clientMutationId issue { number title body state author { login } repository { name }
    labels(first: 5) { nodes { name } } assignees(first: 5) { totalCount nodes { login } } } } } }"""
    + REFUSALS
)
UPDATE = (
    """mutation($id: ID!, $input: GitHubUpdateIssueInput!) { githubUpdateIssue(id: $id, input: $input) {
  __typename ...refusals ... on GitHubIssueSaved { issue { title state stateReason closedAt
    labels(first: 5) { nodes { name } } } } } }"""
    + REFUSALS
)
CLOSE = (
    """mutation($id: ID!, $why: GitHubIssueClosedStateReason) { githubCloseIssue(id: $id, stateReason: $why) {
  __typename ...refusals ... on GitHubIssueSaved { issue { state stateReason } } } }"""
    + REFUSALS
)
REOPEN = (
    """mutation($id: ID!) { githubReopenIssue(id: $id) { __typename ...refusals
  ... on GitHubIssueSaved { issue { state stateReason closedAt } } } }"""
    + REFUSALS
)
COMMENT = """mutation($id: ID!, $body: String!) { githubAddComment(id: $id, body: $body) { __typename
  ... on GitHubCommentSaved { comment { upstreamId body author { login } } } } }"""


def test_an_issue_is_opened_with_labels_and_somebody_to_deal_with_it_in_one_call(world: World) -> None:
    label, user = world.hub.labels(world.own)[0], world.hub.accounts[PEOPLE[5].login]
    wish = {
        "repositoryId": global_id("GitHubRepository", world.own["id"]),
        "title": "Crates are missing",
        "body": "Two of them.",
        "labelIds": [label["id"]],
        "assigneeIds": [global_id("GitHubUser", user["id"])],
        "clientMutationId": "wish-1",
    }

    made = world.data(CREATE, input=wish)

    assert made["clientMutationId"] == "wish-1"
    assert made["issue"] | {"number": 0} == {
        "number": 0,
        "title": "Crates are missing",
        "body": "Two of them.",
        "state": "OPEN",
        "author": {"login": PEOPLE[0].login},
        "repository": {"name": world.own["name"]},
        "labels": {"nodes": [{"name": label["name"]}]},
        "assignees": {"totalCount": 1, "nodes": [{"login": PEOPLE[5].login}]},
    }
    assert world.operations() == ["createIssue"]


def test_only_what_is_selected_is_asked_for(world: World) -> None:
    query = """mutation($input: GitHubCreateIssueInput!) { githubCreateIssue(input: $input) { __typename } }"""

    world.data(query, input={"repositoryId": world.own["id"], "title": "Crates"})

    text = orjson.loads(world.sandbox.calls[-1].body)["query"]
    assert "{ clientMutationId issue { id } }" in text


def test_an_issue_is_changed_closed_and_opened_again(world: World) -> None:
    issue = world.open_issue()
    label = world.hub.labels(world.own)[1]

    changed = world.data(UPDATE, id=issue["id"], input={"title": "Crates!", "labelIds": [label["id"]]})
    closed = world.data(UPDATE, id=issue["id"], input={"state": "CLOSED"})
    again = world.data(REOPEN, id=issue["id"])
    why = world.data(CLOSE, id=global_id("GitHubIssue", issue["id"]), why="NOT_PLANNED")

    assert changed["issue"]["title"] == "Crates!"
    assert changed["issue"]["labels"] == {"nodes": [{"name": label["name"]}]}
    assert (closed["issue"]["state"], closed["issue"]["stateReason"]) == ("CLOSED", "COMPLETED")
    assert closed["issue"]["closedAt"]
    assert again["issue"] == {"state": "OPEN", "stateReason": "REOPENED", "closedAt": None}
    assert why["issue"] == {"state": "CLOSED", "stateReason": "NOT_PLANNED"}


def test_an_id_that_is_nobodys_is_a_result(world: World) -> None:
    foreign_label = {"repositoryId": world.own["id"], "title": "x", "labelIds": ["LA_nobody"]}

    assert world.data(CREATE, input={"repositoryId": "R_nobody", "title": "x"}) == {
        "__typename": "GitHubObjectNotFound",
        "upstreamId": "R_nobody",
    }
    assert world.data(CLOSE, id="I_nobody")["__typename"] == "GitHubObjectNotFound"
    assert world.data(CREATE, input=foreign_label)["__typename"] == "GitHubObjectNotFound"


def test_what_others_wrote_in_what_others_own_may_not_be_changed(world: World) -> None:
    issue = world.thread(world.foreign, "Issue")

    assert world.data(CLOSE, id=issue["id"]) == {"__typename": "GitHubForbidden", "reason": "FORBIDDEN"}
    assert issue["updatedAt"] == issue["createdAt"]


def test_what_makes_no_sense_to_github_is_a_result_with_its_words(world: World) -> None:
    made = world.data(CREATE, input={"repositoryId": world.own["id"], "title": " "})

    assert made == {"__typename": "GitHubUnprocessable", "message": "Title can't be blank"}


@pytest.mark.parametrize("drop", [None, "answer"])
def test_comments_are_added_changed_and_deleted(world: World, drop: Literal["answer"] | None) -> None:
    world.sandbox.faults.add(Fault(operation="deleteIssueComment", drop=drop))
    issue = world.thread(world.foreign, "PullRequest")
    before = len(issue["commentNodes"])
    change = """mutation($id: ID!) { githubUpdateIssueComment(id: $id, body: "Yes!") {
      ... on GitHubCommentSaved { comment { body } } } }"""
    delete = """mutation($id: ID!) { githubDeleteIssueComment(id: $id) { __typename
      ... on GitHubCommentDeleted { upstreamId } } }"""

    added = world.data(COMMENT, id=global_id("GitHubPullRequest", issue["id"]), body="Yes")["comment"]
    changed = world.data(change, id=added["upstreamId"])
    there = len(issue["commentNodes"])
    deleted = world.data(delete, id=global_id("GitHubIssueComment", added["upstreamId"]))
    again = world.data(delete, id=added["upstreamId"])

    assert (added["body"], added["author"]) == ("Yes", {"login": PEOPLE[0].login})
    assert changed == {"comment": {"body": "Yes!"}}
    assert (there, len(issue["commentNodes"])) == (before + 1, before)
    assert deleted == {"__typename": "GitHubCommentDeleted", "upstreamId": added["upstreamId"]}
    assert again["__typename"] == "GitHubObjectNotFound"


@pytest.mark.parametrize(("kind", "field"), [("Issue", "issue"), ("PullRequest", "pullRequest")])
def test_labels_and_assignees_of_issues_and_pull_requests_come_and_go(world: World, kind: str, field: str) -> None:
    ledger = world.foreign
    world.hub.viewer = world.hub.owners(ledger)[0]
    thread = world.thread(ledger, kind)
    thread["labelNodes"].clear()
    label, user = world.hub.labels(ledger)[2], world.hub.viewer
    query = f"""mutation($id: ID!, $labels: [ID!]!, $users: [ID!]!) {{
      githubAddLabels(id: $id, labelIds: $labels) {{ ...labels }}
      githubAddAssignees(id: $id, userIds: $users) {{ ... on GitHubThreadSaved {{ {field} {{
        assignees(first: 9) {{ nodes {{ login }} }} }} }} }}
      githubRemoveAssignees(id: $id, userIds: $users) {{ ... on GitHubThreadSaved {{ {field} {{
        assignees(first: 9) {{ nodes {{ login }} }} }} }} }}
      githubRemoveLabels(id: $id, labelIds: $labels) {{ ...labels }} }}
      fragment labels on GitHubThreadSaved {{ issue {{ state labels(first: 9) {{ nodes {{ name }} }} }}
        pullRequest {{ stands: state labels(first: 9) {{ nodes {{ name }} }} }} }}"""

    result = world.ask(query, id=thread["id"], labels=[label["id"]], users=[user["id"]])

    assert result.errors is None, result.errors
    assert result.data
    other = "pullRequest" if field == "issue" else "issue"
    assert result.data["githubAddLabels"][field]["labels"] == {"nodes": [{"name": label["name"]}]}
    assert result.data["githubAddLabels"][other] is None
    assert {"login": user["login"]} in result.data["githubAddAssignees"][field]["assignees"]["nodes"]
    assert {"login": user["login"]} not in result.data["githubRemoveAssignees"][field]["assignees"]["nodes"]
    assert result.data["githubRemoveLabels"][field]["labels"] == {"nodes": []}


def test_a_lost_answer_to_something_new_is_not_repeated_and_one_to_a_change_is(world: World) -> None:
    issue = world.open_issue()
    world.sandbox.faults.add(Fault(operation="createIssue", drop="answer"))
    world.sandbox.faults.add(Fault(operation="closeIssue", drop="answer"))

    assert isinstance(world.error(CREATE, input={"repositoryId": world.own["id"], "title": "x"}), OutcomeUnknown)
    assert world.data(CLOSE, id=issue["id"])["__typename"] == "GitHubIssueSaved"
    assert world.operations() == ["createIssue", "closeIssue", "closeIssue"]


def test_a_hundred_comments_are_written_no_faster_than_github_takes_them(world: World) -> None:
    issue = world.thread(world.foreign, "Issue")
    began = world.clock.now()

    found = [world.data(COMMENT, id=issue["id"], body=f"{number}")["__typename"] for number in range(100)]

    assert found == ["GitHubCommentSaved"] * 100
    assert world.sandbox.seen("addComment") == 100
    assert world.clock.now() - began > 60 * (100 - CREATED_A_MINUTE) / CREATED_A_MINUTE


def test_what_is_read_after_a_write_is_what_was_written(world: World) -> None:
    read = """query($id: ID!) { node(id: $id) { ... on GitHubIssue { state } } }"""
    issue = world.open_issue()
    id = global_id("GitHubIssue", issue["id"])

    before = world.data(read, id=id)
    world.data(CLOSE, id=id)

    assert (before, world.data(read, id=id)) == ({"state": "OPEN"}, {"state": "CLOSED"})


def test_an_id_of_another_kind_is_refused_without_a_call(world: World) -> None:
    assert isinstance(world.error(CLOSE, id=global_id("GitHubRepository", "R_1")), BadInput)
    assert isinstance(world.error(COMMENT, id=global_id("GitHubUser", "U_1"), body="x"), BadInput)
    assert isinstance(world.error(UPDATE, id="I_1", input={"state": "UNKNOWN"}), BadInput)
    assert world.operations() == []


def test_a_token_that_is_refused_is_an_error_and_no_result(world: World) -> None:
    world.sandbox.faults.add(Fault(operation="closeIssue", expired=True))

    assert isinstance(world.error(CLOSE, id="I_1"), NotAuthorized)


def test_something_new_that_is_too_much_for_now_is_sent_again_when_github_says(world: World) -> None:
    world.sandbox.faults.add(Fault(operation="createIssue", throttled_s=5))
    began = world.clock.now()

    made = world.data(CREATE, input={"repositoryId": world.own["id"], "title": "x"})

    assert made["__typename"] == "GitHubIssueSaved"
    assert world.operations() == ["createIssue", "createIssue"]
    assert world.clock.now() - began >= 5
