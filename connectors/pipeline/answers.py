"""The answers of one upstream: those in the process, and through Redis those of all replicas."""

import asyncio
from collections import defaultdict, deque
from collections.abc import Collection
from functools import partial
from weakref import ref

import httpx2
from cachetools import LRUCache

from connectors.call import EVERYTHING, Record
from connectors.clock import Clock
from connectors.flights import Flight
from connectors.pipeline.entries import Entry
from connectors.pipeline.replicas import Replicas
from connectors.shared import Shared

MOST_EVICTIONS = 1_000
"""So many are remembered, for the calls that began before them."""


class Answers:
    """At most `max_bytes` of answers, of which the least recently used go first, and the calls in flight by key.

    What a call brings that began before an eviction is not kept if the eviction was about it.
    """

    def __init__(self, upstream: str, clock: Clock, max_bytes: int, shared: Shared | None = None) -> None:
        self._clock = clock
        self._entries = _Entries(max_bytes)
        self._evicted: deque[frozenset[str]] = deque(maxlen=MOST_EVICTIONS)
        self.evictions = 0
        self.flights: dict[bytes, Flight[httpx2.Response]] = {}
        self.refreshes: dict[bytes, asyncio.Task[None]] = {}
        self.replicas = Replicas(upstream, clock, shared, self.forget) if shared else None

    @property
    def count(self) -> int:
        """How many are in the process."""
        return len(self._entries)

    @property
    def weight(self) -> int:
        """What they take in memory, about, in bytes."""
        return int(self._entries.currsize)

    def find(self, key: bytes) -> Entry | None:
        """What is in the process, fresh or not."""
        return self._entries.get(key)

    def keep(self, entry: Entry, *, since: int) -> bool:
        """Keep what was asked for when there had been `since` evictions; whether it is kept."""
        missed = self.evictions - since
        if missed and (missed > len(self._evicted) or self._out_of_date(entry, missed)):
            return False
        return self._entries.put(entry)

    async def drop(self, key: bytes) -> None:
        """Throw out one answer, here and in Redis."""
        self._entries.pop(key, None)
        if self.replicas:
            await self.replicas.drop(key)

    async def evict(self, tags: Collection[str]) -> None:
        """Throw out every answer with one of `tags`, here and in all replicas."""
        self.forget(tags)
        if self.replicas:
            await self.replicas.evict(tags)

    def forget(self, tags: Collection[str]) -> None:
        """Throw out what is in the process. A call in flight is shared with nobody who comes later."""
        self.evictions += 1
        self._evicted.append(frozenset(tags))
        self._entries.evict(tags)
        self.flights.clear()

    async def close(self) -> None:
        """End what runs in the background."""
        for task in self.refreshes.values():
            task.cancel()
        if self.refreshes:
            await asyncio.wait(self.refreshes.values())

    def note(self, entry: Entry, record: Record) -> None:
        """Leave with a call that `entry` is its answer."""
        record.holds = partial(self._holds, entry.key, ref(entry))

    def _holds(self, key: bytes, there: ref[Entry]) -> bool:
        entry = there()
        return entry is not None and self._entries.get(key) is entry and entry.freshness.fresh(self._clock.time())

    def _out_of_date(self, entry: Entry, missed: int) -> bool:
        latest = list(self._evicted)[-missed:]
        return any(not tags.isdisjoint(entry.tags) for tags in latest)


class _Entries(LRUCache[bytes, Entry]):
    """Entries by key and by tag."""

    def __init__(self, max_bytes: int) -> None:
        super().__init__(max_bytes, getsizeof=lambda entry: entry.weight)
        self._tagged: defaultdict[str, set[bytes]] = defaultdict(set)

    def put(self, entry: Entry) -> bool:
        """Whether there is room for it."""
        self.pop(entry.key, None)
        if entry.weight > self.maxsize:
            return False
        self[entry.key] = entry
        for tag in entry.tags:
            self._tagged[tag].add(entry.key)
        return True

    def evict(self, tags: Collection[str]) -> None:
        if EVERYTHING in tags:
            self.clear()
            self._tagged.clear()
        for key in set[bytes]().union(*(self._tagged.get(tag, ()) for tag in tags)):
            del self[key]

    def __delitem__(self, key: bytes) -> None:
        entry = self[key]
        super().__delitem__(key)
        for tag in entry.tags:
            keys = self._tagged[tag]
            keys.discard(key)
            if not keys:
                del self._tagged[tag]
