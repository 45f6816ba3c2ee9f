"""Scenarios 14, 17 to 20 and 22: upstreams that refuse, that fail and that are slow, seen from a client."""

import asyncio
import math
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from email.utils import formatdate
from typing import Any

import httpx2
import orjson
import pytest

from connectors.policy import BreakerPolicy
from connectors.protocols.graphql.costs import by_cost
from connectors.providers.github.sandbox import GitHubSandbox
from connectors.sandbox.faults import Fault
from tests.depot.manifest import UPSTREAM as DEPOT
from tests.gateway import Gateway, running
from tests.redis import RedisServer


def stock(first: int = 1) -> str:
    """Queries that differ, so that they do not share one answer."""
    return f"{{ depot {{ stock(first: {first}) {{ nodes {{ label }} }} }} }}"


def at_once(gateway: Gateway, queries: Iterable[str]) -> list[tuple[float, dict[str, Any]]]:
    """Each answer, with the seconds it took."""

    async def ask() -> list[tuple[float, dict[str, Any]]]:
        async def one(query: str) -> tuple[float, dict[str, Any]]:
            began = time.monotonic()
            answer = await client.post("/graphql", json={"query": query})
            return time.monotonic() - began, answer.json()

        limits = httpx2.Limits(max_connections=100)
        async with httpx2.AsyncClient(base_url=gateway.url, limits=limits, timeout=60) as client:
            return await asyncio.gather(*(one(query) for query in queries))

    return asyncio.run(ask())


def timed(gateway: Gateway, query: str) -> float:
    """The seconds that a query takes, which must have no errors."""
    began = time.monotonic()
    gateway.data(query)
    return time.monotonic() - began


def until(seen: Callable[[], bool]) -> None:
    while not seen():
        time.sleep(0.01)


def code(answer: dict[str, Any]) -> str:
    return str(answer["errors"][0]["extensions"]["code"]) if "errors" in answer else "OK"


def test_14_a_session_that_ends_while_a_call_waits_is_renewed_for_the_next_attempt(gateway: Gateway) -> None:
    salesforce = gateway.sandboxes["salesforce"]
    salesforce.faults.add(Fault(operation="query", throttled_s=1))
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(gateway.data, "{ salesforce { contacts(first: 1) { nodes { name } } } }")
        until(lambda: "query" in gateway.calls("salesforce"))
        salesforce.expire()
        answer.result()

    assert gateway.calls("salesforce") == ["login", "query", "query", "login", "query"]


def test_17_a_throttled_upstream_is_left_alone_while_others_go_on(gateway: Gateway) -> None:
    depot, stripe = gateway.sandboxes["depot"], gateway.sandboxes["stripe"]
    depot.faults.add(Fault(operation="stock.list", throttled_s=2))
    with ThreadPoolExecutor(2) as pool:
        refused = pool.submit(gateway.ask, stock())
        until(lambda: bool(depot.calls))
        time.sleep(0.2)
        others = pool.submit(at_once, gateway, [stock(n) for n in range(2, 51)])
        gateway.data("{ stripe { balance { livemode } } }")
        time.sleep(0.7)
        assert (len(depot.calls), len(stripe.calls)) == (1, 1)

        answers = [refused.result(), *(answer for _, answer in others.result())]

    assert [code(answer) for answer in answers] == ["OK"] * 50
    assert len(depot.calls) == 51


def test_17_who_cannot_wait_that_long_is_told_when() -> None:
    with running({"PUNNET_REQUEST_TIMEOUT_S": "4"}) as gateway:
        depot = gateway.sandboxes["depot"]
        depot.faults.add(Fault(operation="stock.list", throttled_s=30))
        gateway.ask(stock())

        answers = at_once(gateway, [stock(n) for n in range(2, 51)])

        assert {code(answer) for _, answer in answers} == {"UPSTREAM_RATE_LIMITED"}
        assert all(answer["errors"][0]["extensions"]["retryAt"].endswith("Z") for _, answer in answers)
        assert max(took for took, _ in answers) < 3
        assert len(depot.calls) == 1


def test_17_replicas_respect_each_others_pauses(redis: RedisServer) -> None:
    with running({"PUNNET_REDIS_URL": redis.url}) as one, one.replica() as other:
        depot = one.sandboxes["depot"]
        depot.faults.add(Fault(operation="stock.list", throttled_s=2))
        with ThreadPoolExecutor(1) as pool:
            refused = pool.submit(one.ask, stock())
            until(lambda: bool(depot.calls))
            time.sleep(0.2)

            assert timed(other, stock(2)) > 1
            assert code(refused.result()) == "OK"
            assert len(depot.calls) == 3


def test_18_the_upstream_says_in_many_ways_how_long_to_wait(gateway: Gateway) -> None:
    forms: list[tuple[Callable[[float], dict[str, str]], float]] = [
        (lambda now: {"Retry-After": "1"}, 3),
        (lambda now: {"Retry-After": formatdate(math.ceil(now) + 1, usegmt=True)}, 4),
        (lambda now: {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(math.ceil(now) + 1)}, 4),
        (lambda now: {}, 3),
    ]
    for n, (headers, most_s) in enumerate(forms, start=1):
        fault = Fault(operation="stock.list", status=429, headers=headers(time.time()))
        gateway.sandboxes["depot"].faults.add(fault)

        assert 1 <= timed(gateway, stock(n)) < most_s
        assert len(gateway.calls("depot")) == 2 * n


def test_18_a_wait_longer_than_the_request_may_take_fails_fast_and_says_when(gateway: Gateway) -> None:
    gateway.sandboxes["depot"].faults.add(Fault(operation="stock.list", throttled_s=3600))
    began = time.monotonic()

    (error,) = gateway.errors(stock())

    assert time.monotonic() - began < 5
    assert error["extensions"]["code"] == "UPSTREAM_RATE_LIMITED"
    assert error["extensions"]["retryAt"].endswith("Z")


def test_19_the_rate_limit_that_github_tells_under_200_is_waited_for(gateway: Gateway) -> None:
    gateway.sandboxes["github"].faults.add(Fault(operation="viewer", throttled_s=1))

    assert 1 <= timed(gateway, "{ github { viewer { login } } }") < 4
    assert gateway.calls("github") == ["viewer", "viewer"]


def test_19_what_github_says_is_left_is_not_overdrawn(gateway: Gateway) -> None:
    queries = [f"{{ github {{ viewer {{ {field} }} }} }}" for field in ("id", "login", "name", "bio")]
    gateway.data(queries[0])
    gateway.sandbox("github", GitHubSandbox).points = 2

    answers = [gateway.ask(query) for query in queries[1:]]

    assert [code(answer) for answer in answers] == ["OK", "OK", "UPSTREAM_RATE_LIMITED"]
    assert answers[2]["errors"][0]["extensions"]["retryAt"].endswith("Z")
    assert gateway.calls("github") == ["viewer"] * 3


def test_19_a_query_that_shopify_throttles_waits_until_it_can_be_paid() -> None:
    bucket = {"maximumAvailable": 1000.0, "currentlyAvailable": 20, "restoreRate": 100.0}
    refusal = {
        "data": None,
        "errors": [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}],
        "extensions": {"cost": {"requestedQueryCost": 170, "throttleStatus": bucket}},
    }
    with running(depot=replace(DEPOT, judge=by_cost)) as gateway:
        fault = Fault(operation="stock.list", status=200, body=orjson.dumps(refusal).decode())
        gateway.sandboxes["depot"].faults.add(fault)

        assert 1.5 <= timed(gateway, stock()) < 4
        assert len(gateway.calls("depot")) == 2


def test_20_a_breaker_opens_at_its_rate_and_lets_so_many_probes_through_and_no_more() -> None:
    policy = replace(DEPOT.policy, timeout_s=5, breaker=BreakerPolicy(rate=0.5, volume=20, cooldown_s=1, probes=3))
    with running(depot=replace(DEPOT, policy=policy)) as gateway:
        depot = gateway.sandboxes["depot"]
        for turn in range(20):
            depot.faults.add(Fault(operation="stock.list", skip=2 * turn, times=3, status=503))
        codes: list[str] = []
        while "CIRCUIT_OPEN" not in codes:
            codes.append(code(gateway.ask(stock(len(codes) + 1))))
        seen = len(depot.calls)
        time.sleep(1.2)
        depot.faults.clear()
        depot.faults.add(Fault(operation="stock.list", times=None, latency_s=1.5))

        answers = at_once(gateway, [stock(n) for n in range(40, 60)])

        assert codes[0] == "UPSTREAM_UNAVAILABLE"
        assert seen == 21
        probes = [answer for _, answer in answers if code(answer) == "OK"]
        refused = [(took, answer) for took, answer in answers if code(answer) == "CIRCUIT_OPEN"]
        assert (len(probes), len(refused)) == (3, 17)
        assert max(took for took, _ in refused) < 1.5
        assert all("retryAt" in answer["errors"][0]["extensions"] for _, answer in refused)
        assert len(depot.calls) == seen + 3
        assert code(gateway.ask(stock(60))) == "OK"


def test_20_what_is_not_there_says_nothing_against_the_upstream(gateway: Gateway) -> None:
    depot = gateway.sandboxes["depot"]
    depot.faults.add(Fault(operation="parcels.get", times=None, status=404))
    for _ in range(3):
        gateway.errors("{ depot { stock(first: 20) { nodes { nextAlone { label } } } } }")
    depot.faults.clear()

    assert gateway.calls("depot").count("parcels.get") >= 40
    assert code(gateway.ask(stock())) == "OK"


def test_22_when_the_retry_budget_is_spent_nothing_is_tried_twice(gateway: Gateway) -> None:
    depot = gateway.sandboxes["depot"]
    depot.faults.add(Fault(operation="stock.list", times=None, status=503))
    tries = []
    for n in range(1, 9):
        before = len(depot.calls)
        gateway.errors(stock(n))
        tries.append(len(depot.calls) - before)

    assert tries == [3, 3, 3, 3, 3, 2, 1, 1]


def test_22_the_deadline_reaches_the_upstream_call() -> None:
    with running({"PUNNET_REQUEST_TIMEOUT_S": "0.3"}) as gateway:
        gateway.sandboxes["stripe"].faults.add(Fault(latency_s=5))

        ((took, answer),) = at_once(gateway, ["{ stripe { balance { livemode } } }"])

        assert code(answer) == "UPSTREAM_TIMEOUT"
        assert took < 4


def test_22_a_client_that_goes_away_cancels_its_calls(gateway: Gateway) -> None:
    gateway.sandboxes["stripe"].faults.add(Fault(times=None, status=503, latency_s=1))

    with pytest.raises(httpx2.ReadTimeout):
        httpx2.post(f"{gateway.url}/graphql", json={"query": "{ stripe { balance { livemode } } }"}, timeout=0.7)

    time.sleep(1.2)
    assert gateway.calls("stripe") == ["balance.get"]
