"""Misbehaviour on demand: what a sandbox is told to do wrong, for which operation and how often."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One way to misbehave.

    `operation` is a pattern with `*` (`charges.*`) against the sandbox's operation names; `times` counts the calls it
    spoils (`None`: all), after it let `skip` of them pass. What happens, in this order, each only where set:
    `latency_s` waits; `drop="request"` hangs up before the request has any effect; `expired` invalidates every token
    the sandbox has given out (or refuses this call, where tokens do not expire); `throttled_s` refuses as the upstream
    does when asked too often, asking for that many seconds; `status` answers with that status and the upstream's own
    error body (or `body`); `malformed` cuts the answer short in the middle; `headers` are added to the answer;
    `drop="answer"` lets the request have its effect and hangs up instead of answering.
    """

    operation: str = "*"
    times: int | None = 1
    skip: int = 0
    latency_s: float = 0.0
    drop: Literal["request", "answer"] | None = None
    expired: bool = False
    throttled_s: float | None = None
    status: int | None = None
    body: str | None = None
    malformed: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)


class Faults:
    """The faults one sandbox has in store, first match first."""

    def __init__(self) -> None:
        self._standing: list[tuple[Fault, int]] = []

    def add(self, fault: Fault) -> None:
        self._standing.append((fault, 0))

    def clear(self) -> None:
        self._standing.clear()

    def take(self, operation: str) -> Fault | None:
        """The fault that a call of `operation` is to suffer; counts it as suffered."""
        for place, (fault, seen) in enumerate(self._standing):
            if not fnmatchcase(operation, fault.operation):
                continue
            if fault.times is not None and seen >= fault.skip + fault.times:
                continue
            self._standing[place] = (fault, seen + 1)
            if seen >= fault.skip:
                return fault
        return None
