"""What a process of its own does with a user's token: the part of the tests that others run, so it imports little."""

import asyncio
import os
from multiprocessing.synchronize import Barrier

from connectors.auth.oauth2 import users
from connectors.auth.seal import Seal
from connectors.auth.store.sql import SqlTokens
from connectors.auth.store.store import Account
from connectors.auth.stored import StoredAuth
from connectors.auth.token import Token
from connectors.call import Scope
from connectors.clock import SystemClock
from connectors.database import Database
from connectors.errors import UpstreamError
from connectors.pipeline import pipeline
from connectors.pipeline.setup import Setup
from connectors.upstream import Endpoint
from connectors.wires import NetworkWire
from tests.vault.authorization import AUDIENCE, CLIENT_ID, CLIENT_SECRET
from tests.vault.calls import given
from tests.vault.client import VaultClient
from tests.vault.manifest import UPSTREAM

KEY = "cmFjaW5nIGtleSByYWNpbmcga2V5IHJhY2luZyBrZXk="
CRASHED = 7


class Deadly(SqlTokens):
    """The process dies when a new token is to be saved."""

    async def replace(self, account: Account, version: int, token: Token) -> bool:
        os._exit(CRASHED)


class Later(SystemClock):
    """As if so many seconds had passed."""

    def __init__(self, ahead_s: float) -> None:
        self._ahead_s = ahead_s

    def time(self) -> float:
        return super().time() + self._ahead_s


async def owner(vault_url: str, database_url: str, *, deadly: bool = False, ahead_s: float = 0.0) -> str:
    """Whose things the vault shows to `ada`, or the code of the error."""
    database, wire = Database(database_url), NetworkWire(answer_bytes=100_000, connections=10)
    clock = Later(ahead_s)
    store = (Deadly if deadly else SqlTokens)(database, Seal(KEY))
    auth = vault_users(store, vault_url, clock)
    send = pipeline(Setup(upstream="vault", auth=auth, policy=UPSTREAM.policy, clock=clock), wire.send)
    try:
        item = await VaultClient(Endpoint("vault", vault_url, send, Scope(user="ada", principal="ada"))).get_item("1")
    except UpstreamError as error:
        return error.code
    finally:
        await wire.close()
        await database.close()
    return item["owner"]


def vault_users(store: SqlTokens, vault_url: str, clock: SystemClock) -> StoredAuth:
    return users(
        given(clock=clock, base_url=vault_url, tokens=lambda: store),
        authorization_url="https://vault.example/oauth/authorize",
        token_url=AUDIENCE,
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
    )


def in_process(
    vault_url: str, database_url: str, answers: str, start: Barrier | None = None, deadly: bool = False
) -> None:
    """The `main` of such a process: it begins when all others do, and appends what it got to the file `answers`."""
    if start:
        start.wait(60)
    answer = asyncio.run(owner(vault_url, database_url, deadly=deadly))
    with open(answers, "a") as file:
        file.write(f"{answer}\n")
