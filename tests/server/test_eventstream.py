"""Answers as Server-Sent Events, over the toy graph."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import httpx2
import orjson
import pytest
from starlette.types import Message
from structlog.testing import capture_logs

from connectors.webhooks.hub import Hub
from server.eventstream import with_heartbeats
from tests.server.toy import ask, toy_app

EVENTS = {"Accept": "text/event-stream"}


def read(content: bytes) -> list[tuple[str, Any]]:
    """The events in a stream, by the rules of its standard; an event without data is none."""
    events = []
    for block in content.decode().split("\n\n")[:-1]:
        fields = [line.partition(":") for line in block.split("\n") if not line.startswith(":")]
        told = {name: value.removeprefix(" ") for name, _, value in fields}
        if "data" in told:
            events.append((told["event"], orjson.loads(told["data"]) if told["data"] else None))
    return events


def post(query: str, **headers: str) -> httpx2.Response:
    return ask("POST", "/graphql", json={"query": query}, headers={**EVENTS, **headers})


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_subscription_is_a_stream_of_its_results_up_to_what_ends_it(method: str) -> None:
    request = {"query": "subscription($n: Int!) { count(to: $n) }", "variables": {"n": 2}}
    given: Any = {"json": request} if method == "POST" else {"params": {**request, "variables": '{"n": 2}'}}

    response = ask(method, "/graphql", headers=EVENTS, **given)

    assert response.status_code == 200
    assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert (response.headers["cache-control"], response.headers["x-accel-buffering"]) == ("no-store", "no")
    one, two, failure, end = read(response.content)
    assert [one, two] == [("next", {"data": {"count": 1}}), ("next", {"data": {"count": 2}})]
    assert failure[1]["errors"][0]["extensions"]["code"] == "UPSTREAM_UNAVAILABLE"
    assert end == ("complete", None)


@pytest.mark.parametrize("query", ["{ echo }", 'mutation { echo: happen(type: "x", thing: {}) }'])
def test_a_query_and_a_mutation_are_a_stream_of_one_result(query: str) -> None:
    (kind, result), end = read(post(query).content)

    assert (kind, list(result), end) == ("next", ["data"], ("complete", None))


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{ nope }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { nope }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription($n: Int!) { count(to: $n) }", "BAD_USER_INPUT"),
    ],
)
def test_what_is_wrong_with_the_operation_is_told_in_the_stream(query: str, code: str) -> None:
    response = post(query)

    (kind, result), end = read(response.content)
    assert (response.status_code, kind, end) == (200, "next", ("complete", None))
    assert result["errors"][0]["extensions"]["code"] == code


def test_what_is_wrong_with_the_request_is_told_by_its_status_and_json() -> None:
    malformed = ask("POST", "/graphql", content=b"{", headers={**EVENTS, "Content-Type": "application/json"})
    changing = ask("GET", "/graphql", params={"query": "mutation { change }"}, headers=EVENTS)
    headless = ask("HEAD", "/graphql", params={"query": "subscription { count(to: 1) }"}, headers=EVENTS)

    assert (malformed.status_code, malformed.headers["content-type"]) == (400, "application/json; charset=utf-8")
    assert malformed.json()["errors"][0]["extensions"]["code"] == "BAD_REQUEST"
    assert (changing.status_code, headless.status_code) == (405, 405)


@pytest.mark.parametrize("accept", ["application/json", "*/*", "text/event-stream;q=0, application/json"])
def test_a_subscription_for_who_takes_no_event_stream_is_refused(accept: str) -> None:
    response = post("subscription { count(to: 1) }", Accept=accept)

    assert response.status_code == 400
    assert "text/event-stream" in response.json()["errors"][0]["message"]


@pytest.mark.parametrize("accept", ["application/json, text/event-stream", "text/event-stream;q=0.1, */*"])
def test_who_takes_an_event_stream_too_gets_one_for_a_subscription_and_json_for_a_query(accept: str) -> None:
    subscription, query = post("subscription { count(to: 1) }", Accept=accept), post("{ echo }", Accept=accept)

    assert subscription.headers["content-type"].startswith("text/event-stream")
    assert query.json() == {"data": {"echo": "hello"}}


def test_each_result_tells_of_its_own_calls_to_who_asks() -> None:
    (_, result), *_ = read(post("subscription { count(to: 1) }", **{"X-Punnet-Trace": "1"}).content)

    assert result["extensions"]["trace"]["calls"] == []


def test_while_nothing_happens_there_is_a_heartbeat() -> None:
    async def go() -> list[str | None]:
        more = asyncio.Event()

        async def answers() -> AsyncGenerator[str, None]:
            yield "one"
            await more.wait()
            yield "two"

        heard: list[str | None] = []
        async for answer in with_heartbeats(answers(), 0.01):
            heard.append(answer)
            if heard.count(None) == 2:
                more.set()
        return heard

    heard = asyncio.run(go())

    assert heard[:3] == ["one", None, None]
    assert heard[-1] == "two"


async def streamed(hub: Hub, hang_up: asyncio.Event) -> list[Message]:
    """What a client is sent that subscribes and hangs up."""
    sent: list[Message] = []
    body = orjson.dumps({"query": "subscription { toyLevelReached { number } }"})
    messages = [{"type": "http.request", "body": body}]
    headers = [(b"content-type", b"application/json"), (b"accept", b"text/event-stream"), (b"host", b"localhost")]
    scope = {"type": "http", "method": "POST", "path": "/graphql", "query_string": b"", "headers": headers}

    async def receive() -> Message:
        if messages:
            return messages.pop()
        await hang_up.wait()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    await toy_app(hub=hub)({**scope, "root_path": ""}, receive, send)
    return sent


def test_a_client_that_hangs_up_ends_its_subscription() -> None:
    async def go() -> tuple[list[Message], Hub]:
        hub, hang_up = Hub(), asyncio.Event()
        streaming = asyncio.ensure_future(streamed(hub, hang_up))
        for _ in range(100):
            await asyncio.sleep(0)
        assert hub.subscribers == {"toy": 1}
        hang_up.set()
        return await streaming, hub

    with capture_logs() as lines:
        sent, hub = asyncio.run(go())

    assert [message.get("body") for message in sent] == [None, b":\n\n"]
    assert hub.subscribers == {}
    assert [line["status"] for line in lines] == [200]
