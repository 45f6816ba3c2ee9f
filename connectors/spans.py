"""OpenTelemetry spans of upstream calls. Imported only where tracing is on.

A span is a call with all its attempts and waits. It has no URL: paths and queries may hold what nobody should read.
Source: https://opentelemetry.io/docs/specs/semconv/http/http-spans/#http-client-span
"""

from contextvars import Token

import httpx2
from opentelemetry.context import Context, attach, detach
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, Tracer, set_span_in_context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from connectors.call import Record, Send
from connectors.request import rebuilt

W3C = TraceContextTextMapPropagator()
"""Trace contexts on the wire: https://www.w3.org/TR/trace-context/. Baggage stays where it is."""


class Spans:
    """Makes the spans of one process's calls."""

    def __init__(self, tracer: Tracer) -> None:
        self._tracer = tracer

    def begin(self, request: httpx2.Request, record: Record) -> "CallSpan":
        """A span below the current one, and the current one itself until it ends."""
        attributes: dict[str, str | int] = {
            "http.request.method": request.method,
            "server.address": request.url.host,
            "punnet.upstream": record.upstream,
            "punnet.operation": record.operation,
        }
        if request.url.port:
            attributes["server.port"] = request.url.port
        name = f"{request.method} {record.operation}"
        span = self._tracer.start_span(name, kind=SpanKind.CLIENT, attributes=attributes)
        return CallSpan(span)

    def passing_on(self, wire: Send) -> Send:
        """A wire that tells the upstream which trace its requests belong to."""

        async def send(request: httpx2.Request) -> httpx2.Response:
            headers: dict[str, str] = {}
            W3C.inject(headers)
            return await wire(rebuilt(request, headers=headers))

        return send


class CallSpan:
    """The span of a call that is under way. To be ended by the task that began it."""

    __slots__ = ("_before", "_span")

    def __init__(self, span: Span) -> None:
        self._span = span
        self._before: Token[Context] = attach(set_span_in_context(span))

    def end(self, record: Record) -> None:
        """The call is over, as `record` says."""
        detach(self._before)
        attributes: dict[str, str | int | float] = {
            "punnet.outcome": record.outcome,
            "punnet.cache": record.cache,
            "punnet.attempts": record.attempts,
            "punnet.waited_ms": round(record.waited_s * 1000, 1),
        }
        if record.status is not None:
            attributes["http.response.status_code"] = record.status
        if record.bytes is not None:
            attributes["http.response.body.size"] = record.bytes
        if record.attempts > 1:
            attributes["http.request.resend_count"] = record.attempts - 1
        if record.keys is not None:
            attributes["punnet.keys"] = record.keys
        if record.outcome != "ok":
            attributes["error.type"] = record.reason or record.outcome
            self._span.set_status(Status(StatusCode.ERROR))
        self._span.set_attributes(attributes)
        self._span.end()
