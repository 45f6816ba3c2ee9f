"""Calls to a vault in this process, by any auth scheme."""

import asyncio
from collections.abc import Mapping

from connectors.auth.auth import Auth
from connectors.call import Scope, Send
from connectors.clock import Clock, SystemClock
from connectors.pipeline import pipeline
from connectors.pipeline.setup import Setup
from connectors.policy import CachePolicy, Policy, RetryPolicy
from connectors.upstream import Endpoint, Given, Upstream
from connectors.wires import sandbox_wire
from tests.vault.client import VaultClient
from tests.vault.sandbox import VaultSandbox

VAULT = Upstream[VaultClient](
    name="vault",
    title="Vault",
    base_url="https://vault.example",
    base_url_variable="VAULT_BASE_URL",
    docs_url="https://vault.example/docs",
    client=VaultClient,
    credentials=(),
    sandbox=VaultSandbox,
    sandbox_environment={},
    policy=Policy(retry=RetryPolicy(attempts=3, base_s=0.0, cap_s=0.0), cache=CachePolicy(max_bytes=0, share=False)),
)
"""Without waits, and without answers from memory."""


def given(values: Mapping[str, str] | None = None, *, clock: Clock | None = None, base_url: str = "") -> Given:
    """What a manifest of the vault's would be given."""
    return Given(values or {}, upstream=VAULT, base_url=base_url or VAULT.base_url, clock=clock or SystemClock())


def sender(vault: VaultSandbox, auth: Auth, clock: Clock | None = None) -> Send:
    """The whole pipeline in front of a vault."""
    setup = Setup(upstream="vault", auth=auth, policy=VAULT.policy, clock=clock or SystemClock())
    return pipeline(setup, sandbox_wire(vault))


def owners(send: Send, times: int = 1, principal: str = "app") -> list[str]:
    """Ask so many times at once, for different things, whose they are."""

    async def ask() -> list[str]:
        client = VaultClient(Endpoint("vault", VAULT.base_url, send, Scope(principal=principal)))
        items = await asyncio.gather(*(client.get_item(str(number)) for number in range(times)))
        return [item["owner"] for item in items]

    return asyncio.run(ask())
