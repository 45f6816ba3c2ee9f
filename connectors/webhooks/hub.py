"""From whoever handles an event to all who follow such events: in this process, and through Redis in the others."""

import asyncio
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Collection, Mapping, Set
from dataclasses import fields
from functools import partial
from secrets import token_hex
from types import MappingProxyType

import orjson
import structlog

from connectors.shared import Shared
from connectors.webhooks.delivery import Event

MOST_WAITING = 1_000
"""So many events may wait for one subscriber."""

CHANNEL = "punnet:1:events"

log = structlog.get_logger("punnet.webhooks")


class SubscriberTooSlow(Exception):
    """More events came than one subscriber took; it gets no others."""


class Following:
    """The events of `types` that one subscriber has not taken yet, at most `most`; an async iterator without an end.

    One that an event of these types has overtaken is left out: of its object the subscriber was told what came later.
    Raises `SubscriberTooSlow` once there were more. Whoever stops iterating leaves the block that it is the value of.
    """

    def __init__(self, types: Collection[str], most: int, leave: Callable[["Following"], None]) -> None:
        self._types = types
        self._most = most
        self._leave = leave
        self._waiting: deque[Event] = deque()
        self._more = asyncio.Event()
        self._too_slow = self._cut_off = False

    def offer(self, event: Event) -> bool:
        """Let an event wait; whether there was room for it. Where there was not, none of the others is kept either."""
        if any(type in event.overtaken_by for type in self._types):
            return True
        if len(self._waiting) < self._most:
            self._waiting.append(event)
        else:
            self._too_slow = True
            self._waiting.clear()
            self._leave(self)
        self._more.set()
        return not self._too_slow

    def cut_off(self) -> None:
        """Cancel whoever waits for an event."""
        self._cut_off = True
        self._more.set()

    def __enter__(self) -> "Following":
        return self

    def __exit__(self, *_: object) -> None:
        self._leave(self)

    def __aiter__(self) -> "Following":
        return self

    async def __anext__(self) -> Event:
        while not self._waiting:
            if self._too_slow:
                raise SubscriberTooSlow
            if self._cut_off:
                raise asyncio.CancelledError
            self._more.clear()
            await self._more.wait()
        return self._waiting.popleft()


class Hub:
    """Gives each event to everyone who follows its type when it is published. Nobody waits for a slow subscriber.

    Through `shared` it reaches the subscribers of other processes as well, if they know the provider by the same
    account (`accounts`, by provider; any names). What was published while Redis was down reaches this process only.

    What `private` providers tell is not for everyone: there each user has an account of their own. `unheard` ones tell
    us nothing, as we lack what is named beside them.

    Counted by provider: what was `published` here, and subscribers who were `dropped` because they were too slow.
    """

    def __init__(
        self,
        shared: Shared | None = None,
        accounts: Mapping[str, str] = MappingProxyType({}),
        *,
        private: Set[str] = frozenset(),
        unheard: Mapping[str, str] = MappingProxyType({}),
        most_waiting: int = MOST_WAITING,
    ) -> None:
        self.private = private
        self.unheard = unheard
        self.published: Counter[str] = Counter()
        self.dropped: Counter[str] = Counter()
        self._shared = shared
        self._accounts = accounts
        self._most_waiting = most_waiting
        self._name = token_hex(8)
        self._following: defaultdict[tuple[str, str], set[Following]] = defaultdict(set)
        if shared:
            shared.listen(CHANNEL, self._hear, lambda: None)

    @property
    def subscribers(self) -> Counter[str]:
        """How many there are, by provider."""
        there: dict[str, set[Following]] = {}
        for (provider, _), following in self._following.items():
            there.setdefault(provider, set()).update(following)
        return Counter({provider: len(following) for provider, following in there.items()})

    def follow(self, provider: str, types: Collection[str]) -> Following:
        """The events of these types that are published from now on, until the block with it is left."""
        places = [(provider, type) for type in types]
        following = Following(types, self._most_waiting, partial(self._leave, places))
        for place in places:
            self._following[place].add(following)
        if self._shared:
            self._shared.attend()
        return following

    async def publish(self, event: Event) -> None:
        """Give an event to its followers everywhere."""
        self.published[event.provider] += 1
        self._spread(event)
        if self._shared:
            told = {field.name: getattr(event, field.name) for field in fields(event)}  # `asdict` copies the payload
            message = self._head(event.provider, event.type) + b"\n" + orjson.dumps(told)
            await self._shared.ask(lambda redis: redis.publish(CHANNEL, message), None)

    def stop(self) -> None:
        """Cut off all subscribers, as nothing else ends them: for them it is as if the connection broke."""
        for following in set[Following]().union(*self._following.values()):
            following.cut_off()

    def _head(self, provider: str, type: str) -> bytes:
        return orjson.dumps([self._name, provider, self._accounts.get(provider, ""), type])

    def _hear(self, message: bytes) -> None:
        """Take in what another process publishes; what nobody here follows is not read any further."""
        head, _, body = message.partition(b"\n")
        try:
            name, provider, account, type = orjson.loads(head)
            known = name != self._name and account == self._accounts.get(provider, "")
            if known and (provider, type) in self._following:
                self._spread(Event(**orjson.loads(body)))
        except (TypeError, ValueError):
            log.warning("something else than an event was heard through redis")

    def _spread(self, event: Event) -> None:
        for following in tuple(self._following.get((event.provider, event.type), ())):
            if not following.offer(event):
                self.dropped[event.provider] += 1

    def _leave(self, places: Collection[tuple[str, str]], following: Following) -> None:
        for place in places:
            there = self._following[place]
            there.discard(following)
            if not there:
                del self._following[place]
