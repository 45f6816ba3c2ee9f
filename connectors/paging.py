"""Paging in an upstream's terms: a client method is asked for a `Window` and gives a `Page`.

Upstreams mark places in a list in two ways. Either each item has a cursor of its own (Stripe's ids, GitHub's edge
cursors), or only pages have one (page tokens, locators, page numbers), and a place inside a page is a page cursor and
a number of items to skip. `collect` reads as many pages as a request wants and hides the difference behind `Position`.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, NamedTuple, TypeVar

from connectors.errors import PayloadMismatch

T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., Any])
Backward = Literal["no", "before", "yes"]


@dataclass(frozen=True)
class Window:
    """Which part of a list an upstream is asked for.

    `limit` is the number of items wanted, from 1 to the operation's `Paging.max_limit`. `after` and `before` are the
    upstream's own cursors, exclusive, at most one of them set. `backward` asks for the last `limit` items (before
    `before`, if given) still in the list's own order. `count` says that the total is wanted as well.
    """

    limit: int
    after: str | None = None
    before: str | None = None
    backward: bool = False
    count: bool = False


@dataclass(frozen=True)
class Page(Generic[T]):
    """One answer of an upstream to a `Window`, in the list's own order.

    `next_cursor` continues in the direction of the window; `None` ends the list. `cursors` holds each item's own
    cursor where the upstream has such, and is `None` where it has page cursors only. `total` is the number of items in
    the whole list where the upstream says it, and `None` where it does not.
    """

    items: Sequence[T]
    next_cursor: str | None = None
    cursors: Sequence[str] | None = None
    total: int | None = None


@dataclass(frozen=True)
class Paging:
    """How one upstream operation (`charges.list`) pages.

    `max_limit` items at most come in one page. `backward` is `"no"`, `"before"` (only before a given cursor) or `"yes"`
    (from the end as well). `counts` says that the upstream knows the total.
    """

    operation: str
    max_limit: int
    backward: Backward = "no"
    counts: bool = False


class Position(NamedTuple):
    """A place in a list: `skip` items behind the upstream's `cursor` (`None`: from the start)."""

    cursor: str | None = None
    skip: int = 0


@dataclass(frozen=True)
class Slice(Generic[T]):
    """A part of a list, gathered from one or more pages: `positions[i]` is the place just behind `items[i]`."""

    items: list[T] = field(default_factory=list)
    positions: list[Position] = field(default_factory=list)
    more: bool = False
    total: int | None = None


def paged(operation: str, *, max_limit: int, backward: Backward = "no", counts: bool = False) -> Callable[[F], F]:
    """Declare how a client method pages, so that planners and connections can ask (`paging_of`) before they call."""

    def declare(method: F) -> F:
        method.paging = Paging(operation, max_limit, backward, counts)  # type: ignore[attr-defined]
        return method

    return declare


def paging_of(method: Callable[..., Any]) -> Paging:
    """The declaration `paged` left on a client method."""
    paging = getattr(method, "paging", None)
    if not isinstance(paging, Paging):
        raise TypeError(f"{method.__qualname__} does not say how it pages: decorate it with @paged")
    return paging


Fetch = Callable[[Window], Awaitable[Page[T]]]


async def collect(
    fetch: Fetch[T], paging: Paging, *, upstream: str, limit: int, at: Position = Position(), count: bool = False
) -> Slice[T]:
    """The `limit` items behind `at`, from as many pages as that takes.

    No page is asked for more than is still missing, so 250 items at 100 a page are read as 100 + 100 + 50. A page may
    hold more or fewer items than asked for; what is left over of the last one is found again by its `Position`.

    Raises `PayloadMismatch` where the upstream's cursor does not move on.
    """
    items: list[T] = []
    positions: list[Position] = []
    total: int | None = None
    while True:
        wanted = limit - len(items)
        window = Window(min(wanted + at.skip, paging.max_limit), after=at.cursor, count=count and total is None)
        page = await fetch(window)
        total = page.total if total is None else total
        kept = page.items[at.skip : at.skip + wanted]
        if page.cursors is None:
            marks = [Position(at.cursor, at.skip + n) for n in range(1, len(kept) + 1)]
        else:
            marks = [Position(cursor) for cursor in page.cursors[at.skip : at.skip + wanted]]
        items += kept
        positions += marks
        left_over = len(page.items) > at.skip + len(kept)
        if page.cursors is None and kept and not left_over and page.next_cursor is not None:
            positions[-1] = Position(page.next_cursor)
        if len(items) >= limit or page.next_cursor is None:
            return Slice(items, positions, more=left_over or page.next_cursor is not None, total=total)
        if page.next_cursor == at.cursor:
            raise PayloadMismatch(upstream, paging.operation, path="next cursor", expected="a cursor that moves on")
        at = Position(page.next_cursor, max(0, at.skip - len(page.items)))


async def collect_backward(
    fetch: Fetch[T], paging: Paging, *, limit: int, before: str | None, count: bool = False
) -> Slice[T]:
    """The `limit` items in front of `before` (or the last ones), for upstreams whose items have cursors of their own.

    `positions[i]` is item i's own cursor; `more` says that the list goes on towards its beginning.
    """
    items: list[T] = []
    positions: list[Position] = []
    total: int | None = None
    while True:
        window = Window(
            min(limit - len(items), paging.max_limit), before=before, backward=True, count=count and total is None
        )
        page = await fetch(window)
        if page.cursors is None:
            raise TypeError("an operation that pages backward gives each item's cursor")
        total = page.total if total is None else total
        items[:0] = page.items
        positions[:0] = [Position(cursor) for cursor in page.cursors]
        before = page.next_cursor
        if len(items) >= limit or before is None:
            return Slice(items, positions, more=before is not None, total=total)
