"""Scenarios 21 and 25, and what else the cache promises to those who ask the gateway."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import pytest

from connectors.connector import discover
from connectors.policy import CachePolicy, OperationCache
from connectors.sandbox.faults import Fault
from connectors.upstream import Upstream
from tests.gateway import Gateway, running
from tests.plugged import plugged_in
from tests.redis import RedisServer, redis_server

STOCK = "{ depot { stock(first: 1) { nodes { label } } } }"
LABEL = {"depot": {"stock": {"nodes": [{"label": "Parcel 0"}]}}}
SEND = 'mutation { depotSendParcel(label: "One") { label } }'


def keeping(**rule: float) -> Upstream[Any]:
    """The depot, with a rule for its reads."""
    with plugged_in():
        depot = discover()["depot"]
    cache = CachePolicy(operations={"*": OperationCache(**rule)})  # type: ignore[arg-type]
    return replace(depot, policy=replace(depot.policy, cache=cache))


def saying(gateway: Gateway, **headers: str) -> None:
    """Have the depot's answers bear these headers."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    gateway.sandboxes["depot"].faults.clear()
    gateway.sandboxes["depot"].faults.add(Fault(times=None, headers=named))


def asked(gateway: Gateway, query: str = STOCK, operation: str = "stock.list") -> dict[str, Any]:
    """What `extensions.cache` has of one operation."""
    headers = {"X-Punnet-Cache": "1"}
    answer = httpx2.post(f"{gateway.url}/graphql", json={"query": query}, headers=headers, timeout=60).json()
    (told,) = [one for one in answer["extensions"]["cache"]["operations"] if one["operation"] == operation]
    assert (told.pop("upstream"), told.pop("operation")) == ("depot", operation)
    facts: dict[str, Any] = told
    return facts


def until(holds: Callable[[], bool]) -> None:
    for _ in range(500):
        if holds():
            return
        time.sleep(0.01)
    raise TimeoutError


@pytest.mark.parametrize("dead", [Fault(times=None, status=503), Fault(times=None, drop="request")])
def test_21_a_dead_upstreams_stale_data_is_served_inside_its_window_and_says_how_stale_it_is(
    gateway: Gateway, dead: Fault
) -> None:
    saying(gateway, Cache_Control="max-age=10, stale-if-error=100", Age="60")
    fresh = gateway.ask(STOCK)
    gateway.sandboxes["depot"].faults.clear()
    gateway.sandboxes["depot"].faults.add(dead)

    stale = gateway.ask(STOCK)

    assert fresh == {"data": LABEL}
    assert stale["data"] == LABEL
    assert "errors" not in stale
    told = stale["extensions"]["cache"]
    assert 50 <= told["staleS"] < 60
    (operation,) = told["operations"]
    assert 60 <= operation.pop("ageS") < 70
    assert operation == {
        "upstream": "depot",
        "operation": "stock.list",
        "hits": 1,
        "misses": 0,
        "staleS": told["staleS"],
    }


def test_21_while_the_circuit_is_open_stale_data_is_served_too(gateway: Gateway) -> None:
    saying(gateway, Cache_Control="max-age=0, stale-if-error=100")
    gateway.ask(STOCK)
    depot = gateway.sandboxes["depot"]
    depot.faults.clear()
    depot.faults.add(Fault(times=None, status=503))
    answers = [gateway.ask(STOCK) for _ in range(25)]
    seen = len(depot.calls)

    answers.append(gateway.ask(STOCK))

    assert all(answer["data"] == LABEL and "staleS" in answer["extensions"]["cache"] for answer in answers)
    assert len(depot.calls) == seen


def test_21_outside_its_window_stale_data_is_an_error(gateway: Gateway) -> None:
    saying(gateway, Cache_Control="max-age=10, stale-if-error=40", Age="60")
    gateway.ask(STOCK)
    gateway.sandboxes["depot"].faults.clear()
    gateway.sandboxes["depot"].faults.add(Fault(times=None, status=503))

    answer = gateway.ask(STOCK)

    assert answer["data"] == {"depot": {"stock": None}}
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["UPSTREAM_UNAVAILABLE"]
    assert "extensions" not in answer


def test_stale_data_is_served_at_once_while_it_is_refreshed(gateway: Gateway) -> None:
    saying(gateway, Cache_Control="max-age=10, stale-while-revalidate=100", Age="60")
    gateway.ask(STOCK)
    depot = gateway.sandboxes["depot"]
    saying(gateway, Cache_Control="max-age=10")

    stale = asked(gateway)

    until(lambda: len(depot.calls) == 2)
    assert stale["staleS"] >= 50
    until(lambda: "staleS" not in asked(gateway))
    assert asked(gateway)["hits"] == 1
    assert len(depot.calls) == 2


def test_what_came_from_the_cache_is_told_to_who_asks_and_to_nobody_else(tmp_path: Path) -> None:
    rules = tmp_path / "rules.toml"
    rules.write_text('[depot."stock.*"]\nttl_s = 60\n')
    with running({"PUNNET_CACHE_RULES": str(rules)}) as gateway:
        first, second = asked(gateway), asked(gateway)

        assert first == {"hits": 0, "misses": 1}
        assert 0 <= second.pop("ageS") < 10
        assert second == {"hits": 1, "misses": 0}
        assert gateway.ask(STOCK) == {"data": LABEL}


def test_25_identical_queries_of_all_replicas_on_a_cold_cache_are_one_upstream_call(redis: RedisServer) -> None:
    async def ask(*gateways: Gateway) -> list[dict[str, Any]]:
        limits = httpx2.Limits(max_connections=200)
        async with httpx2.AsyncClient(limits=limits, timeout=60) as client:
            urls = [f"{gateway.url}/graphql" for gateway in gateways for _ in range(100)]
            answers = await asyncio.gather(*(client.post(url, json={"query": STOCK}) for url in urls))
        return [answer.json() for answer in answers]

    with running({"PUNNET_REDIS_URL": redis.url}, depot=keeping(ttl_s=60)) as gateway, gateway.replica() as other:
        gateway.sandboxes["depot"].faults.add(Fault(operation="stock.list", latency_s=0.4))

        answers = asyncio.run(ask(gateway, other))

        assert answers == [{"data": LABEL}] * 200
        assert gateway.calls("depot") == ["stock.list"]


def test_a_mutation_throws_out_what_all_replicas_keep_of_its_upstream(redis: RedisServer) -> None:
    with running({"PUNNET_REDIS_URL": redis.url}, depot=keeping(ttl_s=60)) as gateway, gateway.replica() as other:
        uses = [(told["hits"], told["misses"]) for told in (asked(gateway), asked(other), asked(other))]
        gateway.data(SEND)

        assert uses == [(0, 1), (1, 0), (1, 0)]
        until(lambda: asked(other)["misses"] == 1)
        assert asked(gateway)["hits"] == 1
        assert gateway.calls("depot") == ["stock.list", "parcels.send", "stock.list"]


def test_a_gateway_with_other_credentials_is_given_nothing_that_replicas_keep(redis: RedisServer) -> None:
    with (
        running({"PUNNET_REDIS_URL": redis.url}, depot=keeping(ttl_s=60)) as gateway,
        gateway.replica({"DEPOT_TOKEN": "another-account"}) as stranger,
    ):
        uses = [(told["hits"], told["misses"]) for told in (asked(gateway), asked(stranger), asked(stranger))]

        assert uses == [(0, 1), (0, 1), (1, 0)]


def test_a_mutation_throws_out_what_it_changed_and_nothing_else() -> None:
    query = "{ depot { stock(first: 1) { nodes { nextAlone { label } } } } }"
    with running(depot=keeping(ttl_s=60)) as gateway:
        gateway.data(query)
        gateway.data(SEND)

        asked(gateway, query)

        assert gateway.calls("depot") == ["stock.list", "parcels.get", "parcels.send", "stock.list"]


def test_without_redis_replicas_go_on_as_if_they_were_alone() -> None:
    with redis_server() as server, running({"PUNNET_REDIS_URL": server.url}, depot=keeping(ttl_s=60)) as gateway:
        gateway.data(STOCK)
        server.kill()

        gateway.data(SEND)
        again = [asked(gateway) for _ in range(2)]

        assert [(told["hits"], told["misses"]) for told in again] == [(0, 1), (1, 0)]
