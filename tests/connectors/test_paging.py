import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import PayloadMismatch
from connectors.paging import Page, Paging, Position, Slice, Window, collect, collect_backward, paged, paging_of

THINGS = list(range(57))


class TokenUpstream:
    """Pages of a fixed size with page tokens, whatever limit is asked for."""

    def __init__(self, size: int, things: list[int] = THINGS) -> None:
        self.size = size
        self.things = things
        self.windows: list[Window] = []

    async def fetch(self, window: Window) -> Page[int]:
        self.windows.append(window)
        start = int(window.after or 0)
        end = start + self.size
        return Page(self.things[start:end], next_cursor=str(end) if end < len(self.things) else None)


class IdUpstream:
    """Pages by item cursors, both ways, as many as asked for."""

    def __init__(self) -> None:
        self.windows: list[Window] = []

    async def fetch(self, window: Window) -> Page[int]:
        self.windows.append(window)
        if window.backward:
            end = int(window.before) if window.before else len(THINGS)
            start = max(0, end - window.limit)
            more = str(start) if start > 0 else None
        else:
            start = int(window.after) + 1 if window.after else 0
            end = min(len(THINGS), start + window.limit)
            more = str(end - 1) if end < len(THINGS) else None
        items = THINGS[start:end]
        return Page(items, next_cursor=more, cursors=[str(item) for item in items])


def forward(upstream: TokenUpstream | IdUpstream, limit: int, at: Position = Position(), most: int = 100) -> Slice[int]:
    return asyncio.run(collect(upstream.fetch, Paging("things.list", most), upstream="demo", limit=limit, at=at))


def test_pages_smaller_than_asked_for_are_gathered() -> None:
    upstream = TokenUpstream(10)

    part = forward(upstream, 25)

    assert (part.items, part.more, len(upstream.windows)) == (THINGS[:25], True, 3)


def test_the_next_part_starts_inside_an_upstream_page() -> None:
    upstream = TokenUpstream(10)
    end = forward(upstream, 25).positions[-1]

    assert end == Position("20", 5)
    assert forward(upstream, 10, end).items == THINGS[25:35]


def test_no_page_is_asked_for_more_than_is_missing() -> None:
    upstream = IdUpstream()

    forward(upstream, 45, most=20)

    assert [window.limit for window in upstream.windows] == [20, 20, 5]


def test_the_end_of_the_list_is_the_end() -> None:
    part = forward(TokenUpstream(10), 100)

    assert (part.items, part.more) == (THINGS, False)


def test_an_upstream_that_goes_in_circles_is_found_out() -> None:
    async def fetch(window: Window) -> Page[int]:
        return Page([1], next_cursor="same")

    with pytest.raises(PayloadMismatch):
        asyncio.run(collect(fetch, Paging("things.list", 10), upstream="demo", limit=5))


@given(size=st.integers(1, 60), first=st.integers(1, 70), by_id=st.booleans())
def test_walking_a_list_neither_repeats_nor_loses_an_item(size: int, first: int, by_id: bool) -> None:
    upstream = IdUpstream() if by_id else TokenUpstream(size)
    seen: list[int] = []
    at, more = Position(), True
    while more:
        part = forward(upstream, first, at, most=size)
        seen += part.items
        at, more = part.positions[-1], part.more

    assert seen == THINGS


@given(cut=st.integers(1, 56), size=st.integers(1, 60))
def test_every_item_can_be_resumed_behind(cut: int, size: int) -> None:
    upstream = TokenUpstream(size)
    part = forward(upstream, cut)

    assert forward(upstream, 100, part.positions[-1]).items == THINGS[cut:]


def test_reading_backward_keeps_the_order_of_the_list() -> None:
    upstream = IdUpstream()

    part = asyncio.run(collect_backward(upstream.fetch, Paging("things.list", 10, "yes"), limit=25, before="40"))

    assert (part.items, part.more, len(upstream.windows)) == (THINGS[15:40], True, 3)
    assert part.positions[0] == Position("15")


def test_reading_backward_ends_at_the_beginning() -> None:
    part = asyncio.run(collect_backward(IdUpstream().fetch, Paging("things.list", 10, "yes"), limit=25, before="5"))

    assert (part.items, part.more) == (THINGS[:5], False)


def test_a_method_says_how_it_pages() -> None:
    @paged("things.list", max_limit=10)
    async def list_things(window: Window) -> Page[int]:
        return Page([])

    assert paging_of(list_things) == Paging("things.list", 10)


def test_a_method_that_does_not_say_is_refused() -> None:
    async def list_things(window: Window) -> Page[int]:
        return Page([])

    with pytest.raises(TypeError, match="list_things"):
        paging_of(list_things)
