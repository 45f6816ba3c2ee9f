"""From an upstream's pages to a Relay connection."""

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property, partial
from typing import Any, Generic, TypeVar, get_type_hints

from connectors.paging import Fetch, Paging, Position, Slice, collect, collect_backward, paging_of
from resolvers.context import Info
from resolvers.cursors import listing_of
from schema.fields import Calls, Slicing
from schema.problems import BackwardPaginationUnsupported, BadInput
from schema.relay import Connection, Edge, PageInfo
from schema.selection import Selected, selected

T = TypeVar("T")

DEFAULT_FIRST = 20
MAX_FIRST = 1000


class Pages(Generic[T]):
    """A client method that pages, and how its payloads become nodes. What `Fields.connection` is given."""

    def __init__(
        self,
        client: type[Any],
        method: Callable[..., Any],
        make: Callable[[Any], T],
        *,
        select: Callable[[Info], Any] | None = None,
        operation: str | None = None,
        brings: str | None = None,
        count: str | None = None,
    ) -> None:
        """`method` is `@paged` and takes the window first. `select(info)`, where given, goes to it as `select`.

        All else is for planners: the upstream's name of a call, where the list has one of ours, and what `Calls` says.
        """
        self.client: type[Any] = client
        self.method = method
        self.make = make
        self.paging = paging_of(method)
        self.node: type = get_type_hints(make)["return"]
        self.brought_by: str | None = None
        self.calls = Calls(
            upstream=client.upstream,
            operation=operation or self.paging.operation,
            page=self.paging.max_limit,
            rereads=self.paging.backward == "no",
            brings=brings,
            count=count,
        )
        self._select = select

    async def connection(self, root: Any, info: Info, arguments: Mapping[str, Any], slicing: Slicing) -> Connection[T]:
        client = info.context.client(self.client)
        extra = {"select": self._select(info)} if self._select else {}
        fetch = partial(self.method, client, **arguments, **extra)
        listing = listing_of(client.upstream, self.paging.operation, arguments)
        return await connect(fetch, self.paging, self.make, info, client.upstream, listing, slicing)


async def connect(
    fetch: Fetch[Any],
    paging: Paging,
    make: Callable[[Any], T],
    info: Info,
    upstream: str,
    listing: bytes,
    slicing: Slicing,
) -> Connection[T]:
    """The connection that `slicing` asks for.

    Raises `BadInput` for arguments that contradict each other, `InvalidCursor` and `BackwardPaginationUnsupported`, all
    before the upstream is called.
    """
    limit, backward = checked(slicing)
    if backward and (paging.backward == "no" or (paging.backward == "before" and slicing.before is None)):
        hint = "" if paging.backward == "no" else " without `before`"
        raise BackwardPaginationUnsupported(f"{upstream} cannot read {paging.operation} backward{hint}: use `first`")
    cursors = info.context.cursors
    after = cursors.decode(listing, slicing.after) if slicing.after is not None else None
    before = cursors.decode(listing, slicing.before) if slicing.before is not None else None
    children = selected(info).children()
    count = paging.counts and any(child.name == "totalCount" for child in children)
    wanted = needed(limit, children, backward=backward, count=count)
    part: Slice[Any] = Slice()
    if backward and wanted:
        anchor = before.cursor if before else None
        part = await collect_backward(fetch, paging, limit=wanted, before=anchor, count=count)
    elif wanted:
        part = await collect(fetch, paging, upstream=upstream, limit=wanted, at=after or Position(), count=count)
    if not limit:
        part = Slice(more=part.more or bool(part.items), total=part.total)
    more_before, more_after = (part.more, before is not None) if backward else (after is not None, part.more)
    return _assembled(part, make, partial(cursors.encode, listing), more_before, more_after)


def checked(slicing: Slicing) -> tuple[int, bool]:
    """How many items, and whether from behind. Raises `BadInput`."""
    if slicing.first is not None and slicing.last is not None:
        raise BadInput("`first` and `last` exclude each other")
    backward = slicing.last is not None
    name = "last" if backward else "first"
    limit = slicing.last if backward else slicing.first
    limit = DEFAULT_FIRST if limit is None else limit
    if not 0 <= limit <= MAX_FIRST:
        raise BadInput(f"`{name}` must be from 0 to {MAX_FIRST}, not {limit}")
    if backward and slicing.after is not None:
        raise BadInput("`last` goes with `before`, not with `after`")
    if not backward and slicing.before is not None:
        raise BadInput("`before` goes with `last`, not with `first`")
    return limit, backward


def needed(limit: int, children: Iterable[Selected], *, backward: bool, count: bool) -> int:
    """How many items to read where `limit` are wanted: of none, one, if the total or whether there are any is selected.

    `children` is what is selected on the connection; `count` says that the upstream is to tell the total.
    """
    more = "hasPreviousPage" if backward else "hasNextPage"
    page_info = (child for child in children if child.name == "pageInfo")
    asked = count or any(below.name == more for child in page_info for below in child.children())
    return limit or int(asked)


def _assembled(
    part: Slice[Any],
    make: Callable[[Any], T],
    encode: Callable[[Position], str],
    more_before: bool,
    more_after: bool,
) -> Connection[T]:
    places = zip(part.positions, part.items, strict=True)
    edges: list[Edge[T]] = [_Edge(encode, position, make(item)) for position, item in places]
    page_info = PageInfo(
        has_next_page=more_after,
        has_previous_page=more_before,
        start_cursor=edges[0].cursor if edges else None,
        end_cursor=edges[-1].cursor if edges else None,
    )
    return Connection(edges=edges, page_info=page_info, total_count=part.total)


class _Edge(Edge[T]):
    """An edge whose cursor is written when it is asked for, which is seldom."""

    def __init__(self, encode: Callable[[Position], str], position: Position, node: T) -> None:
        self._encode = encode
        self._position = position
        self.node = node

    @cached_property
    def cursor(self) -> str:  # type: ignore[override]
        return self._encode(self._position)
