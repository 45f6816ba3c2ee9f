"""Fetching by key: one upstream call for many keys, one DataLoader for each batch and request."""

from collections.abc import Awaitable, Callable, Hashable, Iterable, Sequence
from typing import Any, Generic, TypeVar, cast, get_args, get_type_hints

from aiodataloader import DataLoader

from connectors.call import KEYS
from connectors.errors import NotFound, UpstreamError
from resolvers.context import Info
from schema.fields import Calls

K = TypeVar("K", bound=Hashable)
P = TypeVar("P")
T = TypeVar("T")

Loaded = list[T | Exception | None]
"""One result for each key, in the order of the keys: a value, `None` for a miss, or an error value."""


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

    def load(self, info: Any, key: Hashable) -> Awaitable[T | None]:
        """The value of one key, fetched together with all keys asked for in the same turn of the event loop."""
        loader = info.context.loader(self, lambda: self._loader(info))
        return cast("Awaitable[T | None]", loader.load(key))

    def _loader(self, info: Info) -> DataLoader[Any, Any]:
        client = info.context.client(self.client)
        extra = {"select": self._select(info)} if self._select else {}

        async def fetch(keys: list[Any]) -> list[Any]:
            info.context.fetching()
            KEYS.set(len(keys))
            try:
                return list(await self.fetch(client, keys, **extra))
            except UpstreamError as error:
                return [error for _ in keys]

        return DataLoader(fetch, max_batch_size=self.max_keys)


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

    `select(info)` says what of each object the operation wants; the function gets it as `select`. All else is for
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

    def __init__(self, batch: Batch[T], upstream: str, operation: str) -> None:
        self.result = batch.result
        self.calls = batch.calls
        self._batch = batch
        self._missing = (upstream, operation)

    async def load(self, info: Any, key: Hashable) -> T:
        found = await self._batch.load(info, key)
        if found is None:
            raise NotFound(*self._missing, status=404, reason="dangling reference")
        return found


def required(batch: Batch[T], upstream: str, operation: str) -> _Required[T]:
    """For links that follow a reference of the upstream's own: a miss is `NotFound`, not null."""
    return _Required(batch, upstream, operation)


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
