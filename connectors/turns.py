"""Waiting in line for one's turn."""

import asyncio
from collections import deque
from collections.abc import Callable

Line = deque[asyncio.Future[None]]
"""Those who wait, in the order in which they came; it is somebody's turn when their future is done."""


async def turn(line: Line, pass_on: Callable[[], None]) -> None:
    """Wait at the end of `line`. Whoever is cancelled when their turn has just come hands it on by `pass_on`."""
    mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    line.append(mine)
    try:
        await mine
    except asyncio.CancelledError:
        if not mine.cancelled():
            pass_on()
        raise
