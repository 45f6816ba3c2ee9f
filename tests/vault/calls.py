"""Calls to a vault in this process, by any auth scheme."""

import asyncio
from collections.abc import Callable, Mapping

from connectors.auth.auth import Auth
from connectors.auth.store.store import TokenStore
from connectors.call import Scope, Send
from connectors.clock import Clock, SystemClock
from connectors.pipeline import pipeline
from connectors.pipeline.setup import Setup
from connectors.upstream import Endpoint, Given, no_store
from connectors.wires import sandbox_wire
from tests.vault.client import VaultClient
from tests.vault.manifest import UPSTREAM
from tests.vault.sandbox import VaultSandbox


def given(
    values: Mapping[str, str] | None = None,
    *,
    clock: Clock | None = None,
    base_url: str = "",
    tokens: Callable[[], TokenStore] = no_store,
) -> Given:
    """What a manifest of the vault's would be given."""
    base_url = base_url or UPSTREAM.base_url
    return Given(values or {}, upstream=UPSTREAM, base_url=base_url, clock=clock or SystemClock(), tokens=tokens)


def sender(vault: VaultSandbox, auth: Auth, clock: Clock | None = None) -> Send:
    """The whole pipeline in front of a vault."""
    setup = Setup(upstream="vault", auth=auth, policy=UPSTREAM.policy, clock=clock or SystemClock())
    return pipeline(setup, sandbox_wire(vault))


def owners(send: Send, times: int = 1, principal: str = "app") -> list[str]:
    """Ask so many times at once, for different things, whose they are."""

    async def ask() -> list[str]:
        client = VaultClient(Endpoint("vault", UPSTREAM.base_url, send, Scope(user=principal, principal=principal)))
        items = await asyncio.gather(*(client.get_item(str(number)) for number in range(times)))
        return [item["owner"] for item in items]

    return asyncio.run(ask())
