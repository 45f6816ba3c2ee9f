"""Slack's arguments as they come over the wire, for its sandbox: a query, a form or JSON."""

from typing import Any
from urllib.parse import parse_qsl

import orjson
from starlette.requests import Request

from connectors.providers.slack.sandbox.workspace import Json


class Refused(Exception):
    """The request is refused with an error and what Slack says beside it."""

    def __init__(self, error: str, **facts: Any) -> None:
        super().__init__(error)
        self.answer: Json = {"ok": False, "error": error, **facts}


async def parameters(request: Request) -> Json:
    """All that was sent, wherever it stood."""
    given: Json = dict(request.query_params)
    body = await request.body()
    kind = request.headers.get("content-type", "").partition(";")[0]
    if kind == "application/json" and body:
        try:
            sent = orjson.loads(body)
        except orjson.JSONDecodeError:
            raise Refused("invalid_json") from None
        if not isinstance(sent, dict):
            raise Refused("json_not_object")
        return given | sent
    if kind in ("", "application/x-www-form-urlencoded"):
        return given | dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    raise Refused("invalid_post_type")


def text(given: Json, name: str) -> str | None:
    """A string; `None` where it is absent or empty."""
    value = given.get(name)
    if value is not None and not isinstance(value, str):
        raise Refused("invalid_arguments", response_metadata={"messages": [f"[ERROR] must be a string: {name}"]})
    return value or None


def required(given: Json, name: str) -> str:
    """A string that must be there."""
    value = text(given, name)
    if value is None:
        raise Refused("invalid_arguments", response_metadata={"messages": [f"[ERROR] missing required field: {name}"]})
    return value


def integer(given: Json, name: str, default: int, most: int) -> int:
    """A whole number from 1."""
    value = given.get(name, default)
    if isinstance(value, str) and value.isdecimal():
        value = int(value)
    if not isinstance(value, int) or not 1 <= value <= most:
        raise Refused(f"invalid_{name}" if name == "limit" else "invalid_arguments")
    return value


def flag(given: Json, name: str) -> bool:
    """A boolean, false where it is absent."""
    return given.get(name) in (True, "true", "1", 1, "True")
