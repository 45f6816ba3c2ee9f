"""`/metrics`, as the parsers of prometheus_client read it."""

from collections.abc import Callable, Iterable
from os import getpid
from typing import Any

import httpx2
import pytest
from prometheus_client import Metric
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
from prometheus_client.parser import text_string_to_metric_families as plain

from connectors.sandbox.faults import Fault
from tests.gateway import Gateway
from tests.server.toy import ask, toy_app

STOCK = "{ depot { stock(first: %d) { nodes { label } } } }"
DEPOT = {"upstream": "depot", "operation": "stock.list"}

Families = Callable[[str], Iterable[Metric]]


def scraped(gateway: Gateway, accept: str = "text/plain", families: Families = plain) -> dict[str, Metric]:
    response = httpx2.get(f"{gateway.url}/metrics", headers={"Accept": accept}, timeout=60)
    assert response.status_code == 200
    assert response.headers["content-type"].startswith(accept)
    return {family.name: family for family in families(response.text)}


def value(found: dict[str, Metric], family: str, suffix: str = "_total", **labels: str) -> float:
    return sum(
        sample.value
        for sample in found[family].samples
        if sample.name == family + suffix and labels.items() <= sample.labels.items()
    )


def test_calls_retries_waits_and_the_circuit_are_counted_by_upstream_and_operation(gateway: Gateway) -> None:
    depot = gateway.sandboxes["depot"]
    gateway.data(STOCK % 1)
    depot.faults.add(Fault(operation="stock.list", status=503))
    gateway.data(STOCK % 2)
    depot.faults.add(Fault(operation="stock.list", times=None, status=503))
    for number in range(25):
        gateway.errors(STOCK % (3 + number))

    found = scraped(gateway)

    sent = sum(call.operation == "stock.list" for call in depot.calls)
    failed = value(found, "punnet_upstream_calls", **DEPOT, outcome="UPSTREAM_UNAVAILABLE") + value(
        found, "punnet_upstream_calls", **DEPOT, outcome="failed"
    )
    refused = value(found, "punnet_upstream_calls", **DEPOT, outcome="CIRCUIT_OPEN")
    assert value(found, "punnet_upstream_calls", **DEPOT, outcome="ok") == 2
    assert (failed + refused, refused > 0) == (25, True)
    assert value(found, "punnet_upstream_retries", **DEPOT) >= sent - 27
    assert value(found, "punnet_upstream_wait_seconds", **DEPOT) > 0
    assert value(found, "punnet_circuits", "", upstream="depot", state="open") == 1
    assert value(found, "punnet_circuits", "", upstream="stripe", state="open") == 0
    assert value(found, "punnet_circuits_opened", upstream="depot") == 1
    assert value(found, "punnet_upstream_calls_in_flight", "", upstream="depot") == 0


def test_durations_sizes_and_the_cache_are_those_of_the_calls_that_were_made(gateway: Gateway) -> None:
    gateway.sandboxes["depot"].faults.add(Fault(operation="stock.list", latency_s=0.3))
    gateway.data(STOCK % 1)

    found = scraped(gateway)

    spent = value(found, "punnet_upstream_call_duration_seconds", "_sum", **DEPOT)
    assert value(found, "punnet_upstream_call_duration_seconds", "_count", **DEPOT) == 1
    assert value(found, "punnet_upstream_call_duration_seconds", "_bucket", **DEPOT, le="0.25") == 0
    assert value(found, "punnet_upstream_call_duration_seconds", "_bucket", **DEPOT, le="5.0") == 1
    assert 0.3 < spent < value(found, "punnet_graphql_request_duration_seconds", "_sum", transport="http", kind="query")
    assert value(found, "punnet_upstream_answer_bytes", **DEPOT) > 20
    assert value(found, "punnet_upstream_cache", **DEPOT, result="miss") == 1


def test_requests_are_counted_by_kind_and_status_and_their_errors_by_code(gateway: Gateway) -> None:
    gateway.data(STOCK % 1)
    gateway.ask("{ nothing }")
    gateway.ask("mutation { depotSendParcel(label: 1) { label } }")
    gateway.sandboxes["depot"].faults.add(Fault(operation="parcels.send", status=400))
    gateway.ask('mutation { depotSendParcel(label: "One") { label } }')

    found = scraped(gateway)

    counts = {
        (sample.labels["kind"], sample.labels["status"]): sample.value
        for sample in found["punnet_graphql_requests"].samples
        if sample.name.endswith("_total")
    }
    assert counts == {("query", "200"): 1, ("unread", "200"): 2, ("mutation", "200"): 1}
    assert value(found, "punnet_graphql_errors", code="GRAPHQL_VALIDATION_FAILED") == 2
    assert value(found, "punnet_graphql_errors", code="UPSTREAM_REJECTED") == 1
    assert value(found, "punnet_graphql_requests_in_flight", "", transport="http") == 0


def test_credentials_that_were_fetched_are_counted(gateway: Gateway) -> None:
    gateway.data("{ salesforce { contacts(first: 1) { nodes { name } } } }")

    assert value(scraped(gateway), "punnet_credentials_fetched", upstream="salesforce") == 1


def test_each_of_several_workers_tells_of_itself_under_its_own_label() -> None:
    text = ask("GET", "/metrics", app=toy_app(workers=2, metrics=True)).text
    alone = ask("GET", "/metrics", app=toy_app(metrics=True)).text

    workers = {sample.labels.get("worker") for family in plain(text) for sample in family.samples}
    assert workers == {str(getpid())}
    assert "worker=" not in alone


def test_buckets_that_are_kept_for_each_channel_are_one_in_the_metrics(gateway: Gateway) -> None:
    for channel in ("C111", "C222"):
        gateway.ask(
            'mutation($id: ID!) { slackPostMessage(input: {channel: $id, text: "hi"}) { __typename } }', id=channel
        )

    samples = scraped(gateway)["punnet_upstream_calls_in_flight"].samples

    slack = {sample.labels["bucket"] for sample in samples if sample.labels["upstream"] == "slack"}
    assert "chat.postMessage" in slack
    assert not any("C111" in bucket or "C222" in bucket for bucket in slack)


def test_who_prefers_openmetrics_gets_the_same_in_it(gateway: Gateway) -> None:
    gateway.data(STOCK % 1)

    found = scraped(gateway, "application/openmetrics-text", openmetrics)

    assert value(found, "punnet_upstream_calls", **DEPOT, outcome="ok") == 1
    assert value(found, "process_resident_memory_bytes", "") > 1e6


@pytest.mark.parametrize(
    ("settings", "status"),
    [
        ({}, 200),
        ({"host": "127.0.0.1", "allowed_hosts": None}, 200),
        ({"allowed_hosts": "localhost,api.example"}, 404),
        ({"host": "0.0.0.0"}, 404),
        ({"host": "0.0.0.0", "metrics": True}, 200),
        ({"metrics": False}, 404),
    ],
)
def test_the_page_is_there_unasked_only_where_nobody_else_is_let_in(settings: dict[str, Any], status: int) -> None:
    given: dict[str, Any] = {"allowed_hosts": None, **settings}
    app = toy_app(**given)

    assert ask("GET", "/metrics", app=app).status_code == status
