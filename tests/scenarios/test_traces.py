"""`extensions.trace`: what became of each upstream call, for who asks."""

import asyncio
from typing import Any

import httpx2

from connectors.sandbox.faults import Fault
from tests.gateway import Gateway, running

STOCK = "{ depot { stock(first: 2) { nodes { label } } } }"
JOINED = "{ stripe { customers(first: 5) { nodes { salesforceContact { githubUser { login } } } } } }"
TRACED = {"X-Punnet-Trace": "1"}


def asked(gateway: Gateway, query: str, **headers: str) -> dict[str, Any]:
    response = httpx2.post(f"{gateway.url}/graphql", json={"query": query}, headers={**TRACED, **headers}, timeout=60)
    body: dict[str, Any] = response.json()
    return body


def trace(gateway: Gateway, query: str, **headers: str) -> dict[str, Any]:
    found: dict[str, Any] = asked(gateway, query, **headers)["extensions"]["trace"]
    return found


def test_each_call_is_there_in_the_order_in_which_it_began_with_the_size_of_its_batch(gateway: Gateway) -> None:
    calls = trace(gateway, JOINED)["calls"]

    assert [(call["upstream"], call["operation"], call.get("keys")) for call in calls] == [
        ("stripe", "customers.list", None),
        ("salesforce", "query", 5),
        ("salesforce", "login", 5),
        ("github", "user", 5),
    ]
    assert all(call["outcome"] == "ok" and call["status"] == 200 and call["bytes"] > 50 for call in calls)
    first, second, login, third = [(call["startMs"], call["startMs"] + call["durationMs"]) for call in calls]
    assert first[1] <= second[0] <= login[0] <= login[1] <= second[1] <= third[0]


def test_attempts_waits_the_cache_and_refusals_show(gateway: Gateway) -> None:
    depot = gateway.sandboxes["depot"]
    depot.faults.add(Fault(operation="stock.list", status=503))
    (repeated,) = trace(gateway, STOCK)["calls"]
    depot.faults.add(Fault(operation="stock.list", status=400))
    (refused,) = trace(gateway, STOCK)["calls"]

    assert (repeated["attempts"], repeated["outcome"], repeated["cache"]) == (2, "ok", "miss")
    assert repeated["waitedMs"] <= repeated["durationMs"]
    assert (refused["outcome"], refused["status"], refused["reason"]) == ("rejected", 400, "HTTP 400")


def test_a_query_that_shares_another_ones_execution_says_so_and_shows_its_calls(gateway: Gateway) -> None:
    gateway.sandboxes["depot"].faults.add(Fault(operation="stock.list", latency_s=0.3))

    async def both() -> list[httpx2.Response]:
        async with httpx2.AsyncClient(base_url=gateway.url, headers=TRACED) as client:
            return await asyncio.gather(*(client.post("/graphql", json={"query": STOCK}) for _ in range(2)))

    traces = [response.json()["extensions"]["trace"] for response in asyncio.run(both())]
    assert sorted(one["shared"] for one in traces) == [False, True]
    assert traces[0]["calls"] == traces[1]["calls"]
    assert gateway.calls("depot") == ["stock.list"]


def test_an_answer_in_parts_has_all_its_calls_in_the_last_one(gateway: Gateway) -> None:
    query = "{ stripe { balance { livemode } } ... @defer { depot { stock(first: 1) { nodes { label } } } } }"

    headers = {**TRACED, "Accept": "multipart/mixed, application/json"}
    response = httpx2.post(f"{gateway.url}/graphql", json={"query": query}, headers=headers, timeout=60)

    first, *_, last = [part for part in response.text.split("\r\n") if part.startswith("{")]
    assert '"trace"' not in first
    assert '"stock.list"' in last
    assert '"balance.get"' in last


def test_nothing_is_there_unasked_and_the_operator_may_keep_it_from_clients() -> None:
    with running({"PUNNET_TRACE": "0"}) as gateway:
        assert "extensions" not in gateway.ask(STOCK)
        assert "extensions" not in asked(gateway, STOCK, **{"X-Punnet-Cache": "1"})
