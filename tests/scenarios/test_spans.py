"""OpenTelemetry spans, as a collector receives them by OTLP."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import httpx2
import pytest
from gql import Client, gql
from gql.transport.websockets import WebsocketsTransport
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.routing import Route

from app import create_app
from connectors.connector import ConfigurationError
from connectors.sandbox.faults import Fault
from resolvers import nodes
from server.tracing import traces_endpoint, tracing_from
from tests.collector import Collector, attributes, collecting
from tests.depot.fields import fields as depot_fields
from tests.depot.manifest import UPSTREAM as DEPOT
from tests.depot.sandbox import DepotSandbox
from tests.gateway import Gateway, running
from tests.serving import served

JOINED = "query Joined { stripe { customers(first: 3) { nodes { salesforceContact { title } } } } }"
STOCK = "{ depot { stock(first: 1) { nodes { label } } } }"

TRACE_ID, PARENT_ID = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
TRACEPARENT = {"traceparent": f"00-{TRACE_ID}-{PARENT_ID}-01", "tracestate": "vendor=1"}
"""The example of https://www.w3.org/TR/trace-context/#traceparent-header"""


@contextmanager
def traced(collector: Collector) -> Iterator[Gateway]:
    """A gateway whose spans the collector has once it has stopped."""
    with running({"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url}) as gateway:
        yield gateway


def one(spans: list[Span]) -> Span:
    (span,) = spans
    return span


def test_each_upstream_call_is_a_client_span_below_that_of_the_operation() -> None:
    with collecting() as collector:
        with traced(collector) as gateway:
            gateway.data(JOINED)

        served, called = one(collector.named("query")), one(collector.named("GET customers.list"))
    assert (served.kind, called.kind) == (Span.SPAN_KIND_SERVER, Span.SPAN_KIND_CLIENT)
    assert (called.trace_id, called.parent_span_id) == (served.trace_id, served.span_id)
    assert one(collector.named("POST query")).parent_span_id == served.span_id
    assert attributes(served) == {
        "graphql.operation.type": "query",
        "graphql.operation.name": "Joined",
        "http.response.status_code": 200,
    }
    facts = attributes(called)
    assert facts["server.address"] == "127.0.0.1"
    assert (facts["punnet.upstream"], facts["punnet.operation"]) == ("stripe", "customers.list")
    assert (facts["http.response.status_code"], facts["punnet.cache"], facts["punnet.attempts"]) == (200, "miss", 1)
    assert served.start_time_unix_nano <= called.start_time_unix_nano
    assert called.end_time_unix_nano <= served.end_time_unix_nano
    resource = collector.exports[0].resource_spans[0].resource
    assert attributes(resource)["service.name"] == "punnet"


def test_a_failure_marks_both_spans_and_a_clients_mistake_none() -> None:
    with collecting() as collector:
        with traced(collector) as gateway:
            gateway.sandboxes["depot"].faults.add(Fault(operation="stock.list", times=3, status=503))
            gateway.errors(STOCK)
            gateway.errors("{ nothing }")

        called = one(collector.named("GET stock.list"))
        served, wrong = one(collector.named("query")), one(collector.named("GraphQL Operation"))
    assert called.status.code == served.status.code == Status.STATUS_CODE_ERROR
    assert attributes(called)["error.type"] == "HTTP 503"
    assert attributes(called)["http.request.resend_count"] == 2
    assert wrong.status.code == Status.STATUS_CODE_UNSET


class ListeningDepot(DepotSandbox):
    """A depot that remembers the last headers it saw."""

    headers: Headers

    async def operation(self, request: Request, route: Route) -> str:
        ListeningDepot.headers = request.headers
        return await super().operation(request, route)


@pytest.mark.parametrize("propagate", [True, False])
def test_the_clients_trace_goes_on_here_and_further_only_where_the_manifest_says_so(propagate: bool) -> None:
    upstreams = {"depot": replace(DEPOT, sandbox=ListeningDepot, propagate=propagate)}
    with collecting() as collector:
        environment = {"PUNNET_SANDBOX": "1", "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url}
        with served(create_app(environment, upstreams=upstreams, modules=[nodes.fields, depot_fields])) as url:
            httpx2.post(f"{url}/graphql", json={"query": STOCK}, headers=TRACEPARENT, timeout=60)

        operation, call = one(collector.named("query")), one(collector.named("GET stock.list"))
    assert (operation.trace_id.hex(), operation.parent_span_id.hex()) == (TRACE_ID, PARENT_ID)
    passed_on = (ListeningDepot.headers.get("traceparent"), ListeningDepot.headers.get("tracestate"))
    expected = (f"00-{TRACE_ID}-{call.span_id.hex()}-01", TRACEPARENT["tracestate"])
    assert passed_on == (expected if propagate else (None, None))


def test_a_trace_that_goes_on_upstream_does_not_keep_reads_from_sharing_an_answer() -> None:
    depot = ListeningDepot(())
    upstreams = {"depot": replace(DEPOT, sandbox=lambda people: depot, propagate=True)}
    depot.faults.add(Fault(operation="stock.list", latency_s=0.3))
    queries = [STOCK, STOCK.replace("label", "id")]

    async def both(url: str) -> None:
        async with httpx2.AsyncClient(base_url=url) as client:
            await asyncio.gather(*(client.post("/graphql", json={"query": query}) for query in queries))

    with collecting() as collector:
        environment = {"PUNNET_SANDBOX": "1", "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url}
        with served(create_app(environment, upstreams=upstreams, modules=[nodes.fields, depot_fields])) as url:
            asyncio.run(both(url))

    assert len(depot.calls) == 1
    assert sorted(attributes(span)["punnet.cache"] for span in collector.named("GET stock.list")) == ["miss", "shared"]


def test_operations_over_a_websocket_have_spans_of_their_own_in_the_trace_of_whoever_opened_it() -> None:
    async def asked(url: str) -> None:
        address = f"{url.replace('http', 'ws', 1)}/graphql"
        protocols = [WebsocketsTransport.GRAPHQLWS_SUBPROTOCOL]
        transport = WebsocketsTransport(url=address, subprotocols=protocols, headers=TRACEPARENT)
        async with Client(transport=transport) as session:
            await session.execute(gql(STOCK))
            await session.execute(gql("{ __typename }"))

    with collecting() as collector, traced(collector) as gateway:
        asyncio.run(asked(gateway.url))

    operations, call = collector.named("query"), one(collector.named("GET stock.list"))
    parents = [(operation.trace_id.hex(), operation.parent_span_id.hex()) for operation in operations]
    assert parents == [(TRACE_ID, PARENT_ID)] * 2
    assert call.parent_span_id == operations[0].span_id


@pytest.mark.parametrize(
    ("variables", "endpoint"),
    [
        ({}, None),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318/"}, "http://c:4318/v1/traces"),
        (
            {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://c/in", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://d"},
            "http://c/in",
        ),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c", "OTEL_SDK_DISABLED": "true"}, None),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c", "OTEL_TRACES_EXPORTER": "none"}, None),
    ],
)
def test_the_standard_variables_say_where_spans_go(variables: dict[str, str], endpoint: str | None) -> None:
    assert traces_endpoint(variables) == endpoint


def test_a_protocol_that_is_not_spoken_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="OTEL_EXPORTER_OTLP_PROTOCOL"):
        tracing_from({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"})
