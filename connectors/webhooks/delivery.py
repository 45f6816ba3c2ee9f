"""A webhook as it came in, and what it tells."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

import orjson

T = TypeVar("T")

UNREADABLE = (ValueError, LookupError, TypeError, AttributeError)
"""What comes of trying to read something that is not as its sender says."""


@dataclass(frozen=True)
class Delivery:
    """One request of a sender, untouched: signatures are about these very bytes.

    `url` is the public address that it was sent to. `headers` are by their names in lower case. `left_out` says for
    each event in it that could not be read what came of trying: the name of an exception.
    """

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    left_out: list[str] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Event:
    """One thing that happened, as its sender tells it.

    `id` is the sender's own: the same for every repetition, so that it is handled once. `type` is the sender's word
    (`payment_intent.succeeded`). `object` names what it happened to, where that is one thing; of two events about the
    same one that with the higher `version` is the later (a time in seconds, or a number that grows).

    `overtaken_by` are the types of later events of that object which were handled before it.
    """

    provider: str
    id: str
    type: str
    payload: Any = field(repr=False)
    object: str | None = None
    version: float | None = None
    overtaken_by: Collection[str] = field(default_factory=list)

    @cached_property
    def written(self) -> str:
        """The payload as JSON. Raises `TypeError` for what is nested deeper than can be written."""
        return orjson.dumps(self.payload).decode()


def each_readable(delivery: Delivery, told: Iterable[T], read: Callable[[T], Event]) -> list[Event]:
    """The events that can be read: one that cannot is left out of the delivery, and does not keep the others out.

    Raises what came of the first, one of `UNREADABLE`, where none can be read.
    """
    found: list[Event] = []
    failures: list[Exception] = []
    for one in told:
        try:
            found.append(read(one))
        except UNREADABLE as unreadable:
            failures.append(unreadable)
    if failures and not found:
        raise failures[0]
    delivery.left_out.extend(type(failure).__name__ for failure in failures)
    return found


class Unverified(Exception):
    """A webhook that did not come from whom it says, or came too late. The message never quotes it."""
