"""How long a call has to wait for what an upstream allows: by our policy, by its own count, and by its refusals."""

from connectors.judgement import Quota
from connectors.policy import ThrottlePolicy

MAX_PAUSE_S = 3600.0
"""After that an upstream is asked again, whatever it said: it may have made a mistake, or changed its mind."""

SAME_WINDOW_S = 1.5
"""Resets that are no further apart are of one window: most upstreams give them in whole seconds."""


class Bucket:
    """A token bucket (the generic cell rate algorithm), kept in line with what the upstream itself says is left.

    Source: ITU-T I.371, annex A.
    """

    def __init__(self, policy: ThrottlePolicy) -> None:
        self._interval_s = 1 / policy.per_second
        self._burst = policy.burst
        self._due = 0.0
        self._paused_until = 0.0
        self._quota: Quota | None = None
        self._resets_at = 0.0
        self._left = 0.0
        self._left_at = 0.0

    def wait_s(self, now: float, cost: float = 1.0, ahead: float = 0.0) -> float:
        """How long until a call may go out that has others ahead of it, which cost `ahead`.

        One that costs more than there can ever be goes out when all of it is there.
        """
        earliest = self._due if self._due > now else now
        earliest += (ahead + (cost - self._burst if cost < self._burst else 0.0)) * self._interval_s
        if earliest < self._paused_until:
            earliest = self._paused_until
        wait_s = earliest - now
        if self._quota is not None:
            wait_s = max(wait_s, self._quota_wait_s(self._quota, now, ahead + cost))
        return wait_s if wait_s > 0.0 else 0.0

    def take(self, now: float, cost: float = 1.0) -> None:
        """A call goes out."""
        self._due = (self._due if self._due > now else now) + cost * self._interval_s
        if self._quota is not None:
            self._left = self._left_of(self._quota, now) - cost
            self._left_at = now

    def pause(self, now: float, seconds: float) -> None:
        """The upstream wants to be left alone for that long."""
        self._paused_until = max(self._paused_until, now + min(seconds, MAX_PAUSE_S))

    def learn(self, now: float, quota: Quota) -> None:
        """An answer says what is left. Answers overtake each other: within a window the least that was said holds.

        A window that rolls, whose end is always as far away, gives way to a later one by and by.
        """
        resets_at = now + min(quota.reset_s, MAX_PAUSE_S)
        known = self.left(now) if not quota.per_s and abs(resets_at - self._resets_at) < SAME_WINDOW_S else None
        if known is None:
            self._left, self._resets_at = quota.remaining, resets_at
        else:
            self._left = min(quota.remaining, known)
        self._left_at, self._quota = now, quota

    def paused_s(self, now: float) -> float:
        """For how much longer the upstream wants to be left alone."""
        return max(0.0, self._paused_until - now)

    def left(self, now: float) -> float | None:
        """What the upstream said is left, less what went out since; `None` if it has said nothing that still holds."""
        if self._quota is None or now >= self._resets_at:
            return None
        return self._left_of(self._quota, now)

    def _left_of(self, quota: Quota, now: float) -> float:
        return min(quota.limit, self._left + quota.per_s * (now - self._left_at))

    def _quota_wait_s(self, quota: Quota, now: float, cost: float) -> float:
        if now >= self._resets_at:
            self._quota = None
            return 0.0
        missing = min(cost, quota.limit) - self._left_of(quota, now)
        if missing <= 0:
            return 0.0
        until_reset_s = self._resets_at - now
        return min(until_reset_s, missing / quota.per_s) if quota.per_s else until_reset_s
