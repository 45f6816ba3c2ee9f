"""`upstreams`: how each is doing, for operators and nobody else."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest

from connectors.sandbox.faults import Fault
from tests.gateway import Gateway, running

TOKEN = "operators-only-0123"
OPERATOR = {"Authorization": f"Bearer {TOKEN}"}
STOCK = "{ depot { stock(first: %d) { nodes { label } } } }"
STATE = """{ upstreams { name title standing calls credentialsFetched p50Ms p99Ms
  circuits { credential status opened } queues { credential bucket inFlight waiting pausedMs remaining }
  cache { ratio hits shared stale revalidated misses entries bytes }
  lastFailure { operation outcome reason at }
  operations { name retries waitedMs p50Ms p99Ms outcomes { outcome calls } } } }"""


@pytest.fixture
def operated() -> Iterator[Gateway]:
    with running({"PUNNET_OPERATOR_TOKEN": TOKEN}) as gateway:
        yield gateway


def asked(gateway: Gateway, query: str, headers: dict[str, str]) -> dict[str, Any]:
    body: dict[str, Any] = httpx2.post(
        f"{gateway.url}/graphql", json={"query": query}, headers=headers, timeout=60
    ).json()
    return body


def state(gateway: Gateway, name: str) -> dict[str, Any]:
    answer = asked(gateway, STATE, OPERATOR)
    assert "errors" not in answer, answer
    (found,) = [upstream for upstream in answer["data"]["upstreams"] if upstream["name"] == name]
    return dict(found)


def test_an_operator_sees_calls_durations_and_the_cache_of_every_upstream(operated: Gateway) -> None:
    operated.data(STOCK % 1)
    operated.sandboxes["depot"].faults.add(Fault(operation="stock.list", latency_s=0.3))
    operated.data(STOCK % 2)
    operated.data("{ salesforce { contacts(first: 1) { nodes { name } } } }")

    depot, salesforce = state(operated, "depot"), state(operated, "salesforce")

    assert (depot["title"], depot["standing"], depot["calls"]) == ("Depot", "REAL", 2)
    assert depot["p50Ms"] < 250 < depot["p99Ms"] <= 500
    assert depot["circuits"] == [{"credential": "app", "status": "CLOSED", "opened": 0}]
    assert (depot["cache"]["ratio"], depot["cache"]["misses"]) == (0.0, 2)
    assert depot["lastFailure"] is None
    (operation,) = depot["operations"]
    assert (operation["name"], operation["outcomes"]) == ("stock.list", [{"outcome": "ok", "calls": 2}])
    assert salesforce["credentialsFetched"] == 1
    assert {operation["name"] for operation in salesforce["operations"]} == {"login", "query"}


def test_a_failing_upstream_shows_its_last_failure_and_its_open_circuit(operated: Gateway) -> None:
    operated.sandboxes["depot"].faults.add(Fault(operation="stock.list", times=None, status=503))
    for number in range(30):
        operated.errors(STOCK % (1 + number))

    depot = state(operated, "depot")

    assert [(circuit["status"], circuit["opened"]) for circuit in depot["circuits"]] == [("OPEN", 1)]
    assert depot["lastFailure"]["outcome"] == "CIRCUIT_OPEN"
    ended = datetime.fromisoformat(depot["lastFailure"]["at"])
    assert timedelta(0) <= datetime.now(UTC) - ended < timedelta(minutes=1)
    assert depot["operations"][0]["retries"] > 0


def test_a_throttled_upstream_shows_who_waits_and_for_how_long(operated: Gateway) -> None:
    operated.sandboxes["depot"].faults.add(Fault(operation="stock.list", throttled_s=60))
    operated.errors(STOCK % 1)

    (queue,) = state(operated, "depot")["queues"]

    assert (queue["bucket"], queue["inFlight"], queue["waiting"]) == ("default", 0, 0)
    assert 50_000 < queue["pausedMs"] <= 60_000


def test_an_answer_that_was_kept_shows_as_spared(operated: Gateway) -> None:
    fresh = Fault(operation="stock.list", times=None, headers={"Cache-Control": "max-age=60"})
    operated.sandboxes["depot"].faults.add(fresh)
    operated.data(STOCK % 1)
    operated.data((STOCK % 1).replace("label", "id label"))

    cache = state(operated, "depot")["cache"]

    assert (cache["ratio"], cache["hits"], cache["misses"], cache["entries"]) == (0.5, 1, 1, 1)
    assert cache["bytes"] > 100


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer operators-only-0124"}, {"Authorization": TOKEN}])
def test_nobody_else_sees_anything(operated: Gateway, headers: dict[str, str]) -> None:
    answer = asked(operated, STATE, headers)

    assert answer["data"] == {"upstreams": None}
    (error,) = answer["errors"]
    assert error["extensions"]["code"] == "FORBIDDEN"
    assert TOKEN not in str(answer)


def test_who_asks_at_the_same_time_as_an_operator_does_not_get_the_operators_answer(operated: Gateway) -> None:
    operated.sandboxes["depot"].faults.add(Fault(operation="stock.list", times=None, latency_s=0.3))
    query = "{ depot { stock(first: 1) { nodes { label } } } upstreams { name } }"

    async def together() -> list[httpx2.Response]:
        async with httpx2.AsyncClient(base_url=operated.url) as client:
            asking = (client.post("/graphql", json={"query": query}, headers=headers) for headers in (OPERATOR, {}))
            return await asyncio.gather(*asking)

    operators, others = (response.json() for response in asyncio.run(together()))
    assert len(operators["data"]["upstreams"]) > 3
    assert others["data"]["upstreams"] is None


def test_without_a_token_the_graph_does_not_have_it(gateway: Gateway) -> None:
    (error,) = asked(gateway, "{ upstreams { name } }", OPERATOR)["errors"]

    assert error["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"


def test_metrics_that_are_closed_open_to_operators() -> None:
    with running({"PUNNET_OPERATOR_TOKEN": TOKEN, "PUNNET_METRICS": "0"}) as gateway:
        shown = httpx2.get(f"{gateway.url}/metrics", headers=OPERATOR, timeout=60)
        hidden = httpx2.get(f"{gateway.url}/metrics", timeout=60)

    assert (shown.status_code, hidden.status_code, hidden.headers["WWW-Authenticate"]) == (200, 401, "Bearer")
    assert "punnet_" in shown.text
    assert "punnet_" not in hidden.text
