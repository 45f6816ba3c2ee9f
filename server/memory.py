"""Results that would be the same again, kept for as long as that is known."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from cachetools import LRUCache

T = TypeVar("T")

ENTRY_BYTES, CONDITION_BYTES = 1_000, 300
"""What the objects around a result and around each of its conditions take."""


@dataclass(frozen=True, slots=True)
class _Kept(Generic[T]):
    result: T
    conditions: Sequence[Callable[[], bool]]
    weight: int

    def holds(self) -> bool:
        return all(condition() for condition in self.conditions)


class Memory(Generic[T]):
    """Results by what makes two of them the same, at most `max_bytes`; the least recently used are forgotten first."""

    def __init__(self, max_bytes: int) -> None:
        self._kept: LRUCache[Hashable, _Kept[T]] = LRUCache(max_bytes, getsizeof=lambda kept: kept.weight)

    def keep(self, key: Hashable, result: T, size: int, conditions: Sequence[Callable[[], bool]]) -> None:
        """Remember `result`, of `size` bytes, while all `conditions` hold; not at all if one does not any more."""
        kept = _Kept(result, conditions, ENTRY_BYTES + size + CONDITION_BYTES * len(conditions))
        if kept.weight <= self._kept.maxsize and kept.holds():
            self._kept[key] = kept

    def recall(self, key: Hashable) -> T | None:
        """The result under `key`, if it still holds."""
        kept = self._kept.get(key)
        if kept is None:
            return None
        if not kept.holds():
            del self._kept[key]
            return None
        return kept.result
