"""GraphQL over HTTP: one ASGI app that answers on one path.

Source: https://graphql.github.io/graphql-over-http/draft/
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Mapping, Sequence
from contextlib import aclosing, suppress
from math import inf
from typing import TypeVar

from graphql import GraphQLFormattedError, OperationType
from starlette.types import ASGIApp, Receive, Scope, Send

from server import logs
from server.callers import Caller
from server.eventstream import COMPLETE, HEARTBEAT, HEARTBEAT_S, UNBUFFERED, next_event, with_heartbeats
from server.incremental import MULTIPART, OPENING, framed
from server.media import EVENT_STREAM, GRAPHQL_RESPONSE, HTML, JSON, preferred, takes_events, takes_parts
from server.operations import Answer, Operation, Unexecutable, error, unforeseen, written
from server.replies import CLIENT_GONE, CONTENT_TYPES, NO_STORE, OFFERED, Reply, Response, response_of, status_under
from server.requests import (
    CACHE,
    FIELDS,
    PLAN,
    TRACE,
    ClientGone,
    Refused,
    from_query_string,
    header_fields,
    json_body,
)
from server.service import Service
from server.traced import at_last, cached, each, traced

T = TypeVar("T")

PATIENCE_S = 0.05
"""How long a query runs before we look whether its client is still there: most are over by then."""

OFFERED_WITH_PAGE = (JSON, GRAPHQL_RESPONSE, HTML, EVENT_STREAM)

TELLING = ((TRACE, traced), (CACHE, cached))
"""What is told of the calls of an execution to who asks for it by which header field."""


class GraphQLOverHttp:
    """Queries by GET and POST, mutations by POST, and subscriptions by both for who takes an event stream.

    `page`, where given, answers a GET that likes HTML best.

    With `explain`, who sends `X-Punnet-Plan: 1` is told what the operation asks of the upstreams, at most; with
    `trace`, who sends `X-Punnet-Trace: 1`, what it did ask and how that went, and who sends `X-Punnet-Cache: 1`, what
    came from the cache.
    A query whose client goes away is cancelled. A mutation is not: what is begun is brought to an end that is known.
    """

    def __init__(
        self,
        service: Service,
        *,
        page: ASGIApp | None = None,
        explain: bool = True,
        trace: bool = True,
    ) -> None:
        self._service = service
        self._page = page
        self._explain = explain
        self._trace = trace
        self._wanted = FIELDS | service.callers.fields

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        fields = header_fields(scope["headers"], self._wanted)
        accept = fields.get(b"accept", b"").decode("latin-1")
        reading = scope["method"] in ("GET", "HEAD")
        media_type = preferred(accept, OFFERED_WITH_PAGE if reading and self._page else OFFERED)
        if media_type == HTML and self._page:
            await self._page(scope, receive, send)
            return
        request_id = logs.request_id(fields.get(b"x-request-id", b"").decode("latin-1"))
        with logs.Answering(request_id):
            began = self._service.clock.now()
            self._service.journal.tally.in_flight += 1
            try:
                reply = await self._reply(scope, fields, receive, media_type, accept)
                errors = reply.answer.errors
                if reply.rest is not None:
                    errors = await _send_parts(reply, reply.rest, request_id, receive, send)
                elif reply.events is not None:
                    errors = await _send_events(reply, reply.events, request_id, receive, send)
                elif reply.status != CLIENT_GONE:
                    await _send(response_of(reply, request_id, media_type or JSON), send)
            finally:
                self._service.journal.tally.in_flight -= 1
            self._service.journal.note(
                reply.status, self._service.clock.now() - began, errors, reply.operation, reply.execution
            )

    async def _reply(
        self,
        scope: Scope,
        fields: Mapping[bytes, bytes],
        receive: Receive,
        media_type: str | None,
        accept: str,
    ) -> Reply:
        operation = None
        try:
            if media_type is None:
                kinds = f"{GRAPHQL_RESPONSE}, {JSON} or {EVENT_STREAM}"
                message = f"Answers are {kinds}, in UTF-8: accept one of them, and multipart/mixed beside it for parts."
                raise Refused(406, message, code="NOT_ACCEPTABLE")
            operation = await self._operation(scope, fields, receive)
            _permit(scope["method"], operation, accept)
            caller = self._service.callers.of(fields)
            telling = [tell for name, tell in TELLING if self._trace and fields.get(name) == b"1"]
            if operation.kind is OperationType.SUBSCRIPTION:
                events = self._service.operations.follow(operation, caller)
                for tell in telling:
                    events = each(events, tell)
                lasts_s = None if caller.expires_at == inf else max(0.0, caller.expires_at - self._service.clock.time())
                return Reply(200, written(200, {}), operation=operation, events=events, lasts_s=lasts_s)
            in_parts = operation.in_parts and takes_parts(accept)
            remembered = None if telling or in_parts else self._service.operations.recall(operation, caller)
            if remembered is not None:
                reply = Reply(remembered.status, remembered, operation=operation, execution="remembered")
            else:
                running = self._answer(operation, caller, media_type, in_parts)
                changes = operation.kind is OperationType.MUTATION
                reply = await (running if changes else _while_awaited(receive, running))
            if self._explain and fields.get(PLAN) == b"1":
                reply.answer = self._service.operations.explained(operation, reply.answer)
            for tell in telling:
                if reply.rest is None:
                    reply.answer = tell(reply.answer, reply.execution == "shared")
                else:
                    reply.rest = at_last(reply.rest, tell)
            return reply
        except Unexecutable as fault:
            return Reply(status_under(media_type, 400), written(400, {"errors": fault.errors}))
        except Refused as refused:
            errors = [error(refused.code, str(refused))]
            return Reply(refused.status, written(refused.status, {"errors": errors}), refused.headers, operation)
        except ClientGone:
            return Reply(CLIENT_GONE, written(CLIENT_GONE, {}), operation=operation)
        except Exception as failure:
            return Reply(500, unforeseen(failure), operation=operation)

    async def _answer(self, operation: Operation, caller: Caller, media_type: str, in_parts: bool) -> Reply:
        if not in_parts:
            answer, execution = await self._service.operations.run(operation, caller)
            return Reply(status_under(media_type, answer.status), answer, operation=operation, execution=execution)
        parts = self._service.operations.deliver(operation, caller)
        first = await anext(parts)
        if not first.more:
            await parts.aclose()
        status = status_under(media_type, first.status)
        return Reply(status, first, operation=operation, rest=parts if first.more else None)

    async def _operation(self, scope: Scope, fields: Mapping[bytes, bytes], receive: Receive) -> Operation:
        if scope["method"] == "POST":
            body = await json_body(fields, receive, self._service.max_body_bytes)
            return self._service.known.operation_in(body)
        if scope["method"] in ("GET", "HEAD"):
            return self._service.operations.find(from_query_string(scope["query_string"]))
        message = f"{scope['method'][:20]} is no method of GraphQL: use POST, or GET for a query."
        raise Refused(405, message, code="METHOD_NOT_ALLOWED", headers={"Allow": "GET, POST"})


def _permit(method: str, operation: Operation, accept: str) -> None:
    if operation.kind is OperationType.SUBSCRIPTION and not takes_events(accept):
        message = f"A subscription needs a WebSocket (graphql-transport-ws) on this path, or Accept: {EVENT_STREAM}."
        raise Refused(400, message)
    if operation.kind is OperationType.SUBSCRIPTION and method == "HEAD":
        message = "A subscription must be sent by POST or GET."
        raise Refused(405, message, code="METHOD_NOT_ALLOWED", headers={"Allow": "GET, POST"})
    if operation.kind is OperationType.MUTATION and method != "POST":
        message = f"A mutation must be sent by POST, not by {method}."
        raise Refused(405, message, code="METHOD_NOT_ALLOWED", headers={"Allow": "POST"})


async def _while_awaited(receive: Receive, work: Awaitable[T]) -> T:
    """The result of `work`, or `ClientGone` with `work` cancelled as soon as the client has hung up."""
    task = asyncio.current_task()
    assert task is not None
    loop = asyncio.get_running_loop()
    watcher: asyncio.Task[None] | None = None
    gone = False

    async def watch() -> None:
        nonlocal gone
        while (await receive())["type"] != "http.disconnect":
            pass
        gone = True
        task.cancel()

    def begin() -> None:
        nonlocal watcher
        watcher = loop.create_task(watch())

    patience = loop.call_later(PATIENCE_S, begin)
    try:
        return await work
    except asyncio.CancelledError:
        if gone and not task.uncancel():
            raise ClientGone from None
        raise
    finally:
        patience.cancel()
        if watcher:
            watcher.cancel()


async def _send(response: Response, send: Send) -> None:
    await send({"type": "http.response.start", "status": response.status, "headers": response.headers})
    await send({"type": "http.response.body", "body": response.body})


async def _send_parts(
    reply: Reply, rest: AsyncGenerator[Answer, None], request_id: str, receive: Receive, send: Send
) -> list[GraphQLFormattedError]:
    """Send one part after the other as they get ready. The errors in all of them."""
    errors = list(reply.answer.errors)
    headers = [(b"content-type", MULTIPART), (b"x-request-id", request_id.encode()), NO_STORE]

    async def deliver() -> None:
        await send({"type": "http.response.start", "status": reply.status, "headers": headers})
        await send({"type": "http.response.body", "body": OPENING + framed(reply.answer.body), "more_body": True})
        async for part in rest:
            errors.extend(part.errors)
            body = framed(part.body, last=not part.more)
            await send({"type": "http.response.body", "body": body, "more_body": part.more})

    try:
        async with aclosing(rest):
            await _while_awaited(receive, deliver())
    except ClientGone:
        reply.status = CLIENT_GONE
    return errors


async def _send_events(
    reply: Reply, events: AsyncGenerator[Answer, None], request_id: str, receive: Receive, send: Send
) -> Sequence[GraphQLFormattedError]:
    """Send each answer of a subscription as it comes, until it ends or the client goes. The errors in the last one.

    It ends with the token that its user has shown.
    """
    headers = [(b"content-type", CONTENT_TYPES[EVENT_STREAM]), (b"x-request-id", request_id.encode()), NO_STORE]

    async def deliver(answers: AsyncGenerator[Answer | None, None]) -> None:
        await send({"type": "http.response.start", "status": reply.status, "headers": [*headers, UNBUFFERED]})
        await send({"type": "http.response.body", "body": HEARTBEAT, "more_body": True})
        async for answer in answers:
            reply.answer = answer or reply.answer
            body = HEARTBEAT if answer is None else next_event(answer.body)
            await send({"type": "http.response.body", "body": body, "more_body": True})
        await send({"type": "http.response.body", "body": COMPLETE})

    try:
        async with aclosing(with_heartbeats(events, HEARTBEAT_S)) as answers, asyncio.timeout(reply.lasts_s):
            with suppress(ClientGone):
                await _while_awaited(receive, deliver(answers))
    except TimeoutError:
        expired = error("USER_TOKEN_EXPIRED", "The user's token has expired: subscribe again with a new one.")
        reply.answer = written(401, {"errors": [expired]})
        await send({"type": "http.response.body", "body": next_event(reply.answer.body) + COMPLETE})
    return reply.answer.errors
