"""Load: a fixed number of requests by a generator of our own, or a fixed time by `wrk` where it is there.

A fixed number is what CPU and upstream calls are counted over: when it ends, nothing is left half done.
"""

import asyncio
import json
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle
from types import MappingProxyType
from typing import cast
from urllib.parse import urlsplit

from benchmarks.processes import pinned

LOAD_CORE = 1
PATIENCE_S = 120.0


@dataclass(frozen=True)
class Outcome:
    """What was answered, in how many seconds; latencies in ms. `failed` counts answers that were not status 200."""

    requests: int
    seconds: float
    p50_ms: float
    p99_ms: float
    failed: int = 0

    @property
    def per_second(self) -> float:
        return self.requests / self.seconds


def request(url: str, body: bytes, headers: Mapping[str, str] = MappingProxyType({})) -> bytes:
    """A POST of JSON, as it goes over the wire, with more `headers`."""
    parts = urlsplit(url)
    more = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    head = (
        f"POST {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Type: application/json\r\n"
        f"Accept: application/json\r\n{more}Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


class _Caller(asyncio.Protocol):
    """One connection that asks again as soon as it is answered."""

    def __init__(self, run: "_Run") -> None:
        self._run = run
        self._got = bytearray()
        self._size: int | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._ask()

    def _ask(self) -> None:
        following = self._run.following()
        if following is None:
            self._transport.close()
            return
        self._began = time.perf_counter()
        self._transport.write(following)

    def data_received(self, data: bytes) -> None:
        self._got += data
        if self._size is None:
            end = self._got.find(b"\r\n\r\n")
            if end < 0:
                return
            head = bytes(self._got[:end])
            length = re.search(rb"(?i)\ncontent-length: *(\d+)", head)
            self._size = end + 4 + int(length[1]) if length else -1
            self._run.failed += not head.startswith(b"HTTP/1.1 200")
        whole = self._got.endswith(b"0\r\n\r\n") if self._size < 0 else len(self._got) >= self._size
        if whole:
            self._got.clear()
            self._size = None
            self._run.answered(time.perf_counter() - self._began)
            self._ask()

    def connection_lost(self, exc: Exception | None) -> None:
        self._run.gone()


class _Run:
    def __init__(self, requests: Sequence[bytes], connections: int, count: int | None, seconds: float | None) -> None:
        self._requests = cycle(requests)
        self._left = count
        self._until = None if seconds is None else time.perf_counter() + seconds
        self._open = connections
        self.latencies: list[float] = []
        self.failed = 0
        self.over = asyncio.get_running_loop().create_future()

    def following(self) -> bytes | None:
        if self._left is not None:
            if not self._left:
                return None
            self._left -= 1
        if self._until is not None and time.perf_counter() >= self._until:
            return None
        return next(self._requests)

    def answered(self, seconds: float) -> None:
        self.latencies.append(seconds)

    def gone(self) -> None:
        self._open -= 1
        if not self._open and not self.over.done():
            self.over.set_result(None)


def fire(
    url: str,
    bodies: Sequence[bytes],
    *,
    connections: int,
    count: int | None = None,
    seconds: float | None = None,
) -> Outcome:
    """Send `bodies` in turn, `count` of them in all or for `seconds`, and wait for every answer."""
    return send(url, [request(url, body) for body in bodies], connections=connections, count=count, seconds=seconds)


def send(
    url: str,
    requests: Sequence[bytes],
    *,
    connections: int,
    count: int | None = None,
    seconds: float | None = None,
) -> Outcome:
    """The same with whole requests."""

    async def run() -> Outcome:
        parts = urlsplit(url)
        began = time.perf_counter()
        there = _Run(requests, connections, count, seconds)
        loop, host, port = asyncio.get_running_loop(), parts.hostname or "", parts.port or 80
        opening = (loop.create_connection(lambda: _Caller(there), host, port) for _ in range(connections))
        await asyncio.gather(*opening)
        async with asyncio.timeout(PATIENCE_S):
            await there.over
        took = time.perf_counter() - began
        return Outcome(len(there.latencies), took, *_percentiles(there.latencies), there.failed)

    return asyncio.run(run())


def _percentiles(latencies: list[float]) -> tuple[float, float]:
    ordered = sorted(latencies) or [0.0]
    return tuple(ordered[int((len(ordered) - 1) * share)] * 1000 for share in (0.5, 0.99))  # type: ignore[return-value]


SCRIPT = """
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.headers["Accept"] = "application/json"
wrk.body = %s
done = function(summary, latency)
  io.write(string.format("{\\"requests\\": %%d, \\"us\\": %%d, \\"p50\\": %%d, \\"p99\\": %%d, \\"failed\\": %%d}\\n",
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.write))
end
"""


def timed(url: str, body: bytes, *, connections: int, seconds: float) -> Outcome:
    """As many answers as there are in `seconds`; what is open then is dropped."""
    if not shutil.which("wrk"):
        return fire(url, [body], connections=connections, seconds=seconds)
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(SCRIPT % _lua(body.decode()))
        script.flush()
        options = ["-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", f"--timeout={PATIENCE_S:.0f}s"]
        command = pinned(["wrk", *options, "-s", script.name, url], LOAD_CORE)
        printed = subprocess.run(command, check=True, capture_output=True, text=True, timeout=PATIENCE_S).stdout
    found = json.loads(printed.splitlines()[-1])
    return Outcome(found["requests"], found["us"] / 1e6, found["p50"] / 1000, found["p99"] / 1000, found["failed"])


def _lua(text: str) -> str:
    assert "]==]" not in text
    return f"[==[{text}]==]"
