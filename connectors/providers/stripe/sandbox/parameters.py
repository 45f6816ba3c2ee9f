"""Stripe's parameters as they come over the wire, for its sandbox: names in brackets become objects and lists."""

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any

INTEGER = re.compile(r"-?[0-9]{1,18}")


class Refused(Exception):
    """The request is refused with a status and an error object."""

    def __init__(self, status: int, message: str, *, type: str = "invalid_request_error", **facts: Any) -> None:
        super().__init__(message)
        self.status = status
        self.error: dict[str, Any] = {"type": type, "message": message, **facts}


def nested(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """`a[b]=1`, `a[]=1` and `a[0][b]=1` as objects and lists. Metadata keeps its keys, digits or not."""
    tree: dict[str, Any] = {}
    for name, value in pairs:
        head, *inner = name.replace("]", "").split("[")
        place = tree
        path = [head, *inner]
        for key in path[:-1]:
            place = place.setdefault(_key(place, key), {})
            if not isinstance(place, dict):
                raise ValueError(name)
        place[_key(place, path[-1])] = value
    return {key: value if key == "metadata" else _listed(value) for key, value in tree.items()}


def _key(place: dict[str, Any], key: str) -> str:
    return key or str(len(place))


def _listed(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if value and all(key.isdecimal() for key in value):
        return [_listed(value[key]) for key in sorted(value, key=int)]
    return {key: _listed(inner) for key, inner in value.items()}


def known(parameters: Mapping[str, Any], names: Collection[str]) -> None:
    """Refuse parameters that the operation does not have."""
    for name in parameters:
        if name not in names:
            raise unknown(name)


def unknown(name: str) -> Refused:
    """The refusal of a parameter that there is not."""
    return Refused(400, f"Received unknown parameter: {name[:80]}", code="parameter_unknown", param=name[:80])


def text(parameters: Mapping[str, Any], name: str) -> str | None:
    """A string; `None` where it is absent or empty."""
    value = parameters.get(name)
    if value is not None and not isinstance(value, str):
        raise Refused(400, "Invalid string.", param=name)
    return value or None


def integer(parameters: Mapping[str, Any], name: str, least: int, most: int, param: str | None = None) -> int | None:
    """An integer between two bounds; `None` where it is absent."""
    value = parameters.get(name)
    if value is None:
        return None
    facts = {"code": "parameter_invalid_integer", "param": param or name}
    if not (isinstance(value, str) and INTEGER.fullmatch(value)):
        raise Refused(400, f"Invalid integer: {str(value)[:40]}", **facts)
    if int(value) < least:
        raise Refused(400, f"This value must be greater than or equal to {least}.", **facts)
    if int(value) > most:
        raise Refused(400, f"This value must be less than or equal to {most}.", **facts)
    return int(value)


def flag(parameters: Mapping[str, Any], name: str) -> bool:
    """A boolean, false where it is absent."""
    value = parameters.get(name, "false")
    if value not in ("true", "false"):
        raise Refused(400, "Invalid boolean.", param=name)
    return bool(value == "true")


def required(parameters: Mapping[str, Any], *names: str) -> None:
    """Refuse the lack of parameters that the operation needs."""
    for name in names:
        if name not in parameters:
            raise Refused(400, f"Missing required param: {name}.", code="parameter_missing", param=name)


def metadata(parameters: Mapping[str, Any]) -> dict[str, str]:
    """The caller's own keys and values; an empty value is none."""
    given = parameters.get("metadata") or {}
    if not (isinstance(given, dict) and all(isinstance(value, str) for value in given.values())):
        raise Refused(400, "Invalid object.", param="metadata")
    return {key: value for key, value in given.items() if value}
