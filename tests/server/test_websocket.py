"""The protocol graphql-transport-ws, over the toy graph."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from starlette.testclient import TestClient, WebSocketTestSession
from starlette.websockets import WebSocketDisconnect

from server.persisted import Persisted, hash_of
from tests.server.toy import ToyClient, toy_app

PROTOCOL = "graphql-transport-ws"


@contextmanager
def connected(client: ToyClient | None = None, persisted: Persisted | None = None) -> Iterator[WebSocketTestSession]:
    with TestClient(toy_app(client, persisted=persisted)).websocket_connect("/graphql", [PROTOCOL]) as socket:
        socket.send_json({"type": "connection_init"})
        assert socket.receive_json() == {"type": "connection_ack"}
        yield socket


def run(socket: WebSocketTestSession, payload: dict[str, Any]) -> list[dict[str, Any]]:
    """The messages that an operation brings, to its last one."""
    socket.send_json({"id": "1", "type": "subscribe", "payload": payload})
    messages = [socket.receive_json()]
    while messages[-1]["type"] == "next":
        messages.append(socket.receive_json())
    return messages


def ping_until(socket: WebSocketTestSession, something: list[str], times: int = 100) -> None:
    """Let the connection turn until there is something, so many times at most."""
    for _ in range(times):
        if not something:
            socket.send_json({"type": "ping"})
            assert socket.receive_json() == {"type": "pong"}


def test_a_query_gives_one_result() -> None:
    with connected() as socket:
        messages = run(socket, {"query": "query($t: String) { echo(text: $t) }", "variables": {"t": "moin"}})

    assert messages == [
        {"id": "1", "type": "next", "payload": {"data": {"echo": "moin"}}},
        {"id": "1", "type": "complete"},
    ]


def test_a_subscription_gives_its_events_and_then_what_ended_it() -> None:
    with connected() as socket:
        messages = run(socket, {"query": "subscription { count(to: 2) }"})

    assert [message["payload"]["data"] for message in messages[:2]] == [{"count": 1}, {"count": 2}]
    assert "UPSTREAM_UNAVAILABLE" in str(messages[2:])
    assert messages[-1]["type"] in ("complete", "error")


def test_each_operation_has_dataloaders_of_its_own() -> None:
    client = ToyClient()

    with connected(client) as socket:
        run(socket, {"query": "{ slowBatch }"})
        run(socket, {"query": "{ slowBatch }"})

    assert client.calls == ["slow batch", "slow batch"]


def test_an_error_has_the_same_code_as_over_http() -> None:
    with connected() as socket:
        (result, _) = run(socket, {"query": "{ down }"})

    (error,) = result["payload"]["errors"]
    assert error["extensions"] == {"code": "UPSTREAM_UNAVAILABLE", "upstream": "toy", "operation": "things.get"}


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        ({"query": "{"}, "GRAPHQL_PARSE_FAILED"),
        ({"query": "{ nope }"}, "GRAPHQL_VALIDATION_FAILED"),
        ({"query": "query($n: Int!) { echo(times: $n) }"}, "BAD_USER_INPUT"),
        ({"query": "query A { echo }", "operationName": "B"}, "OPERATION_RESOLUTION_FAILURE"),
        ({"query": 7}, "BAD_REQUEST"),
        ({}, "BAD_REQUEST"),
        ({"extensions": {"persistedQuery": {"version": 2}}}, "PERSISTED_QUERY_NOT_SUPPORTED"),
        ({"query": "{ echo }", "variables": []}, "BAD_REQUEST"),
    ],
)
def test_a_request_that_cannot_run_gives_an_error_and_leaves_the_connection_open(
    payload: dict[str, Any], code: str
) -> None:
    with connected() as socket:
        (refusal,) = run(socket, payload)
        following = run(socket, {"query": "{ echo }"})

    assert (refusal["type"], refusal["payload"][0]["extensions"]["code"]) == ("error", code)
    assert following[0]["payload"] == {"data": {"echo": "hello"}}


def test_an_operation_that_the_client_completes_is_cancelled() -> None:
    client = ToyClient()

    with connected(client) as socket:
        socket.send_json({"id": "1", "type": "subscribe", "payload": {"query": "{ slow }"}})
        ping_until(socket, client.calls)
        socket.send_json({"id": "1", "type": "complete"})
        ping_until(socket, client.events)

        assert client.events == ["slow cancelled"]


def test_a_mutation_goes_on_to_its_end_when_the_client_completes_it() -> None:
    client = ToyClient()

    with connected(client) as socket:
        socket.send_json({"id": "1", "type": "subscribe", "payload": {"query": "mutation { change }"}})
        ping_until(socket, client.calls)
        socket.send_json({"id": "1", "type": "complete"})
        ping_until(socket, client.events, times=10_000)

        assert client.events == ["change done"]


def test_a_page_of_another_site_may_not_connect() -> None:
    headers = {"Origin": "https://evil.example"}

    with (
        pytest.raises(WebSocketDisconnect),
        TestClient(toy_app()).websocket_connect("/graphql", [PROTOCOL], headers=headers),
    ):
        pass


def test_the_gateways_own_page_may_connect() -> None:
    headers = {"Origin": "http://testserver"}

    with TestClient(toy_app()).websocket_connect("/graphql", [PROTOCOL], headers=headers) as socket:
        socket.send_json({"type": "connection_init"})
        answer = socket.receive_json()

    assert answer == {"type": "connection_ack"}


def test_a_message_over_the_limit_closes_the_connection() -> None:
    with connected() as socket:
        socket.send_json({"id": "1", "type": "subscribe", "payload": {"query": "{ echo }", "filler": "x" * 1_048_576}})

        with pytest.raises(WebSocketDisconnect) as closed:
            socket.receive_json()

    assert closed.value.code == 1009


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('"x"', "A message must be an object"),
        ("5", "A message must be an object"),
        ("[]", "A message must be an object"),
        ("null", "A message must be an object"),
        ("{", "WebSocket message must be valid JSON"),
        ("[" * 5_000, "WebSocket message must be valid JSON"),
        (r'{"type": "subscribe", "id": "\ud800", "payload": {}}', "WebSocket message must be valid JSON"),
        ("{}", "A message must have a `type` that clients send"),
        ('{"type": []}', "A message must have a `type` that clients send"),
        (f'{{"type": "{"x" * 500}"}}', "A message must have a `type` that clients send"),
        ('{"type": "connection_init", "payload": 1}', "Invalid connection init payload"),
        ('{"type": "complete", "id": {}}', "The `id` of a complete message must be a string"),
        ('{"type": "subscribe", "payload": {}}', "The `id` of a subscribe message must be a string"),
        ('{"type": "subscribe", "id": "1", "payload": 1}', "The `payload` of a subscribe message must be an object"),
    ],
)
def test_what_is_no_message_of_the_protocol_closes_the_connection_and_says_why(text: str, reason: str) -> None:
    with connected() as socket:
        socket.send_text(text)

        with pytest.raises(WebSocketDisconnect) as closed:
            socket.receive_json()

    assert (closed.value.code, closed.value.reason) == (4400, reason)


def test_a_binary_message_closes_the_connection_and_says_why() -> None:
    with connected() as socket:
        socket.send_bytes(b"{}")

        with pytest.raises(WebSocketDisconnect) as closed:
            socket.receive_json()

    assert (closed.value.code, closed.value.reason) == (4400, "WebSocket message type must be text")


def test_the_reason_of_closing_fits_into_a_frame() -> None:
    with connected() as socket:
        for _ in range(2):
            socket.send_json({"id": "ü" * 200, "type": "subscribe", "payload": {"query": "{ slow }"}})

        with pytest.raises(WebSocketDisconnect) as closed:
            socket.receive_json()

    assert closed.value.code == 4409
    assert closed.value.reason.startswith("Subscriber for üü")
    assert len(closed.value.reason.encode()) <= 123


def test_a_document_may_be_named_as_over_http() -> None:
    persisted = Persisted({"greeting": "{ echo }"})
    query = "subscription { count(to: 1) }"
    apq = {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": hash_of(query)}}}

    with connected(persisted=persisted) as socket:
        trusted = run(socket, {"documentId": "greeting"})
        (unknown,) = run(socket, apq)
        sent = run(socket, {"query": query, **apq})
        named = run(socket, apq)
        (other,) = run(socket, {"query": "{ echo }", **apq})

    assert trusted[0]["payload"] == {"data": {"echo": "hello"}}
    assert unknown["payload"][0]["extensions"]["code"] == "PERSISTED_QUERY_NOT_FOUND"
    assert named[0] == sent[0] == {"id": "1", "type": "next", "payload": {"data": {"count": 1}}}
    assert other["payload"][0]["extensions"]["code"] == "PERSISTED_QUERY_HASH_MISMATCH"


def test_only_trusted_documents_are_run_where_the_operator_says_so() -> None:
    with connected(persisted=Persisted({"greeting": "{ echo }"}, only=True)) as socket:
        (refusal,) = run(socket, {"query": "{ shared }"})
        following = run(socket, {"documentId": "greeting"})

    assert refusal["payload"][0]["extensions"]["code"] == "DOCUMENT_NOT_TRUSTED"
    assert following[0]["payload"] == {"data": {"echo": "hello"}}
