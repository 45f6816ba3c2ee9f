"""What becomes of a delivery after an attempt: plain decisions."""

from collections.abc import Sequence
from typing import Literal

Outcome = Literal["delivered", "gone", "failed"]

GONE = 410
"""The receiver wants nothing more, ever. Source: the specification of Standard Webhooks, "Deliverability"."""

JITTER = 0.1
"""The part of a wait that chance adds at most, so that what failed together does not come back together."""

LONGEST_TOLD_S = 24 * 3600.0
"""How long a receiver can make us wait with `Retry-After`."""


def outcome_of(status: int | None) -> Outcome:
    """What an answer says; no answer is a failure, and so is a redirect: a target must be final."""
    if status is not None and 200 <= status < 300:
        return "delivered"
    return "gone" if status == GONE else "failed"


def next_wait_s(schedule_s: Sequence[float], failures: int, told_s: float | None, chance: float) -> float | None:
    """Seconds from the last of so many `failures` to the next attempt; `None` where `schedule_s` has no more.

    `told_s` is what the receiver asked for; it makes a wait longer, not shorter. `chance` is from 0 to 1.
    """
    if failures > len(schedule_s):
        return None
    wait_s = schedule_s[failures - 1] * (1 + JITTER * chance)
    return max(wait_s, min(told_s or 0.0, LONGEST_TOLD_S))
