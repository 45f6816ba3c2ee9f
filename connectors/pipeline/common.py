"""A bucket that replicas have in common, in Redis and by Redis's clock."""

from connectors.pipeline.bucket import MAX_PAUSE_S
from connectors.pipeline.entries import digest
from connectors.policy import ThrottlePolicy
from connectors.shared import Shared

TAKE = """
local paused_ms = redis.call("PTTL", KEYS[2])
if paused_ms > 0 then return paused_ms * 1000 end
local clock = redis.call("TIME")
local now = clock[1] * 1000000 + clock[2]
local interval, burst, cost = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local due = math.max(tonumber(redis.call("GET", KEYS[1]) or "0"), now)
local wait = due + math.min(0, cost - burst) * interval - now
if wait > 0 then return math.ceil(wait) end
due = due + cost * interval
redis.call("SET", KEYS[1], string.format("%.0f", due), "PX", math.ceil((due - now) / 1000) + 1)
return 0
"""
"""Microseconds to wait, 0 with the tokens taken: what `Bucket.wait_s` and `Bucket.take` do, as one step."""

PAUSE = """
if redis.call("PTTL", KEYS[1]) < tonumber(ARGV[1]) then redis.call("SET", KEYS[1], "1", "PX", ARGV[1]) end
"""


class CommonBucket:
    """The rate of one bucket and its pauses, for all replicas together; `name`, which Redis never sees, tells it apart.

    While Redis is down it lets everything through: each replica still keeps to the rate on its own.
    """

    def __init__(self, shared: Shared, name: str, policy: ThrottlePolicy) -> None:
        self._shared = shared
        key = digest(name.encode())
        self._due, self._pause = (f"punnet:throttle:{{{key}}}:{part}" for part in ("due", "pause"))
        self._interval_us = 1e6 / policy.per_second
        self._burst = policy.burst

    async def take_s(self, cost: float) -> float:
        """Take what a call costs and return 0, or the seconds after which to ask again."""
        keys, arguments = [self._due, self._pause], [self._interval_us, self._burst, cost]
        wait_us = await self._shared.ask(lambda redis: redis.register_script(TAKE)(keys, arguments), 0)
        return int(wait_us) / 1e6

    async def pause(self, seconds: float) -> None:
        """The upstream wants to be left alone for that long, as far as `Bucket.pause` heeds it."""
        arguments = [max(1, round(min(seconds, MAX_PAUSE_S) * 1000))]
        await self._shared.ask(lambda redis: redis.register_script(PAUSE)([self._pause], arguments), None)
