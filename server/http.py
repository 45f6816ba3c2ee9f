"""GraphQL over HTTP: one ASGI app that answers on one path.

Source: https://graphql.github.io/graphql-over-http/draft/
"""

import asyncio
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import orjson
import structlog
from graphql import GraphQLError, OperationType
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from connectors.clock import Clock
from resolvers.errors import presented
from server import logs
from server.media import GRAPHQL_RESPONSE, HTML, JSON, preferred
from server.operations import Operation, Operations, Unexecutable, error
from server.requests import ClientGone, GraphQLRequest, Refused, from_body, from_query_string

T = TypeVar("T")

CLIENT_GONE = 499
"""What the log says of a request whose client did not wait. HTTP has no such status; nothing is sent."""


@dataclass(frozen=True)
class Reply:
    """An HTTP response, and for the log the operation it answers and the errors in it."""

    status: int
    result: dict[str, Any]
    headers: Mapping[str, str] = field(default_factory=dict)
    operation: Operation | None = None


class GraphQLOverHttp:
    """Queries by GET and POST, mutations by POST. `page`, where given, answers a GET that likes HTML best.

    A query whose client goes away is cancelled. A mutation is not: what is begun is brought to an end that is known.
    """

    def __init__(
        self, operations: Operations, clock: Clock, *, max_body_bytes: int, page: ASGIApp | None = None
    ) -> None:
        self._operations = operations
        self._clock = clock
        self._max_body_bytes = max_body_bytes
        self._page = page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        reading = scope["method"] in ("GET", "HEAD")
        offered = (JSON, GRAPHQL_RESPONSE, HTML) if reading and self._page else (JSON, GRAPHQL_RESPONSE)
        media_type = preferred(headers.get("accept", ""), offered)
        if media_type == HTML and self._page:
            await self._page(scope, receive, send)
            return
        request_id = logs.request_id(headers.get("x-request-id"))
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            began = self._clock.now()
            reply = await self._reply(scope, headers, receive, media_type)
            body, reply = _encoded(reply)
            if reply.status != CLIENT_GONE:
                fields = {"X-Request-Id": request_id, "Cache-Control": "no-store", **reply.headers}
                await _respond(send, reply.status, media_type or JSON, body, fields)
            logs.note(
                transport="http",
                status=reply.status,
                duration_s=self._clock.now() - began,
                errors=reply.result.get("errors", ()),
                operation=reply.operation,
            )

    async def _reply(self, scope: Scope, headers: Headers, receive: Receive, media_type: str | None) -> Reply:
        operation = None
        try:
            if media_type is None:
                message = f"Answers are {GRAPHQL_RESPONSE} or {JSON}, in UTF-8: accept one of them."
                raise Refused(406, message, code="NOT_ACCEPTABLE")
            request = await self._request(scope, headers, receive)
            operation = self._operations.find(request)
            _permit(scope["method"], operation)
            running = self._operations.run(operation)
            changes = operation.kind is OperationType.MUTATION
            answer = await (running if changes else _while_awaited(receive, running))
            return Reply(_status(answer.status, media_type), answer.result, operation=operation)
        except Unexecutable as fault:
            return Reply(_status(400, media_type), {"errors": fault.errors})
        except Refused as refused:
            errors = [error(refused.code, str(refused))]
            return Reply(refused.status, {"errors": errors}, refused.headers, operation)
        except ClientGone:
            return Reply(CLIENT_GONE, {}, operation=operation)
        except Exception as failure:
            return Reply(500, {"errors": [_unforeseen(failure)]}, operation=operation)

    async def _request(self, scope: Scope, headers: Headers, receive: Receive) -> GraphQLRequest:
        if scope["method"] == "POST":
            return await from_body(headers, receive, self._max_body_bytes)
        if scope["method"] in ("GET", "HEAD"):
            return from_query_string(scope["query_string"])
        message = f"{scope['method'][:20]} is no method of GraphQL: use POST, or GET for a query."
        raise Refused(405, message, code="METHOD_NOT_ALLOWED", headers={"Allow": "GET, POST"})


def _permit(method: str, operation: Operation) -> None:
    if operation.kind is OperationType.SUBSCRIPTION:
        raise Refused(400, "A subscription needs a WebSocket (graphql-transport-ws) on this path.")
    if operation.kind is OperationType.MUTATION and method != "POST":
        message = f"A mutation must be sent by POST, not by {method}."
        raise Refused(405, message, code="METHOD_NOT_ALLOWED", headers={"Allow": "POST"})


def _status(status: int, media_type: str | None) -> int:
    """Under the older media type, whatever is a GraphQL response has status 200, so that clients read it."""
    return 200 if media_type == JSON and status == 400 else status


async def _while_awaited(receive: Receive, work: Coroutine[Any, Any, T]) -> T:
    """The result of `work`, or `ClientGone` with `work` cancelled as soon as the client has hung up."""
    gone = False

    async def watch() -> None:
        nonlocal gone
        while (await receive())["type"] != "http.disconnect":
            pass
        gone = True
        worker.cancel()

    worker = asyncio.ensure_future(work)
    watcher = asyncio.create_task(watch())
    try:
        return await worker
    except asyncio.CancelledError:
        if gone:
            raise ClientGone from None
        raise
    finally:
        watcher.cancel()


def _encoded(reply: Reply) -> tuple[bytes, Reply]:
    try:
        return orjson.dumps(reply.result), reply
    except TypeError as failure:
        result = {"errors": [_unforeseen(failure)]}
        return orjson.dumps(result), Reply(500, result, operation=reply.operation)


def _unforeseen(failure: Exception) -> Any:
    return presented(GraphQLError("", original_error=failure))


async def _respond(send: Send, status: int, media_type: str, body: bytes, fields: Mapping[str, str]) -> None:
    headers = {"Content-Type": f"{media_type}; charset=utf-8", "Content-Length": str(len(body)), **fields}
    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": body})
