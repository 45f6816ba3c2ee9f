"""Time as a parameter: everything that waits or ages is given a clock, so that tests need not sleep."""

import asyncio
from time import monotonic, time
from typing import Protocol


class Clock(Protocol):
    """Where decisions get their `now` from."""

    def now(self) -> float:
        """Monotonic seconds: for durations, deadlines and windows."""

    def time(self) -> float:
        """Unix time in seconds, UTC: for dates on the wire."""

    async def sleep(self, seconds: float) -> None:
        """Return `seconds` later by this clock."""


class SystemClock:
    """The machine's clock."""

    now = staticmethod(monotonic)
    time = staticmethod(time)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


def milliseconds(seconds: float) -> float:
    """For the log: cut off after the first decimal. (`round` takes as long as writing all of a line as JSON.)"""
    return int(seconds * 10_000) / 10
