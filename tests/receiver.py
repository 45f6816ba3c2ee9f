"""A receiver of webhooks: it answers what a test says and keeps what came, for the public library to verify."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send


@dataclass(frozen=True)
class Received:
    """One request: its path with the query, headers in lower case, and the very bytes of its body."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def json(self) -> Any:
        return orjson.loads(self.body)


@dataclass(frozen=True)
class Says:
    """An answer; a status of 0 is none, for as long as the sender waits."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


class Receiver:
    """An ASGI app. Each request gets the next of the `answers`, the last one for ever, after `latency_s`."""

    def __init__(self, *answers: Says, latency_s: float = 0.0) -> None:
        self.answers = list(answers or [Says()])
        self.latency_s = latency_s
        self.received: list[Received] = []

    @property
    def ids(self) -> Counter[str]:
        """How often each message came."""
        return Counter(one.id for one in self.received)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        path = f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path
        self.received.append(Received(path, dict(request.headers), await request.body()))
        says = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if not says.status:
            await receive()  # that the sender has gone
            return
        await asyncio.sleep(self.latency_s)
        await Response(status_code=says.status, headers=dict(says.headers))(scope, receive, send)
