"""OpenTelemetry spans of GraphQL operations. Imported only where tracing is on.

A span has no document and no variables: literals and values may be what nobody should read.
Source: https://opentelemetry.io/docs/specs/semconv/graphql/graphql-spans/
"""

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from graphql import GraphQLFormattedError
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind, Status, StatusCode, get_current_span
from starlette.types import ASGIApp, Receive, Scope, Send

from connectors.spans import W3C, Spans
from server.operations import Execution, Operation

W3C_FIELDS = frozenset(field.encode() for field in W3C.fields)


class Tracing:
    """Where spans are made, and what sends them on. `calls` makes those of upstream calls."""

    def __init__(self, provider: TracerProvider) -> None:
        self._provider = provider
        self._tracer = provider.get_tracer("punnet")
        self.calls = Spans(self._tracer)

    async def close(self) -> None:
        """Send what has not been sent yet."""
        await asyncio.to_thread(self._provider.shutdown)

    @contextmanager
    def serving(self, headers: Iterable[tuple[bytes, bytes]] = ()) -> Iterator[None]:
        """A block that serves one operation has a span, below the one that the client's `headers` name."""
        carrier = {name.decode("latin-1"): value.decode("latin-1") for name, value in headers if name in W3C_FIELDS}
        with self._tracer.start_as_current_span(
            "GraphQL Operation", context=W3C.extract(carrier), kind=SpanKind.SERVER, record_exception=False
        ):
            yield

    def around(self, app: ASGIApp) -> ASGIApp:
        """`app`, each request of which is served under a span."""

        async def traced(scope: Scope, receive: Receive, send: Send) -> None:
            with self.serving(scope["headers"]):
                await app(scope, receive, send)

        return traced

    def note(
        self, status: int, errors: Sequence[GraphQLFormattedError], operation: Operation | None, execution: Execution
    ) -> None:
        """What the current span is about, and how that went."""
        span = get_current_span()
        if operation:
            span.update_name(operation.type)
            span.set_attribute("graphql.operation.type", operation.type)
            if operation.name:
                span.set_attribute("graphql.operation.name", operation.name[:100])
        span.set_attribute("http.response.status_code", status)
        if execution != "own":
            span.set_attribute("punnet.execution", execution)
        if errors:
            codes = sorted({str(error["extensions"]["code"]) for error in errors})
            span.set_attribute("punnet.errors", codes)
            if status >= 500 or any("upstream" in error["extensions"] for error in errors):
                span.set_status(Status(StatusCode.ERROR))


def exported(endpoint: str, environment: Mapping[str, str]) -> Tracing:
    """Tracing whose spans go to `endpoint` by OTLP over HTTP. The SDK reads everything else from its own variables."""
    named = environment.get("OTEL_SERVICE_NAME") or "service.name=" in environment.get("OTEL_RESOURCE_ATTRIBUTES", "")
    provider = TracerProvider(resource=Resource.create({} if named else {SERVICE_NAME: "punnet"}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=endpoint)))
    return Tracing(provider)
