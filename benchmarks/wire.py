"""CPU per upstream call: `python -m benchmarks.wire [ROUNDS]`.

An upstream in another process answers every GET with 20 kB of JSON over loopback. Each candidate sends the same
requests, each an `httpx2.Request` made anew, with 1, 32 and 64 calls in flight, and gives a buffered `httpx2.Response`.
The candidates take turns in every round; the table has the median over the rounds of this process's CPU time, all
threads included, in microseconds per call. Libraries that are not installed are left out. "pipeline" is our wire under
all stages with a cold cache and its log lines written to nowhere; "REST call" is a client's method over that, its JSON
decoded. A second table has the same answer over TLS, by granian, which offers HTTP/2. The garbage collector is set as
the server sets it. What the pipeline adds is taken within each round, against
the bare wire beside it.
"""

import asyncio
import gc
import importlib.util
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast

import httpx2
import orjson
import uvloop
from starlette.responses import Response
from starlette.types import Receive
from starlette.types import Scope as AsgiScope
from starlette.types import Send as AsgiSend

from connectors.auth.static import bearer
from connectors.call import Call, Scope, Send
from connectors.pipeline import pipeline
from connectors.pipeline.setup import Setup
from connectors.policy import Policy, ThrottlePolicy
from connectors.protocols.rest import Rest
from connectors.request import made
from connectors.upstream import Endpoint
from connectors.wires import NetworkWire
from server import logs, serving
from tests.connectors.wires.certificates import certified
from tests.connectors.wires.http2_server import granian

CONNECTIONS = 64
LIMITS = httpx2.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS)
CONCURRENCY = (1, 32, 64)
CALLS = 1024
POSTS = [{"userId": n % 10, "id": n, "title": "t" * 60, "body": "b" * 100} for n in range(100)]
ADDRESSES = 2 * CONNECTIONS
"""More than there are calls in flight, of which no two are to be the same: the pipeline would make them one."""

HEADERS = {"Accept": "application/json", "Authorization": "Bearer x"}

Close = Callable[[], Awaitable[None]]


@dataclass(frozen=True)
class Candidate:
    """`one` makes one call; `close` gives everything back."""

    one: Callable[[], Awaitable[object]]
    close: Close


@contextmanager
def upstream(*arguments: str) -> Iterator[str]:
    """An upstream in a process of its own; the value is its port."""
    command = [sys.executable, "-m", "benchmarks.wire", *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait(timeout=10)


def main(rounds: int) -> None:
    with TemporaryDirectory() as folder, upstream("serve") as plain, upstream("serve-tls", folder) as encrypted:
        os.environ["SSL_CERT_FILE"] = f"{folder}/certificate.pem"
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())
        logs.configure("json")
        gc.collect()
        gc.freeze()
        gc.set_threshold(*serving.GARBAGE)
        results, over_tls = [], []
        for _ in range(rounds):
            results.append(uvloop.run(measured(f"http://127.0.0.1:{plain}", CANDIDATES)))
            over_tls.append(uvloop.run(measured(f"https://127.0.0.1:{encrypted}", OVER_TLS)))
    show("us of CPU per call, in flight:", results)
    added = [
        statistics.median(result["pipeline over our wire"][n] - result["our wire"][n] for result in results)
        for n in range(len(CONCURRENCY))
    ]
    print(f"{'the pipeline adds':34}" + "".join(f"{median:9.1f}" for median in added))
    show("over TLS, in flight:", over_tls)


def show(title: str, results: list[dict[str, list[float]]]) -> None:
    print(f"{title:34}" + "".join(f"{n:>9}" for n in CONCURRENCY))
    for name in results[0]:
        medians = [statistics.median(result[name][n] for result in results) for n in range(len(CONCURRENCY))]
        print(f"{name:34}" + "".join(f"{median:9.1f}" for median in medians))


async def measured(url: str, candidates: "Candidates") -> dict[str, list[float]]:
    """CPU per call of every candidate, at every concurrency."""
    results = {}
    for name, make in candidates.items():
        candidate = await make(url)
        await calls(candidate, CONNECTIONS, CONNECTIONS * 2)
        results[name] = [await calls(candidate, concurrency, CALLS) for concurrency in CONCURRENCY]
        await candidate.close()
    return results


async def calls(candidate: Candidate, concurrency: int, total: int) -> float:
    """Microseconds of CPU per call."""

    async def caller() -> None:
        for _ in range(total // concurrency):
            await candidate.one()

    began = time.process_time()
    await asyncio.gather(*(caller() for _ in range(concurrency)))
    return (time.process_time() - began) / (total // concurrency * concurrency) * 1e6


def reading(url: str, send: Send, close: Close) -> Candidate:
    numbers = count()

    async def one() -> None:
        call = Call(operation="posts.list", safe=True)
        response = await send(made(call, "GET", f"{url}/posts?n={next(numbers) % ADDRESSES}", headers=HEADERS))
        assert len(response.content) > 20_000

    return Candidate(one, close)


async def nothing(url: str) -> Candidate:
    content, headers = orjson.dumps(POSTS), [(b"Content-Type", b"application/json"), (b"Date", b"today")]

    async def send(request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, headers=headers, content=content)

    async def close() -> None:
        pass

    return reading(url, send, close)


async def ours(url: str) -> Candidate:
    wire = network_wire()
    return reading(url, wire.send, wire.close)


async def ours_in_the_pipeline(url: str) -> Candidate:
    wire = network_wire()
    return reading(url, pipeline(setup(), wire.send), wire.close)


async def ours_as_rest(url: str) -> Candidate:
    wire, numbers = network_wire(), count()
    rest = Rest(Endpoint("demo", url, pipeline(setup(), wire.send), Scope()))

    async def one() -> None:
        posts = await rest.get("/posts", {"n": next(numbers) % ADDRESSES}, operation="posts.list")
        assert len(posts) == len(POSTS)

    return Candidate(one, wire.close)


async def ours_over_http2(url: str) -> Candidate:
    wire = NetworkWire(answer_bytes=1_000_000, connections=CONNECTIONS, http2=True)
    return reading(url, wire.send, wire.close)


async def by_httpx2_over_http2(url: str) -> Candidate:
    return await by_httpx2(url, http2=True)


async def by_httpx2(url: str, http2: bool = False) -> Candidate:
    transport = httpx2.AsyncHTTPTransport(limits=LIMITS, http2=http2)

    async def send(request: httpx2.Request) -> httpx2.Response:
        response = await transport.handle_async_request(request)
        content = await response.aread()
        await response.aclose()
        return httpx2.Response(response.status_code, headers=response.headers.raw, content=content)

    return reading(url, send, transport.aclose)


async def by_aiohttp(url: str) -> Candidate:
    import aiohttp
    import yarl

    connector, jar = aiohttp.TCPConnector(limit=CONNECTIONS), aiohttp.DummyCookieJar()
    session = aiohttp.ClientSession(connector=connector, cookie_jar=jar)

    async def send(request: httpx2.Request) -> httpx2.Response:
        address = yarl.URL(str(request.url), encoded=True)
        async with session.request(request.method, address, headers=request.headers, allow_redirects=False) as response:
            content = await response.read()
        return httpx2.Response(response.status, headers=response.raw_headers, content=content)

    return reading(url, send, session.close)


async def by_pyreqwest(url: str) -> Candidate:
    from pyreqwest.client import ClientBuilder

    client = ClientBuilder().max_connections(CONNECTIONS).follow_redirects(False).build()

    async def send(request: httpx2.Request) -> httpx2.Response:
        asked = client.request(request.method, str(request.url)).headers(request.headers.multi_items())
        response = await asked.build().send()
        content = bytes(await response.bytes())
        return httpx2.Response(response.status, headers=list(response.headers.items()), content=content)

    return reading(url, send, client.close)


def network_wire() -> NetworkWire:
    return NetworkWire(answer_bytes=1_000_000, connections=CONNECTIONS)


def setup() -> Setup:
    """Every stage on; the throttle is told to let everything through, as waiting is no work."""
    throttle = ThrottlePolicy(per_second=1e6, burst=1_000_000, concurrency=CONNECTIONS)
    return Setup(upstream="demo", auth=bearer("token"), policy=Policy(throttle=throttle))


Candidates = dict[str, Callable[[str], Awaitable[Candidate]]]

CANDIDATES: Candidates = {
    "no wire, just the two objects": nothing,
    "our wire": ours,
    "pipeline over our wire": ours_in_the_pipeline,
    "REST call over that, decoded": ours_as_rest,
    **({"pyreqwest": by_pyreqwest} if importlib.util.find_spec("pyreqwest") else {}),
    **({"aiohttp": by_aiohttp} if importlib.util.find_spec("aiohttp") else {}),
    "httpx2": by_httpx2,
}

OVER_TLS: Candidates = {
    "our wire, HTTP/1.1": ours,
    "our wire, HTTP/2": ours_over_http2,
    "httpx2, HTTP/1.1": by_httpx2,
    "httpx2, HTTP/2": by_httpx2_over_http2,
}


class Posts(asyncio.Protocol):
    """The upstream: one answer for every request."""

    def __init__(self) -> None:
        content = orjson.dumps(POSTS)
        lines = ["HTTP/1.1 200 OK", "Content-Type: application/json", f"Content-Length: {len(content)}", "Date: today"]
        self._answer = "\r\n".join([*lines, "Server: benchmark", "Vary: Origin", "", ""]).encode() + content
        self._rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        *requests, self._rest = (self._rest + data).split(b"\r\n\r\n")
        for _ in requests:
            self._transport.write(self._answer)


async def serve() -> None:
    """Serve until terminated; the port is printed first."""
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    server = await asyncio.get_running_loop().create_server(Posts, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


async def posts(scope: AsgiScope, receive: Receive, send: AsgiSend) -> None:
    await Response(orjson.dumps(POSTS), media_type="application/json")(scope, receive, send)


async def serve_tls(folder: Path) -> None:
    """The same over TLS with a certificate that is written into `folder`."""
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    server, port = granian(posts, certified(folder))
    asyncio.get_running_loop().call_later(1, partial(print, port, flush=True))
    await server.serve()


if __name__ == "__main__":
    if sys.argv[1:] == ["serve"]:
        uvloop.run(serve())
    elif sys.argv[1:2] == ["serve-tls"]:
        uvloop.run(serve_tls(Path(sys.argv[2])))
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
