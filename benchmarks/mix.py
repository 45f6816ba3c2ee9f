"""Mixed traffic: `python -m benchmarks.mix [--requests N] [--only NAME...]`.

A thousand distinct documents over the public workload's API, drawn by Zipf's law (the n-th most wanted 1/n as often as
the first), beside the most wanted one alone. Sharing and caches of documents help the mixture less. Every
contestant gets the same requests in the same order, over 64 connections; the first pass is not measured.
"""

import argparse
import json
import os
import random
from contextlib import ExitStack

from benchmarks.contestants import ALL, running
from benchmarks.load import LOAD_CORE, fire
from benchmarks.processes import settled
from benchmarks.upstream import upstream

DOCUMENTS = 1_000
CONNECTIONS = 64
POST = ("id", "userId", "title", "body")
USER = ("id", "name", "username", "email", "phone", "website")
TAKES_ANY_DOCUMENT = ("punnet", "apollo", "mercurius", "yoga", "tailcall")
MODES: tuple[tuple[str, dict[str, str]], ...] = (("each request reads", {}), ("shared in flight", {"SHARE": "1"}))


def documents() -> list[str]:
    """Distinct documents, the most wanted first: posts and authors with fields in any choice and order."""
    chance = random.Random(DOCUMENTS)  # noqa: S311
    found: dict[str, None] = {}
    while len(found) < DOCUMENTS:
        post = chance.sample(POST, chance.randint(1, len(POST)))
        user = chance.sample(USER, chance.randint(1, len(USER)))
        found[f"{{ posts {{ {' '.join(post)} user {{ {' '.join(user)} }} }} }}"] = None
    return list(found)


def drawn(requests: int) -> list[bytes]:
    """Bodies of requests as they come in."""
    every = documents()
    chance = random.Random(requests)  # noqa: S311
    weights = [1 / rank for rank in range(1, len(every) + 1)]
    return [json.dumps({"query": query}).encode() for query in chance.choices(every, weights, k=requests)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=3000, help="for each figure (default 3000)")
    parser.add_argument("--only", nargs="*", default=TAKES_ANY_DOCUMENT, help="contestants by name")
    options = parser.parse_args()
    os.sched_setaffinity(0, {min(LOAD_CORE, (os.cpu_count() or 1) - 1)})
    mixture = drawn(options.requests)
    one = [json.dumps({"query": documents()[0]}).encode()]
    print("| | | requests/s | p50 ms | p99 ms | CPU s per 1,000 | upstream calls per request |")
    print("|---|---|---:|---:|---:|---:|---:|")
    with upstream(LOAD_CORE) as api, ExitStack() as stack:
        for mode, switches in MODES:
            for contestant in ALL:
                wanted = contestant.there and any(contestant.name.startswith(word) for word in options.only)
                if not wanted or (switches and "shared" not in contestant.can):
                    continue
                there = stack.enter_context(running(contestant, api.url, **switches))
                for name, bodies in (("one document", one), ("mixture", mixture)):
                    fire(there.url, bodies, connections=CONNECTIONS, count=options.requests)
                    settled(there.pid, api.calls)
                    cpu_s, calls = there.cpu_s(), api.calls()
                    done = fire(there.url, bodies, connections=CONNECTIONS, count=options.requests)
                    cpu_s, calls = there.cpu_s() - cpu_s, api.calls() - calls
                    if done.failed:
                        raise SystemExit(f"{contestant.name} failed {done.failed} times")
                    print(
                        f"| {contestant.name}, {mode} | {name} | {done.per_second:,.0f} | {done.p50_ms:.1f} | "
                        f"{done.p99_ms:.1f} | {cpu_s / done.requests * 1000:.3f} | {calls / done.requests:.2f} |",
                        flush=True,
                    )


if __name__ == "__main__":
    main()
