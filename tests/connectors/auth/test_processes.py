"""Scenario 15 below the gateway: real processes, a real database, one refresh token."""

import asyncio
import multiprocessing
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.auth.seal import Seal
from connectors.auth.store.sql import SqlTokens
from connectors.auth.store.store import Account
from connectors.auth.token import Token
from connectors.database import Database
from connectors.sandbox.faults import Fault
from connectors.sandbox.standalone import standalone
from tests.postgres import PostgresServer
from tests.serving import served
from tests.vault.racing import CRASHED, KEY, in_process, owner
from tests.vault.sandbox import VaultSandbox


@pytest.fixture
def vault() -> VaultSandbox:
    vault = VaultSandbox()
    vault.memory.rotates = True
    return vault


@pytest.fixture
def vault_url(vault: VaultSandbox) -> Iterator[str]:
    with served(standalone({"vault": vault})) as url:
        yield f"{url}/vault"


def agree(vault: VaultSandbox, database_url: str) -> None:
    """Ada agrees, and her token ends."""
    issued = vault.memory.authorize("ada")
    vault.expire()

    async def keep() -> None:
        database = Database(database_url)
        token = Token(access_token=issued.access_token, expires_at=0.0, refresh_token=issued.refresh_token)
        await SqlTokens(database, Seal(KEY)).save(Account("vault", "ada"), token)
        await database.close()

    asyncio.run(keep())


def test_of_two_processes_one_rotates_and_the_other_adopts(
    vault: VaultSandbox, vault_url: str, database_url: str, tmp_path: Path
) -> None:
    agree(vault, database_url)
    vault.faults.add(Fault(operation="oauth2.token", latency_s=0.5, times=None))
    answers = tmp_path / "answers"

    context = multiprocessing.get_context("spawn")
    about = (vault_url, database_url, str(answers), context.Barrier(2))
    processes = [context.Process(target=in_process, args=about) for _ in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)

    assert answers.read_text().split() == ["ada", "ada"]
    assert vault.seen("oauth2.token") == 1


def test_a_process_that_dies_with_the_answer_leaves_a_user_who_has_to_agree_again(
    vault: VaultSandbox, vault_url: str, running_postgres: PostgresServer, tmp_path: Path
) -> None:
    database_url = running_postgres.database()
    agree(vault, database_url)
    context = multiprocessing.get_context("spawn")
    about = (vault_url, database_url, str(tmp_path / "answers"), None, True)
    dying = context.Process(target=in_process, args=about)
    dying.start()
    dying.join(60)

    codes = [asyncio.run(owner(vault_url, database_url, ahead_s=3600)) for _ in range(2)]

    assert dying.exitcode == CRASHED
    assert codes == ["REAUTHORIZATION_REQUIRED"] * 2
    assert vault.seen("oauth2.token") == 1
