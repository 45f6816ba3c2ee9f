"""How long a client waits, as it says itself."""

import time
from typing import Any

import httpx2

from connectors.sandbox.faults import Fault
from tests.gateway import Gateway, running

TWO = "{ depot { stock(first: 1) { nodes { label } } } stripe { balance { livemode } } }"


def asked(gateway: Gateway, timeout: str) -> dict[str, Any]:
    headers = {"grpc-timeout": timeout}
    body: dict[str, Any] = httpx2.post(
        f"{gateway.url}/graphql", json={"query": TWO}, headers=headers, timeout=60
    ).json()
    return body


def test_the_clients_deadline_reaches_every_upstream_call_and_what_came_in_time_is_there(gateway: Gateway) -> None:
    depot, stripe = gateway.sandboxes["depot"], gateway.sandboxes["stripe"]
    depot.faults.add(Fault(operation="stock.list", times=None, latency_s=5))
    began = time.monotonic()

    answer = asked(gateway, "300m")

    assert time.monotonic() - began < 2
    assert (len(depot.calls), len(stripe.calls)) == (1, 1)
    assert answer["data"] == {"depot": {"stock": None}, "stripe": {"balance": {"livemode": False}}}
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["UPSTREAM_TIMEOUT"]


def test_a_client_cannot_wait_for_longer_than_the_gateway_does() -> None:
    with running({"PUNNET_REQUEST_TIMEOUT_S": "0.3"}) as gateway:
        depot, stripe = gateway.sandboxes["depot"], gateway.sandboxes["stripe"]
        depot.faults.add(Fault(operation="stock.list", times=None, latency_s=5))
        began = time.monotonic()

        answer = asked(gateway, "1H")

        assert time.monotonic() - began < 2
        assert (len(depot.calls), len(stripe.calls)) == (1, 1)
        assert [error["extensions"]["code"] for error in answer["errors"]] == ["UPSTREAM_TIMEOUT"]
