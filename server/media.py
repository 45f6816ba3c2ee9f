"""Which media type to answer in (RFC 9110, 12.5.1), and whether a body is JSON."""

from collections.abc import Sequence
from email.message import Message
from functools import lru_cache

GRAPHQL_RESPONSE = "application/graphql-response+json"
JSON = "application/json"
HTML = "text/html"
EVENT_STREAM = "text/event-stream"
MULTIPART = "multipart/mixed"
PARTS_FORMAT = "incrementalspec=v0.2"

UTF_8 = ("utf-8", "utf8")


@lru_cache(maxsize=32)
def preferred(accept: str, offered: tuple[str, ...]) -> str | None:
    """The one of `offered` that an Accept header likes best, `None` if it likes none of them.

    Of two that it likes the same, the one it names rather than covers by a wildcard, then the one it names first, then
    the one we offer first. An empty header likes everything.
    """
    ranges = [_range(part) for part in accept.split(",") if part.strip()] or [("*/*", 1.0)]
    likings = {media_type: _liking(media_type, ranges) for media_type in offered}
    best = max(offered, key=likings.__getitem__)
    return best if likings[best][0] > 0 else None


@lru_cache(maxsize=32)
def takes_events(accept: str) -> bool:
    """Whether an Accept header names the media type of event streams: who takes anything may not expect one."""
    return any(name == EVENT_STREAM and quality > 0 for name, quality in map(_range, accept.split(",")))


@lru_cache(maxsize=32)
def takes_parts(accept: str) -> bool:
    """Whether an Accept header names the media type of answers in parts, in the only format of parts that we have.

    Clients name older formats, and those of other things that come in parts, by a parameter.
    """
    for part in accept.split(","):
        name, quality = _range(part)
        parameters = {parameter.strip().lower() for parameter in part.split(";")[1:]}
        others = {one for one in parameters if not one.startswith(("q=", "boundary="))} - {PARTS_FORMAT}
        if name == MULTIPART and quality > 0 and not others:
            return True
    return False


@lru_cache(maxsize=32)
def is_json(content_type: str) -> bool:
    """Whether a Content-Type header says JSON in UTF-8, the only encoding that JSON has on the wire (RFC 8259)."""
    if "/" not in content_type.partition(";")[0]:
        return False
    message = Message()
    message["content-type"] = content_type
    charset = str(message.get_param("charset", "utf-8")).lower()
    return message.get_content_type() == JSON and charset in UTF_8


def _range(part: str) -> tuple[str, float]:
    name, *parameters = part.split(";")
    quality = 1.0
    for parameter in parameters:
        key, _, value = parameter.partition("=")
        if key.strip().lower() == "q":
            quality = _number(value)
        elif key.strip().lower() == "charset" and value.strip(' "').lower() not in UTF_8:
            return "", 0.0
    return name.strip().lower(), quality


def _number(text: str) -> float:
    try:
        quality = float(text)
    except ValueError:
        return 0.0
    return quality if 0 <= quality <= 1 else 0.0


def _liking(media_type: str, ranges: Sequence[tuple[str, float]]) -> tuple[float, int, int]:
    """Quality, how precisely it is named, and how early: the larger, the better liked."""
    for precision, wanted in ((2, media_type), (1, media_type.partition("/")[0] + "/*"), (0, "*/*")):
        for place, (name, quality) in enumerate(ranges):
            if name == wanted:
                return quality, precision, -place
    return 0.0, 0, 0
