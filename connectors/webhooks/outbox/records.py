"""What is known of endpoints, messages and deliveries, and what operators decide.

Ids are ours; times are Unix time in seconds.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

Disabled = Literal["operator", "gone"]
"""Why an endpoint is sent nothing: an operator wants it so, or it answered 410."""

State = Literal["pending", "delivered", "dead"]
"""An attempt is to come; one succeeded; the last one failed."""

OVERLAP_S = 24 * 3600.0
"""How long a secret that was replaced is still signed with, so that the receiver can follow."""


def previous_until(rotated_at: float | None) -> float | None:
    """Until when messages are signed with the secret that was replaced then as well, if one was."""
    return None if rotated_at is None else rotated_at + OVERLAP_S


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """`topics` are what it is told of, `rate_per_s` is how often it may be called at most. `sealed` are its secrets."""

    id: str
    url: str = field(repr=False)
    description: str
    topics: Sequence[str]
    rate_per_s: float | None
    disabled: Disabled | None
    created_at: float
    rotated_at: float | None
    sealed: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Message:
    """What is sent, word for word, to every endpoint and on every attempt, under one `webhook-id`."""

    id: str
    type: str
    body: str = field(repr=False)
    created_at: float


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """`failures` counts the failed attempts since the schedule began."""

    id: str
    message: str
    endpoint: str
    type: str
    state: State
    attempts: int = 0
    failures: int = 0
    next_attempt_at: float | None
    created_at: float
    ended_at: float | None = None


@dataclass(frozen=True, kw_only=True)
class Task:
    """What an attempt takes. The `endpoint` may be there no longer."""

    delivery: Delivery
    message: Message
    endpoint: Endpoint | None


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One attempt, the `number`th of its delivery: the `status` of an answer, or the `error` in place of one."""

    number: int
    at: float
    latency_s: float
    status: int | None = None
    error: str | None = None


@dataclass(frozen=True, kw_only=True)
class Which:
    """Some of the deliveries: those that all of it is true of. `since` and `until` are about when they were made."""

    state: State | None = None
    endpoint: str | None = None
    type: str | None = None
    since: float | None = None
    until: float | None = None


@dataclass(frozen=True, kw_only=True)
class OutboxPolicy:
    """`schedule_s` are the waits after the first failed attempt, the second and so on; one more failure is the last.

    An attempt may take `timeout_s`. So many deliveries (`at_once`) are under way to one endpoint at a time, in all
    processes. What has ended is forgotten after `retention_s`. With `allow_private`, for development, endpoints may be
    on this machine and in private networks.
    """

    schedule_s: Sequence[float] = (60, 300, 1500, 7200, 36000)
    timeout_s: float = 15.0
    at_once: int = 10
    retention_s: float = 30 * 86400
    allow_private: bool = False
