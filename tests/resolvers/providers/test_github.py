import asyncio
from base64 import b64encode
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import orjson
import pytest
from graphql import GraphQLEnumType, GraphQLInterfaceType, GraphQLObjectType, GraphQLUnionType, get_named_type
from strawberry.types import ExecutionResult

from connectors.call import Scope
from connectors.connector import Connector, connect
from connectors.providers.github.client import SCHEMA, GitHubClient
from connectors.providers.github.manifest import UPSTREAM
from connectors.providers.github.sandbox import GitHubSandbox
from connectors.sandbox.faults import Fault
from connectors.sandbox.people import population
from resolvers import nodes
from resolvers.context import Context
from resolvers.cursors import CursorCodec
from resolvers.errors import presented
from resolvers.providers.github import fields
from schema.compose import compose
from schema.relay import global_id
from tests.clock import FakeClock

PEOPLE = population(60)
GRAPH = compose([nodes.fields, fields], ["github"])
LEDGER = '{ github { repository(owner: "quartz-analytics", name: "ledger") { %s } } }'


@pytest.fixture
def connector(clock: FakeClock) -> Connector:
    made = connect(UPSTREAM, {}, people=PEOPLE, clock=clock)
    assert made is not None
    return made


def sandbox_of(connector: Connector) -> GitHubSandbox:
    assert isinstance(connector.sandbox, GitHubSandbox)
    return connector.sandbox


def run(connector: Connector, query: str, **variables: Any) -> ExecutionResult:
    async def go() -> Any:
        context = Context({GitHubClient: connector}, Scope(), CursorCodec(b"test"))
        return await GRAPH.execute(query, variable_values=variables, context_value=context)

    result = asyncio.run(go())
    assert isinstance(result, ExecutionResult)
    return result


def data(connector: Connector, query: str, **variables: Any) -> Any:
    result = run(connector, query, **variables)
    assert result.errors is None, result.errors
    return result.data


def operations(connector: Connector) -> list[str]:
    return [call.operation for call in sandbox_of(connector).calls]


def sent(connector: Connector) -> list[dict[str, Any]]:
    return [orjson.loads(call.body) for call in sandbox_of(connector).calls]


def errors(result: ExecutionResult) -> list[tuple[Any, Any]]:
    return [(error.path, presented(error, FakeClock())["extensions"]["code"]) for error in result.errors or []]


def test_what_is_asked_of_github_in_one_query_is_one_call(connector: Connector) -> None:
    query = """query ($login: String!) { github {
        viewer { login }
        user(login: $login) { name email }
        organization(login: "quartz-analytics") { isVerified }
        repository(owner: "quartz-analytics", name: "ledger") { nameWithOwner }
    } }"""

    found = data(connector, query, login=PEOPLE[4].login)

    assert found["github"] == {
        "viewer": {"login": PEOPLE[0].login},
        "user": {"name": PEOPLE[4].name, "email": PEOPLE[4].email},
        "organization": {"isVerified": True},
        "repository": {"nameWithOwner": "quartz-analytics/ledger"},
    }
    assert operations(connector) == ["organization+repository+user+viewer"]


def test_lists_within_lists_come_in_the_same_call(connector: Connector) -> None:
    issues = "issues(first: 30) { totalCount nodes { number author { login } comments(first: 5) { nodes { body } } } }"

    found = data(connector, LEDGER % issues)["github"]["repository"]["issues"]

    assert found["totalCount"] == 260
    assert len(found["nodes"]) == 30
    assert any(issue["comments"]["nodes"] for issue in found["nodes"])
    assert operations(connector) == ["repository"]


def test_250_issues_are_read_as_100_and_100_and_50(connector: Connector) -> None:
    issues = "issues(first: 250) { edges { cursor node { number } } pageInfo { hasNextPage endCursor } totalCount }"

    page = data(connector, LEDGER % issues)["github"]["repository"]["issues"]

    numbers = [edge["node"]["number"] for edge in page["edges"]]
    assert len(numbers) == 250
    assert numbers == sorted(set(numbers))
    assert page["pageInfo"] == {"hasNextPage": True, "endCursor": page["edges"][-1]["cursor"]}
    assert page["totalCount"] == 260
    assert operations(connector) == ["repository", "node", "node"]
    sizes = [value for body in sent(connector) for value in body["variables"].values() if isinstance(value, int)]
    assert sizes == [100, 100, 50]
    assert [("totalCount" in body["query"]) for body in sent(connector)] == [True, False, False]


def test_the_next_page_goes_on_where_the_last_one_ended_whichever_way_it_is_reached(connector: Connector) -> None:
    fields = "id issues(first: $first, after: $after) { nodes { number } pageInfo { hasPreviousPage endCursor } }"
    by_name = LEDGER.replace("{ github", "query ($first: Int, $after: String) { github", 1) % fields
    by_id = f"""query ($first: Int, $after: String, $id: ID!) {{
        node(id: $id) {{ ... on GitHubRepository {{ {fields} }} }}
    }}"""
    whole = data(connector, by_name, first=8)["github"]["repository"]
    first = data(connector, by_name, first=5)["github"]["repository"]
    after = first["issues"]["pageInfo"]["endCursor"]

    same_way = data(connector, by_name, first=3, after=after)["github"]["repository"]
    other_way = data(connector, by_id, first=3, after=after, id=first["id"])["node"]

    assert first["issues"]["nodes"] + same_way["issues"]["nodes"] == whole["issues"]["nodes"]
    assert other_way == same_way
    assert same_way["issues"]["pageInfo"]["hasPreviousPage"]


def test_lists_are_read_backward_with_and_without_a_cursor(connector: Connector) -> None:
    issues = "issues(%s) { edges { cursor node { number } } pageInfo { hasPreviousPage hasNextPage } }"
    last = data(connector, LEDGER % (issues % "last: 3"))["github"]["repository"]["issues"]
    before = last["edges"][0]["cursor"]
    sandbox_of(connector).calls.clear()

    earlier = data(connector, LEDGER % (issues % f'last: 250, before: "{before}"'))["github"]["repository"]["issues"]

    numbers = [edge["node"]["number"] for edge in (*earlier["edges"], *last["edges"])]
    assert numbers == sorted(set(numbers))
    assert len(numbers) == 253
    assert last["pageInfo"] == {"hasPreviousPage": True, "hasNextPage": False}
    assert earlier["pageInfo"] == {"hasPreviousPage": True, "hasNextPage": True}
    assert operations(connector) == ["repository", "node", "node"]


def test_a_forged_cursor_goes_nowhere(connector: Connector) -> None:
    issues = "issues(first: 2%s) { edges { cursor } }"
    good = data(connector, LEDGER % (issues % ""))["github"]["repository"]["issues"]["edges"][1]["cursor"]
    sandbox_of(connector).calls.clear()

    for forged in ("x", good[:-4], "A" + good[1:], good[::-1]):
        result = run(connector, LEDGER % (issues % f', after: "{forged}"'))
        assert errors(result) == [(["github", "repository", "issues"], "INVALID_CURSOR")]
    other_list = run(connector, LEDGER % f'pullRequests(first: 2, after: "{good}") {{ totalCount }}')
    other_arguments = run(connector, LEDGER % f'issues(first: 2, states: OPEN, after: "{good}") {{ totalCount }}')

    assert errors(other_list) == [(["github", "repository", "pullRequests"], "INVALID_CURSOR")]
    assert errors(other_arguments) == [(["github", "repository", "issues"], "INVALID_CURSOR")]
    assert {body["query"].partition(")")[2] for body in sent(connector)} == {
        " { q0: repository(owner: $v0, name: $v1) { id } }"
    }


def test_a_cursor_of_another_repository_is_refused(connector: Connector) -> None:
    hub = sandbox_of(connector).hub
    issues = "issues(first: 2) { edges { cursor } }"
    cursor = data(connector, LEDGER % issues)["github"]["repository"]["issues"]["edges"][1]["cursor"]
    other = global_id("GitHubRepository", hub.repository("lumen-fox", "ledger")["id"])
    query = """query ($id: ID!, $after: String) {
        node(id: $id) { ... on GitHubRepository { issues(first: 1, after: $after) { totalCount } } }
    }"""
    sandbox_of(connector).calls.clear()

    result = run(connector, query, id=other, after=cursor)

    assert errors(result) == [(["node", "issues"], "INVALID_CURSOR")]
    assert operations(connector) == ["nodes"]


def test_a_total_is_asked_for_only_when_selected(connector: Connector) -> None:
    data(connector, LEDGER % "issues(first: 1) { nodes { number } }")
    data(connector, LEDGER % "issues { totalCount }")

    without, alone = sent(connector)
    assert "totalCount" not in without["query"]
    assert "issues_: issues(first: $v2) { totalCount }" in alone["query"]
    assert alone["variables"]["v2"] == 1


def test_the_same_user_at_five_places_is_one_field_of_one_call(connector: Connector) -> None:
    places = " ".join(f'p{n}: user(login: "{PEOPLE[3].login}") {{ name }}' for n in range(5))

    found = data(connector, f"{{ github {{ {places} }} }}")

    assert set(map(str, found["github"].values())) == {str({"name": PEOPLE[3].name})}
    assert [body["query"] for body in sent(connector)] == ["query ($v0: String!) { q0: user(login: $v0) { name } }"]


def test_nodes_of_one_type_are_one_field_and_of_several_types_one_call(connector: Connector) -> None:
    hub = sandbox_of(connector).hub
    users = [global_id("GitHubUser", hub.accounts[person.login]["id"]) for person in PEOPLE[:30]]
    ledger = global_id("GitHubRepository", hub.repository("quartz-analytics", "ledger")["id"])
    ids = [*users, ledger, global_id("GitHubUser", "U_nothing"), users[0], global_id("GitHubIssue", hub.viewer["id"])]
    query = (
        "query ($ids: [ID!]!) { nodes(ids: $ids) { id ... on GitHubUser { login } ... on GitHubRepository { name } } }"
    )

    found = data(connector, query, ids=ids)["nodes"]

    assert [node and node["id"] for node in found] == [*users, ledger, None, users[0], None]
    assert found[29]["login"] == PEOPLE[29].login
    assert operations(connector) == ["nodes"]
    (body,) = sent(connector)
    assert body["query"].count("nodes(ids:") == 3
    assert "{ __typename ... on User { login id } }" in body["query"]


def test_lists_of_objects_that_were_fetched_by_id_come_in_one_call(connector: Connector) -> None:
    hub = sandbox_of(connector).hub
    ids = [global_id("GitHubUser", hub.accounts[person.login]["id"]) for person in PEOPLE[:10]]
    query = (
        "query ($ids: [ID!]!) { nodes(ids: $ids) { ... on GitHubUser { following(first: 4) { nodes { login } } } } }"
    )

    found = data(connector, query, ids=ids)["nodes"]

    assert [len(user["following"]["nodes"]) for user in found] == [1 + n % 4 for n in range(10)]
    assert operations(connector) == ["nodes", "node"]


def test_an_issue_and_a_pull_request_are_found_by_number_in_the_same_call(connector: Connector) -> None:
    threads = sandbox_of(connector).hub._threads_in("quartz-analytics/ledger")
    numbers = {kind: next(t["number"] for t in threads if t["__typename"] == kind) for kind in ("Issue", "PullRequest")}
    query = """query ($i: Int!, $p: Int!) { github { repository(owner: "quartz-analytics", name: "ledger") {
        issue(number: $i) {
            number title comments(first: 1) { totalCount } repository { again: issue(number: $i) { id } }
        }
        pullRequest(number: $p) { number baseRefName }
        wrong: issue(number: $p) { number }  none: pullRequest(number: 0) { number }  far: issue(number: 999999) { id }
    } } }"""

    found = data(connector, query, i=numbers["Issue"], p=numbers["PullRequest"])["github"]["repository"]

    assert found["issue"]["number"] == numbers["Issue"]
    assert found["issue"]["repository"]["again"]["id"]
    assert found["pullRequest"] == {"number": numbers["PullRequest"], "baseRefName": "main"}
    assert (found["wrong"], found["none"], found["far"]) == (None, None, None)
    assert operations(connector) == ["repository"]


def test_issues_of_repositories_that_were_fetched_by_id_come_in_one_call(connector: Connector) -> None:
    hub = sandbox_of(connector).hub
    ids = [
        global_id("GitHubRepository", hub.repository("quartz-analytics", name)["id"]) for name in ("ledger", "handbook")
    ]
    query = "query ($ids: [ID!]!) { nodes(ids: $ids) { ... on GitHubRepository { issue(number: 1) { number } } } }"

    found = data(connector, query, ids=ids)["nodes"]

    assert found[0] == {"issue": {"number": 1}}
    assert found[1] in ({"issue": {"number": 1}}, {"issue": None})
    assert operations(connector) == ["nodes", "node"]


@pytest.mark.parametrize("issue", [[], "x", 5])
def test_an_issue_that_is_none_is_a_mismatch(connector: Connector, issue: object) -> None:
    body = {"data": {"q0": {"id": "R_1", "issue_": issue}}}
    sandbox_of(connector).faults.add(Fault(status=200, body=orjson.dumps(body).decode()))

    result = run(connector, LEDGER % "issue(number: 1) { number }")

    assert errors(result) == [(["github", "repository", "issue"], "UPSTREAM_PAYLOAD_MISMATCH")]


def test_further_pages_of_many_lists_come_in_one_call(connector: Connector) -> None:
    query = """{ github {
        a: repository(owner: "quartz-analytics", name: "ledger") { issues(first: 120) { nodes { number } } }
        b: repository(owner: "quartz-analytics", name: "ledger") { issues(first: 150) { nodes { title } } }
    } }"""

    found = data(connector, query)["github"]

    assert (len(found["a"]["issues"]["nodes"]), len(found["b"]["issues"]["nodes"])) == (120, 150)
    assert operations(connector) == ["repository", "node"]


def test_whoever_acts_is_of_its_own_type(connector: Connector) -> None:
    authors = "pullRequests(first: 40) { nodes { number author { __typename login ... on GitHubUser { id } } } }"

    found = data(connector, LEDGER % f"owner {{ __typename }} {authors}")["github"]["repository"]

    kinds = {(pull["author"] or {}).get("__typename") for pull in found["pullRequests"]["nodes"]}
    assert found["owner"] == {"__typename": "GitHubOrganization"}
    assert kinds == {"GitHubUser", "GitHubBot", None}


def test_misses_are_null(connector: Connector) -> None:
    query = """{ github { user(login: "nobody") { id } organization(login: "nobody") { id }
                          repository(owner: "nobody", name: "nothing") { issues { totalCount } } viewer { login } }
                 node(id: "%s") { id } }"""

    found = data(connector, query.replace("%s", b64encode(b"GitHubUser:U_nothing").decode()))

    assert found["github"] == {
        "user": None,
        "organization": None,
        "repository": None,
        "viewer": {"login": PEOPLE[0].login},
    }
    assert found["node"] is None


def test_every_part_that_failed_has_its_own_error_and_the_rest_is_there(connector: Connector) -> None:
    edges: list[Any] = [
        {"cursor": f"c{n}", "node": {"number": n, "author": {"__typename": "User", "login": "x"}}} for n in range(3)
    ]
    edges[1]["node"] = None
    edges[2]["node"]["author"] = None
    body = {
        "data": {
            "q0": {
                "id": "R_1",
                "primaryLanguage": None,
                "issues_": {"edges": edges, "pageInfo": {"hasNextPage": False, "endCursor": "c2"}},
                "labels_": None,
            },
            "q1": None,
        },
        "errors": [
            {"type": "FORBIDDEN", "path": ["q0", "primaryLanguage"], "message": "m"},
            {"type": "SERVICE_UNAVAILABLE", "path": ["q0", "issues_", "edges", 1, "node", "number"], "message": "m"},
            {"type": "NOT_FOUND", "path": ["q0", "issues_", "edges", 2, "node", "author"], "message": "m"},
            {"type": "FORBIDDEN", "path": ["q0", "labels_"], "message": "m"},
            {"type": "FORBIDDEN", "path": ["q1", "name"], "message": "m"},
        ],
    }
    sandbox_of(connector).faults.add(Fault(status=200, body=orjson.dumps(body).decode()))
    query = """{ github {
        repository(owner: "a", name: "b") {
            primaryLanguage { name }
            issues(first: 3) { nodes { number author { login } } }
            labels(first: 3) { nodes { name } }
        }
        user(login: "a") { name }
    } }"""

    result = run(connector, query)

    assert result.data == {
        "github": {
            "repository": {
                "primaryLanguage": None,
                "issues": {"nodes": [{"number": 0, "author": {"login": "x"}}, None, {"number": 2, "author": None}]},
                "labels": None,
            },
            "user": None,
        }
    }
    repository = ["github", "repository"]
    assert sorted(errors(result), key=str) == sorted(
        [
            ([*repository, "primaryLanguage"], "UPSTREAM_NOT_AUTHORIZED"),
            ([*repository, "issues", "nodes", 1], "UPSTREAM_REJECTED"),
            ([*repository, "issues", "nodes", 2, "author"], "UPSTREAM_NOT_FOUND"),
            ([*repository, "labels"], "UPSTREAM_NOT_AUTHORIZED"),
            (["github", "user"], "UPSTREAM_NOT_AUTHORIZED"),
        ],
        key=str,
    )


def test_a_list_that_github_leaves_null_is_null(connector: Connector) -> None:
    body = {"data": {"q0": {"id": "R_1", "labels_": None}}}
    sandbox_of(connector).faults.add(Fault(status=200, body=orjson.dumps(body).decode()))

    assert data(connector, LEDGER % "labels(first: 1) { totalCount }") == {"github": {"repository": {"labels": None}}}


def test_a_payload_that_is_not_what_github_documents_harms_its_own_field(connector: Connector) -> None:
    body = {"data": {"q0": {"name": 7, "stargazerCount": 3, "owner": {"__typename": "Robot", "login": "r2"}}}}
    sandbox_of(connector).faults.add(Fault(status=200, body=orjson.dumps(body).decode()))

    result = run(connector, LEDGER % "stargazerCount name")

    assert errors(result) == [(["github", "repository", "name"], "UPSTREAM_PAYLOAD_MISMATCH")]


@pytest.mark.parametrize("viewer", [None, [], "x", 5, [{"login": "a"}]])
def test_an_object_that_is_none_is_a_mismatch(connector: Connector, viewer: object) -> None:
    sandbox_of(connector).faults.add(Fault(status=200, body=orjson.dumps({"data": {"q0": viewer}}).decode()))

    result = run(connector, "{ github { viewer { login } } }")

    assert errors(result) == [(["github", "viewer"], "UPSTREAM_PAYLOAD_MISMATCH")]


@pytest.mark.parametrize("data", [{"q1": {"login": "a"}}, {"q0": []}, {"q0": "x"}])
def test_an_answer_to_something_else_is_a_mismatch_and_no_miss(connector: Connector, data: object) -> None:
    sandbox_of(connector).faults.add(Fault(status=200, body=orjson.dumps({"data": data}).decode()))

    result = run(connector, '{ github { user(login: "a") { login } } }')

    assert errors(result) == [(["github", "user"], "UPSTREAM_PAYLOAD_MISMATCH")]


@pytest.mark.parametrize("name", [{}, {"name": None}, {"name": []}])
def test_a_field_that_was_left_out_is_a_mismatch(connector: Connector, name: dict[str, object]) -> None:
    body = {"data": {"q0": {"nameWithOwner": "a/b", **name}}}
    sandbox_of(connector).faults.add(Fault(status=200, body=orjson.dumps(body).decode()))

    result = run(connector, LEDGER % "name nameWithOwner")

    assert errors(result) == [(["github", "repository", "name"], "UPSTREAM_PAYLOAD_MISMATCH")]


@pytest.mark.parametrize("nodes", [None, [], "x", {}, [5, 5], [{}, {}], [{"__typename": "User", "id": "a"}], [[], []]])
def test_nodes_that_are_none_are_a_mismatch(connector: Connector, nodes: object) -> None:
    sandbox_of(connector).faults.add(Fault(status=200, body=orjson.dumps({"data": {"q0": nodes}}).decode()))

    result = run(
        connector,
        "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }",
        ids=[global_id("GitHubUser", id) for id in ("a", "b")],
    )

    assert errors(result) == [(["nodes", place], "UPSTREAM_PAYLOAD_MISMATCH") for place in (0, 1)]


PAGE_INFO = {"hasNextPage": False, "endCursor": None}


@pytest.mark.parametrize(
    "page",
    [
        [],
        "x",
        {},
        {"edges": {}, "pageInfo": PAGE_INFO, "totalCount": 0},
        {"edges": [5], "pageInfo": PAGE_INFO, "totalCount": 0},
        {"edges": [{}], "pageInfo": PAGE_INFO, "totalCount": 0},
        {"edges": [{"cursor": 5, "node": None}], "pageInfo": PAGE_INFO, "totalCount": 0},
        {"pageInfo": PAGE_INFO, "totalCount": 0},
        {"edges": [], "totalCount": 0},
        {"edges": [], "pageInfo": [], "totalCount": 0},
        {"edges": [], "pageInfo": {}, "totalCount": 0},
        {"edges": [], "pageInfo": PAGE_INFO},
        {"edges": [], "pageInfo": PAGE_INFO, "totalCount": "many"},
        {"edges": [], "pageInfo": {"hasNextPage": True, "endCursor": 7}, "totalCount": 0},
    ],
)
@pytest.mark.parametrize("came_along", [True, False])
def test_a_list_that_is_none_is_a_mismatch(connector: Connector, page: object, came_along: bool) -> None:
    bodies = [{"data": {"q0": {"id": "R_1", "issues_": page}}}]
    if not came_along:
        bodies = [{"data": {"q0": {"id": "R_1"}}}, {"data": {"q0": {"issues_": page}}}]
    for body in bodies:
        sandbox_of(connector).faults.add(Fault(status=200, body=orjson.dumps(body).decode()))

    result = run(connector, LEDGER % "issues(first: 1) { nodes { number } totalCount }")

    assert errors(result) == [(["github", "repository", "issues"], "UPSTREAM_PAYLOAD_MISMATCH")]


def test_a_list_that_never_comes_is_no_empty_list(connector: Connector) -> None:
    body = orjson.dumps({"data": {"q0": {"id": "R_1"}}}).decode()
    sandbox_of(connector).faults.add(Fault(times=2, status=200, body=body))

    result = run(connector, LEDGER % "issues(first: 1) { totalCount }")

    assert errors(result) == [(["github", "repository", "issues"], "UPSTREAM_PAYLOAD_MISMATCH")]
    assert operations(connector) == ["repository", "node"]


@pytest.mark.parametrize("edge", [{"cursor": "c"}, {"cursor": "c", "node": 5}, {"cursor": "c", "node": []}])
def test_an_item_that_is_none_is_a_mismatch_of_its_own(connector: Connector, edge: dict[str, object]) -> None:
    good = {"cursor": "d", "node": {"number": 1}}
    body = {"data": {"q0": {"id": "R_1", "issues_": {"edges": [edge, good], "pageInfo": PAGE_INFO}}}}
    sandbox_of(connector).faults.add(Fault(status=200, body=orjson.dumps(body).decode()))

    result = run(connector, LEDGER % "issues(first: 2) { nodes { number } }")

    assert errors(result) == [(["github", "repository", "issues", "nodes", 0], "UPSTREAM_PAYLOAD_MISMATCH")]
    assert result.data == {"github": {"repository": {"issues": {"nodes": [None, {"number": 1}]}}}}


def test_more_without_a_cursor_to_go_on_from_is_a_mismatch(connector: Connector) -> None:
    page = {"edges": [], "pageInfo": {"hasNextPage": True, "endCursor": None}}
    sandbox_of(connector).faults.add(
        Fault(status=200, body=orjson.dumps({"data": {"q0": {"id": "R_1", "issues_": page}}}).decode())
    )

    result = run(connector, LEDGER % "issues(first: 1) { nodes { number } }")

    assert errors(result) == [(["github", "repository", "issues"], "UPSTREAM_PAYLOAD_MISMATCH")]


def test_a_word_that_github_adds_later_is_unknown(connector: Connector) -> None:
    body = {"data": {"q0": {"visibility": "SECRET"}}}
    sandbox_of(connector).faults.add(Fault(status=200, body=orjson.dumps(body).decode()))

    assert data(connector, LEDGER % "visibility") == {"github": {"repository": {"visibility": "UNKNOWN"}}}


def test_a_dead_github_nulls_its_fields_only(connector: Connector) -> None:
    sandbox_of(connector).faults.add(Fault(status=502, times=None))

    result = run(connector, '{ __typename github { viewer { login } user(login: "a") { id } } }')

    assert result.data == {"__typename": "Query", "github": {"viewer": None, "user": None}}
    assert errors(result) == [
        (["github", "viewer"], "UPSTREAM_UNAVAILABLE"),
        (["github", "user"], "UPSTREAM_UNAVAILABLE"),
    ]


def test_a_rate_limit_that_outlasts_us_says_when_to_come_back(connector: Connector, clock: FakeClock) -> None:
    sandbox_of(connector).time = clock.time
    sandbox_of(connector).faults.add(Fault(throttled_s=600, times=None))

    result = run(connector, "{ github { viewer { login } } }")

    (error,) = result.errors or []
    extensions = presented(error, clock)["extensions"]
    assert (extensions["code"], extensions["upstream"]) == ("UPSTREAM_RATE_LIMITED", "github")
    assert datetime.fromisoformat(extensions["retryAt"]).timestamp() == clock.time() + 600
    assert operations(connector) == ["viewer"]


def own_fields() -> Iterator[tuple[str, str, str]]:
    """Type, field and named type of all that is GitHub's in our schema.

    What every graph has is left out, and what tells the outcome of a mutation.
    """
    unions = [type_ for type_ in GRAPH._schema.type_map.values() if isinstance(type_, GraphQLUnionType)]
    outcomes = {member.name for union in unions for member in union.types}
    for name, type_ in GRAPH._schema.type_map.items():
        if not name.startswith("GitHub") or name in outcomes or name.endswith(("Connection", "Edge", "Query")):
            continue
        if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
            for field_name, field in type_.fields.items():
                if field_name != "upstreamId":
                    yield name.removeprefix("GitHub"), field_name, get_named_type(field.type).name


def test_every_field_of_ours_is_one_of_githubs_under_the_same_name() -> None:
    ours = list(own_fields())

    assert len(ours) > 100
    for type_name, field_name, gives in ours:
        theirs = SCHEMA.type_map[type_name]
        assert isinstance(theirs, GraphQLObjectType | GraphQLInterfaceType)
        assert field_name in theirs.fields, f"{type_name}.{field_name}"
        named = get_named_type(theirs.fields[field_name].type).name
        plain = {"URI": "String", "RepositoryOwner": "Actor"}.get(named, named)
        assert gives.removeprefix("GitHub") == plain or gives.endswith("Connection"), f"{type_name}.{field_name}"


def test_every_argument_and_enum_member_of_ours_is_one_of_githubs() -> None:
    for name, type_ in GRAPH._schema.type_map.items():
        if isinstance(type_, GraphQLObjectType) and name.startswith("GitHub") and name != "GitHubQuery":
            for field_name, field in type_.fields.items():
                theirs = SCHEMA.type_map.get(name.removeprefix("GitHub"))
                if field.args and isinstance(theirs, GraphQLObjectType):
                    assert set(field.args) <= set(theirs.fields[field_name].args)
        if isinstance(type_, GraphQLEnumType) and name.startswith("GitHub"):
            known = SCHEMA.type_map[name.removeprefix("GitHub")]
            assert isinstance(known, GraphQLEnumType)
            assert set(type_.values) - {"UNKNOWN"} == set(known.values)
