"""What a resolver finds in `info.context`: clients and dataloaders of this one request."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, TypeVar, cast

from aiodataloader import DataLoader
from strawberry.types import Info as StrawberryInfo

from connectors.call import Scope
from connectors.connector import Connector
from resolvers.cursors import CursorCodec

C = TypeVar("C")


class Context:
    """One request's view of the upstreams. Clients and loaders are made when first asked for."""

    def __init__(self, connectors: Mapping[Any, Connector], scope: Scope, cursors: CursorCodec) -> None:
        """`connectors` by the class of their clients."""
        self._connectors = connectors
        self._clients: dict[Any, Any] = {}
        self._loaders: dict[object, DataLoader[Any, Any]] = {}
        self._fetches: set[asyncio.Task[Any]] = set()
        self.scope = scope
        self.cursors = cursors

    def client(self, kind: type[C]) -> C:
        """This request's client of one upstream."""
        if kind not in self._clients:
            self._clients[kind] = self._connectors[kind].client(self.scope)
        return cast(C, self._clients[kind])

    def loader(self, owner: object, make: Callable[[], DataLoader[Any, Any]]) -> DataLoader[Any, Any]:
        """The one loader of this request that belongs to `owner`."""
        if owner not in self._loaders:
            self._loaders[owner] = make()
        return self._loaders[owner]

    def fetching(self) -> None:
        """The current task fetches for this request, and for it only: it is not needed any longer than the request."""
        task = asyncio.current_task()
        assert task is not None
        self._fetches.add(task)
        task.add_done_callback(self._fetches.discard)

    def close(self) -> None:
        """The request is over, or its client is gone: end the fetches that still run."""
        for task in list(self._fetches):
            task.cancel()


Info = StrawberryInfo[Context, None]
