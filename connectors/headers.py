"""Headers in the shapes in which they are sent, come and are read."""

from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime

import httpx2

Fields = dict[str, str]
"""The headers of a request as lines (`Host: toy.example`), by their names in lower case."""

Pairs = list[tuple[bytes, bytes]]
"""The headers of an answer as they came, but for their names in lower case."""

Told = dict[bytes, bytes]
"""The values of an answer's headers, by names in lower case."""


def written(headers: Mapping[str, str]) -> Fields:
    """Headers as they are sent."""
    return {name.lower(): f"{name}: {value}" for name, value in headers.items()}


def fields_of(request: httpx2.Request) -> Fields:
    """The headers of a request. They are not to be changed."""
    fields: Fields | None = getattr(request, "fields", None)
    return _fields(request.headers) if fields is None else fields


def _fields(headers: httpx2.Headers) -> Fields:
    """The same of any request; what has several values has one line."""
    fields: Fields = {}
    for raw_name, raw_value in headers.raw:
        name, value = (raw.decode(errors="surrogateescape") for raw in (raw_name, raw_value))
        before = fields.get(name.lower())
        fields[name.lower()] = f"{before}, {value}" if before else f"{name}: {value}"
    return fields


def pairs_of(response: httpx2.Response) -> Pairs:
    """The headers of an answer, a name perhaps more than once."""
    pairs: Pairs | None = getattr(response, "pairs", None)
    return [(name.lower(), value) for name, value in response.headers.raw] if pairs is None else pairs


def told_of(response: httpx2.Response) -> Told:
    """The headers of an answer by name. An `httpx2.Headers` costs ten times as much and is seldom needed."""
    told: Told | None = getattr(response, "told", None)
    return told_by(pairs_of(response)) if told is None else told


def told_by(pairs: Pairs) -> Told:
    """The same of pairs; several values are one list (RFC 9110, section 5.2)."""
    told = dict(pairs)
    if len(told) < len(pairs):
        for name in told:
            told[name] = b", ".join([value for each, value in pairs if each == name])
    return told


def texts_of(response: httpx2.Response) -> Mapping[str, str]:
    """The same as text, for those who read several."""
    told = told_of(response)
    return {name.decode("iso-8859-1"): value.decode("iso-8859-1") for name, value in told.items()}


def header_of(response: httpx2.Response, name: str) -> str | None:
    """One header of an answer; `None` if it is not there."""
    value = told_of(response).get(name.lower().encode())
    return None if value is None else value.decode("iso-8859-1")


def is_page(response: httpx2.Response) -> bool:
    """Whether an answer is for people to read, as what stands before an API answers in its place."""
    return "html" in (header_of(response, "content-type") or "")


def date(value: str) -> float | None:
    """The Unix time of an HTTP date; `None` for anything else. Source: RFC 9110, section 5.6.7."""
    try:
        told = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    return (told if told.tzinfo else told.replace(tzinfo=UTC)).timestamp()
