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
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from benchmarks.processes import ended, free_port, pinned
from connectors.connector import discover
from connectors.sandbox.people import population
from connectors.sandbox.standalone import standalone

LATEST = "/_control/latest"
MOST_KEPT = 100


@dataclass(frozen=True)
class Sent:
    """A request as it came, `target` being path and query, to be sent once more."""

    method: str
    target: str
    headers: list[tuple[str, str]]
    body: str


class Distant:
    """An app that is as far away as `latency_s`, there and back. Its controls are near.

    Under `LATEST` are the latest requests, in the order in which they came.
    """

    def __init__(self, app: ASGIApp, latency_s: float) -> None:
        self._app = app
        self._latency_s = latency_s
        self._latest: deque[tuple[Scope, list[bytes]]] = deque(maxlen=MOST_KEPT)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] == LATEST:
            await JSONResponse([asdict(sent_in(*kept)) for kept in self._latest])(scope, receive, send)
            return
        if scope["type"] == "http" and not scope["path"].startswith("/_control"):
            content: list[bytes] = []
            self._latest.append((dict(scope), content))
            receive = noting(receive, content)
            await asyncio.sleep(self._latency_s)
        await self._app(scope, receive, send)


def noting(receive: Receive, content: list[bytes]) -> Receive:
    """`receive`, whose content is noted."""

    async def noted() -> Message:
        message = await receive()
        content.append(message.get("body", b""))
        return message

    return noted


def sent_in(scope: Scope, content: list[bytes]) -> Sent:
    """The request that was `scope` and `content` when it came in."""
    target = scope["raw_path"] + b"?" * bool(scope["query_string"]) + scope["query_string"]
    headers = [(name.decode(), value.decode()) for name, value in scope["headers"]]
    return Sent(scope["method"], target.decode(), headers, b"".join(content).decode())


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
