"""Time as a parameter: everything that waits or ages is given a clock, so that tests need not sleep."""

import asyncio
import time
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

    def now(self) -> float:
        return time.monotonic()

    def time(self) -> float:
        return time.time()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
