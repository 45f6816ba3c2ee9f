"""Many clients for a while, over upstreams that fail: `python -m benchmarks.soak [--seconds 180] [--clients 200]`.

Three processes: the sandboxes behind a server that spoils one call in five (`--failing`) at random; the gateway over
them, with a window on its tasks; and the clients here, each asking one thing after the other, one time in twenty
leaving before the answer. A spoilt call is one of seven, all as likely: 500, 503, 429, half an answer and a hang-up,
something else than documented, an answer after a second, none at all. The last ones end with the upstream's timeout,
so they make the slowest percent. The throttles let everything through: the real upstreams allow less than is asked.

It prints what clients got, by code, how long it took, and what the gateway holds at the start, in the middle and at
the end, each time when the last client has its answer, and once idle connections have been let go of. Tasks and files
that are more at the end than at the start are leaks, and so is memory that would go on growing beyond its caches.
"""

import argparse
import asyncio
import os
import random
import resource
import signal
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx2
import orjson
import uvloop
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from benchmarks.processes import ended, free_port
from benchmarks.sandboxes import Sandboxes
from connectors.call import Call
from connectors.connector import discover
from connectors.policy import ThrottlePolicy
from connectors.request import made
from connectors.sandbox.people import population
from connectors.sandbox.standalone import standalone
from connectors.wires import NetworkWire
from server import logs, serving

WINDOW = "/soak"
LEAVING = 0.05

SETTLING_S = 10
"""Until idle connections have been closed, on both sides of the gateway."""

PLENTY = ThrottlePolicy(per_second=1e6, burst=1_000_000, concurrency=1_000)

QUERIES = (
    "{ stripe { customers(first: %d) { nodes { name email paymentIntents(first: 3) { nodes { status } } } } } }",
    "{ stripe { paymentIntents(first: %d) { nodes { id amount { amount currency } } } } }",
    "{ salesforce { contacts(first: %d) { nodes { name account { name } } } } }",
    '{ github { organization(login: "quartz-analytics") { repositories(first: %d) { nodes { name } } } } }',
    "{ stripe { customers(first: %d) { nodes { email salesforceContact { title githubUser { login } } } } } }",
)
PAYMENT = """mutation($amount: Long!) { stripeCreatePaymentIntent(input: {amount: $amount, currency: "eur"}) {
  ... on StripePaymentIntentCreated { paymentIntent { id } } } }"""


class Failing:
    """An app that spoils the share `failing` of the calls that come in; its controls work."""

    def __init__(self, app: ASGIApp, failing: float) -> None:
        self._app = app
        self._failing = failing
        self._chance = random.Random(1)  # noqa: S311

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        spoilt = scope["type"] == "http" and not scope["path"].startswith("/_control")
        if not spoilt or self._chance.random() >= self._failing:
            await self._app(scope, receive, send)
            return
        match self._chance.randrange(7):
            case 0:
                await Response(status_code=500)(scope, receive, send)
            case 1:
                await Response(status_code=503, headers={"Retry-After": "0"})(scope, receive, send)
            case 2:
                await Response(status_code=429, headers={"Retry-After": "0"})(scope, receive, send)
            case 3:  # a begun answer that is never finished is a connection that is closed
                await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"9")]})
                await send({"type": "http.response.body", "body": b"{", "more_body": True})
            case 4:
                await Response(b"<html>not what you expect</html>", media_type="text/html")(scope, receive, send)
            case 5:
                await asyncio.sleep(1)
                await self._app(scope, receive, send)
            case _:
                await asyncio.sleep(60)


class Watched:
    """An app that says at `WINDOW` what its process holds."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope.get("path") != WINDOW:
            await self._app(scope, receive, send)
            return
        holds = {"tasks": len(asyncio.all_tasks()), "files": len(os.listdir("/proc/self/fd")), "MiB": resident_mib()}
        await JSONResponse(holds)(scope, receive, send)


def resident_mib() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return round(pages * resource.getpagesize() / 2**20, 1)


def serve_sandboxes(port: int, failing: float) -> None:
    people = population()
    app = standalone({name: upstream.sandbox(people) for name, upstream in discover().items()})
    serving.serve(lambda: Failing(app, failing), host="127.0.0.1", port=port)


def serve_gateway(port: int) -> None:
    """The gateway of production, but for its throttles."""
    from app import create_app

    logs.configure("json")

    def create() -> ASGIApp:
        upstreams = {
            name: replace(upstream, policy=replace(upstream.policy, throttle=PLENTY, buckets={}))
            for name, upstream in discover().items()
        }
        return Watched(create_app(os.environ, upstreams=upstreams))

    serving.serve(create, host="127.0.0.1", port=port)


@dataclass
class Tally:
    """What clients got: an operation counts once, under its first error's code."""

    outcomes: Counter[str] = field(default_factory=Counter)
    took_ms: list[float] = field(default_factory=list)


async def client(url: str, wire: NetworkWire, until: float, chance: random.Random, tally: Tally) -> None:
    call = Call(operation="soak", safe=True)
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    while time.monotonic() < until:
        pays = chance.random() < 0.1
        query = PAYMENT if pays else chance.choice(QUERIES) % chance.randint(1, 20)
        asked = {"query": query, "variables": {"amount": chance.randint(100, 9_999)} if pays else {}}
        request = made(call, "POST", url + "/graphql", headers=headers, content=orjson.dumps(asked))
        began = time.perf_counter()
        asking = asyncio.ensure_future(wire.send(request))
        if chance.random() < LEAVING:
            await asyncio.wait([asking], timeout=chance.random() * 0.1)
            if asking.cancel():
                await asyncio.wait([asking])
                tally.outcomes["(left)"] += 1
                continue
        tally.outcomes[await outcome(asking)] += 1
        tally.took_ms.append((time.perf_counter() - began) * 1000)
        await asyncio.sleep(chance.expovariate(1))


async def outcome(asking: "asyncio.Future[httpx2.Response]") -> str:
    try:
        response = await asking
    except httpx2.TransportError as error:
        return f"no answer: {type(error).__name__}"
    body: dict[str, Any] = orjson.loads(response.content)
    if "errors" not in body:
        return "ok"
    return str(body["errors"][0].get("extensions", {}).get("code", f"HTTP {response.status_code}"))


async def soak(url: str, clients: int, seconds: float, seed: int) -> None:
    wire = NetworkWire(answer_bytes=10_000_000, connections=clients)
    tally, chance = Tally(), random.Random(seed)  # noqa: S311
    watch = Call(operation="watch", safe=True)

    async def look(moment: str) -> None:
        holds = orjson.loads((await wire.send(made(watch, "GET", url + WINDOW))).content)
        print(f"| {moment} | {holds['MiB']} | {holds['files']} | {holds['tasks']} |", flush=True)

    async def load(for_s: float, tally: Tally) -> None:
        until = time.monotonic() + for_s
        await asyncio.gather(
            *(client(url, wire, until, random.Random(chance.random()), tally) for _ in range(clients))  # noqa: S311
        )

    await load(1, Tally())
    await asyncio.sleep(SETTLING_S)
    print("| | resident MiB | files | tasks |\n|---|---:|---:|---:|")
    await look("start, idle")
    await load(seconds / 2, tally)
    await look("middle")
    await load(seconds / 2, tally)
    await look("end")
    await asyncio.sleep(SETTLING_S)
    await look(f"end, idle for {SETTLING_S} s")
    await wire.close()

    total = sum(tally.outcomes.values())
    print(f"\n| what clients got | of {total} | share |\n|---|---:|---:|")
    for name, times in tally.outcomes.most_common():
        print(f"| {name} | {times} | {times / total:.2%} |")
    cuts = statistics.quantiles(tally.took_ms, n=100)
    print(f"\np50 {cuts[49]:.0f} ms, p99 {cuts[98]:.0f} ms, longest {max(tally.took_ms):.0f} ms")


@contextmanager
def started(*arguments: str, log: int, **environment: str) -> Iterator[None]:
    command = [sys.executable, "-m", "benchmarks.soak", *arguments]
    process = subprocess.Popen(command, env={**os.environ, **environment}, stdout=log, stderr=log)
    try:
        yield
    finally:
        process.send_signal(signal.SIGINT)
        ended(process)


def answers(url: str) -> None:
    """Returns when a server is there."""
    for _ in range(600):
        try:
            httpx2.get(url, timeout=5)
            return
        except httpx2.TransportError:
            time.sleep(0.1)
    raise SystemExit(f"{url} does not answer")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=180)
    parser.add_argument("--clients", type=int, default=200)
    parser.add_argument("--failing", type=float, default=0.2, help="the share of upstream calls that fail")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    ports = free_port(), free_port()
    upstreams = Sandboxes(f"http://127.0.0.1:{ports[0]}")
    gateway = f"http://127.0.0.1:{ports[1]}"
    environment = {**upstreams.environment(), "PUNNET_CURSOR_SECRET": "soak"}
    with (
        started("sandboxes", str(ports[0]), str(options.failing), log=subprocess.DEVNULL),
        started("gateway", str(ports[1]), log=subprocess.DEVNULL, **environment),
    ):
        answers(f"{upstreams.url}/_control/stripe/calls")
        answers(gateway + WINDOW)
        uvloop.run(soak(gateway, options.clients, options.seconds, options.seed))


if __name__ == "__main__":
    if sys.argv[1:2] == ["sandboxes"]:
        serve_sandboxes(int(sys.argv[2]), float(sys.argv[3]))
    elif sys.argv[1:2] == ["gateway"]:
        serve_gateway(int(sys.argv[2]))
    else:
        main()
