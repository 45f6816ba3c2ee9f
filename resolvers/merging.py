"""Several lists, each newest first, read as one."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from heapq import merge
from typing import Any, Generic, TypeVar

import orjson

from connectors.errors import UpstreamError
from connectors.paging import Position, Slice
from resolvers.connections import checked
from resolvers.context import Info
from schema.fields import Slicing
from schema.relay import Connection, Edge, PageInfo

T = TypeVar("T")

LONG_AGO = datetime.min.replace(tzinfo=UTC)

Places = Mapping[str, Position]
Parts = Mapping[str, Slice[T]]
Reads = Iterable[Awaitable[Parts[T]]]


@dataclass(frozen=True)
class Merged(Generic[T]):
    """A part of the merged list: `places[i]` says, by the names of the lists, where each goes on behind `items[i]`."""

    items: list[T]
    places: list[dict[str, Position]]
    more: bool


def merged(parts: Parts[T], starts: Places, *, time: Callable[[T], datetime], limit: int) -> Merged[T]:
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


async def read_merged(
    info: Info,
    listing: bytes,
    slicing: Slicing,
    read: Callable[[str, Places, int], Reads[T]],
    *,
    anchor: str,
    time: Callable[[T], Any],
) -> Connection[T]:
    """A part of the merged list as a connection, which is read forward only.

    `read(anchor, places, limit)` gives what reads each upstream's lists behind their places, by name. `anchor` is kept
    in the cursors, so that the pages behind the first are read with the same. `time` of an item is a datetime, or
    anything else where there is none: such items come last.
    Where an upstream fails, there is an edge in front whose node is the error; going on from a later cursor gives what
    it lacked.
    """
    limit, _ = checked(slicing)
    at: Places = {}
    if slicing.after is not None:
        anchor, places = orjson.loads(info.context.cursors.decode(listing, slicing.after).cursor or "")
        at = {name: Position(*place) for name, place in places.items()}
    found: Any = await asyncio.gather(*read(anchor, at, max(1, limit)), return_exceptions=True)
    for one in found:
        if isinstance(one, BaseException) and not isinstance(one, UpstreamError):
            raise one
    failed = [one for one in found if isinstance(one, UpstreamError)]
    parts = {name: part for one in found if not isinstance(one, UpstreamError) for name, part in one.items()}
    result = merged(parts, at, time=lambda item: moment(time(item)), limit=limit)

    def cursor(places: Places) -> str:
        written = [anchor, {name: [place.cursor, place.skip] for name, place in places.items()}]
        return info.context.cursors.encode(listing, Position(orjson.dumps(written).decode()))

    edges: list[Edge[Any]] = [Edge(cursor=cursor(at), node=error) for error in failed]
    edges += [Edge(cursor=cursor(places), node=item) for item, places in zip(result.items, result.places, strict=True)]
    page_info = PageInfo(
        has_next_page=result.more or bool(failed),
        has_previous_page=slicing.after is not None,
        start_cursor=edges[0].cursor if edges else None,
        end_cursor=edges[-1].cursor if edges else None,
    )
    return Connection(edges=edges, page_info=page_info, total_count=None)


def latest(items: Mapping[tuple[str, str], T], at: Position, limit: int) -> Slice[T]:
    """The newest `limit` of all items behind a place, by time and id: for an upstream that gives all or none.

    A place is the time and the id of what was last given.
    """
    last = tuple(orjson.loads(at.cursor)) if at.cursor else None
    keys = [key for key in sorted(items, reverse=True) if last is None or key < last]
    kept = keys[:limit]
    return Slice(
        [items[key] for key in kept],
        [Position(orjson.dumps(key).decode()) for key in kept],
        more=len(keys) > limit,
    )


def moment(value: Any) -> datetime:
    """A time; what has no readable one was long ago."""
    return value if isinstance(value, datetime) else LONG_AGO
