"""The Redis or Valkey that replicas share, and how to do without it while it is down."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, TypeVar

import structlog

from connectors.clock import Clock

if TYPE_CHECKING:
    from redis.asyncio import Redis

T = TypeVar("T")
D = TypeVar("D")

log = structlog.get_logger("punnet.shared")

ANSWER_S = 1.0
"""How long Redis may take to connect, and to answer; a busy event loop counts."""

PAUSE_S = 1.0
"""After a failure it is left alone for so long; then one caller tries, and nobody else waits for it."""

QUIET_S = 10.0
"""After that without a message Redis is asked whether it is there: what is in between may have forgotten a connection
on which nothing happens, and tells nobody."""

CONNECTIONS = 64
"""At most; further callers wait for one."""


class Shared:
    """One Redis for every stage of every pipeline, in the process's one event loop.

    It never fails a request: what cannot be asked of it is answered with what the caller would do without it. That it
    stopped answering is logged once, and so is that it is back.
    """

    def __init__(self, url: str, clock: Clock, *, answer_s: float = ANSWER_S, quiet_s: float = QUIET_S) -> None:
        """Raises `ValueError` for what is no `redis://`, `rediss://` or `unix://` address. Connects when first used."""
        from redis.asyncio import BlockingConnectionPool, Redis  # loads OpenTelemetry's SDK
        from redis.asyncio.retry import Retry
        from redis.backoff import NoBackoff
        from redis.exceptions import RedisError

        pool = BlockingConnectionPool.from_url(
            url,
            max_connections=CONNECTIONS,
            timeout=answer_s,
            socket_timeout=answer_s,
            socket_connect_timeout=answer_s,
            retry=Retry(NoBackoff(), 0),
        )
        self._redis = Redis.from_pool(pool)
        self._failure = RedisError
        self._clock = clock
        self._quiet_s = quiet_s
        self._down = False
        self._again_at = 0.0
        self._heard: dict[str, tuple[Callable[[bytes], None], Callable[[], None]]] = {}
        self._listener: asyncio.Task[None] | None = None
        self._attends = self._deaf = False

    async def ask(self, command: Callable[["Redis"], Awaitable[T]], otherwise: D) -> T | D:
        """What `command` makes of Redis, or `otherwise` where it does not answer or cannot do it."""
        now = self._clock.now()
        if self._down:
            if now < self._again_at:
                return otherwise
            self._again_at = now + PAUSE_S
        try:
            result = await command(self._redis)
        except self._failure as error:
            self._again_at = self._clock.now() + PAUSE_S
            if self._listener:
                self._listener.cancel()
            if not self._down:
                self._down = True
                log.warning("redis is down: limits and caches are those of this process", error=type(error).__name__)
            return otherwise
        if self._down:
            self._down = False
            log.info("redis is back")
        self._begin()
        return result

    def listen(self, channel: str, heard: Callable[[bytes], None], missed: Callable[[], None]) -> None:
        """Have `heard` told each message on a channel, and `missed` that there may have been others before.

        It begins with the first question that is answered, and again after each time that Redis was down.
        """
        self._heard[channel] = (heard, missed)

    def attend(self) -> None:
        """Begin to listen now, and again whenever Redis is back: not everyone who wants to hear asks anything."""
        self._attends = True
        self._begin()

    async def close(self) -> None:
        """Close its connections."""
        self._attends = False
        while self._listener and not self._listener.done():
            self._listener.cancel()  # which redis-py 8.1 forgets where it is just connecting
            await asyncio.wait([self._listener], timeout=0.05)
        await self._redis.aclose()

    def _begin(self) -> None:
        if self._heard and (self._listener is None or self._listener.done()):
            self._listener = asyncio.get_running_loop().create_task(self._listen())
            self._listener.add_done_callback(self._resume)

    def _resume(self, ended: "asyncio.Task[None]") -> None:
        if not self._attends:
            return
        if not self._deaf:
            self._deaf = True
            log.warning("redis cannot be listened to: what other processes tell is missed")
        asyncio.get_running_loop().call_later(PAUSE_S, self._begin)

    async def _listen(self) -> None:
        try:
            async with self._redis.pubsub() as pubsub:
                await pubsub.subscribe(*self._heard)
                asked = False
                while True:
                    message = await pubsub.get_message(timeout=self._quiet_s)
                    if message is not None:
                        asked = False
                        self._take(message)
                    elif asked:
                        raise self._failure("nothing is heard any more")
                    else:
                        asked = True
                        await pubsub.ping()
        except self._failure:
            for _, missed in self._heard.values():
                missed()

    def _take(self, message: dict[str, Any]) -> None:
        """A message, or Redis's word that we listen from now on, or that it is there."""
        if message["type"] == "pong":
            return
        heard, missed = self._heard[message["channel"].decode()]
        if message["type"] == "message":
            heard(message["data"])
            return
        missed()
        if self._deaf:
            self._deaf = False
            log.info("redis is listened to again")
