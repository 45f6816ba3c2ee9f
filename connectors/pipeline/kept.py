"""State by key, made when first asked for."""

from collections.abc import Callable
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Kept(dict[K, V], Generic[K, V]):
    """At most `most` values; the one made first goes first, and whoever still uses it goes on with what they have."""

    def __init__(self, make: Callable[[K], V], most: int) -> None:
        super().__init__()
        self._make = make
        self._most = most

    def __missing__(self, key: K) -> V:
        if len(self) >= self._most:
            del self[next(iter(self))]
        value = self[key] = self._make(key)
        return value
