"""Subscriptions, as the clients that everyone uses see them: over a WebSocket and as Server-Sent Events."""

import asyncio
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import aclosing, contextmanager
from typing import Any
from urllib.parse import quote, urlsplit

import httpx2
import pytest

from connectors.call import Scope
from connectors.webhooks.delivery import Event
from connectors.webhooks.hub import Hub
from resolvers.context import Context
from resolvers.cursors import CursorCodec
from schema.compose import compose
from server.callers import Caller
from server.documents import Documents
from server.eventstream import COMPLETE
from server.operations import Operations
from server.requests import GraphQLRequest
from tests.clock import FakeClock
from tests.server.toy import ToyClient, ask, fields, toy_app
from tests.serving import served
from tests.subscriber import subscribed

LEVELS = "subscription($n: ID) { toyLevelReached(number: $n) { number below { number } } }"
WORDS = "subscription { toyWordSaid }"
CHANGES = "subscription { toyLevelChanged { number } }"

each_transport = pytest.mark.parametrize("transport", ["ws", "sse"])


def happen(url: str, type: str, **thing: Any) -> None:
    query = "mutation($type: String!, $thing: JSON!) { happen(type: $type, thing: $thing) }"
    answer = httpx2.post(f"{url}/graphql", json={"query": query, "variables": {"type": type, "thing": thing}})
    assert answer.json() == {"data": {"happen": True}}


@contextmanager
def not_reading(url: str, query: str) -> Iterator[socket.socket]:
    """A subscriber that has read nothing of what it is sent so far."""
    parts = urlsplit(url)
    with socket.create_connection((str(parts.hostname), int(parts.port or 0)), timeout=10) as connection:
        target = f"/graphql?query={quote(query)}"
        connection.sendall(f"GET {target} HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n".encode())
        yield connection


def until(holds: Callable[[], bool]) -> None:
    for _ in range(1000):
        if holds():
            return
        time.sleep(0.01)
    raise TimeoutError


@each_transport
def test_a_subscriber_gets_the_events_it_wants_with_what_it_selects(transport: str) -> None:
    hub = Hub()
    with served(toy_app(hub=hub)) as url, subscribed(transport, url, LEVELS, n="2", count=2) as subscriber:
        until(lambda: hub.subscribers["toy"] == 1)
        happen(url, "level.reached", number=1)
        happen(url, "level.reached")
        happen(url, "level.reached", number=2)
        happen(url, "level.left", number=2)

        results = [subscriber.next(), subscriber.next(), subscriber.next()]
        until(lambda: hub.subscribers["toy"] == 0)

    two = {"data": {"toyLevelReached": {"number": 2, "below": {"number": 3}}}}
    assert results == [two, two, {"ended": "completed"}]


@each_transport
def test_what_an_event_only_names_is_fetched_and_anew_for_each_event(transport: str) -> None:
    hub, client = Hub(), ToyClient()
    with served(toy_app(client, hub=hub)) as url, subscribed(transport, url, CHANGES) as subscriber:
        until(lambda: hub.subscribers["toy"] == 1)
        happen(url, "level.changed", name="roof")
        happen(url, "level.changed", name="roof")

        results = [subscriber.next(), subscriber.next()]

    assert results == [{"data": {"toyLevelChanged": {"number": 4}}}] * 2
    assert client.calls == ["roof", "roof"]


@each_transport
def test_an_error_is_told_as_in_a_query_and_the_next_event_comes_all_the_same(transport: str) -> None:
    hub = Hub()
    with served(toy_app(hub=hub)) as url, subscribed(transport, url, LEVELS) as subscriber:
        until(lambda: hub.subscribers["toy"] == 1)
        happen(url, "level.reached", secret="hunter2")
        happen(url, "level.reached", number=1)

        wrong, right = subscriber.next(), subscriber.next()

    assert wrong["data"] == {"toyLevelReached": None}
    assert wrong["errors"][0]["path"] == ["toyLevelReached"]
    assert wrong["errors"][0]["extensions"]["code"] == "INTERNAL_SERVER_ERROR"
    assert "hunter2" not in str(wrong)
    assert right["data"]["toyLevelReached"]["number"] == 1


@each_transport
def test_a_subscriber_that_vanishes_leaves_nothing_behind(transport: str) -> None:
    hub = Hub()
    with served(toy_app(hub=hub)) as url, subscribed(transport, url, LEVELS) as subscriber:
        until(lambda: hub.subscribers["toy"] == 1)
        subscriber.leave()

        until(lambda: hub.subscribers["toy"] == 0)


def test_a_subscriber_who_does_not_read_is_dropped_and_one_who_does_gets_everything() -> None:
    """Some events lie in the buffers of the sockets (a few MB), ten wait, and then there are too many."""
    hub, word, said = Hub(most_waiting=10), "x" * 500_000, 30
    with (
        served(toy_app(hub=hub)) as url,
        subscribed("sse", url, WORDS, count=said) as fast,
        not_reading(url, WORDS) as slow,
    ):
        until(lambda: hub.subscribers["toy"] == 2)
        for _ in range(said):
            happen(url, "word.said", word=word)
            assert fast.next() == {"data": {"toyWordSaid": word}}
        assert hub.dropped == {"toy": 1}

        told = b""
        while COMPLETE not in told:
            told += slow.recv(1_000_000)

    assert b'"SUBSCRIBER_TOO_SLOW"' in told
    assert 0 < told.count(word.encode()) < said


def test_each_event_has_a_deadline_of_its_own_however_long_the_subscription_has_been_there(clock: FakeClock) -> None:
    hub, scopes = Hub(), list[Scope]()
    documents = Documents()
    graph = compose([fields], ["toy"], [documents.extension])

    def context(caller: Caller) -> Context:
        scopes.append(Scope(deadline=clock.now() + 30))
        return Context({}, scopes[-1], CursorCodec(b"test"), hub=hub)

    async def go() -> list[Any]:
        operations = Operations(graph, documents, context)
        answers = operations.follow(operations.find(GraphQLRequest(WORDS)))
        async with aclosing(answers):
            coming = asyncio.ensure_future(anext(answers))
            await asyncio.sleep(0)
            clock.advance(100)
            await hub.publish(said("late"))
            first = await coming
            clock.advance(100)
            await hub.publish(said("later"))
            return [first.result, (await anext(answers)).result]

    began = clock.now()

    assert asyncio.run(go()) == [{"data": {"toyWordSaid": "late"}}, {"data": {"toyWordSaid": "later"}}]
    assert [scope.deadline - began for scope in scopes] == [30, 130, 230]


def test_who_follows_the_same_shares_the_execution_of_an_event_unless_they_are_others() -> None:
    hub, client, documents = Hub(), ToyClient(), Documents()
    graph = compose([fields], ["toy"], [documents.extension])
    connectors: Any = {ToyClient: client}

    def context(caller: Caller) -> Context:
        return Context(connectors, Scope(principal=caller.principal), CursorCodec(b"test"), hub=hub)

    async def go() -> list[Any]:
        operations = Operations(graph, documents, context)
        operation = operations.find(GraphQLRequest(CHANGES))
        callers = [Caller(principal=principal) for principal in ("ada", "ada", "ada", "bob")]
        following = [operations.follow(operation, caller) for caller in callers]
        coming = [asyncio.ensure_future(anext(answers)) for answers in following]
        await asyncio.sleep(0)
        await hub.publish(Event(provider="toy", id="1", type="level.changed", payload={"thing": {"name": "roof"}}))
        results = [answer.result for answer in await asyncio.gather(*coming)]
        for answers in following:
            await answers.aclose()
        return results

    assert asyncio.run(go()) == [{"data": {"toyLevelChanged": {"number": 4}}}] * 4
    assert client.calls == ["roof", "roof"]


def said(word: str) -> Event:
    return Event(provider="toy", id=word, type="word.said", payload={"thing": {"word": word}})


def test_what_each_event_would_cost_is_limited_when_the_subscription_begins() -> None:
    with (
        served(toy_app(max_upstream_calls=0)) as url,
        subscribed("ws", url, CHANGES) as one,
        subscribed("sse", url, CHANGES) as other,
    ):
        over_websocket, as_events, end = one.next(), other.next(), other.next()

    assert over_websocket["errors"][0]["extensions"]["code"] == "TOO_MANY_UPSTREAM_CALLS"
    assert as_events["errors"][0]["extensions"]["code"] == "TOO_MANY_UPSTREAM_CALLS"
    assert (over_websocket["ended"], end) == ("error", {"ended": "completed"})


def test_events_of_accounts_that_users_have_of_their_own_are_for_operators() -> None:
    app = toy_app(hub=Hub(private={"toy"}))

    answer = ask("POST", "/graphql", app=app, json={"query": LEVELS}, headers={"Accept": "text/event-stream"})

    assert '"code":"FORBIDDEN"' in answer.text
    assert answer.text.endswith("event: complete\ndata:\n\n")


def test_who_would_wait_in_vain_is_told_what_is_missing() -> None:
    app = toy_app(hub=Hub(unheard={"toy": "TOY_WEBHOOK_SECRET"}))

    answer = ask("POST", "/graphql", app=app, json={"query": LEVELS}, headers={"Accept": "text/event-stream"})

    assert '"code":"EVENTS_UNAVAILABLE"' in answer.text
    assert "TOY_WEBHOOK_SECRET" in answer.text
