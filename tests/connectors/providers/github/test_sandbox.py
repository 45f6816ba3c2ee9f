"""The sandbox, driven over a socket by gql's own client."""

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from gql import Client, gql
from gql.transport.exceptions import TransportQueryError, TransportServerError
from gql.transport.httpx import HTTPXTransport
from graphql import build_schema, lexicographic_sort_schema, print_schema
from starlette.applications import Starlette
from starlette.routing import Mount

from connectors.providers.github.client import SDL
from connectors.providers.github.sandbox import TOKEN, GitHubSandbox
from connectors.sandbox.faults import Fault
from connectors.sandbox.people import population
from tests.serving import served

PEOPLE = population(120)
LEDGER = '{ repository(owner: "Quartz-Analytics", name: "LEDGER") { %s } }'


@pytest.fixture
def sandbox() -> GitHubSandbox:
    return GitHubSandbox(PEOPLE)


@pytest.fixture
def address(sandbox: GitHubSandbox) -> Iterator[str]:
    with served(Starlette(routes=[Mount("/github", sandbox)])) as base_url:
        yield f"{base_url}/github/graphql"


def ask(address: str, query: str, token: str = TOKEN, **variables: Any) -> Any:
    transport = HTTPXTransport(address, headers={"Authorization": f"Bearer {token}"})
    request = gql(query)
    request.variable_values = variables
    with Client(transport=transport) as session:
        return session.execute(request)


def refused(address: str, query: str, **variables: Any) -> list[dict[str, Any]]:
    with pytest.raises(TransportQueryError) as caught:
        ask(address, query, **variables)
    errors = caught.value.errors
    assert errors is not None
    return errors


def test_its_schema_is_the_one_that_we_wrote_down(address: str) -> None:
    transport = HTTPXTransport(address, headers={"Authorization": f"Bearer {TOKEN}"})

    with Client(transport=transport, fetch_schema_from_transport=True) as session:
        told = session.client.schema

    assert told is not None
    assert print_schema(lexicographic_sort_schema(told)) == print_schema(lexicographic_sort_schema(build_schema(SDL)))


def test_a_client_walks_all_pages_and_meets_everything_once(address: str) -> None:
    query = LEDGER.replace("{ repo", "query ($after: String) { repo", 1)
    query %= "issues(first: 100, after: $after) { totalCount nodes { number } pageInfo { hasNextPage endCursor } }"
    numbers: list[int] = []
    sizes: list[int] = []
    after, more = None, True
    while more:
        page = ask(address, query, after=after)["repository"]["issues"]
        sizes.append(len(page["nodes"]))
        numbers += [issue["number"] for issue in page["nodes"]]
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]

    assert sizes == [100, 100, 60]
    assert page["totalCount"] == 260
    assert numbers == sorted(set(numbers))


def test_a_client_walks_backward(address: str) -> None:
    fields = "edges { cursor node { number } } pageInfo { hasPreviousPage hasNextPage startCursor }"
    everything = ask(address, LEDGER % "issues(last: 100) { nodes { number } }")["repository"]["issues"]["nodes"]

    last = ask(address, LEDGER % f"issues(last: 3) {{ {fields} }}")["repository"]["issues"]
    before = last["pageInfo"]["startCursor"]
    earlier = ask(address, LEDGER % f'issues(last: 2, before: "{before}") {{ {fields} }}')["repository"]["issues"]

    assert [edge["node"] for edge in (*earlier["edges"], *last["edges"])] == everything[-5:]
    assert last["pageInfo"]["hasPreviousPage"]
    assert earlier["pageInfo"]["hasNextPage"]


@pytest.mark.parametrize(
    ("arguments", "type_"),
    [
        ("", "MISSING_PAGINATION_BOUNDARIES"),
        ("(first: 101)", "EXCESSIVE_PAGINATION"),
        ("(last: 101)", "EXCESSIVE_PAGINATION"),
        ('(first: 1, after: "bm8=")', "INVALID_CURSOR_ARGUMENTS"),
        ('(first: 1, after: "?")', "INVALID_CURSOR_ARGUMENTS"),
    ],
)
def test_a_window_that_github_does_not_serve_is_refused(address: str, arguments: str, type_: str) -> None:
    (error,) = refused(address, LEDGER % f"issues{arguments} {{ nodes {{ id }} }}")

    assert (error["type"], error["path"]) == (type_, ["repository", "issues"])


def test_how_many_there_are_can_be_asked_without_a_window(address: str) -> None:
    assert ask(address, LEDGER % "issues { totalCount }") == {"repository": {"issues": {"totalCount": 260}}}


def test_a_miss_is_null_with_an_error_beside_what_was_found(address: str) -> None:
    with pytest.raises(TransportQueryError) as caught:
        ask(address, '{ viewer { login } user(login: "nobody") { id } node(id: "U_no") { id } }')

    assert caught.value.data == {"viewer": {"login": PEOPLE[0].login}, "user": None, "node": None}
    errors = caught.value.errors or []
    assert [(error["type"], error["path"]) for error in errors] == [("NOT_FOUND", ["user"]), ("NOT_FOUND", ["node"])]


def test_any_object_is_found_again_by_its_id_also_by_another_sandbox(address: str) -> None:
    fields = (
        "issues(first: 1) { nodes { id comments(first: 1) { nodes { id } } } } pullRequests(first: 1) { nodes { id } }"
    )
    repository = ask(address, LEDGER % f"id owner {{ id }} {fields}")["repository"]
    ids = [repository["id"], repository["owner"]["id"], repository["issues"]["nodes"][0]["id"]]
    ids.append(repository["pullRequests"]["nodes"][0]["id"])

    with served(GitHubSandbox(PEOPLE)) as other:
        found = ask(f"{other}/graphql", "query ($ids: [ID!]!) { nodes(ids: $ids) { id __typename } }", ids=ids)["nodes"]

    assert [node["id"] for node in found] == ids
    assert [node["__typename"] for node in found] == ["Repository", "Organization", "Issue", "PullRequest"]
    assert [id.split("_")[0] for id in ids] == ["R", "O", "I", "PR"]


def test_lists_are_filtered_and_sorted(address: str) -> None:
    order = "orderBy: {field: COMMENTS, direction: DESC}"
    fields = "nodes { state comments(first: 1) { totalCount } labels(first: 9) { nodes { name } } }"

    found = ask(address, LEDGER % f'issues(first: 50, states: CLOSED, labels: ["bug"], {order}) {{ {fields} }}')

    issues = found["repository"]["issues"]["nodes"]
    counts = [issue["comments"]["totalCount"] for issue in issues]
    assert counts == sorted(counts, reverse=True)
    assert {issue["state"] for issue in issues} == {"CLOSED"}
    assert all("bug" in [label["name"] for label in issue["labels"]["nodes"]] for issue in issues)


def test_following_is_the_mirror_of_being_followed(address: str) -> None:
    found = ask(
        address, "{ viewer { login following(first: 9) { nodes { followers(first: 99) { nodes { login } } } } } }"
    )

    followed = found["viewer"]["following"]["nodes"]
    assert followed
    assert all({"login": found["viewer"]["login"]} in user["followers"]["nodes"] for user in followed)


@pytest.mark.parametrize("query", ["{ viewer { wings } }", "{ viewer"])
def test_a_document_that_makes_no_sense_is_an_error_under_200(address: str, query: str) -> None:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    answer = httpx2.post(address, json={"query": query}, headers=headers)

    assert answer.status_code == 200
    assert "data" not in answer.json()
    assert answer.json()["errors"]


@pytest.mark.parametrize("content", [b'{"query": 7}', b"[]", b"{}"])
def test_a_body_without_a_query_is_an_error_under_200(address: str, content: bytes) -> None:
    answer = httpx2.post(address, content=content, headers={"Authorization": f"Bearer {TOKEN}"})

    assert answer.status_code == 200
    assert "query attribute" in answer.json()["errors"][0]["message"]


def test_a_body_that_is_not_json_is_a_bad_request(address: str) -> None:
    assert httpx2.post(address, content=b"{", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 400


def test_a_wrong_token_is_refused(address: str) -> None:
    with pytest.raises(TransportServerError, match="401"):
        ask(address, "{ viewer { login } }", token="ghp_wrong")


def test_who_does_not_say_who_it_is_is_refused(address: str) -> None:
    headers = {"Authorization": f"Bearer {TOKEN}", "User-Agent": ""}

    assert httpx2.post(address, json={"query": "{ viewer { login } }"}, headers=headers).status_code == 403


def test_points_are_counted_by_the_lists_that_are_requested(address: str, sandbox: GitHubSandbox) -> None:
    deep = "issues(first: 100) { nodes { comments(first: 10) { nodes { id } } } }"
    headers = {"Authorization": f"Bearer {TOKEN}"}

    query = LEDGER.replace("{ repo", "{ rateLimit { cost nodeCount remaining } repo", 1) % f"{deep} a: {deep} b: {deep}"
    answer = httpx2.post(address, json={"query": query}, headers=headers)

    assert answer.json()["data"]["rateLimit"] == {"cost": 3, "nodeCount": 3300, "remaining": 4997}
    assert answer.headers["x-ratelimit-remaining"] == "4997"
    assert answer.headers["x-ratelimit-used"] == "3"


def test_more_nodes_than_github_ever_gives_are_refused(address: str) -> None:
    comments = "comments(first: 100) { nodes { id } }"
    repositories = f"repositories(first: 100) {{ nodes {{ issues(first: 100) {{ nodes {{ {comments} }} }} }} }}"

    (error,) = refused(address, f"{{ viewer {{ {repositories} }} }}")

    assert error["type"] == "MAX_NODE_LIMIT_EXCEEDED"


def test_a_throttle_comes_under_200_and_says_until_when(address: str, sandbox: GitHubSandbox) -> None:
    sandbox.faults.add(Fault(operation="vie*", throttled_s=30))

    answer = httpx2.post(address, json={"query": "{ viewer { id } }"}, headers={"Authorization": f"Bearer {TOKEN}"})

    assert answer.status_code == 200
    assert answer.json()["errors"][0]["type"] == "RATE_LIMITED"
    assert answer.headers["x-ratelimit-remaining"] == "0"
    assert int(answer.headers["x-ratelimit-reset"]) == pytest.approx(sandbox.time() + 30, abs=5)


def test_a_new_issue_moves_no_cursor(address: str, sandbox: GitHubSandbox) -> None:
    newest = (
        "issues(first: 2, %sorderBy: {field: CREATED_AT, direction: DESC}) { nodes { number } pageInfo { endCursor } }"
    )
    first = ask(address, LEDGER % (newest % ""))["repository"]["issues"]

    sandbox.hub.open_issue("quartz-analytics", "ledger", "Just now")
    after = f'after: "{first["pageInfo"]["endCursor"]}", '
    second = ask(address, LEDGER % (newest % after))["repository"]["issues"]

    assert not {issue["number"] for issue in second["nodes"]} & {issue["number"] for issue in first["nodes"]}


def test_calls_are_named_after_their_root_fields(address: str, sandbox: GitHubSandbox) -> None:
    ask(address, f'{{ viewer {{ id }} a: user(login: "{PEOPLE[1].login}") {{ id }} }}')
    httpx2.post(address, content=b"{")

    assert [call.operation for call in sandbox.calls] == ["user+viewer", "graphql"]


OPEN = (
    """mutation($input: CreateIssueInput!) { createIssue(input: $input) { clientMutationId issue { number title } } }"""
)
WHERE = '{ repository(owner: "quartz-analytics", name: "ledger") { id labels(first: 1) { nodes { id } } } }'


def test_an_issue_is_opened_closed_and_found_closed(address: str) -> None:
    repository = ask(address, WHERE)["repository"]
    wish = {"repositoryId": repository["id"], "title": "Crates", "clientMutationId": "wish"}

    made = ask(address, OPEN, input=wish)["createIssue"]

    found = ask(address, LEDGER % f"issue(number: {made['issue']['number']}) {{ title state author {{ login }} }}")
    assert made["clientMutationId"] == "wish"
    assert found["repository"]["issue"] == {"title": "Crates", "state": "OPEN", "author": {"login": PEOPLE[0].login}}


def test_refusals_of_mutations_say_what_kind_they_are(address: str) -> None:
    repository = ask(address, WHERE)["repository"]
    comment = "mutation { updateIssueComment(input: {id: %s, body: %s}) { clientMutationId } }"
    theirs = ask(
        address, LEDGER % "issues(first: 30) { nodes { comments(first: 1) { nodes { id author { login } } } } }"
    )
    id = next(
        node["id"]
        for issue in theirs["repository"]["issues"]["nodes"]
        for node in issue["comments"]["nodes"]
        if node["author"]["login"] != PEOPLE[0].login
    )

    assert refused(address, OPEN, input={"repositoryId": "R_x", "title": "x"})[0]["type"] == "NOT_FOUND"
    assert refused(address, OPEN, input={"repositoryId": repository["id"], "title": ""})[0]["type"] == "UNPROCESSABLE"
    assert refused(address, comment % (f'"{id}"', '"x"'))[0]["type"] == "FORBIDDEN"


def test_more_than_80_new_things_a_minute_are_refused_with_the_time_to_wait(
    sandbox: GitHubSandbox, address: str
) -> None:
    id = ask(address, LEDGER % "issues(first: 1) { nodes { id } }")["repository"]["issues"]["nodes"][0]["id"]
    field = 'c%d: addComment(input: {subjectId: "' + id + '", body: "x"}) { clientMutationId }'
    ask(address, "mutation { " + " ".join(field % number for number in range(80)) + " }")
    one_more = {"query": "mutation { " + field % 0 + " }"}

    answer = httpx2.post(address, json=one_more, headers={"Authorization": f"Bearer {TOKEN}"})

    assert (answer.status_code, answer.headers["retry-after"]) == (403, "60")
    assert "secondary rate limit" in answer.json()["message"]
