"""Processes under test: where they run, how they end, and what the kernel says they used."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
PROC = Path("/proc")


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
    kib = 0
    for member in family(pid):
        for line in _text(PROC / str(member) / "status").splitlines():
            if line.startswith("VmHWM:"):
                kib += int(line.split()[1])
    return kib / 1024


def idle(pid: int, *, within_s: float = 20) -> None:
    """Returns when a family of processes no longer uses CPU, or after `within_s`."""
    for _ in range(int(within_s / 0.1)):
        before = cpu_s(pid)
        time.sleep(0.1)
        if cpu_s(pid) - before < 0.03:
            return


def _text(path: Path) -> str:
    """A file of the kernel's; empty once the process is gone."""
    try:
        return path.read_text()
    except OSError:
        return ""
