"""From an upstream's pages to a Relay connection."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
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
        extra = {"select": selected(info).once(self._select, info)} if self._select else {}
        fetch = partial(self.method, client, **arguments, **extra)
        listing = listing_of(client.upstream, self.paging.operation, arguments)
        return await connect(fetch, self.paging, self.make, info, client.upstream, listing, slicing)


@dataclass(frozen=True)
class Beside:
    """What is selected on a connection beside its nodes: how many there are, and whether there are more either way."""

    total: bool
    next: bool
    previous: bool


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
    field = selected(info)
    beside = field.once(beside_nodes, field)
    count = paging.counts and beside.total
    wanted = needed(limit, beside, backward=backward, count=count)
    part: Slice[Any] = Slice()
    if backward and wanted:
        anchor = before.cursor if before else None
        part = await collect_backward(fetch, paging, limit=wanted, before=anchor, count=count)
    elif wanted:
        part = await collect(fetch, paging, upstream=upstream, limit=wanted, at=after or Position(), count=count)
    if not limit:
        part = Slice(more=part.more or bool(part.items), total=part.total)
    more_before, more_after = (part.more, before is not None) if backward else (after is not None, part.more)
    nodes: list[T | None] = list(map(make, part.items))
    encode = partial(cursors.encode, listing)
    page_info = _PageInfo(encode, part.positions, more_before, more_after)
    return _Connection(encode, part.positions, nodes, page_info, part.total)


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


def beside_nodes(field: Selected) -> Beside:
    """What a connection's selection has beside the nodes."""
    return beside_of(field.children)


def beside_of(children: Iterable[Selected]) -> Beside:
    """The same for what is selected on a connection at several places."""
    names = {child.name for child in children}
    info = {below.name for child in children if child.name == "pageInfo" for below in child.children}
    return Beside("totalCount" in names, "hasNextPage" in info, "hasPreviousPage" in info)


def needed(limit: int, beside: Beside, *, backward: bool, count: bool) -> int:
    """How many items to read where `limit` are wanted: of none, one, if the total or whether there are any is selected.

    `count` says that the upstream is to tell the total.
    """
    return limit or int(count or (beside.previous if backward else beside.next))


class _Connection(Connection[T]):
    """A connection whose edges are made when they are asked for: most want the nodes alone."""

    def __init__(
        self,
        encode: Callable[[Position], str],
        positions: Sequence[Position],
        nodes: list[T | None],
        page_info: PageInfo,
        total_count: int | None,
    ) -> None:
        self._encode = encode
        self._positions = positions
        self._nodes = nodes
        self.page_info = page_info
        self.total_count = total_count

    @cached_property
    def edges(self) -> list[Edge[T]]:  # type: ignore[override]
        return [_Edge(self._encode, *place) for place in zip(self._positions, self._nodes, strict=True)]

    def listed(self) -> list[T | None]:
        return self._nodes


class _Edge(Edge[T]):
    """An edge whose cursor is written when it is asked for, which is seldom."""

    def __init__(self, encode: Callable[[Position], str], position: Position, node: T | None) -> None:
        self._encode = encode
        self._position = position
        self.node = node

    @property
    def cursor(self) -> str:  # type: ignore[override]
        return self._encode(self._position)


class _PageInfo(PageInfo):
    """Where a page lies, its cursors written when they are asked for as well."""

    def __init__(
        self,
        encode: Callable[[Position], str],
        positions: Sequence[Position],
        more_before: bool,
        more_after: bool,
    ) -> None:
        self._encode = encode
        self._positions = positions
        self.has_previous_page = more_before
        self.has_next_page = more_after

    @property
    def start_cursor(self) -> str | None:  # type: ignore[override]
        return self._encode(self._positions[0]) if self._positions else None

    @property
    def end_cursor(self) -> str | None:  # type: ignore[override]
        return self._encode(self._positions[-1]) if self._positions else None
