"""Answers in parts, for clients that take them, and in one piece for all others."""

import asyncio
import json
import subprocess
from pathlib import Path
from typing import Any

import httpx2
import orjson
import pytest
from graphql import parse, print_ast
from starlette.types import Message
from structlog.testing import capture_logs

from server.incremental import at_once
from tests.server.toy import ToyClient, ask, toy_app
from tests.serving import served

NODE = Path(__file__).parent.parent / "node"
PARTS = "multipart/mixed, application/graphql-response+json"
LATER = '{ echo ... @defer(label: "later") { slow } }'


def post(query: str, accept: str = PARTS, client: ToyClient | None = None) -> httpx2.Response:
    return ask("POST", "/graphql", app=toy_app(client), json={"query": query}, headers={"Accept": accept})


def parts_of(response: httpx2.Response) -> list[dict[str, Any]]:
    """The parts of an answer, as RFC 2046 writes them."""
    assert response.headers["content-type"] == 'multipart/mixed; boundary="-"'
    before, *parts, after = response.content.split(b"\r\n---")
    assert (before, after) == (b"", b"--\r\n")
    heads, bodies = zip(*(part.split(b"\r\n\r\n", 1) for part in parts), strict=True)
    assert set(heads) == {b"\r\nContent-Type: application/json; charset=utf-8"}
    return [orjson.loads(body) for body in bodies]


def results_in_apollo(query: str) -> list[dict[str, Any]]:
    """What Apollo Client hands to an app while the parts of an answer arrive."""
    with served(toy_app()) as url:
        command = ["node", "parts.mjs", f"{url}/graphql", query]
        ran = subprocess.run(command, cwd=NODE, capture_output=True, check=True, timeout=60)
    results: list[dict[str, Any]] = json.loads(ran.stdout)
    return results


def test_apollo_gets_what_is_quick_first_and_what_is_deferred_when_it_is_there() -> None:
    first, second = results_in_apollo(LATER)

    assert (first["data"], first["complete"]) == ({"echo": "hello"}, False)
    assert (second["data"], second["complete"]) == ({"echo": "hello", "slow": "slow"}, True)
    assert second["ms"] > 100


def test_apollo_puts_the_items_of_a_stream_and_parts_within_parts_where_they_belong() -> None:
    results = results_in_apollo("""{
      levels(to: 4) @stream(initialCount: 1) { number }
      level { number ... @defer { below { number ... @defer { again: number } } } }
    }""")

    assert results[0]["data"] == {"levels": [{"number": 0}], "level": {"number": 0}}
    assert results[-1]["data"] == {
        "levels": [{"number": 0}, {"number": 1}, {"number": 2}, {"number": 3}],
        "level": {"number": 0, "below": {"number": 1, "again": 1}},
    }


def test_apollo_gets_the_errors_of_a_part_beside_its_data() -> None:
    first, second = results_in_apollo("{ echo ... @defer { level { number } down } }")

    assert "error" not in first
    assert second["data"] == {"echo": "hello", "level": {"number": 0}, "down": None}
    assert second["error"] == "toy things.get: the connection broke"


def test_the_parts_say_where_they_belong() -> None:
    first, second = parts_of(post(LATER))

    assert first == {"data": {"echo": "hello"}, "pending": [{"id": "0", "path": [], "label": "later"}], "hasNext": True}
    assert second == {
        "hasNext": False,
        "incremental": [{"data": {"slow": "slow"}, "id": "0"}],
        "completed": [{"id": "0"}],
    }


@pytest.mark.parametrize(
    "accept",
    [
        "application/json",
        "application/graphql-response+json, multipart/mixed;q=0",
        "*/*",
        "multipart/mixed;deferSpec=20220824, application/json",
        "multipart/mixed;subscriptionSpec=1.0, application/json",
    ],
)
def test_a_client_that_takes_no_such_parts_gets_everything_at_once(accept: str) -> None:
    response = post(LATER, accept)

    assert "json" in response.headers["content-type"]
    assert response.json() == {"data": {"echo": "hello", "slow": "slow"}}


@pytest.mark.parametrize("accept", [PARTS, "application/json, multipart/mixed;incrementalSpec=v0.2;q=0.5"])
def test_a_client_that_takes_parts_gets_in_one_piece_what_has_none(accept: str) -> None:
    plain, undeferred = post("{ echo }", accept), post("{ echo ... @defer(if: false) { level { number } } }", accept)

    assert plain.json() == {"data": {"echo": "hello"}}
    assert undeferred.json() == {"data": {"echo": "hello", "level": {"number": 0}}}


def test_what_is_wrong_with_the_request_is_an_answer_in_one_piece() -> None:
    query = "query($n: Int!) { echo(times: $n) ... @defer { slow } }"

    response = post(query)

    assert response.status_code == 400
    assert response.json()["errors"][0]["extensions"] == {"code": "BAD_USER_INPUT"}


def test_a_stream_that_begins_with_less_than_nothing_is_a_mistake_of_the_clients() -> None:
    response = post("{ echo levels(to: 4) @stream(initialCount: -1) { number } }")

    (error,) = response.json()["errors"]
    assert error["message"] == "`initialCount` of @stream must be 0 or more."
    assert (error["path"], error["extensions"]) == (["levels"], {"code": "BAD_USER_INPUT"})


def test_errors_in_parts_are_presented_and_logged_as_all_others() -> None:
    with capture_logs() as lines:
        _, *rest = parts_of(post("{ echo ... @defer { limited broken } ... @defer { essential } }"))

    pieces = [piece for part in rest for piece in (*part.get("incremental", ()), *part.get("completed", ()))]
    errors = [error for piece in pieces for error in piece.get("errors", ())]
    codes = {error["path"][0]: error["extensions"]["code"] for error in errors}
    assert codes == {
        "limited": "UPSTREAM_RATE_LIMITED",
        "broken": "INTERNAL_SERVER_ERROR",
        "essential": "UPSTREAM_UNAVAILABLE",
    }
    assert "hunter2" not in json.dumps(errors)
    assert lines[-1]["errors"] == 3


def test_a_part_that_cannot_be_written_is_an_error_of_ours_and_the_last_one() -> None:
    _, last = parts_of(post("{ echo ... @defer { unspeakable } }"))

    assert last["hasNext"] is False
    assert last["errors"][0]["extensions"]["code"] == "INTERNAL_SERVER_ERROR"


def test_a_client_that_hangs_up_between_parts_has_the_rest_cancelled() -> None:
    client = ToyClient()
    sent: list[Message] = []
    messages = [{"type": "http.request", "body": orjson.dumps({"query": LATER})}]
    headers = [(b"content-type", b"application/json"), (b"accept", PARTS.encode()), (b"host", b"localhost")]
    scope = {"type": "http", "method": "POST", "path": "/graphql", "query_string": b"", "headers": headers}

    async def receive() -> Message:
        if messages:
            return messages.pop()
        await client.slow.wait()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    with capture_logs() as lines:
        asyncio.run(toy_app(client)({**scope, "root_path": ""}, receive, send))

    assert client.events == ["slow cancelled"]
    assert [message.get("more_body") for message in sent] == [None, True]
    assert [line["status"] for line in lines] == [499]


def test_a_document_at_once_asks_for_the_same_without_the_directives() -> None:
    query = '{ a @stream(initialCount: 1) ...F @defer(label: "x") b @skip(if: $no) } fragment F on Q { c }'

    assert print_ast(at_once(parse(query))) == "{\n  a\n  ...F\n  b @skip(if: $no)\n}\n\nfragment F on Q {\n  c\n}"


def test_a_document_without_the_directives_is_left_as_it_is() -> None:
    document = parse("{ a ...F } fragment F on Q { c @skip(if: $no) }")

    assert at_once(document) is document
