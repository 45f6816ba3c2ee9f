"""The public workload, ours beside its peers: `python -m benchmarks.run [--seconds N] [--rounds N] [--only NAME...]`.

Contestants run on core 0, one at a time under load; upstream and load are on core 1. They take turns, round by round,
and each figure is the median of its rounds. Before anything is timed, every contestant must give the right answers.
Requests/s and latencies are for 64 connections (8 for the big ones); CPU and upstream calls are counted over a fixed
number of requests, so that nothing half done distorts them. Who answers too few in the time has all figures from these.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2

from benchmarks.contestants import ALL, Running, missing_tools, running
from benchmarks.jsonplaceholder.sandbox import posts, users
from benchmarks.load import LOAD_CORE, fire, timed
from benchmarks.processes import settled
from benchmarks.upstream import SIZES, Upstream, upstream

Q1 = "{ posts { id userId title user { id name email } } }"
Q2 = "{ posts { title } }"
Q3 = "{ greet }"


@dataclass(frozen=True)
class Workload:
    """A query under one set of switches. `wants` is what a contestant must be able to do to take part."""

    name: str
    query: str
    switches: tuple[tuple[str, str], ...] = ()
    wants: str = ""
    connections: int = 64


@dataclass
class Measured:
    """The figures of all rounds of one contestant in one workload."""

    per_second: list[float] = field(default_factory=list)
    p50_ms: list[float] = field(default_factory=list)
    p99_ms: list[float] = field(default_factory=list)
    cpu_s: list[float] = field(default_factory=list)
    calls: list[float] = field(default_factory=list)
    peak_mib: float = 0.0
    failed: int = 0

    def row(self) -> str:
        middle = statistics.median
        return (
            f"{middle(self.per_second):,.0f} | {middle(self.p50_ms):.1f} | {middle(self.p99_ms):.1f} | "
            f"{middle(self.cpu_s):.3f} | {self.peak_mib:.0f} | {middle(self.calls):.2f}"
            + (f" | {self.failed} failed" if self.failed else " |")
        )


WORKLOADS = (
    Workload("q1", Q1),
    Workload("q2", Q2),
    Workload("q3", Q3),
    Workload("q1, shared in flight", Q1, (("SHARE", "1"),), "shared"),
    Workload("q2, shared in flight", Q2, (("SHARE", "1"),), "shared"),
    Workload("q1, upstream cached", Q1, (("CACHE", "1"),), "cached"),
    Workload("q1, 1,000 posts", Q1, (("POSTS_PATH", "/posts-1000"),), connections=8),
    Workload("q1, 5,000 posts", Q1, (("POSTS_PATH", "/posts-5000"),), connections=8),
)


def main() -> None:
    options = parsed()
    os.sched_setaffinity(0, {min(LOAD_CORE, (os.cpu_count() or 1) - 1)})
    for tool in missing_tools():
        print(f"- {tool} is not installed: see benchmarks/README.md")
    contestants = [c for c in ALL if not options.only or any(word in c.name for word in options.only)]
    for contestant in contestants:
        if not contestant.there:
            print(f"- {contestant.name} is left out: {contestant.missing}")
    contestants = [contestant for contestant in contestants if contestant.there]
    print(f"\n{facts()}", flush=True)
    with upstream(LOAD_CORE) as api:
        for switches, group in by_switches(options.workloads):
            with ExitStack() as stack:
                there = {
                    c.name: stack.enter_context(running(c, api.url, **dict(switches)))
                    for c in contestants
                    if all(not w.wants or w.wants in c.can for w in group)
                }
                for workload in group:
                    measured = contest(workload, list(there.values()), api, options.seconds, options.rounds)
                    print(table(workload, measured), flush=True)


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=1, help="for each figure of each round (default 1)")
    parser.add_argument("--rounds", type=int, default=2, help="default 2")
    parser.add_argument("--only", nargs="*", default=[], help="contestants whose names contain one of these")
    parser.add_argument("--workloads", nargs="*", default=[], help="workloads whose names begin with one of these")
    options = parser.parse_args()
    options.workloads = [
        w for w in WORKLOADS if not options.workloads or any(w.name.startswith(word) for word in options.workloads)
    ]
    return options


def by_switches(workloads: Sequence[Workload]) -> Iterator[tuple[tuple[tuple[str, str], ...], list[Workload]]]:
    """The workloads that the same processes can serve, together."""
    for switches in dict.fromkeys(workload.switches for workload in workloads):
        yield switches, [workload for workload in workloads if workload.switches == switches]


def contest(
    workload: Workload, contestants: list[Running], api: Upstream, seconds: float, rounds: int
) -> dict[str, Measured]:
    body = json.dumps({"query": workload.query}).encode()
    measured = {contestant.name: Measured() for contestant in contestants}
    for contestant in contestants:
        check(workload, contestant)
        fire(contestant.url, [body], connections=workload.connections, seconds=min(1.0, seconds))
    for _ in range(rounds):
        for contestant in contestants:
            measure(workload, body, contestant, api, seconds, measured[contestant.name])
    return measured


def measure(
    workload: Workload, body: bytes, contestant: Running, api: Upstream, seconds: float, found: Measured
) -> None:
    settled(contestant.pid, api.calls)
    speed = timed(contestant.url, body, connections=workload.connections, seconds=seconds)
    settled(contestant.pid, api.calls)
    count = min(20_000, max(2 * workload.connections, round(speed.per_second * min(1.0, seconds))))
    cpu, calls = contestant.cpu_s(), api.calls()
    counted = fire(contestant.url, [body], connections=workload.connections, count=count)
    found.cpu_s.append((contestant.cpu_s() - cpu) / counted.requests * 1000)
    found.calls.append((api.calls() - calls) / counted.requests)
    found.failed += speed.failed + counted.failed
    if speed.requests < 2 * workload.connections:
        speed = counted
    found.per_second.append(speed.per_second)
    found.p50_ms.append(speed.p50_ms)
    found.p99_ms.append(speed.p99_ms)
    found.peak_mib = max(found.peak_mib, contestant.peak_mib())


def check(workload: Workload, contestant: Running) -> None:
    """Stops the run where an answer is not the right one."""
    response = httpx2.post(contestant.url, json={"query": workload.query}, timeout=60)
    answer = response.json() if response.status_code == 200 else {}
    if answer != {"data": expected(workload)}:
        said = f"status {response.status_code}: {response.text[:300]}"
        raise SystemExit(f"{contestant.name} answers {workload.name} with something else, {said}")


def expected(workload: Workload) -> Any:
    if workload.query == Q3:
        return {"greet": "Hello World!"}
    every = posts(SIZES[dict(workload.switches).get("POSTS_PATH", "/posts")])
    if workload.query == Q2:
        return {"posts": [{"title": post["title"]} for post in every]}
    by_id = {user["id"]: {"id": user["id"], "name": user["name"], "email": user["email"]} for user in users()}
    return {
        "posts": [
            {"id": post["id"], "userId": post["userId"], "title": post["title"], "user": by_id[post["userId"]]}
            for post in every
        ]
    }


def table(workload: Workload, measured: dict[str, Measured]) -> str:
    head = (
        f"\n### {workload.name}\n\n`{workload.query}`, {workload.connections} connections\n\n"
        "| | requests/s | p50 ms | p99 ms | CPU s per 1,000 | peak MiB | upstream calls per request | |\n"
        "|---|---:|---:|---:|---:|---:|---:|---|\n"
    )
    ordered = sorted(measured.items(), key=lambda item: -statistics.median(item[1].per_second))
    return head + "\n".join(f"| {name} | {figures.row()} |" for name, figures in ordered)


def facts() -> str:
    """When, what and where."""
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False).stdout
    model = next(_lines("/proc/cpuinfo", "model name"), "unknown processor")
    memory = next(_lines("/proc/meminfo", "MemTotal"), "?")
    return (
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, commit {commit.strip()}, {os.cpu_count()} cores of {model}, "
        f"{memory} memory, Python {platform.python_version()}, load average {os.getloadavg()[0]:.1f}"
    )


def _lines(path: str, name: str) -> Iterator[str]:
    return (line.partition(":")[2].strip() for line in Path(path).read_text().splitlines() if line.startswith(name))


if __name__ == "__main__":
    main()
