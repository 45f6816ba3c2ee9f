"""Google's partial responses: `fields=nextPageToken,items(id,start/dateTime)` cuts an answer down to what it names.

Source: https://developers.google.com/workspace/calendar/api/guides/performance#partial-response
"""

from typing import Any

Selection = dict[str, "Selection"]
"""What is named at each name; nothing further named stands for all of it."""


def parsed(text: str) -> Selection:
    """The selection that a text names. Raises `ValueError`."""
    selection, rest = _list(text)
    if rest:
        raise ValueError(text)
    return selection


def selected(value: Any, selection: Selection) -> Any:
    """The part of a value that is named."""
    if not selection or "*" in selection:
        return value
    if isinstance(value, list):
        return [selected(item, selection) for item in value]
    if isinstance(value, dict):
        return {name: selected(value[name], inner) for name, inner in selection.items() if name in value}
    return value


def _list(text: str) -> tuple[Selection, str]:
    selection: Selection = {}
    while True:
        names, text = _path(text)
        inner = selection
        for name in names:
            inner = inner.setdefault(name, {})
        if text.startswith("("):
            below, text = _list(text[1:])
            if not text.startswith(")"):
                raise ValueError(text)
            inner |= below
            text = text[1:]
        if not text.startswith(","):
            return selection, text
        text = text[1:]


def _path(text: str) -> tuple[list[str], str]:
    end = next((i for i, letter in enumerate(text) if letter in ",()"), len(text))
    names = text[:end].strip().split("/")
    if not all(name == "*" or name.isalnum() for name in names):
        raise ValueError(text)
    return names, text[end:]
