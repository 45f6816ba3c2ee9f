"""State by key, made when first asked for."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")

CHANCES = 32
"""How many values that are in use are spared in a row."""


class Kept(OrderedDict[K, V], Generic[K, V]):
    """At most `most` values; the one made first goes first, and whoever still uses it goes on with what they have.

    One that is `in_use` is spared, and goes after all those that are there now.
    """

    def __init__(self, make: Callable[[K], V], most: int, *, in_use: Callable[[V], bool] = lambda _: False) -> None:
        super().__init__()
        self._make = make
        self._most = most
        self._in_use = in_use

    def __missing__(self, key: K) -> V:
        if len(self) >= self._most:
            self._make_room()
        value = self[key] = self._make(key)
        return value

    def _make_room(self) -> None:
        for _ in range(CHANCES):
            first = next(iter(self))
            if not self._in_use(self[first]):
                break
            self.move_to_end(first)
        self.popitem(last=False)
