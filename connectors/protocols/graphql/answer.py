"""From an answer that may be partial to a payload whose failed places hold error values."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from connectors.errors import NotAuthorized, NotFound, PayloadMismatch, UpstreamError, UpstreamRejected

Refusal = Callable[[str, str, Mapping[str, Any]], UpstreamError]
"""From upstream, operation and one entry of an answer's `errors` to an error of ours. Must not raise on any entry."""

CODE = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,63}")


def code_of(error: Mapping[str, Any]) -> str:
    """The stable word of an upstream's error: its `type` or `extensions.code`, never its message."""
    extensions = error.get("extensions")
    words = (error.get("type"), extensions.get("code") if isinstance(extensions, Mapping) else None)
    return next((word for word in words if isinstance(word, str) and CODE.fullmatch(word)), "GRAPHQL_ERROR")


def by_code(upstream: str, operation: str, error: Mapping[str, Any]) -> UpstreamError:
    """The refusal as GraphQL servers commonly word it."""
    code = code_of(error)
    if code == "NOT_FOUND":
        return NotFound(upstream, operation, status=200, reason=code)
    if code in ("FORBIDDEN", "UNAUTHENTICATED", "INSUFFICIENT_SCOPES"):
        return NotAuthorized(upstream, operation, f"the credentials do not reach this far ({code})")
    return UpstreamRejected(upstream, operation, status=200, reason=code)


def placed(
    data: Any, errors: Iterable[Any], *, upstream: str, operation: str, refusal: Refusal = by_code
) -> dict[str, Any]:
    """`data` with each error, as a value, in the place it left empty: null that spread upwards is found by the path.

    Raises the first error that has no place: then the document failed as a whole.
    """
    for error in errors:
        entry = error if isinstance(error, Mapping) else {}
        cause = refusal(upstream, operation, entry)
        path = entry.get("path")
        if not isinstance(data, dict) or not isinstance(path, list) or not path or not _put(data, path, cause):
            raise cause
    if not isinstance(data, dict):
        raise PayloadMismatch(upstream, operation, path="data", expected="an object")
    return data


def _put(data: dict[str, Any], path: list[Any], cause: UpstreamError) -> bool:
    """Whether there is a place for the error: the first on its path that is null, or that has an error already."""
    holder: Any = data
    for step, key in enumerate(path):
        try:
            value = holder[key]
        except (KeyError, IndexError, TypeError):
            return False
        if isinstance(value, UpstreamError):
            return True
        if value is None or step == len(path) - 1:
            holder[key] = cause
            return True
        holder = value
    return False
