"""GraphQL over HTTP, in this process, over the toy graph."""

import asyncio
from typing import Any

import httpx2
import orjson
import pytest
from graphql import get_introspection_query
from starlette.types import Message

from tests.server.toy import ToyClient, ask, toy_app

pytestmark = pytest.mark.usefixtures("way")

NEW = "application/graphql-response+json"
OLD = "application/json"


def post(body: Any, accept: str = NEW, **headers: str) -> httpx2.Response:
    content = body if isinstance(body, bytes) else orjson.dumps(body)
    fields = {"Content-Type": OLD, "Accept": accept, **{k.replace("_", "-"): v for k, v in headers.items()}}
    return ask("POST", "/graphql", content=content, headers=fields)


def codes(response: httpx2.Response) -> list[str]:
    return [error["extensions"]["code"] for error in response.json()["errors"]]


def test_a_query_is_answered_in_the_media_type_that_the_client_accepts() -> None:
    new = post({"query": "{ echo }"}, NEW)
    old = post({"query": "{ echo }"}, OLD)

    assert (new.status_code, new.headers["content-type"]) == (200, f"{NEW}; charset=utf-8")
    assert (old.status_code, old.headers["content-type"]) == (200, f"{OLD}; charset=utf-8")
    assert new.json() == old.json() == {"data": {"echo": "hello"}}


def test_variables_and_an_operation_name_are_used() -> None:
    query = "query A($text: String) { echo(text: $text) } query B { down }"

    response = post({"query": query, "operationName": "A", "variables": {"text": "moin"}, "extensions": {}})

    assert response.json() == {"data": {"echo": "moin"}}


def test_a_query_may_come_by_get() -> None:
    parameters = {"query": "query($text: String) { echo(text: $text) }", "variables": '{"text": "moin"}'}

    response = ask("GET", "/graphql", params=parameters)

    assert response.json() == {"data": {"echo": "moin"}}


def test_a_mutation_by_get_is_refused_and_does_nothing() -> None:
    client = ToyClient()

    response = ask("GET", "/graphql", app=toy_app(client), params={"query": "mutation { change }"})

    assert (response.status_code, response.headers["allow"]) == (405, "POST")
    assert codes(response) == ["METHOD_NOT_ALLOWED"]
    assert client.calls == []


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS"])
def test_another_method_is_refused(method: str) -> None:
    response = ask(method, "/graphql", json={"query": "{ echo }"})

    assert (response.status_code, response.headers["allow"]) == (405, "GET, POST")
    assert codes(response) == ["METHOD_NOT_ALLOWED"]


@pytest.mark.parametrize(
    "content_type",
    ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain", "", "json",
     "application/json; charset=latin-1", "application/graphql"],
)  # fmt: skip
def test_a_body_that_does_not_say_it_is_json_is_refused(content_type: str) -> None:
    client = ToyClient()
    body = b'{"query": "mutation { change }"}'

    response = ask(
        "POST", "/graphql", app=toy_app(client), content=body, headers={"Content-Type": content_type, "Accept": NEW}
    )

    assert response.status_code == 415
    assert codes(response) == ["BAD_REQUEST"]
    assert client.calls == []


@pytest.mark.parametrize("content_type", ["application/json;charset=utf-8", 'Application/JSON; charset="UTF-8"'])
def test_json_may_name_its_encoding(content_type: str) -> None:
    assert post({"query": "{ echo }"}, Content_Type=content_type).status_code == 200


def test_a_compressed_body_is_refused_unread() -> None:
    assert post(b"\x1f\x8b", Content_Encoding="gzip").status_code == 415


TOO_MUCH = "The parameter `variables` holds too much: 20,000 values at most, 200 levels deep."


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "The body is not valid JSON in UTF-8 (line 1, column 1)."),
        (b'{"query": "{ echo }"', "The body is not valid JSON in UTF-8 (line 1, column 21)."),
        (b'{"query": "\xff"}', "The body is not valid JSON in UTF-8"),
        (b"[" * 100_000, "The body is not valid JSON in UTF-8"),
        (b'[{"query": "{ echo }"}]', "The body is a list: send one request at a time, batches are not supported."),
        (b'"{ echo }"', "The body must be an object, not a string."),
        (b"null", "The body must be an object, not null."),
        (b"{}", "The parameter `query` is missing."),
        (b'{"query": 7}', "The parameter `query` must be a string, not a number."),
        (b'{"query": "{ echo }", "variables": []}', "The parameter `variables` must be an object, not a list."),
        (b'{"query": "{ echo }", "variables": "{}"}', "The parameter `variables` must be an object, not a string."),
        (
            b'{"query": "{ echo }", "variables": {"a": [' + b"1," * 20_000 + b"1]}}",
            TOO_MUCH,
        ),
        (b'{"query": "{ echo }", "variables": {"a": ' + b"[" * 255 + b"]" * 255 + b"}}", TOO_MUCH),
        (b'{"query": "{ echo }", "operationName": 1}', "The parameter `operationName` must be a string, not a number."),
        (b'{"query": "{ echo }", "extensions": true}', "The parameter `extensions` must be an object, not a boolean."),
    ],
)
@pytest.mark.parametrize("accept", [NEW, OLD])
def test_a_malformed_request_is_refused_with_what_is_wrong(body: bytes, message: str, accept: str) -> None:
    response = post(body, accept)

    assert response.status_code == 400
    (error,) = response.json()["errors"]
    assert error["message"].startswith(message)
    assert error["extensions"] == {"code": "BAD_REQUEST"}


@pytest.mark.parametrize(
    ("query_string", "message"),
    [
        ("", "The parameter `query` is missing."),
        ("query={echo}&query={down}", "The parameter `query` is there more than once."),
        ("query=%ff", "The query of the URL is not UTF-8 text."),
        ("query={echo}&variables={", "The parameter `variables` is not valid JSON"),
        ("query={echo}&variables=[]", "The parameter `variables` must be an object, not a list."),
    ],
)
def test_a_malformed_url_is_refused_with_what_is_wrong(query_string: str, message: str) -> None:
    response = ask("GET", f"/graphql?{query_string}")

    assert response.status_code == 400
    assert response.json()["errors"][0]["message"].startswith(message)


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        ({"query": "{"}, "GRAPHQL_PARSE_FAILED"),
        ({"query": ""}, "GRAPHQL_PARSE_FAILED"),
        ({"query": "{ nope }"}, "GRAPHQL_VALIDATION_FAILED"),
        ({"query": "{ echo(text: 1) }"}, "GRAPHQL_VALIDATION_FAILED"),
        ({"query": "fragment F on Query { echo }"}, "GRAPHQL_VALIDATION_FAILED"),
        ({"query": "query($n: Int!) { echo(times: $n) }"}, "BAD_USER_INPUT"),
        ({"query": "query($n: Int!) { echo(times: $n) }", "variables": {"n": "x"}}, "BAD_USER_INPUT"),
        ({"query": "query A { echo } query B { echo }"}, "OPERATION_RESOLUTION_FAILURE"),
        ({"query": "query A { echo }", "operationName": "B"}, "OPERATION_RESOLUTION_FAILURE"),
        ({"query": "subscription { count(to: 1) }"}, "BAD_REQUEST"),
    ],
)
def test_a_request_that_cannot_run_has_errors_and_no_data(request_: dict[str, Any], code: str) -> None:
    response = post(request_)

    assert response.status_code == 400
    assert set(codes(response)) == {code}
    assert "data" not in response.json()


def test_a_client_of_the_older_media_type_gets_an_invalid_document_with_status_200() -> None:
    response = post({"query": "{ nope }"}, OLD)

    assert response.status_code == 200
    assert codes(response) == ["GRAPHQL_VALIDATION_FAILED"]


@pytest.mark.parametrize(
    "accept", ["text/plain", "application/json; charset=latin-1", "application/json;q=0", "image/*"]
)
def test_an_answer_that_nobody_would_accept_is_not_worked_on(accept: str) -> None:
    client = ToyClient()
    headers = {"Accept": accept}

    response = ask("POST", "/graphql", app=toy_app(client), json={"query": "{ echo }"}, headers=headers)

    assert response.status_code == 406
    assert codes(response) == ["NOT_ACCEPTABLE"]
    assert "multipart/mixed" in response.text
    assert client.calls == []


def test_failing_fields_are_null_beside_the_data_of_the_others() -> None:
    response = post({"query": "{ echo limited down picky tooLarge }"})

    assert response.status_code == 200
    body = response.json()
    assert body["data"] == {"echo": "hello", "limited": None, "down": None, "picky": None, "tooLarge": None}
    extensions = {error["path"][0]: error["extensions"] for error in body["errors"]}
    assert extensions == {
        "limited": {
            "code": "UPSTREAM_RATE_LIMITED",
            "upstream": "toy",
            "operation": "things.list",
            "retryAt": "2026-05-28T20:44:20Z",
        },
        "down": {"code": "UPSTREAM_UNAVAILABLE", "upstream": "toy", "operation": "things.get"},
        "picky": {"code": "BAD_USER_INPUT"},
        "tooLarge": {"code": "INVALID_VALUE"},
    }


def test_an_error_that_takes_all_data_along_is_still_an_answer() -> None:
    response = post({"query": "{ essential }"})

    assert response.status_code == 200
    assert response.json()["data"] is None


def test_a_bug_gives_an_incident_and_not_its_details() -> None:
    response = post({"query": "{ broken echo }"})

    (error,) = response.json()["errors"]
    assert error["extensions"]["code"] == "INTERNAL_SERVER_ERROR"
    assert error["extensions"]["incident"] in error["message"]
    assert "hunter2" not in response.text
    assert response.json()["data"] == {"broken": None, "echo": "hello"}


@pytest.mark.parametrize("share", [True, False])
def test_what_waited_for_something_that_was_cancelled_is_answered(share: bool) -> None:
    response = ask("POST", "/graphql", app=toy_app(share_queries=share), json={"query": "{ lost }"})

    assert response.status_code == 500
    assert codes(response) == ["INTERNAL_SERVER_ERROR"]


def test_an_answer_that_cannot_be_written_is_an_error_of_ours() -> None:
    response = post({"query": "{ unspeakable }"})

    assert response.status_code == 500
    assert codes(response) == ["INTERNAL_SERVER_ERROR"]


@pytest.mark.parametrize("honest", [True, False])
def test_a_body_over_the_limit_is_refused_without_being_taken_in(honest: bool) -> None:
    taken = 0
    sent: list[Message] = []
    length = [(b"content-length", b"10485760")] if honest else []
    scope = {
        "type": "http", "method": "POST", "path": "/graphql", "query_string": b"", "root_path": "",
        "headers": [(b"content-type", b"application/json"), *length],
    }  # fmt: skip

    async def receive() -> Message:
        nonlocal taken
        taken += 65_536
        return {"type": "http.request", "body": b" " * 65_536, "more_body": True}

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(toy_app()(scope, receive, send))

    assert sent[0]["status"] == 413
    assert orjson.loads(sent[1]["body"])["errors"][0]["extensions"]["code"] == "PAYLOAD_TOO_LARGE"
    assert taken <= (0 if honest else 1024 * 1024 + 65_536)


@pytest.mark.parametrize(
    "query",
    [
        "{ level " + "{ below " * 5_000,
        "{ level " + "{ below " * 5_000 + "{ number }" + " }" * 5_001,
        "{ echo(text: " + "[" * 9_000,
        "{" + "echo " * 200_000 + "}",
    ],
    ids=["open", "closed", "list", "wide"],
)
def test_a_document_without_measure_is_refused(query: str) -> None:
    response = post({"query": query})

    assert response.status_code == 400
    assert set(codes(response)) <= {"TOO_MANY_TOKENS", "QUERY_TOO_DEEP"}


@pytest.mark.parametrize("depth", [1, 19, 20, 21, 50, 100, 150, 200, 400])
def test_fields_stand_at_most_20_levels_deep(depth: int) -> None:
    query = "{ level " + "{ below " * (depth - 2) + "{ number }" + " }" * (depth - 1) if depth > 1 else "{ echo }"

    response = post({"query": query})

    if depth <= 20:
        assert "errors" not in response.json()
    else:
        assert (response.status_code, codes(response)) == (400, ["QUERY_TOO_DEEP"])


@pytest.mark.parametrize(("links", "code"), [(15, None), (60, "QUERY_TOO_DEEP"), (500, "TOO_MANY_TOKENS")])
def test_fragments_count_for_what_they_hold(links: int, code: str | None) -> None:
    fragments = "".join(f"fragment F{n} on Level {{ below {{ ...F{n + 1} }} }} " for n in range(links))

    response = post({"query": f"{{ level {{ ...F0 }} }} {fragments} fragment F{links} on Level {{ number }}"})

    assert codes(response) == [code] if code else "errors" not in response.json()


def test_who_asks_for_the_plan_gets_it_beside_the_answer() -> None:
    asked = post({"query": "{ slowBatch }"}, X_Punnet_Plan="1").json()
    unasked = post({"query": "{ slowBatch }"}).json()

    (fetch,) = asked["extensions"]["plan"]["levels"][0]
    assert fetch == {"upstream": "toy", "operation": "slow_things", "calls": 1, "keys": 1, "fields": ["slowBatch"]}
    assert asked["data"] == unasked["data"] == {"slowBatch": "slow batch"}
    assert "extensions" not in unasked


def test_the_operator_may_keep_plans_from_clients() -> None:
    headers = {"X-Punnet-Plan": "1"}

    response = ask("POST", "/graphql", app=toy_app(explain=False), json={"query": "{ echo }"}, headers=headers)

    assert response.json() == {"data": {"echo": "hello"}}


def test_what_would_make_too_many_calls_is_refused_with_its_plan() -> None:
    client = ToyClient()
    app = toy_app(client, max_upstream_calls=1)
    headers = {"X-Punnet-Plan": "1", "Accept": NEW}

    response = ask("POST", "/graphql", app=app, json={"query": "{ slowBatch b: slowBatch }"}, headers=headers)

    assert (response.status_code, codes(response)) == (400, ["TOO_MANY_UPSTREAM_CALLS"])
    assert response.json()["extensions"]["plan"]["totalCalls"] == 2
    assert client.calls == []


def test_parts_that_come_later_count_as_well() -> None:
    client = ToyClient()
    query = "{ echo ... @defer { slowBatch } }"
    headers = {"Accept": "multipart/mixed, application/json"}

    response = ask(
        "POST", "/graphql", app=toy_app(client, max_upstream_calls=0), json={"query": query}, headers=headers
    )

    assert "TOO_MANY_UPSTREAM_CALLS" in response.text
    assert client.calls == []


def test_introspection_is_answered() -> None:
    response = post({"query": get_introspection_query()})

    assert "errors" not in response.json()


def test_answers_are_not_kept_by_caches_and_carry_the_id_of_the_request() -> None:
    named = post({"query": "{ echo }"}, X_Request_Id="order-66")
    unnamed = post({"query": "{ echo }"}, X_Request_Id='" } forged')

    assert named.headers["cache-control"] == "no-store"
    assert named.headers["x-request-id"] == "order-66"
    assert len(unnamed.headers["x-request-id"]) == 32


def test_a_client_that_hangs_up_has_its_query_cancelled() -> None:
    events, sent = asyncio.run(_hang_up("{ slow slowBatch }"))

    assert sorted(events) == ["slow batch cancelled", "slow cancelled"]
    assert sent == []


def test_a_mutation_goes_on_to_its_end_when_its_client_hangs_up() -> None:
    events, _ = asyncio.run(_hang_up("mutation { change }"))

    assert events == ["change done"]


async def _hang_up(query: str) -> tuple[list[str], list[Message]]:
    """Send a request and hang up while the upstream is at work: what became of that work, and what was still sent."""
    client = ToyClient()
    sent: list[Message] = []
    messages = [{"type": "http.request", "body": orjson.dumps({"query": query})}]
    headers = [(b"content-type", b"application/json")]
    scope = {"type": "http", "method": "POST", "path": "/graphql", "query_string": b"", "headers": headers}

    async def receive() -> Message:
        if messages:
            return messages.pop()
        await client.slow.wait()
        await asyncio.sleep(0.01)
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    await toy_app(client)({**scope, "root_path": ""}, receive, send)
    await asyncio.sleep(0)
    return list(client.events), sent


def test_the_same_request_again_is_answered_anew_and_held_to_the_same_rules() -> None:
    client = ToyClient()
    app = toy_app(client)
    request = {"query": "query($n: Int!) { echo(times: $n) }", "variables": {"n": 2}}

    answers = [ask("POST", "/graphql", app=app, json=request, headers={"Accept": NEW}).json() for _ in range(3)]
    wrong = [ask("POST", "/graphql", app=app, json={"query": "{ nope }"}, headers={"Accept": NEW}) for _ in range(2)]
    elsewhere = ask("POST", "/graphql", app=app, json=request, headers={"Accept": "image/png"})

    assert answers == [{"data": {"echo": "hellohello"}}] * 3
    assert client.calls == ["echo"] * 3
    assert [(response.status_code, codes(response)) for response in wrong] == [(400, ["GRAPHQL_VALIDATION_FAILED"])] * 2
    assert elsewhere.status_code == 406


def test_however_many_different_requests_there_were_the_next_one_is_answered() -> None:
    app = toy_app()

    async def many() -> httpx2.Response:
        transport = httpx2.ASGITransport(app=app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://localhost") as client:
            for number in range(30):
                body = {"query": "{ echo }", "filler": f"{number}" + "x" * 100_000}
                response = await client.post("/graphql", json=body)
            return response

    assert asyncio.run(many()).json() == {"data": {"echo": "hello"}}
