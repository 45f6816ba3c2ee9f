"""What a resolver finds in `info.context`: clients and dataloaders of this one request."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from strawberry.types import Info as StrawberryInfo

from connectors.call import Scope
from connectors.connector import Connector
from connectors.consent import Consent
from connectors.webhooks.hub import Hub
from connectors.webhooks.office import Office
from resolvers.cursors import CursorCodec

if TYPE_CHECKING:
    from connectors.webhooks.outbox.outbox import Outbox

C = TypeVar("C")
L = TypeVar("L")


class Tasks:
    """What runs for one request, and for it only: it is not needed any longer than the request."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[None]] = set()

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Run it beside what runs now."""
        task = asyncio.get_running_loop().create_task(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    def cancel(self) -> None:
        """End what still runs."""
        for task in list(self._running):
            task.cancel()


class Context:
    """One request's view of the upstreams. Clients and loaders are made when first asked for."""

    def __init__(
        self,
        connectors: Mapping[Any, Connector],
        scope: Scope,
        cursors: CursorCodec,
        *,
        operator: bool = False,
        hub: Hub | None = None,
        outbox: "Outbox | None" = None,
        office: Office | None = None,
        consent: Consent | None = None,
        public_url: str | None = None,
    ) -> None:
        """`connectors` by the class of their clients. An `operator` may look at how upstreams are, and at webhooks.

        `hub` has the events that subscriptions follow, `outbox` sends webhooks, `office` takes them. `consent` is there
        for who may connect accounts; `public_url` is where browsers reach us, if that is known.
        """
        self.connectors = connectors
        self.operator = operator
        self.outbox = outbox
        self.office = office
        self.consent = consent
        self.public_url = public_url
        self._hub = hub
        self._clients: dict[Any, Any] = {}
        self._loaders: dict[object, Any] = {}
        self.tasks = Tasks()
        self.scope = scope
        self.cursors = cursors

    def client(self, kind: type[C]) -> C:
        """This request's client of one upstream."""
        client: C | None = self._clients.get(kind)
        if client is None:
            client = self._clients[kind] = self.connectors[kind].client(self.scope)
        return client

    @property
    def hub(self) -> Hub:
        """Where events can be followed."""
        if self._hub is None:
            raise RuntimeError("this context is of a gateway without events")
        return self._hub

    def loader(self, owner: object, make: Callable[[], L]) -> L:
        """The one loader of this request that belongs to `owner`."""
        loader: L | None = self._loaders.get(owner)
        if loader is None:
            loader = self._loaders[owner] = make()
        return loader

    def close(self) -> None:
        """The request is over, or its client is gone."""
        self.tasks.cancel()


Info = StrawberryInfo[Context, None]
