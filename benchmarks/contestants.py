"""Who takes part, and how each is started. Every one reads the same environment: `benchmarks/serve-jsonplaceholder`."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx2

from benchmarks.processes import cpu_s, ended, free_port, peak_mib, pinned

HERE = Path(__file__).parent
PEERS = HERE / "peers"
CONTESTANT_CORE = 0
START_S = 30.0
PRODUCTION = {"NODE_ENV": "production"}


@dataclass(frozen=True)
class Contestant:
    """`command` runs in `folder`; `needs` must exist there, else it is left out with `missing` as the message.

    `can` names what it offers beside reading everything each time: "cached", "shared".
    """

    name: str
    command: tuple[str, ...]
    folder: Path
    can: frozenset[str] = frozenset()
    needs: str = "."
    missing: str = "benchmarks/install-peers has not installed it"
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def there(self) -> bool:
        return (self.folder / self.needs).exists()


def node(name: str, title: str) -> Contestant:
    """A peer on Node; all of them keep parsed answers when asked to."""
    command = ("node", "server.mjs")
    can = frozenset(("cached",))
    return Contestant(title, command, PEERS / name, can, needs="node_modules", environment=PRODUCTION)


def python(name: str, title: str, can: frozenset[str]) -> Contestant:
    """A peer in Python; it runs on what the project itself has installed."""
    return Contestant(title, (sys.executable, "-m", f"benchmarks.peers.{name}.server"), HERE.parent, can)


BOTH = frozenset(("cached", "shared"))
ALL = (
    Contestant("punnet", (str(HERE / "serve-jsonplaceholder"),), HERE, BOTH),
    python("handwritten", "written by hand", BOTH),
    node("apollo", "apollo server"),
    node("mercurius", "mercurius + jit"),
    node("yoga", "yoga + jit"),
    Contestant("hive gateway", ("sh", "serve.sh"), PEERS / "hive", needs="node_modules", environment=PRODUCTION),
    Contestant("tailcall", ("sh", "serve.sh"), PEERS / "tailcall", BOTH, needs="libc/ready"),
    python("strawberry", "strawberry + fastapi + httpx2", frozenset(("cached",))),
)


@dataclass(frozen=True)
class Running:
    """A contestant at work, `url` being its GraphQL endpoint."""

    name: str
    url: str
    pid: int

    def cpu_s(self) -> float:
        return cpu_s(self.pid)

    def peak_mib(self) -> float:
        return peak_mib(self.pid)


@contextmanager
def running(contestant: Contestant, upstream: str, **switches: str) -> Iterator[Running]:
    """Start a contestant on its core in front of `upstream`; it has ended when the block has."""
    port = free_port()
    environment = {
        **os.environ,
        **contestant.environment,
        "UPSTREAM": upstream,
        "PORT": str(port),
        "PUNNET_PORT": str(port),
        "PUNNET_LOG_FORMAT": "json",
        **switches,
    }
    process = subprocess.Popen(
        pinned(contestant.command, CONTESTANT_CORE),
        cwd=contestant.folder,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        url = f"http://127.0.0.1:{port}/graphql"
        _awaited(contestant.name, process, url)
        yield Running(contestant.name, url, process.pid)
    finally:
        ended(process)


def _awaited(name: str, process: "subprocess.Popen[bytes]", url: str) -> None:
    until = time.monotonic() + START_S
    while time.monotonic() < until:
        if process.poll() is not None:
            raise SystemExit(f"{name} ended with status {process.returncode}")
        try:
            if httpx2.post(url, json={"query": "{ greet }"}, timeout=5).status_code == 200:
                return
        except httpx2.TransportError:
            time.sleep(0.05)
    raise SystemExit(f"{name} does not answer")


def missing_tools() -> list[str]:
    """What a full run has and this machine has not."""
    return [tool for tool in ("nginx", "wrk", "node", "taskset") if not shutil.which(tool, path=PATH)]


PATH = f"{os.environ.get('PATH', '')}:/usr/sbin"
