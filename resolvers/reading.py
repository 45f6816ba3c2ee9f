"""Payloads read with care: what an upstream left out or got wrong harms its own field, not the object around it."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from enum import Enum
from typing import Any, TypeVar, cast

from connectors.errors import PayloadMismatch

T = TypeVar("T")
E = TypeVar("E", bound=Enum)


class Reading:
    """Reads one payload of an upstream. `noun` says what it is, for messages: `customer`, `issue`.

    A value that is missing or wrong is given back as a `PayloadMismatch` *value*, which GraphQL turns into the error of
    the one field it lands in. So is an error that was put into the payload before (a partial failure of the upstream).
    Raises `PayloadMismatch` for a payload that is no object at all.
    """

    def __init__(self, upstream: str, noun: str, payload: Mapping[str, Any]) -> None:
        if not isinstance(payload, Mapping):
            raise PayloadMismatch(upstream, noun, path=noun, expected="an object")
        self._upstream = upstream
        self._noun = noun
        self._payload = payload

    def __call__(self, key: str, convert: Callable[[Any], T]) -> T:
        """A value that the upstream always gives."""
        return self._read(key, convert, self._payload.get(key))

    def maybe(self, key: str, convert: Callable[[Any], T]) -> T | None:
        """A value that may be null or absent."""
        value = self._payload.get(key)
        return None if value is None else self._read(key, convert, value)

    def _read(self, key: str, convert: Callable[[Any], T], value: Any) -> T:
        if isinstance(value, Exception):
            return cast(T, value)
        try:
            return convert(value)
        except PayloadMismatch as wrong:
            return cast(T, wrong)
        except (TypeError, ValueError, KeyError, AttributeError, OverflowError):
            expected = convert.__name__.replace("_", " ")
            mismatch = PayloadMismatch(self._upstream, self._noun, path=f"{self._noun}.{key}", expected=expected)
            return cast(T, mismatch)


def text(value: Any) -> str:
    """A string."""
    if not isinstance(value, str):
        raise TypeError
    return value


def integer(value: Any) -> int:
    """An integer, not a boolean and not a float."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError
    return value


def flag(value: Any) -> bool:
    """A boolean."""
    if not isinstance(value, bool):
        raise TypeError
    return value


def unix_time(value: Any) -> datetime:
    """Unix time in whole seconds, as an aware datetime."""
    return datetime.fromtimestamp(integer(value), UTC)


def iso_time(value: Any) -> datetime:
    """An ISO 8601 date and time with an offset, in UTC."""
    moment = datetime.fromisoformat(text(value))
    if moment.tzinfo is None:
        raise ValueError
    return moment.astimezone(UTC)


def one_of(choices: type[E]) -> Callable[[Any], E]:
    """The member of an enum that the upstream's word stands for.

    A word we do not know becomes the enum's `UNKNOWN`, which says in its description that it is the fallback.
    """

    def convert(value: Any) -> E:
        try:
            return choices(text(value))
        except ValueError:
            return choices["UNKNOWN"]

    convert.__name__ = f"one of {choices.__name__}"
    return convert
