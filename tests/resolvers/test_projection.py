"""What our selections become upstream, on the graph of GitHub: the documents that its sandbox sees."""

import asyncio
from typing import Any

import orjson
import pytest
import strawberry
from strawberry.types import ExecutionResult

from connectors.call import Scope
from connectors.connector import connect
from connectors.providers.github.client import GitHubClient
from connectors.providers.github.manifest import UPSTREAM
from connectors.sandbox.people import population
from resolvers import nodes
from resolvers.context import Context
from resolvers.cursors import CursorCodec
from resolvers.errors import presented
from resolvers.providers.github import reads as github
from schema.compose import compose
from schema.fields import Fields
from schema.providers.github import GitHubUser
from tests.clock import FakeClock

PEOPLE = population(60)

extra = Fields("github")
extra.link(
    GitHubUser,
    "twin",
    via=github.users_by_login,
    key=lambda user: user.login,
    description="The same user, found by login.",
    needs=("login",),
)


@extra.on(GitHubUser, needs=("email", "created_at"))
def greeting(root: strawberry.Parent[GitHubUser]) -> str:
    """Made of two fields that the client need not select."""
    return f"{root.email} since {root.created_at.year}"


GRAPH = compose([nodes.fields, github.fields, extra], ["github"])


def run(query: str, **variables: Any) -> tuple[ExecutionResult, list[Any]]:
    """The result, and what went upstream: the document and the values of its variables."""

    async def go() -> tuple[ExecutionResult, list[Any]]:
        connector = connect(UPSTREAM, {}, people=PEOPLE)
        assert connector is not None
        assert connector.sandbox is not None
        context = Context({GitHubClient: connector}, Scope(), CursorCodec(b"test"))
        result = await GRAPH.execute(query, variable_values=variables, context_value=context)
        assert isinstance(result, ExecutionResult)
        return result, [orjson.loads(call.body) for call in connector.sandbox.calls]

    return asyncio.run(go())


def document(query: str, **variables: Any) -> str:
    """The one document that went upstream, without its head."""
    result, sent = run(query, **variables)
    assert result.errors is None
    (body,) = sent
    return str(body["query"]).partition(" { ")[2].removesuffix(" }")


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("login name", "login name"),
        ("id upstreamId", "id"),
        ("avatarUrl createdAt", "avatarUrl createdAt"),
        ("nick: name name", "name"),
        ("__typename", "__typename"),
        ("login bio @skip(if: true) name @include(if: $no)", "login"),
        ("...A ... on GitHubUser { bio } ... on Node { id } ... on GitHubActor { url }", "name bio id url"),
        ("greeting", "createdAt email"),
        ("followers { totalCount }", "id followers_: followers(first: $v0) { totalCount }"),
        (
            "few: followers(first: 2) { nodes { login } }",
            "id few_: followers(first: $v0) { edges { cursor node { login } } pageInfo { hasNextPage endCursor } }",
        ),
        (
            "followers(last: 2) { edges { cursor } }",
            "id followers_: followers(last: $v0) { edges { cursor } pageInfo { hasPreviousPage startCursor } }",
        ),
        (
            "followers { nodes { login } edges { node { name } } totalCount }",
            "id followers_: followers(first: $v0) { edges { cursor node { login name } } "
            "pageInfo { hasNextPage endCursor } totalCount }",
        ),
    ],
)
def test_only_what_is_selected_is_asked_for(ours: str, theirs: str) -> None:
    query = "query ($no: Boolean = false) { github { viewer { login @skip(if: true) name @include(if: $no) %s } } }"
    fragment = "fragment A on GitHubUser { name }" if "...A" in ours else ""

    assert document(query.replace("%s", ours) + fragment) == f"q0: viewer {{ {theirs} }}"


def test_objects_selected_twice_are_asked_for_once_with_all_that_is_wanted() -> None:
    query = """{ github { repository(owner: "quartz-analytics", name: "ledger") {
        primaryLanguage { name }  again: primaryLanguage { color }
    } } }"""

    assert document(query).endswith("{ primaryLanguage { name color } }")


def test_fields_of_narrower_types_are_asked_for_where_the_upstream_has_them() -> None:
    query = """{ github { repository(owner: "quartz-analytics", name: "ledger") { owner {
        login  ... on GitHubUser { bio }  ... on Node { id }
        ... on GitHubOrganization { description repositories(first: 1) { totalCount } }
    } } } }"""

    asked = (
        "owner { __typename login ... on Node { id } "
        "... on Organization { description id repositories_: repositories(first: $v2) { totalCount } } "
        "... on User { bio } }"
    )

    assert document(query).endswith(f"{{ {asked} }}")


def test_a_connections_own_arguments_go_along_as_they_are() -> None:
    query = """query ($order: GitHubIssueOrder) {
        github { repository(owner: "quartz-analytics", name: "ledger") {
            issues(first: 7, states: OPEN, labels: ["bug"], orderBy: $order) { nodes { number } }
        } }
    }"""

    _, (body,) = run(query, order={"field": "COMMENTS", "direction": "DESC"})

    assert "issues(first: $v2, states: $v3, labels: $v4, orderBy: $v5)" in body["query"]
    assert "$v3: [IssueState!]" in body["query"]
    order = {"field": "COMMENTS", "direction": "DESC"}
    assert list(body["variables"].values()) == ["quartz-analytics", "ledger", 7, ["OPEN"], ["bug"], order]


def test_two_pages_of_one_list_come_side_by_side() -> None:
    query = """{ github { repository(owner: "quartz-analytics", name: "ledger") {
        old: issues(first: 1) { nodes { number } }
        new: issues(first: 1, orderBy: {field: CREATED_AT, direction: DESC}) { nodes { number } }
        none: issues(first: 1, states: []) { totalCount }
    } } }"""

    result, sent = run(query)

    assert result.errors is None
    assert result.data is not None
    found = result.data["github"]["repository"]
    assert found["old"]["nodes"] != found["new"]["nodes"]
    assert len(sent) == 1


def test_a_batch_asks_for_what_the_operation_selects_of_its_type_anywhere() -> None:
    query = """{ github { viewer { login twin { bio repositories(first: 1) { totalCount } } }
                          user(login: "%s") { company } } }"""

    _, sent = run(query.replace("%s", PEOPLE[1].login))

    first, second, third = (body["query"] for body in sent)
    assert "viewer { login }" in first
    assert set(second.partition("user(login: $v0) { ")[2].split()) == {"login", "bio", "id", "company", "}"}
    assert "... on User { repositories_: repositories(first: $v1) { totalCount } }" in third


def test_one_key_for_one_list_at_merged_places_is_asked_for_once_with_all_that_is_wanted() -> None:
    query = """{ github { repository(owner: "quartz-analytics", name: "ledger") { issues(first: 9) {
        nodes { comments(first: 2) { nodes { body } } }
        edges { node { comments(first: 2) { totalCount nodes { url } } } }
    } } } }"""

    wanted = "edges { cursor node { body url } } pageInfo { hasNextPage endCursor } totalCount"

    assert f"comments_: comments(first: $v3) {{ {wanted} }}" in document(query)


def test_one_key_for_different_lists_at_merged_places_gives_each_its_own() -> None:
    query = """{ github { repository(owner: "quartz-analytics", name: "ledger") {
        one: owner { ... on GitHubOrganization { list: membersWithRole(first: 1) { nodes { login } } } }
        two: owner { ... on GitHubOrganization { list: membersWithRole(first: 2) { nodes { login } } } }
    } } }"""

    result, sent = run(query)

    assert result.errors is None
    assert result.data is not None
    found = result.data["github"]["repository"]
    assert [len(found[key]["list"]["nodes"]) for key in ("one", "two")] == [1, 2]
    assert len(sent) == 2


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ('first: 2, after: "forged"', "INVALID_CURSOR"),
        ('last: 2, before: "ZZZZ"', "INVALID_CURSOR"),
        ("first: 2, last: 2", "BAD_USER_INPUT"),
        ("first: -1", "BAD_USER_INPUT"),
        ("first: 1001", "BAD_USER_INPUT"),
        ("states: [UNKNOWN]", "BAD_USER_INPUT"),
    ],
)
def test_arguments_that_make_no_sense_null_their_own_list_which_is_not_asked_for(arguments: str, code: str) -> None:
    query = """{ github { repository(owner: "quartz-analytics", name: "ledger") {
 issues(%s) { totalCount } name labels(first: 1) { nodes { name } } } } }"""

    result, sent = run(query.replace("%s", arguments))

    assert result.data == {
        "github": {"repository": {"issues": None, "name": "ledger", "labels": {"nodes": [{"name": "bug"}]}}}
    }
    (error,) = result.errors or []
    shown = presented(error, FakeClock())
    assert (shown["extensions"]["code"], shown["path"]) == (code, ["github", "repository", "issues"])
    assert shown["locations"] == [{"line": 2, "column": 2}]
    (body,) = sent
    assert "issues" not in body["query"]


def test_an_argument_that_is_null_where_it_must_not_be_harms_its_own_field() -> None:
    query = """query($number: Int = 1) { github { repository(owner: "quartz-analytics", name: "ledger") {
        name issue(number: $number) { title } } } }"""

    result, _ = run(query, number=None)

    assert result.data == {"github": {"repository": {"name": "ledger", "issue": None}}}
    assert [error.path for error in result.errors or []] == [["github", "repository", "issue"]]


def test_a_list_deep_below_whose_arguments_make_no_sense_harms_nothing_around_it() -> None:
    query = """{ github { repository(owner: "quartz-analytics", name: "ledger") {
        issues(first: 2) { nodes { number comments(first: 2, after: "zzz") { totalCount } } }
    } } }"""

    result, sent = run(query)

    assert result.data == {
        "github": {"repository": {"issues": {"nodes": [{"number": n, "comments": None} for n in (1, 3)]}}}
    }
    assert [error.path for error in result.errors or []] == [
        ["github", "repository", "issues", "nodes", place, "comments"] for place in (0, 1)
    ]
    assert len(sent) == 1


@pytest.mark.parametrize(
    ("selection", "asked", "found"),
    [
        ("nodes { number }", "id", {"nodes": []}),
        ("totalCount", "id issues_: issues(first: $v2) { totalCount }", {"totalCount": 260}),
        (
            "pageInfo { hasNextPage }",
            "id issues_: issues(first: $v2) { edges { cursor } pageInfo { hasNextPage endCursor } }",
            {"pageInfo": {"hasNextPage": True}},
        ),
    ],
)
def test_none_of_a_list_are_asked_for_only_where_something_is_to_be_known(
    selection: str, asked: str, found: dict[str, Any]
) -> None:
    query = '{ github { repository(owner: "quartz-analytics", name: "ledger") { issues(first: 0) { %s } } } }'

    result, (body,) = run(query.replace("%s", selection))

    assert (result.errors, result.data) == (None, {"github": {"repository": {"issues": found}}})
    assert body["query"].endswith(f"{{ q0: repository(owner: $v0, name: $v1) {{ {asked} }} }}")
    assert body["variables"].get("v2") in (None, 1)


def test_equal_queries_with_other_values_give_equal_documents() -> None:
    query = """query ($login: String!, $n: Int) {
        github { user(login: $login) { followers(first: $n) { totalCount nodes { id } } } }
    }"""

    texts = {run(query, login=PEOPLE[n].login, n=n)[1][0]["query"] for n in (1, 2, 3)}

    assert len(texts) == 1
