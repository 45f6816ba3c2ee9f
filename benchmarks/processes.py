"""Processes under test: where they run, how they end, and what the kernel says they used."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
PROC = Path("/proc")
PULSE_S = 0.1
SLIGHT_S = 0.03
"""What an idle server uses up in a pulse at most: clocks and timers."""


def free_port() -> int:
    """A port of the loopback address that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def pinned(command: Sequence[str], core: int) -> list[str]:
    """The command, bound to one core with all that it starts; on a machine with a single core, as it is."""
    return ["taskset", "-c", str(core), *command] if (os.cpu_count() or 1) > core else list(command)


def ended(process: "subprocess.Popen[bytes]") -> None:
    """End a process that we started and wait for it; one that does not listen is killed after 5 s."""
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def family(pid: int) -> list[int]:
    """A process and all its descendants."""
    found, open_list = [], [pid]
    while open_list:
        pid = open_list.pop()
        found.append(pid)
        for children in PROC.glob(f"{pid}/task/*/children"):
            open_list += map(int, _text(children).split())
    return found


def cpu_s(pid: int) -> float:
    """Seconds of CPU that a process and its descendants have used, in user space and in the kernel."""
    ticks = 0
    for member in family(pid):
        fields = _text(PROC / str(member) / "stat").rpartition(")")[2].split()
        ticks += sum(map(int, fields[11:15]))
    return ticks / TICKS


def peak_mib(pid: int) -> float:
    """The most memory that each process of a family has had resident, summed up, in MiB."""
    return _mib(pid, "VmHWM:")


def resident_mib(pid: int) -> float:
    """The memory that a family of processes has resident now, in MiB."""
    return _mib(pid, "VmRSS:")


def _mib(pid: int, field: str) -> float:
    kib = 0
    for member in family(pid):
        for line in _text(PROC / str(member) / "status").splitlines():
            if line.startswith(field):
                kib += int(line.split()[1])
    return kib / 1024


def settled(pid: int, calls: Callable[[], int], *, within_s: float = 20) -> None:
    """Returns when a family of processes neither uses CPU nor calls its upstream, or after `within_s`."""
    quiet = 0
    before = (cpu_s(pid), calls())
    for _ in range(int(within_s / PULSE_S)):
        time.sleep(PULSE_S)
        now = (cpu_s(pid), calls())
        quiet = quiet + 1 if now[0] - before[0] < SLIGHT_S and now[1] == before[1] else 0
        if quiet == 3:
            return
        before = now


def _text(path: Path) -> str:
    """A file of the kernel's; empty once the process is gone."""
    try:
        return path.read_text()
    except OSError:
        return ""
