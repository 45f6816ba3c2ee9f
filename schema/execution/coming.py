"""Columns that are there, or on their way: who has nothing to wait for pays for no coroutine."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from schema.execution.columns import Column

Coming = Column | Awaitable[Column]


async def arrived(coming: Coming) -> Column:
    """The column itself."""
    return coming if isinstance(coming, list) else await coming


async def begun(begin: Callable[[], Coming], turns: int = 0) -> Column:
    """What `begin` gives: called once somebody waits for it, so many turns of the event loop later, and then let go."""
    for _ in range(turns):
        await asyncio.sleep(0)
    coming = begin()
    del begin
    return await arrived(coming)


def then(coming: Coming, finish: Callable[[Column], Coming]) -> Coming:
    """What `finish` makes of a column."""
    return finish(coming) if isinstance(coming, list) else _afterwards(coming, finish)


def together(comings: Sequence[Coming], finish: Callable[[Sequence[Column]], Column]) -> Coming:
    """What `finish` makes of several; those that have to be waited for are so side by side."""
    columns = [coming for coming in comings if isinstance(coming, list)]
    return finish(columns) if len(columns) == len(comings) else _side_by_side(list(comings), finish)


async def _afterwards(coming: Awaitable[Column], finish: Callable[[Column], Coming]) -> Column:
    column = finish(await coming)
    return column if isinstance(column, list) else await column


async def _side_by_side(comings: list[Coming], finish: Callable[[Sequence[Column]], Column]) -> Column:
    pending = [coming for coming in comings if not isinstance(coming, list)]
    ended = iter([await pending[0]] if len(pending) == 1 else await asyncio.gather(*pending))
    return finish([coming if isinstance(coming, list) else next(ended) for coming in comings])
