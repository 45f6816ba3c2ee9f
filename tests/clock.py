"""A clock that tests turn by hand."""

import asyncio


class FakeClock:
    """Time stands still until someone sleeps or `advance` is called. `slept` lists every sleep in seconds."""

    def __init__(self) -> None:
        self._now = 1000.0
        self.slept: list[float] = []

    def now(self) -> float:
        return self._now

    def time(self) -> float:
        return 1_780_000_000.0 + self._now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self._now += seconds
        await asyncio.sleep(0)

    def advance(self, seconds: float) -> None:
        self._now += seconds
