"""The gateway over all three upstreams: `python -m benchmarks.federated [--requests N]`.

The sandboxes stand in for the upstreams, as servers of their own, 0, 5 and 50 ms away. Requests come one at a time and
slowly enough for the throttles, which keep to what the real upstreams allow: this measures latency and CPU, not rates.
The longest chain is how many upstream calls must wait for one another. A request takes longer than that many ways to
an upstream and back, in part because the upstreams have work to do. So the same calls are made *by hand* as well: the
very requests that the gateway has sent, sent again, those at once that can go at once, over our bare wire, and the
answers decoded. By hand and by the gateway take turns, on the same core with the same pauses. `over` is how much longer
the gateway takes.
"""

import argparse
import asyncio
import os
import statistics
import sys
import time
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
import orjson
import uvloop
from lxml import etree

from benchmarks.contestants import CONTESTANT_CORE, Contestant, Running, running
from benchmarks.load import LOAD_CORE
from benchmarks.sandboxes import Sandboxes, Sent, sandboxes
from connectors.wires import NetworkWire

LATENCIES_MS = (0, 5, 50)
PAUSE_S = 0.25
"""Between requests: time for Stripe's bucket to fill up again."""

GATEWAY = Contestant(
    "punnet", (sys.executable, "-c", "from app import main; main()", "serve"), Path(__file__).parent.parent
)


@dataclass(frozen=True)
class Question:
    """A document, and how many upstream calls it takes at a time, each time waiting for those before."""

    name: str
    document: str
    calls: tuple[int, ...]


QUESTIONS = (
    Question(
        "federated: customers with payments, contacts and their GitHub users",
        """{ stripe { customers(first: 5) { nodes { name email
          paymentIntents(first: 5) { nodes { status amount { amount currency } } }
          salesforceContact { title account { name } githubUser { login name } } } } } }""",
        calls=(1, 6, 2),
    ),
    Question(
        "deep: four levels of connections",
        """{ github { organization(login: "quartz-analytics") { repositories(first: 5) { nodes { name
          issues(first: 5) { nodes { title
            comments(first: 5) { nodes { body author { login } } }
            assignees(first: 5) { nodes { login repositories(first: 2) { nodes { name } } } } } } } } } } }""",
        calls=(1,),
    ),
    Question(
        "mutation: plan a payment",
        """mutation { stripeCreatePaymentIntent(input: {amount: 2000, currency: "eur"}) {
          ... on StripePaymentIntentCreated { paymentIntent { id status amount { amount } } } } }""",
        calls=(1,),
    ),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=10, help="for each figure (default 10)")
    requests = parser.parse_args().requests
    print(
        "| | away ms | chain | upstream calls | p50 ms | max ms | over the chain | by hand p50 ms | over by hand "
        "| CPU ms | peak MiB |\n|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|"
    )
    for latency_ms in LATENCIES_MS:
        with (
            sandboxes(LOAD_CORE, latency_ms) as upstreams,
            running(GATEWAY, "", **upstreams.environment()) as gateway,
        ):
            for question in QUESTIONS:
                print(uvloop.run(row(question, latency_ms, upstreams, gateway, requests)), flush=True)


async def row(question: Question, latency_ms: int, upstreams: Sandboxes, gateway: Running, requests: int) -> str:
    wire = NetworkWire(answer_bytes=100_000_000, connections=100)
    for _ in range(3):
        await timed(ask(wire, gateway, question), LOAD_CORE)
    sent = upstreams.latest(sum(question.calls))
    for _ in range(3):
        await timed(by_hand(wire, upstreams, question, sent), CONTESTANT_CORE)
    upstreams.calls()
    cpu_s, took_ms, by_hand_ms = gateway.cpu_s(), [], []
    for _ in range(requests):
        took_ms.append(await timed(ask(wire, gateway, question), LOAD_CORE))
        by_hand_ms.append(await timed(by_hand(wire, upstreams, question, sent), CONTESTANT_CORE))
    cpu_ms = (gateway.cpu_s() - cpu_s) / requests * 1000
    calls = upstreams.calls() / requests - len(sent)
    await wire.close()
    middle, chain = statistics.median(took_ms), len(question.calls)
    over_chain = f"{middle / (chain * latency_ms) - 1:.0%}" if latency_ms else ""
    least = statistics.median(by_hand_ms)
    return (
        f"| {question.name} | {latency_ms} | {chain} | {calls:.1f} | {middle:.1f} | {max(took_ms):.1f} | "
        f"{over_chain} | {least:.1f} | {middle / least - 1:.0%} | {cpu_ms:.1f} | {gateway.peak_mib():.0f} |"
    )


async def timed(work: Awaitable[None], core: int) -> float:
    """How many ms it takes on `core`, after a pause."""
    os.sched_setaffinity(0, {min(core, (os.cpu_count() or 1) - 1)})
    await asyncio.sleep(PAUSE_S)
    began = time.perf_counter()
    await work
    return (time.perf_counter() - began) * 1000


async def ask(wire: NetworkWire, gateway: Running, question: Question) -> None:
    """Stops the run where there are errors."""
    answer: Any = await decoded(wire, httpx2.Request("POST", gateway.url, json={"query": question.document}))
    if "errors" in answer:
        raise SystemExit(f"{question.name}: {answer['errors'][0]}")


async def by_hand(wire: NetworkWire, upstreams: Sandboxes, question: Question, sent: Sequence[Sent]) -> None:
    """What the gateway has sent, once more. What is to be done once only is made a new thing to do."""
    left = iter(sent)
    for count in question.calls:
        requests = [again(upstreams, next(left)) for _ in range(count)]
        await asyncio.gather(*(decoded(wire, request) for request in requests))


def again(upstreams: Sandboxes, sent: Sent) -> httpx2.Request:
    headers = {name: uuid4().hex if name == "idempotency-key" else value for name, value in sent.headers}
    return httpx2.Request(sent.method, upstreams.url + sent.target, headers=headers, content=sent.body)


async def decoded(wire: NetworkWire, request: httpx2.Request) -> Any:
    """What is answered. Stops the run where that is no success."""
    answer = await wire.send(request)
    if answer.status_code != 200:
        raise SystemExit(f"{request.url} answers {answer.status_code}")
    is_xml = "xml" in answer.headers["content-type"]
    return etree.fromstring(answer.content) if is_xml else orjson.loads(answer.content)


if __name__ == "__main__":
    main()
