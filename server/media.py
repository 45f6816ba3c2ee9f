"""Which media type to answer in (RFC 9110, 12.5.1), and whether a body is JSON."""

from collections.abc import Sequence
from email.message import Message
from functools import lru_cache

GRAPHQL_RESPONSE = "application/graphql-response+json"
JSON = "application/json"
HTML = "text/html"

UTF_8 = ("utf-8", "utf8")


@lru_cache(maxsize=256)
def preferred(accept: str, offered: tuple[str, ...]) -> str | None:
    """The one of `offered` that `accept` likes best, the earlier one where it likes two the same; `None` for none.

    No Accept header (an empty one) accepts everything.
    """
    ranges = [_range(part) for part in accept.split(",") if part.strip()] or [("*/*", 1.0)]
    likes = [_quality(media_type, ranges) for media_type in offered]
    best = max(likes)
    return offered[likes.index(best)] if best > 0 else None


@lru_cache(maxsize=256)
def is_json(content_type: str) -> bool:
    """Whether a Content-Type header says JSON in UTF-8, the only encoding that JSON has on the wire (RFC 8259)."""
    media_type, charset = _parsed(content_type)
    return media_type == JSON and charset in UTF_8


def _range(part: str) -> tuple[str, float]:
    name, *parameters = part.split(";")
    quality = 1.0
    for parameter in parameters:
        key, _, value = parameter.partition("=")
        if key.strip().lower() == "q":
            quality = _number(value)
        elif key.strip().lower() == "charset" and value.strip(' "').lower() not in UTF_8:
            quality = 0.0
    return name.strip().lower(), quality


def _number(text: str) -> float:
    try:
        return min(max(float(text), 0.0), 1.0)
    except ValueError:
        return 0.0


def _quality(media_type: str, ranges: Sequence[tuple[str, float]]) -> float:
    for wanted in (media_type, media_type.partition("/")[0] + "/*", "*/*"):
        qualities = [quality for name, quality in ranges if name == wanted]
        if qualities:
            return max(qualities)
    return 0.0


def _parsed(content_type: str) -> tuple[str, str]:
    message = Message()
    message["content-type"] = content_type
    has_type = "/" in content_type.partition(";")[0]
    return (message.get_content_type() if has_type else ""), str(message.get_param("charset", "utf-8")).lower()
