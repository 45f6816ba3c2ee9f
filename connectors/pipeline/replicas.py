"""Answers of one upstream in Redis: found, kept and evicted by all replicas, and fetched by one of them at a time.

What came before an eviction and what after is told by Redis's clock. All keys of an upstream have one hash tag, so that
they are in one slot of a cluster.
"""

import secrets
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

import orjson

from connectors.call import EVERYTHING
from connectors.clock import Clock
from connectors.pipeline.entries import Entry, digest, packed, unpacked
from connectors.shared import Shared

if TYPE_CHECKING:
    from redis.asyncio import Redis

FORMAT = 1
"""Of what is written down: processes of another version that read it differently do not see it."""

CONFIRMABLE_S = 3600.0
"""How much longer an answer is kept that the upstream can confirm."""

LARGEST_BYTES = 2 * 1024 * 1024
"""Of an answer for Redis. Packing takes 25 ms for each MB, in which the process does nothing else."""

REMEMBERED_S = 300
"""For how long an eviction is remembered: longer than any call takes that may have begun before it."""

LEAD_S = 3.0
"""For how long others wait for a replica that fetches what they want too; it may be dead."""

POLL_S = 0.02

MOST_OWED = 1_000
"""Tags that could not be evicted while Redis was down; when there are more, everything is to go."""

KEEP = """
local began, value, lasts_ms = tonumber(ARGV[1]), ARGV[2], tonumber(ARGV[3])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
for n = 2, #KEYS, 2 do
    local evicted = tonumber(redis.call('GET', KEYS[n]) or '-1')
    if evicted >= began then return 0 end
end
redis.call('SET', KEYS[1], value, 'PX', lasts_ms)
for n = 3, #KEYS, 2 do
    redis.call('ZREMRANGEBYSCORE', KEYS[n], '-inf', now)
    redis.call('ZADD', KEYS[n], now + lasts_ms, KEYS[1])
    local last = redis.call('ZRANGE', KEYS[n], -1, -1, 'WITHSCORES')
    redis.call('PEXPIREAT', KEYS[n], last[2])
end
return 1
"""
"""KEYS: the entry, then for each tag when it was evicted and the entries that have it, by the time they expire."""

EVICT = """
local channel, message, remembered_s = ARGV[1], ARGV[2], ARGV[3]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
for n = 1, #KEYS, 2 do
    redis.call('SET', KEYS[n], now, 'EX', remembered_s)
    local entries = redis.call('ZRANGE', KEYS[n + 1], 0, -1)
    for first = 1, #entries, 1000 do
        redis.call('UNLINK', unpack(entries, first, math.min(first + 999, #entries)))
    end
    redis.call('UNLINK', KEYS[n + 1])
end
redis.call('PUBLISH', channel, message)
"""
"""KEYS: for each tag when it was evicted and the entries that have it."""

RELEASE = "if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end"


class Replicas:
    """What replicas know of one upstream's answers. `forget` is told what another one evicts.

    Nothing here fails: where Redis is down, nothing is found and nothing kept, and what is to be evicted is so as soon
    as it is back.
    """

    def __init__(self, upstream: str, clock: Clock, shared: Shared, forget: Callable[[Collection[str]], None]) -> None:
        self._prefix = f"punnet:{FORMAT}:{{{upstream}}}:"
        self._clock = clock
        self._shared = shared
        self._owed: set[str] = set()
        self._channel = f"{self._prefix}evicted"
        shared.listen(self._channel, lambda message: forget(orjson.loads(message)), lambda: forget((EVERYTHING,)))

    async def find(self, key: bytes) -> tuple[Entry | None, int]:
        """An answer, and Redis's time before it was looked for, in ms: what `keep` wants to know."""

        async def command(redis: "Redis") -> tuple[bytes | None, int]:
            pipe = redis.pipeline(transaction=False)
            pipe.time()
            pipe.get(self._entry(key))
            (seconds, microseconds), value = await pipe.execute()
            return value, seconds * 1000 + microseconds // 1000

        if self._owed:
            await self.evict(())
        value, began = await self._shared.ask(command, (None, 0))
        return unpacked(key, value) if value and not self._owed else None, began

    async def keep(self, entry: Entry, began: int) -> None:
        """Keep an answer that was looked for at `began`, unless one of its tags has been evicted since.

        In the place of a large one nothing is kept.
        """
        if entry.weight > LARGEST_BYTES:
            await self.drop(entry.key)
            return
        lasts_s = entry.freshness.over_at - self._clock.time() + (CONFIRMABLE_S if entry.validators else 0)
        keys = [self._entry(entry.key), *self._keys(entry.tags)]
        arguments = (began, packed(entry), max(1, round(lasts_s * 1000)))
        await self._shared.ask(lambda redis: redis.register_script(KEEP)(keys, arguments), None)

    async def drop(self, key: bytes) -> None:
        """Throw out one answer."""
        await self._shared.ask(lambda redis: redis.unlink(self._entry(key)), None)

    async def evict(self, tags: Collection[str]) -> None:
        """Throw out every answer with one of `tags`, in Redis and in the processes of all replicas."""
        self._owed.update(tags)
        if len(self._owed) > MOST_OWED:
            self._owed = {EVERYTHING}
        owed = list(self._owed)
        arguments = (self._channel, orjson.dumps(owed), REMEMBERED_S)
        keys = self._keys(owed)

        async def command(redis: "Redis") -> bool:
            await redis.register_script(EVICT)(keys, arguments)
            return True

        if await self._shared.ask(command, False):
            self._owed.difference_update(owed)

    async def lead(self, key: bytes) -> str | None:
        """A word that says we are the replica that fetches an answer, for `LEAD_S`; `None` if another one is."""
        word = secrets.token_hex(8)
        lock = self._lock(key)
        ours = await self._shared.ask(lambda redis: redis.set(lock, word, nx=True, px=round(LEAD_S * 1000)), True)
        return word if ours else None

    async def follow(self, key: bytes, deadline: float) -> Entry | None:
        """What the replica that fetches an answer keeps; `None` where it keeps nothing, or takes too long."""

        until = min(self._clock.now() + LEAD_S, deadline)
        while self._clock.now() < until:
            await self._clock.sleep(POLL_S)
            if not await self._shared.ask(lambda redis: redis.exists(self._lock(key)), 0):
                found, _ = await self.find(key)
                return found
        return None

    async def release(self, key: bytes, word: str) -> None:
        """We fetch it no longer."""
        await self._shared.ask(lambda redis: redis.register_script(RELEASE)([self._lock(key)], [word]), None)

    def _entry(self, key: bytes) -> str:
        return f"{self._prefix}entry:{digest(key)}"

    def _lock(self, key: bytes) -> str:
        return f"{self._prefix}lock:{digest(key)}"

    def _keys(self, tags: Collection[str]) -> list[str]:
        names = [tag if tag == EVERYTHING else digest(tag.encode()) for tag in tags]
        return [f"{self._prefix}{kind}:{name}" for name in names for kind in ("evicted", "tagged")]
