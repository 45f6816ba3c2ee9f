"""Payloads read with care: what an upstream left out or got wrong harms its own field, not the object around it."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import Any, TypeVar, cast

import strawberry
from strawberry.scalars import JSON

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
        return converted(self._upstream, self._noun, key, convert, value)


def converted(upstream: str, noun: str, key: str, convert: Callable[..., T], value: Any, *beside: Any) -> T:
    """What `convert` makes of a value and those beside it; an error value where the value is wrong, or one itself."""
    if isinstance(value, Exception):
        return cast(T, value)
    try:
        return convert(value, *beside)
    except PayloadMismatch as wrong:
        return cast(T, wrong)
    except (TypeError, ValueError, KeyError, AttributeError, OverflowError):
        expected = convert.__name__.replace("_", " ")
        return cast(T, PayloadMismatch(upstream, noun, path=f"{noun}.{key}", expected=expected))


def text(value: Any) -> str:
    """A string."""
    if not isinstance(value, str):
        raise TypeError
    return value


def identity(value: Any) -> strawberry.ID:
    """An id."""
    return strawberry.ID(text(value))


def integer(value: Any) -> int:
    """An integer, not a boolean and not a float."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError
    return value


def decimal(value: Any) -> Decimal:
    """An exact number, written as a string."""
    try:
        number = Decimal(text(value))
    except InvalidOperation as error:
        raise ValueError from error
    if not number.is_finite():
        raise ValueError
    return number


def flag(value: Any) -> bool:
    """A boolean."""
    if not isinstance(value, bool):
        raise TypeError
    return value


def json_object(value: Any) -> JSON:
    """An object as it is."""
    if not isinstance(value, dict):
        raise TypeError
    return JSON(value)


AS_THEY_ARE: Mapping[Callable[..., Any], frozenset[type]] = {
    text: frozenset({str}),
    identity: frozenset({str}),
    integer: frozenset({int}),
    flag: frozenset({bool}),
    json_object: frozenset({dict}),
}
"""The types whose values a converter gives back as they are."""


def filled(value: Any) -> str | None:
    """A string; an empty one says that nothing is known."""
    return text(value) or None


def day(value: Any) -> date:
    """A date in ISO 8601."""
    return date.fromisoformat(text(value))


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
    members = {member.value: member for member in choices}

    def convert(value: Any) -> E:
        member = members.get(text(value))
        return choices["UNKNOWN"] if member is None else member

    convert.__name__ = f"one of {choices.__name__}"
    return convert


def list_of(convert: Callable[[Any], T]) -> Callable[[Any], list[T]]:
    """A list whose items `convert` reads."""

    def items(value: Any) -> list[T]:
        if not isinstance(value, list):
            raise TypeError
        return [convert(item) for item in value]

    return items


def inside(key: str, convert: Callable[[Any], T]) -> Callable[[Any], T]:
    """A value that lies one level deeper."""

    def inner(value: Any) -> T:
        return convert(value[key])

    inner.__name__ = f"{convert.__name__} as {key}"
    return inner


def maybe_inside(key: str, convert: Callable[[Any], T]) -> Callable[[Any], T | None]:
    """A value that lies one level deeper, where it may be null or absent."""

    def inner(value: Any) -> T | None:
        found = value.get(key)
        return None if found is None else convert(found)

    inner.__name__ = f"{convert.__name__} as {key}"
    return inner
