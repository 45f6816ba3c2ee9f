"""So many at a time, and the others in the order they came."""

from collections import deque

from connectors.turns import Line, turn


class Places:
    """`asyncio.Semaphore`, but that nothing needs to be awaited while there are places.

    Whoever has taken a place or waited for one gives it back.
    """

    def __init__(self, most: int) -> None:
        self._free = most
        self._waiting: Line = deque()

    def take(self) -> bool:
        """Whether there was a place, which then is the caller's. Nobody waits while one is free."""
        if not self._free:
            return False
        self._free -= 1
        return True

    async def wait(self) -> None:
        """Take a place when it is the caller's turn."""
        await turn(self._waiting, self.give_back)

    def give_back(self) -> None:
        """The place goes to who has waited longest and is still there."""
        while self._waiting:
            following = self._waiting.popleft()
            if not following.done():
                following.set_result(None)
                return
        self._free += 1
