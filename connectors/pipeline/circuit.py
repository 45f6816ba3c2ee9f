"""When to leave an upstream alone, and when to try it again."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from connectors.policy import BreakerPolicy

State = Literal["closed", "open", "half-open"]

SLICES = 30
"""The window moves in so many steps, so that counting takes the same time and memory however many calls there are."""


@dataclass(slots=True)
class _Slice:
    """How the attempts of a part of the window ended."""

    began: float
    ended: int = 0
    failed: int = 0


class Breaker:
    """A circuit breaker. Every attempt it admits ends as exactly one of succeeded, failed or released.

    `generation` counts the times it opened and closed: an attempt that was admitted in another one says nothing about
    this one, so it is to be let go without a word. `opened` counts the times it opened, and `turned` hears of every
    change of state; it is half open from the first probe on.

    Source: M. Nygard, Release It!, 2nd ed., ch. 5 (closed, open, half-open).
    """

    def __init__(self, policy: BreakerPolicy, turned: Callable[[State], None] = lambda _: None) -> None:
        self._policy = policy
        self._turned = turned
        self._slice_s = policy.window_s / SLICES
        self.opened = 0
        self._slices: deque[_Slice] = deque()
        self._opened_at: float | None = None
        self.generation = 0
        self._probing = 0
        self._proved = 0

    def state(self, now: float) -> State:
        if self._opened_at is None:
            return "closed"
        return "open" if now < self._opened_at + self._policy.cooldown_s else "half-open"

    def is_in_use(self, now: float) -> bool:
        """Whether it knows what would be missed: it has been open of late, or has seen enough to open."""
        if self._opened_at is not None:
            return now < self._opened_at + self._policy.cooldown_s + self._policy.window_s
        since = now - self._policy.window_s
        return sum(part.ended for part in self._slices if part.began > since) >= self._policy.volume

    def admit(self, now: float) -> float | None:
        """`None` lets an attempt through; otherwise the seconds until asking again makes sense."""
        if self._opened_at is None:
            return None
        left_s = self._opened_at + self._policy.cooldown_s - now
        if left_s > 0:
            return left_s
        if self._probing + self._proved >= self._policy.probes:
            return 0.0
        self._probing += 1
        if self._probing + self._proved == 1:
            self._turned("half-open")
        return None

    def succeeded(self, now: float) -> None:
        if self._opened_at is None:
            self._slice(now).ended += 1
            return
        self._probing = max(0, self._probing - 1)
        self._proved += 1
        if self._proved >= self._policy.probes:
            self._turn(None)

    def failed(self, now: float) -> None:
        if self._opened_at is not None:
            if self.state(now) == "half-open":
                self._turn(now)
            return
        part = self._slice(now)
        part.ended += 1
        part.failed += 1
        ended, failed = sum(part.ended for part in self._slices), sum(part.failed for part in self._slices)
        if ended >= self._policy.volume and failed >= self._policy.rate * ended:
            self._turn(now)

    def released(self) -> None:
        """An admitted attempt ended without saying anything about the upstream (it was cancelled)."""
        self._probing = max(0, self._probing - 1)

    def _turn(self, opened_at: float | None) -> None:
        self._opened_at = opened_at
        self._probing = self._proved = 0
        self._slices.clear()
        self.generation += 1
        if opened_at is not None:
            self.opened += 1
        self._turned("closed" if opened_at is None else "open")

    def _slice(self, now: float) -> _Slice:
        """The part of the window that `now` is in; what has left the window goes."""
        if not self._slices or now >= self._slices[-1].began + self._slice_s:
            self._slices.append(_Slice(now))
            while self._slices[0].began <= now - self._policy.window_s:
                self._slices.popleft()
        return self._slices[-1]
