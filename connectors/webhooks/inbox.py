"""Events that came in: stored before the sender is answered, and handled once.

What is stored in one moment is one batch, and a workflow handles it: under load one start of a workflow is shared by
many events. The table says which of them are over, so that a workflow that runs again goes on where it was.
"""

import asyncio
import traceback
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from contextvars import Context
from dataclasses import replace
from functools import partial
from pathlib import PurePath
from typing import TypeVar
from uuid import uuid4
from weakref import WeakValueDictionary

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from connectors.errors import UpstreamError
from connectors.paging import Page, Window, paged
from connectors.webhooks import events
from connectors.webhooks.commits import Commits, Together
from connectors.webhooks.delivery import Event
from connectors.webhooks.durable import Durable
from connectors.webhooks.events import Key, Reached, State, Stored
from connectors.webhooks.lasting import lasting
from connectors.webhooks.sender import Desk, Sender
from connectors.webhooks.tally import InboxTally

T = TypeVar("T")

WORKFLOW = "webhooks.handle"

PACE_S = 0.05
"""Between the starts of two workflows: what comes in meanwhile is handled by the second."""

AT_ONCE = 32
"""So many events of one sender are handled at a time in this process."""

PATIENCE_S = (0.02, 1.0)
"""How long to wait for an object that another process is at, at first and at most."""

AGAIN_S = 1.0
"""How long to wait for a database that does not answer."""

KEPT_S = 30 * 86_400.0
"""What is over is known for so long: its repetitions are dropped. Senders repeat for a few days at most."""

FORGET_S = 3600.0
"""How often to look for what need not be known any longer."""

NO_SENDER = "there is no secret of this sender any more"

log = structlog.get_logger("punnet.webhooks")


class Inbox:
    """The events of all `senders`. `publish`, where there is one, gives them to subscribers, late or not.

    `forward` stores what is to be told to others, once for each event however often it is called.
    """

    def __init__(
        self,
        durable: Durable,
        commits: Commits,
        senders: Mapping[str, Sender],
        tally: InboxTally,
        publish: Callable[[Event], Awaitable[None]] | None = None,
        forward: Callable[[Event], Awaitable[None]] | None = None,
    ) -> None:
        """`commits` are to `events.TABLES`."""
        self._durable = durable
        self._clock = durable.clock
        self._commits = commits
        self._storing = Together(commits, self._store)
        self._claiming = Together(commits, self._claim)
        self._releasing = Together(commits, partial(events.release, executor=durable.executor))
        self._saving = Together(commits, partial(events.save, executor=durable.executor))
        self.desks: dict[str, Desk] = {
            name: sender.webhooks.desk(durable, self, sender)
            for name, sender in senders.items()
            if sender.webhooks.desk and sender.connector
        }
        self._senders = senders
        self._tally = tally
        self._publish = publish
        self._forward = forward
        self._batch = uuid4().hex
        self._filling = False
        self._closed = False
        self._dispatching: asyncio.Task[None] | None = None
        self._unstarted: set[str] = set()
        self._at_once: defaultdict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(AT_ONCE))
        self._objects: WeakValueDictionary[Key, asyncio.Lock] = WeakValueDictionary()
        self._forget_at = self._clock.now()
        durable.register(WORKFLOW, self._handle_batch, sweep=self._take_up)

    async def accept(self, arrived: Sequence[Event]) -> Sequence[bool]:
        """Store what is new; which of them that were. When this returns they will be handled, whatever happens.

        Raises `SQLAlchemyError` or `OSError` where that is not sure.
        """
        await self._durable.live()
        return await self._storing.add(arrived)

    async def replay(self, *, number: int | None = None, provider: str | None = None, type: str | None = None) -> int:
        """Handle what is parked again, from the first attempt: one event, or a thousand at most; how many they are.

        Raises `SQLAlchemyError` or `OSError`.
        """
        batch, now = uuid4().hex, self._clock.time()
        replayed = await self._commits.write(
            lambda connection: events.replay(
                connection, now=now, batch=batch, number=number, provider=provider, type=type
            )
        )
        if replayed:
            await self._begin(batch)
        return replayed

    @paged("webhooks.events", max_limit=100)
    async def page(self, window: Window, *, state: State | None = None, provider: str | None = None) -> Page[Stored]:
        """The latest first. Raises `SQLAlchemyError` or `OSError`."""
        below = int(window.after) if window.after else None
        async with await self._durable.database.begin(events.TABLES) as connection:
            found = await events.listed(connection, limit=window.limit + 1, below=below, state=state, provider=provider)
        cursors = [str(stored.number) for stored in found[: window.limit]]
        return Page(
            found[: window.limit], next_cursor=cursors[-1] if len(found) > len(cursors) else None, cursors=cursors
        )

    async def get(self, number: int) -> Stored | None:
        """One event. Raises `SQLAlchemyError` or `OSError`."""
        async with await self._durable.database.begin(events.TABLES) as connection:
            return next(iter(await events.listed(connection, limit=1, number=number)), None)

    async def close(self) -> None:
        """Start nothing any more. What is stored is for the next process."""
        self._closed = True
        if self._dispatching:
            self._dispatching.cancel()
            await asyncio.wait([self._dispatching])

    async def settle(self) -> None:
        """Wait for what is being written; the workflows have been stopped before."""
        for writes in (self._storing, self._claiming, self._releasing, self._saving):
            await writes.close()

    async def _store(self, connection: AsyncConnection, arrived: Sequence[Event]) -> Sequence[bool]:
        """Which of them are new.

        Those are handled even if nobody hears that they were committed: a batch that turns out empty does no harm.
        """
        new = await events.store(
            connection, arrived, now=self._clock.time(), batch=self._batch, executor=self._durable.executor
        )
        if any(new):
            self._filling = True
            if not self._closed and (self._dispatching is None or self._dispatching.done()):
                self._dispatching = asyncio.create_task(self._dispatch(), context=Context())
        return new

    async def _claim(self, connection: AsyncConnection, keys: Sequence[Key]) -> Sequence[Reached | None]:
        return await events.claim(connection, keys, now=self._clock.time(), executor=self._durable.executor)

    async def _dispatch(self) -> None:
        """Start a workflow for what was stored, and another one for what came meanwhile."""
        while self._filling:
            async with self._commits.writing:
                batch, self._batch, self._filling = self._batch, uuid4().hex, False
            await self._begin(batch)
            await self._clock.sleep(PACE_S)

    async def _begin(self, batch: str) -> None:
        try:
            await self._surely(self._durable.open)
            await self._durable.start(WORKFLOW, batch, batch)
        except Exception as error:  # it is stored: `_take_up` tries again
            self._unstarted.add(batch)
            log.error("webhooks wait to be handled", batch=batch, error=type(error).__name__)
        else:
            self._unstarted.discard(batch)

    async def _take_up(self, living: Collection[str]) -> None:
        """See to what no living process sees to, and to what we could not start; forget what is long over."""
        async with await self._durable.database.begin(events.TABLES) as connection:
            batches = await events.left(connection, living)
        for batch in {*batches, *self._unstarted}:
            name = uuid4().hex if await self._durable.has_ended(batch) else batch
            self._unstarted |= {batch, name}  # whichever it is called, if nobody hears what came of renaming it
            await self._commits.write(partial(events.take, batch=batch, name=name, executor=self._durable.executor))
            self._unstarted.discard(batch)
            await self._begin(name)
        if self._clock.now() >= self._forget_at:
            self._forget_at = self._clock.now() + FORGET_S
            now = self._clock.time()
            while await self._commits.write(partial(events.forget, before=now - KEPT_S, now=now)):
                pass  # others write in between

    async def _handle_batch(self, batch: str) -> None:
        """The workflow."""
        alone: list[Stored] = []
        chains: defaultdict[Key, list[Stored]] = defaultdict(list)
        for stored in await self._surely(lambda: self._commits.write(partial(events.batch_of, batch=batch))):
            event = stored.event
            there = alone if event.object is None else chains[event.provider, event.object]
            there.append(stored)
        await asyncio.gather(
            *(self._handle_until_over(stored) for stored in alone),
            *(self._handle_chain(key, chain) for key, chain in chains.items()),
        )

    async def _handle_chain(self, key: Key, chain: Iterable[Stored]) -> None:
        """Handle what is about one object, one after the other, and what failed after the others."""
        failed: list[Stored] = []
        async with self._having(key) as reached:
            for stored in sorted(chain, key=lambda stored: stored.event.version or 0.0):
                if stored.due_at <= self._clock.time():
                    stored, reached = await self._attempt(stored, reached)
                if stored.state == "received":
                    failed.append(stored)
        await asyncio.gather(*(self._handle_until_over(stored, key) for stored in failed))

    async def _handle_until_over(self, stored: Stored, key: Key | None = None) -> None:
        while stored.state == "received":
            await self._clock.sleep(max(stored.due_at - self._clock.time(), 0.0))
            if key is None:
                stored, _ = await self._attempt(stored, {})
            else:
                async with self._having(key) as reached:
                    stored, _ = await self._attempt(stored, reached)

    @asynccontextmanager
    async def _having(self, key: Key) -> AsyncIterator[Reached]:
        """An object that nobody else is at meanwhile, here or elsewhere; how far it was handled."""
        wait_s, longest_s = PATIENCE_S
        async with self._objects.setdefault(key, asyncio.Lock()):
            while True:
                (reached,) = await self._surely(lambda: self._claiming.add([key]))
                if reached is not None:
                    break
                await self._clock.sleep(wait_s)
                wait_s = min(wait_s * 2, longest_s)
            yield reached
            await self._surely(lambda: self._releasing.add([key]))

    async def _attempt(self, stored: Stored, reached: Reached) -> tuple[Stored, Reached]:
        """The event after one more attempt to handle it, and how far its object was handled then."""
        sender = self._senders.get(stored.event.provider)
        if sender is None:
            ended = replace(stored, state="parked", error=NO_SENDER)
            log.warning("webhook parked", provider=stored.event.provider, id=stored.event.id, error=NO_SENDER)
        else:
            async with self._at_once[sender.name]:
                ended = await self._attempted(stored, sender, overtaken_by(stored.event, reached))
        if ended.state in ("handled", "superseded"):
            reached = further(reached, ended.event)
        if ended.state != "received":
            ended = replace(ended, ended_at=self._clock.time())
        await self._surely(lambda: self._saving.add([(ended, reached)]))
        self._count(ended)
        return ended, reached

    async def _attempted(self, stored: Stored, sender: Sender, later: Collection[str]) -> Stored:
        event, began, attempts = stored.event, self._clock.now(), stored.attempts + 1
        try:
            async with asyncio.timeout(sender.webhooks.timeout_s):
                await self._effect(sender, replace(event, overtaken_by=later) if later else event)
        except Exception as failure:
            retries_s, error = sender.webhooks.retries_s, told(failure)
            if attempts > len(retries_s):
                done = replace(stored, state="parked", attempts=attempts, error=error)
            else:
                again_at = self._clock.time() + retries_s[attempts - 1]
                done = replace(stored, attempts=attempts, error=error, due_at=again_at)
        else:
            done = replace(stored, state="superseded" if later else "handled", attempts=attempts, error=None)
        self._tally.failures[sender.name] += done.error is not None
        write = log.info if done.error is None else log.warning
        write(
            "webhook attempt",
            provider=event.provider,
            id=event.id,
            type=event.type,
            attempt=attempts,
            state=done.state,
            error=done.error,
            duration_ms=round((self._clock.now() - began) * 1000, 1),
        )
        return done

    async def _effect(self, sender: Sender, event: Event) -> None:
        """All that follows from an event. What comes late is not handled, as it would undo what came after it."""
        if sender.connector:
            tags = sender.webhooks.stale(event)
            if tags:
                await sender.connector.answers.evict(tags)
            if sender.webhooks.handle and not event.overtaken_by:
                await sender.webhooks.handle(event, sender.connector)
            if sender.name in self.desks and not event.overtaken_by:
                await self.desks[sender.name].handle(event)
        if self._forward:
            await self._forward(event)
        if self._publish:
            await self._publish(event)

    def _count(self, stored: Stored) -> None:
        if stored.ended_at is None:
            return
        provider = stored.event.provider
        self._tally.ended[provider, stored.state] += 1
        if stored.state == "handled":
            self._tally.durations[provider].add(max(stored.ended_at - stored.received_at, 0.0))

    async def _surely(self, act: Callable[[], Awaitable[T]]) -> T:
        """What `act` gives, however long the database is away."""
        return await lasting(self._clock, act, first_s=AGAIN_S, longest_s=AGAIN_S)


def overtaken_by(event: Event, reached: Reached) -> Collection[str]:
    """The types of the later events that had been handled, of an object that was handled that far."""
    return [type for type, version in reached.items() if event.version is not None and event.version < version]


def further(reached: Reached, event: Event) -> Reached:
    """How far its object is when an event has been handled as well."""
    if event.version is None:
        return reached
    return {**reached, event.type: max(event.version, reached.get(event.type, event.version))}


def told(error: Exception) -> str:
    """What operators are told of a failure: nothing that an event, a secret or an upstream's answer may be part of."""
    if isinstance(error, UpstreamError):
        return str(error).replace("\0", "\N{SYMBOL FOR NULL}")  # PostgreSQL has no place for it
    frames = traceback.extract_tb(error.__traceback__)
    where = f" in {PurePath(frames[-1].filename).name}, line {frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{where}"
