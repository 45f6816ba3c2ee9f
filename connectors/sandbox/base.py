"""The frame of every sandbox: an ASGI app that knows its operations, counts its calls and misbehaves when told to."""

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import cast

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route
from starlette.types import Receive, Scope, Send

from connectors.sandbox.authorization import AuthorizationServer
from connectors.sandbox.faults import Fault, Faults

Handler = Callable[[Request], Awaitable[Response]]

MOST_CALLS_KEPT = 10_000


class ConnectionDropped(Exception):
    """The sandbox hangs up instead of answering."""


@dataclass(frozen=True)
class SeenCall:
    """A call as the sandbox saw it. `query` is the raw query string, `body` the raw body; headers are not kept."""

    operation: str
    method: str
    path: str
    query: str
    body: bytes


class Sandbox(ABC):
    """One emulated upstream. A subclass gives `routes` (a route's `name` is its operation) and its dialect of errors.

    `calls` lists the calls seen, spoiled ones too; of very many only the latest are kept, 5,000 at least. A call of an
    operation it does not know gets `failure(404)`. `time` is its clock, in Unix seconds. `authorization` is where users
    agree that an app acts for them, where they can.
    """

    authorization: AuthorizationServer | None = None

    def __init__(self) -> None:
        self.faults = Faults()
        self.calls: list[SeenCall] = []
        self.time: Callable[[], float] = time.time

    @property
    @abstractmethod
    def routes(self) -> Sequence[Route]:
        """Where the operations are."""

    @abstractmethod
    def failure(self, status: int) -> Response:
        """How this upstream answers with an error of that HTTP status (its own body, its own headers)."""

    @abstractmethod
    def throttled(self, retry_after_s: float) -> Response:
        """How this upstream says that it is asked too often."""

    @abstractmethod
    def expire(self) -> Response | None:
        """Invalidate all tokens given out, or, where tokens never expire, answer as if this one had."""

    async def operation(self, request: Request, route: Route) -> str:
        """The name of the operation that a request asks for; one-address protocols look into the body."""
        return route.name

    def seen(self, operation: str) -> int:
        """How many of the `calls` were of `operation`."""
        return sum(call.operation == operation for call in self.calls)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.authorization:
            self.authorization.end_what_is_over()
        request = Request(scope, receive)
        body = await request.body()
        route = self._route(scope)
        operation = await self.operation(request, route) if route else "unknown"
        self.calls.append(SeenCall(operation, request.method, request.url.path, request.url.query, body))
        if len(self.calls) > MOST_CALLS_KEPT:
            del self.calls[: MOST_CALLS_KEPT // 2]
        fault = self.faults.take(operation)
        answer = self._answer(request, route)
        response = await (answer() if fault is None else self._spoiled(fault, answer))
        await response(scope, receive, send)

    def _route(self, scope: Scope) -> Route | None:
        users: Sequence[Route] = self.authorization.routes if self.authorization else ()
        for route in (*users, *self.routes):
            match, child_scope = route.matches(scope)
            if match is Match.FULL:
                scope.update(child_scope)
                return route
        return None

    def _answer(self, request: Request, route: Route | None) -> Callable[[], Awaitable[Response]]:
        async def answer() -> Response:
            return self.failure(404) if route is None else await cast(Handler, route.endpoint)(request)

        return answer

    async def _spoiled(self, fault: Fault, answer: Callable[[], Awaitable[Response]]) -> Response:
        if fault.latency_s:
            await asyncio.sleep(fault.latency_s)
        if fault.drop == "request":
            raise ConnectionDropped
        refusal = self.expire() if fault.expired else None
        if refusal is not None:
            response = refusal
        elif fault.throttled_s is not None:
            response = self.throttled(fault.throttled_s)
        elif fault.status is not None:
            response = self.failure(fault.status)
            if fault.body is not None:
                response = Response(fault.body, fault.status, media_type=response.media_type)
        else:
            response = await answer()
        if fault.drop == "answer":
            raise ConnectionDropped
        if fault.malformed:
            cut = bytes(response.body)[: len(response.body) // 2]
            response = Response(cut, response.status_code, media_type=response.headers.get("content-type"))
        response.headers.update(fault.headers)
        return response
