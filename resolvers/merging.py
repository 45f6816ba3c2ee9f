"""Several lists, each newest first, read as one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from heapq import merge
from typing import Generic, TypeVar

from connectors.paging import Position, Slice

T = TypeVar("T")


@dataclass(frozen=True)
class Merged(Generic[T]):
    """A part of the merged list: `places[i]` says, by the names of the lists, where each goes on behind `items[i]`."""

    items: list[T]
    places: list[dict[str, Position]]
    more: bool


def merged(
    parts: Mapping[str, Slice[T]], starts: Mapping[str, Position], *, time: Callable[[T], datetime], limit: int
) -> Merged[T]:
    """The newest `limit` items of all parts.

    Each part has the first `limit` items behind its place in `starts`, or all there are; each goes from new to old. Of
    items of the same time, those of the part that is named first come first.
    """
    rows = [
        [(name, item, place) for item, place in zip(part.items, part.positions, strict=True)]
        for name, part in parts.items()
    ]
    items: list[T] = []
    places: list[dict[str, Position]] = []
    at = dict(starts)
    for name, item, place in merge(*rows, key=lambda row: time(row[1]), reverse=True):
        if len(items) == limit:
            break
        at = {**at, name: place}
        items.append(item)
        places.append(at)
    more = any(part.more for part in parts.values()) or sum(map(len, rows)) > len(items)
    return Merged(items, places, more)
