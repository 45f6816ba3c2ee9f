"""The gateway over all three upstreams: `python -m benchmarks.federated [--requests N]`.

The sandboxes stand in for the upstreams, as servers of their own, 0, 5 and 50 ms away. Requests come one at a time and
slowly enough for the throttles, which keep to what the real upstreams allow: this measures latency and CPU, not rates.
The longest chain is how many upstream calls must wait for one another; `over` is how much longer a request takes than
that chain of round trips.
"""

import argparse
import os
import statistics
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from benchmarks.contestants import Contestant, Running, running
from benchmarks.load import LOAD_CORE
from benchmarks.sandboxes import Sandboxes, sandboxes

LATENCIES_MS = (0, 5, 50)
PAUSE_S = 0.25
"""Between requests: time for Stripe's bucket to fill up again."""

GATEWAY = Contestant(
    "punnet", (sys.executable, "-c", "from app import main; main()", "serve"), Path(__file__).parent.parent
)


@dataclass(frozen=True)
class Question:
    """A document, and its longest chain of upstream calls."""

    name: str
    document: str
    chain: int


QUESTIONS = (
    Question(
        "federated: customers with payments, contacts and their GitHub users",
        """{ stripe { customers(first: 5) { nodes { name email
          paymentIntents(first: 5) { nodes { status amount { amount currency } } }
          salesforceContact { title account { name } githubUser { login name } } } } } }""",
        chain=3,
    ),
    Question(
        "deep: four levels of connections",
        """{ github { organization(login: "quartz-analytics") { repositories(first: 5) { nodes { name
          issues(first: 5) { nodes { title
            comments(first: 5) { nodes { body author { login } } }
            assignees(first: 5) { nodes { login repositories(first: 2) { nodes { name } } } } } } } } } } }""",
        chain=1,
    ),
    Question(
        "mutation: plan a payment",
        """mutation { stripeCreatePaymentIntent(input: {amount: 2000, currency: "eur"}) {
          ... on StripePaymentIntentCreated { paymentIntent { id status amount { amount } } } } }""",
        chain=1,
    ),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=10, help="for each figure (default 10)")
    requests = parser.parse_args().requests
    os.sched_setaffinity(0, {min(LOAD_CORE, (os.cpu_count() or 1) - 1)})
    print("| | away ms | chain | upstream calls | p50 ms | over | max ms | CPU ms | peak MiB |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|---:|")
    for latency_ms in LATENCIES_MS:
        with (
            sandboxes(LOAD_CORE, latency_ms) as upstreams,
            running(GATEWAY, "", **upstreams.environment()) as gateway,
            httpx2.Client(timeout=30) as client,
        ):
            for question in QUESTIONS:
                print(row(question, latency_ms, upstreams, gateway, client, requests), flush=True)


def row(
    question: Question, latency_ms: int, upstreams: Sandboxes, gateway: Running, client: httpx2.Client, requests: int
) -> str:
    for _ in range(3):
        ask(client, gateway, question)
        time.sleep(PAUSE_S)
    upstreams.calls()
    cpu_s, took_ms = gateway.cpu_s(), []
    for _ in range(requests):
        began = time.perf_counter()
        ask(client, gateway, question)
        took_ms.append((time.perf_counter() - began) * 1000)
        time.sleep(PAUSE_S)
    cpu_ms = (gateway.cpu_s() - cpu_s) / requests * 1000
    middle, least = statistics.median(took_ms), question.chain * latency_ms
    over = f"{middle / least - 1:.0%}" if least else ""
    return (
        f"| {question.name} | {latency_ms} | {question.chain} | {upstreams.calls() / requests:.1f} | {middle:.1f} | "
        f"{over} | {max(took_ms):.1f} | {cpu_ms:.1f} | {gateway.peak_mib():.0f} |"
    )


def ask(client: httpx2.Client, gateway: Running, question: Question) -> Any:
    """The data. Stops the run where there are errors."""
    answer = client.post(gateway.url, json={"query": question.document}).json()
    if "errors" in answer:
        raise SystemExit(f"{question.name}: {answer['errors'][0]}")
    return answer["data"]


if __name__ == "__main__":
    main()
