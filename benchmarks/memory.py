"""Memory under load that lasts: `python -m benchmarks.memory [--minutes N] [SWITCH=1...]`.

One worker of ours answers the public workload's first query over 64 connections, minute by minute, and after each
minute a thousand requests of mixed traffic. What it has resident then is printed. Switches are those of
`serve-jsonplaceholder`: `SHARE=1`, `CACHE=1`.
"""

import argparse
import json
import os

from benchmarks.contestants import ALL, running
from benchmarks.load import LOAD_CORE, fire
from benchmarks.mix import CONNECTIONS, drawn
from benchmarks.processes import resident_mib
from benchmarks.run import Q1
from benchmarks.upstream import upstream

MINUTE_S = 60.0
MIXED = 1_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=int, default=10, help="default 10")
    parser.add_argument("switches", nargs="*", metavar="SWITCH=1", help="none: each request reads the upstream")
    options = parser.parse_args()
    os.sched_setaffinity(0, {min(LOAD_CORE, (os.cpu_count() or 1) - 1)})
    switches = dict(switch.split("=", 1) for switch in options.switches)
    body, mixture = json.dumps({"query": Q1}).encode(), drawn(MIXED * options.minutes)
    ours = next(contestant for contestant in ALL if contestant.name == "punnet")
    with upstream(LOAD_CORE) as api, running(ours, api.url, **switches) as there:
        print("| minute | requests/s | MiB |\n|---:|---:|---:|", flush=True)
        print(f"| 0 | | {resident_mib(there.pid):.1f} |", flush=True)
        for minute in range(options.minutes):
            done = fire(there.url, [body], connections=CONNECTIONS, seconds=MINUTE_S)
            mixed = mixture[minute * MIXED : (minute + 1) * MIXED]
            others = fire(there.url, mixed, connections=CONNECTIONS, count=MIXED)
            if done.failed or others.failed:
                raise SystemExit(f"{done.failed + others.failed} requests failed")
            print(f"| {minute + 1} | {done.per_second:,.0f} | {resident_mib(there.pid):.1f} |", flush=True)


if __name__ == "__main__":
    main()
