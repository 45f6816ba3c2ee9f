"""A webhook as it came in, and what it tells."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Delivery:
    """One request of a sender, untouched: signatures are about these very bytes.

    `url` is the public address that it was sent to. `headers` are by their names in lower case.
    """

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Event:
    """One thing that happened, as its sender tells it.

    `id` is the sender's own: the same for every repetition, so that it is handled once. `type` is the sender's word
    (`payment_intent.succeeded`). `object` names what it happened to, where that is one thing; of two events about the
    same one that with the higher `version` is the later (a time in seconds, or a number that grows).
    """

    provider: str
    id: str
    type: str
    payload: Any = field(repr=False)
    object: str | None = None
    version: float | None = None


class Unverified(Exception):
    """A webhook that did not come from whom it says, or came too late. The message never quotes it."""
