"""The three sandboxes as a server of their own: `python -m benchmarks.sandboxes PORT LATENCY_MS`, and how to run it."""

import asyncio
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass

import httpx2
import uvicorn
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from benchmarks.processes import ended, free_port, pinned
from connectors.connector import discover
from connectors.sandbox.people import population
from connectors.sandbox.standalone import standalone

LATEST = "/_control/latest"
MOST_KEPT = 100


@dataclass
class Sent:
    """A request as it came, `target` being path and query, to be sent once more."""

    method: str
    target: str
    headers: list[tuple[str, str]]
    body: str = ""


class Distant:
    """An app that is as far away as `latency_s`, there and back. Its controls are near.

    Under `LATEST` are the latest requests, in the order in which they came.
    """

    def __init__(self, app: ASGIApp, latency_s: float) -> None:
        self._app = app
        self._latency_s = latency_s
        self._latest: deque[Sent] = deque(maxlen=MOST_KEPT)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] == LATEST:
            await JSONResponse([asdict(sent) for sent in self._latest])(scope, receive, send)
        elif scope["type"] == "http" and not scope["path"].startswith("/_control"):
            receive = self._noting(Request(scope), receive)
            await asyncio.sleep(self._latency_s)
            await self._app(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _noting(self, request: Request, receive: Receive) -> Receive:
        """`receive`, and what it gives is kept with the request."""
        target = str(request.url).removeprefix(str(request.base_url).rstrip("/"))
        sent = Sent(request.method, target, request.headers.items())
        self._latest.append(sent)

        async def noted() -> Message:
            message = await receive()
            sent.body += message.get("body", b"").decode()
            return message

        return noted


@dataclass(frozen=True)
class Sandboxes:
    """The sandboxes at work under `url`, each at its name."""

    url: str

    def environment(self) -> dict[str, str]:
        """What makes a gateway use them."""
        variables: dict[str, str] = {}
        for name, upstream in discover().items():
            variables |= {**upstream.sandbox_environment, upstream.base_url_variable: f"{self.url}/{name}"}
        return variables

    def calls(self) -> int:
        """How many calls they have seen since this was last asked."""
        seen = 0
        for name in discover():
            seen += len(httpx2.get(f"{self.url}/_control/{name}/calls").json())
            httpx2.delete(f"{self.url}/_control/{name}/calls")
        return seen

    def latest(self, count: int) -> list[Sent]:
        """The requests that came last."""
        return [Sent(**sent) for sent in httpx2.get(f"{self.url}{LATEST}").json()[-count:]]


@contextmanager
def sandboxes(core: int, latency_ms: int) -> Iterator[Sandboxes]:
    """The sandboxes on one core, at that distance."""
    port = free_port()
    command = [sys.executable, "-m", "benchmarks.sandboxes", str(port), str(latency_ms)]
    process = subprocess.Popen(pinned(command, core))
    try:
        there = Sandboxes(f"http://127.0.0.1:{port}")
        for _ in range(200):
            try:
                there.calls()
                break
            except httpx2.ConnectError:
                time.sleep(0.05)
        yield there
    finally:
        ended(process)


def main(port: int, latency_ms: int) -> None:
    people = population()
    app = standalone({name: upstream.sandbox(people) for name, upstream in discover().items()})
    uvicorn.run(Distant(app, latency_ms / 1000), port=port, log_level="error", access_log=False)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
