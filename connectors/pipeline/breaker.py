"""An upstream that keeps failing is left alone for a while, so that nobody waits for it and it can recover."""

from collections import deque
from dataclasses import dataclass
from typing import Literal

import httpx2
import structlog

from connectors.call import Send, Stage, call_of
from connectors.errors import CircuitOpen, UpstreamTimeout, UpstreamUnavailable
from connectors.judgement import Outcome, verdict_of
from connectors.pipeline.judge import Congested
from connectors.pipeline.setup import Setup
from connectors.policy import BreakerPolicy

log = structlog.get_logger("punnet.breaker")


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
    this one, so it is to be let go without a word.

    Source: M. Nygard, Release It!, 2nd ed., ch. 5 (closed, open, half-open).
    """

    def __init__(self, policy: BreakerPolicy) -> None:
        self._policy = policy
        self._slices: deque[_Slice] = deque()
        self._opened_at: float | None = None
        self.generation = 0
        self._probing = 0
        self._proved = 0

    def state(self, now: float) -> Literal["closed", "open", "half-open"]:
        if self._opened_at is None:
            return "closed"
        return "open" if now < self._opened_at + self._policy.cooldown_s else "half-open"

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
        return None

    def succeeded(self, now: float) -> None:
        if self._opened_at is None:
            self._note(now, ok=True)
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
        self._note(now, ok=False)
        ended, failed = sum(part.ended for part in self._slices), sum(part.failed for part in self._slices)
        if failed >= self._policy.failures and failed >= self._policy.rate * ended:
            self._turn(now)

    def released(self) -> None:
        """An admitted attempt ended without saying anything about the upstream (it was cancelled)."""
        self._probing = max(0, self._probing - 1)

    def _turn(self, opened_at: float | None) -> None:
        self._opened_at = opened_at
        self._probing = self._proved = 0
        self._slices.clear()
        self.generation += 1

    def _note(self, now: float, *, ok: bool) -> None:
        if not self._slices or now >= self._slices[-1].began + self._policy.window_s / SLICES:
            self._slices.append(_Slice(now))
        self._slices[-1].ended += 1
        self._slices[-1].failed += not ok
        while self._slices[0].began <= now - self._policy.window_s:
            self._slices.popleft()


def breaker(setup: Setup) -> Stage:
    """Raise `CircuitOpen` at once while the breaker is open. 4xx and 429 count as signs of life.

    A call for credentials is made by an attempt that has been admitted already, so it needs no place of its own.
    """
    circuit = Breaker(setup.policy.breaker)

    def around(send: Send) -> Send:
        async def guarded(request: httpx2.Request) -> httpx2.Response:
            now = setup.clock.now()
            call = call_of(request)
            wait_s = circuit.admit(now)
            rides_along = wait_s == 0.0 and call.anonymous
            if wait_s is not None and not rides_along:
                raise CircuitOpen(setup.upstream, call.operation, retry_after_s=wait_s)
            before, generation = circuit.state(now), circuit.generation
            ok: bool | None = None
            try:
                response = await send(request)
                ok = verdict_of(response).outcome is not Outcome.FAILED
                return response
            except Congested:
                raise
            except (UpstreamTimeout, UpstreamUnavailable):
                ok = False
                raise
            finally:
                now = setup.clock.now()
                if generation == circuit.generation:
                    if ok is False:
                        circuit.failed(now)
                    elif ok and not rides_along:
                        circuit.succeeded(now)
                    elif not rides_along:
                        circuit.released()
                after = circuit.state(now)
                if after != before:
                    log.warning("breaker", upstream=setup.upstream, before=before, after=after)

        return guarded

    return around
