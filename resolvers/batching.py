"""Fetching by key: one upstream call for many keys, one DataLoader for each batch and request."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Hashable, Iterable, Sequence
from typing import Any, Generic, TypeVar, get_args, get_type_hints

from connectors.call import KEYS
from connectors.errors import NotFound
from resolvers.context import Info, Tasks
from schema.execution.columns import NULL, kinds_of
from schema.fields import Calls
from schema.relay import upstream_id_of
from schema.selection import outline

K = TypeVar("K", bound=Hashable)
P = TypeVar("P")
T = TypeVar("T")

Loaded = list[T | Exception | None]
"""One result for each key, in the order of the keys: a value, `None` for a miss, or an error value."""


class _Call:
    """Keys that are fetched together. `found` has all of them once `done`."""

    def __init__(self) -> None:
        self.keys: list[Hashable] = []
        self.found: dict[Hashable, Any] = {}
        self.done = asyncio.Event()


class DataLoader:
    """What one batch fetches for one request: each key once, and those asked for at the same time together.

    At the same time means: until the event loop has twice got through with all that was ready.
    """

    def __init__(self, fetch: Callable[[list[Any]], Awaitable[Loaded[Any]]], max_keys: int, tasks: Tasks) -> None:
        self._fetch = fetch
        self._max_keys = max_keys
        self._tasks = tasks
        self._calls: dict[Hashable, _Call] = {}
        self._next: list[_Call] = []

    def load_many(self, keys: Collection[Hashable]) -> Awaitable[Loaded[Any]]:
        """The results for `keys`, in their order. They are asked for whether or not this is awaited."""
        known = self._calls
        new = dict.fromkeys([key for key in keys if key not in known])
        if new:
            self._ask(new)
        return self._results(keys, list(map(known.__getitem__, keys)))

    async def _results(self, keys: Collection[Hashable], calls: list[_Call]) -> Loaded[Any]:
        for call in dict.fromkeys(calls):
            await call.done.wait()
        return [call.found[key] for key, call in zip(keys, calls, strict=True)]

    def _ask(self, keys: Iterable[Hashable]) -> None:
        if not self._next:
            loop = asyncio.get_running_loop()
            loop.call_soon(loop.call_soon, self._dispatch)
        for key in keys:
            if not self._next or len(self._next[-1].keys) == self._max_keys:
                self._next.append(_Call())
            call = self._calls[key] = self._next[-1]
            call.keys.append(key)

    def _dispatch(self) -> None:
        calls, self._next = self._next, []
        for call in calls:
            self._tasks.start(self._run(call))

    async def _run(self, call: _Call) -> None:
        KEYS.set(len(call.keys))
        try:
            results = await self._fetch(call.keys)
            call.found = dict(zip(call.keys, results, strict=True))
        except Exception as error:
            call.found = dict.fromkeys(call.keys, error)
        call.done.set()


class Batch(Generic[T]):
    """A function that fetches many keys, and what it says of itself. `load` is what fields use."""

    def __init__(
        self,
        client: type[Any],
        max_keys: int,
        fetch: Callable[..., Awaitable[Loaded[T]]],
        select: Callable[[Info], Any] | None,
        calls: Calls,
    ) -> None:
        self.client: type[Any] = client
        self.max_keys = max_keys
        self.calls = calls
        self.fetch = fetch
        self.name = fetch.__name__
        self.result: Any = _target(get_type_hints(fetch)["return"])
        self._select = select

    def load_many(self, info: Info, keys: Collection[Hashable]) -> Awaitable[Loaded[T]]:
        """The results for `keys`, fetched together with all keys asked for at the same time."""
        return info.context.loader(self, lambda: self._loader(info)).load_many(keys)

    def load(self, info: Info, key: Hashable) -> Awaitable[T | None]:
        """The value of one key, in the same way. Raises what went wrong with it."""
        return _only(self.load_many(info, (key,)))

    def find(self, info: Info, id: str) -> Awaitable[T | None]:
        """The object that a client names by the upstream's own id, or by the global one."""
        return self.load(info, upstream_id_of(id, self.result.__name__))

    def _loader(self, info: Info) -> DataLoader:
        client = info.context.client(self.client)
        extra = {"select": outline(info).once(self._select, info)} if self._select else {}
        return DataLoader(lambda keys: self.fetch(client, keys, **extra), self.max_keys, info.context.tasks)


def batch(
    client: type[Any],
    *,
    max_keys: int,
    operation: str | None = None,
    select: Callable[[Info], Any] | None = None,
    per_call: int | None = None,
    items: int | None = None,
    brings: str | None = None,
    gathered: int = 1,
    per_point: int | None = None,
) -> Callable[[Callable[..., Awaitable[Loaded[T]]]], Batch[T]]:
    """Make a batch of a function from (client, keys) to `Loaded`; never called with more than `max_keys`.

    `select(info)` says what of each object the whole operation wants; the function gets it as `select`. All else is for
    planners: the upstream's name of what is called (the function's own unless given), how many keys go into one call
    (all of them unless given), and what `Calls` says of the rest.
    """

    def make(fetch: Callable[..., Awaitable[Loaded[T]]]) -> Batch[T]:
        calls = Calls(
            upstream=client.upstream,
            operation=operation or fetch.__name__,
            keys=per_call or max_keys,
            items=items,
            brings=brings,
            gathered=gathered,
            per_point=per_point,
        )
        return Batch(client, max_keys, fetch, select, calls)

    return make


class _Required(Generic[T]):
    """A batch whose every key must be there."""

    def __init__(self, batch: Batch[T]) -> None:
        self.result = batch.result
        self.calls = batch.calls
        self._batch = batch

    def load(self, info: Info, key: Hashable) -> Awaitable[T]:
        return _only(self.load_many(info, (key,)))

    async def load_many(self, info: Info, keys: Collection[Hashable]) -> list[T | Exception]:
        calls, found = self.calls, await self._batch.load_many(info, keys)
        if kinds_of(found).isdisjoint(NULL):
            return found  # type: ignore[return-value]
        missing = NotFound(calls.upstream, calls.operation, status=404, reason="dangling reference")
        return [missing if one is None else one for one in found]


def required(batch: Batch[T]) -> _Required[T]:
    """For links that follow a reference of the upstream's own: a miss is `NotFound`, not null."""
    return _Required(batch)


async def _only(results: Awaitable[list[T | Exception]]) -> T:
    """The result of one key. Raises it where it is an error."""
    (result,) = await results
    if isinstance(result, Exception):
        raise result
    return result


def align(keys: Sequence[K], payloads: Iterable[P], *, key: Callable[[P], K], make: Callable[[P], T]) -> Loaded[T]:
    """Payloads in any order, with gaps and repetitions, as one result for each key."""
    by_key = {key(payload): payload for payload in payloads}
    return [make(by_key[k]) if k in by_key else None for k in keys]


def align_groups(
    keys: Sequence[K], payloads: Iterable[P], *, key: Callable[[P], K], make: Callable[[P], T]
) -> Loaded[list[T]]:
    """Payloads in any order as one list for each key, empty where nothing belongs to it."""
    groups: dict[K, list[T]] = {k: [] for k in keys}
    for payload in payloads:
        if key(payload) in groups:
            groups[key(payload)].append(make(payload))
    return [groups[k] for k in keys]


async def found(payload: Awaitable[P], make: Callable[[P], T]) -> T | None:
    """The object of an upstream that reads one at a time, or `None` where it does not know it (any more)."""
    try:
        return make(await payload)
    except NotFound:
        return None


def _target(annotation: Any) -> Any:
    """`T` of `Loaded[T]`."""
    union = get_args(annotation)[0]
    (target,) = [arg for arg in get_args(union) if arg not in (Exception, type(None))]
    return target
