"""What tells one sender of webhooks from another, and which of them there are.

A provider that sends webhooks has `connectors/providers/<name>/webhooks.py` with a `Webhooks` in it as `WEBHOOKS`, or a
function that makes one, where each gateway is to have its own. A sender that is no provider has a module of its name in
`connectors/webhooks/senders/`.
"""

import importlib
import pkgutil
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from connectors import providers
from connectors.connector import Connector, clean
from connectors.webhooks import senders
from connectors.webhooks.delivery import Delivery, Event

if TYPE_CHECKING:
    from connectors.webhooks.durable import Durable
    from connectors.webhooks.inbox import Inbox


class Verify(Protocol):
    """Checks that a delivery came from its sender, with one of the `secrets` that are good at `now` (Unix time).

    Raises `Unverified`, and `ValueError` for a secret that is none. What it does over the network it returns to be
    awaited.
    """

    def __call__(
        self, delivery: Delivery, secrets: Sequence[str], now: float, *, tolerance_s: float
    ) -> Awaitable[None] | None: ...


def untimed(verify: Callable[[Delivery, Sequence[str], float], None]) -> Verify:
    """A scheme that signs no time: whether a delivery is old, nobody can say."""

    def verified(delivery: Delivery, secrets: Sequence[str], now: float, *, tolerance_s: float) -> None:
        verify(delivery, secrets, now)

    return verified


def later(scheme: str) -> Verify:
    """The scheme in a module of `signatures`, loaded with the first delivery: some take a tenth of a second."""

    def verified(delivery: Delivery, secrets: Sequence[str], now: float, *, tolerance_s: float) -> None:
        module = importlib.import_module(f"connectors.webhooks.signatures.{scheme}")
        module.verify(delivery, secrets, now, tolerance_s=tolerance_s)

    return verified


class Desk(Protocol):
    """Handles the events of one sender with what it keeps in the database."""

    async def handle(self, event: Event) -> None:
        """Do what there is to do; called again for an event after a failure or a crash."""


@dataclass(frozen=True, kw_only=True)
class Reply:
    """The body of the answer to a delivery, where its sender wants one."""

    body: bytes
    media_type: str


def _nothing(event: Event) -> Collection[str]:
    return ()


def _empty(delivery: Delivery) -> Reply | None:
    return None


@dataclass(frozen=True, kw_only=True)
class Webhooks:
    """One sender.

    `secrets` is the environment variable that has its secret, or several separated by commas while one is replaced;
    what `verify` makes of them is its scheme's business. In front of a sandbox, where the variable is not set,
    `sandbox_secret` is it.

    `read` gets a body that is verified, and gives the events in it, or none for what is no event (Slack's challenge).
    For a body that it cannot read it raises what comes of trying, one of `UNREADABLE`. `reply` is what the sender is
    answered after they were stored; unless it gives something, that is an empty body.

    `stale` names what an event makes untrue in the cache, by tags as in `Call.evicts`. `handle` does what else there
    is to do, where the provider is there; it may be called again for an event after a failure or a crash, and is not
    called for one that came after something later about the same object, which it might undo. An attempt takes up to
    `timeout_s`; after each failure there is another `retries_s` later, after the last one the event is parked.
    Who needs the database for that, or finds more events in one, has a `desk`, made before durable work is opened.
    """

    secrets: str
    verify: Verify
    read: Callable[[Delivery], Sequence[Event]]
    stale: Callable[[Event], Collection[str]] = _nothing
    reply: Callable[[Delivery], Reply | None] = _empty
    handle: Callable[[Event, Connector], Awaitable[None]] | None = None
    desk: "Callable[[Durable, Inbox, Sender], Desk] | None" = None
    sandbox_secret: str | None = None
    timeout_s: float = 60.0
    retries_s: tuple[float, ...] = (1.0, 5.0, 30.0, 120.0, 600.0, 3600.0)


@dataclass(frozen=True, kw_only=True)
class Sender:
    """A sender that we have secrets of. `connector` is its provider's, where it has one that is connected.

    `invented` says that nobody gave us these secrets: they are the sandbox's.
    """

    name: str
    webhooks: Webhooks
    secrets: tuple[str, ...] = field(repr=False)
    connector: Connector | None = None
    invented: bool = False


def discover() -> dict[str, Webhooks]:
    """Every sender, by name."""
    found: dict[str, Webhooks] = {}
    for package in pkgutil.iter_modules(providers.__path__):
        place = importlib.import_module(f"{providers.__name__}.{package.name}").__path__
        if any(module.name == "webhooks" for module in pkgutil.iter_modules(place)):
            found[package.name] = _in(f"{providers.__name__}.{package.name}.webhooks")
    for module in pkgutil.iter_modules(senders.__path__):
        found[module.name] = _in(f"{senders.__name__}.{module.name}")
    return found


def senders_in(environment: Mapping[str, str], connectors: Mapping[str, Connector]) -> dict[str, Sender]:
    """The senders whose secrets are in `environment`, and those in front of whose provider is a sandbox.

    Raises `ConfigurationError` for a secret with white space in it.
    """
    found: dict[str, Sender] = {}
    for name, webhooks in sorted(discover().items()):
        connector = connectors.get(name)
        given = [secret.strip() for secret in environment.get(webhooks.secrets, "").split(",")]
        secrets = tuple(clean(webhooks.secrets, secret) for secret in given if secret)
        invented = not secrets and connector is not None and connector.emulator is not None
        if invented and webhooks.sandbox_secret:
            secrets = (webhooks.sandbox_secret,)
        if secrets:
            found[name] = Sender(name=name, webhooks=webhooks, secrets=secrets, connector=connector, invented=invented)
    return found


def unheard(senders: Collection[str]) -> dict[str, str]:
    """The variable for the secret of each sender that is not among these, by name."""
    return {name: webhooks.secrets for name, webhooks in discover().items() if name not in senders}


def _in(module: str) -> Webhooks:
    found = importlib.import_module(module).WEBHOOKS
    webhooks = found() if callable(found) else found
    if not isinstance(webhooks, Webhooks):
        raise TypeError(f"{module}: `WEBHOOKS` must be a Webhooks")
    return webhooks
