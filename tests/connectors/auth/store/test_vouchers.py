"""Vouchers, in a table and in memory: good once, for a while, for their kind."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from connectors.auth.seal import Seal
from connectors.auth.store.memory import MemoryTokens, MemoryVouchers
from connectors.auth.store.sql_vouchers import SqlVouchers
from connectors.auth.store.store import Account, StoreUnavailable
from connectors.auth.store.vouchers import Vouchers
from connectors.auth.token import Token
from connectors.database import Database
from tests.clock import FakeClock
from tests.connectors.auth.test_seal import OLD
from tests.postgres import PostgresServer

FACTS = {"user": "user:ada", "return_to": None}
Work = Callable[[Vouchers, FakeClock], Awaitable[Any]]


@pytest.fixture(params=["sqlite", "postgresql", "memory"])
def run(request: pytest.FixtureRequest, tmp_path: Path, clock: FakeClock) -> Callable[[Work], Any]:
    """Does something with vouchers of each kind."""
    url = f"sqlite:///{tmp_path / 'punnet.sqlite3'}"
    if request.param == "postgresql":
        server: PostgresServer = request.getfixturevalue("running_postgres")
        url = server.database()

    async def done(work: Work) -> Any:
        database = Database(url)
        memory = request.param == "memory"
        try:
            return await work(
                MemoryVouchers(clock.time) if memory else SqlVouchers(database, Seal(OLD), clock.time), clock
            )
        finally:
            await database.close()

    return lambda work: asyncio.run(done(work))


def test_a_voucher_is_good_once(run: Callable[[Work], Any]) -> None:
    async def work(vouchers: Vouchers, clock: FakeClock) -> Any:
        secret = await vouchers.issue("ticket", FACTS, lifetime_s=60)
        looked = await vouchers.look("ticket", secret)
        return looked, [await vouchers.redeem("ticket", secret) for _ in range(2)]

    assert run(work) == (FACTS, [FACTS, None])


def test_of_many_who_redeem_at_once_one_does(run: Callable[[Work], Any]) -> None:
    async def work(vouchers: Vouchers, clock: FakeClock) -> Any:
        secret = await vouchers.issue("state", FACTS, lifetime_s=60)
        return await asyncio.gather(*(vouchers.redeem("state", secret) for _ in range(10)))

    found = run(work)
    assert sorted(found, key=str) == sorted([FACTS, *[None] * 9], key=str)


def test_a_voucher_ends_and_is_no_other_kind_s(run: Callable[[Work], Any]) -> None:
    async def work(vouchers: Vouchers, clock: FakeClock) -> Any:
        ticket, state = [await vouchers.issue(kind, FACTS, lifetime_s=60) for kind in ("ticket", "state")]
        swapped = await vouchers.redeem("state", ticket), await vouchers.redeem("ticket", state)
        strange = [await vouchers.redeem("state", secret) for secret in ("", "\ud800", "x" * 10_000, "\0")]
        clock.advance(60)
        return *swapped, *strange, await vouchers.look("ticket", ticket), await vouchers.redeem("state", state)

    assert run(work) == (None,) * 8


def test_what_a_table_has_tells_nothing_and_another_key_opens_nothing(tmp_path: Any, clock: FakeClock) -> None:
    async def work() -> Any:
        database = Database(f"sqlite:///{tmp_path / 'punnet.sqlite3'}")
        secret = await SqlVouchers(database, Seal(OLD), clock.time).issue("state", FACTS, lifetime_s=60)
        other = SqlVouchers(database, Seal("b3RoZXIga2V5IG90aGVyIGtleSBvdGhlciBrZXkgISE="), clock.time)
        found = await other.redeem("state", secret)
        await database.close()
        return secret, found

    secret, found = asyncio.run(work())
    written = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert found is None
    assert b"punnet_vouchers" in written
    assert secret.encode() not in written
    assert b"ada" not in written


def test_a_database_that_is_away_is_told_as_such(clock: FakeClock) -> None:
    async def work() -> None:
        database = Database("postgresql://me:s3cret@127.0.0.1:1/none")
        with pytest.raises(StoreUnavailable):
            await SqlVouchers(database, Seal(OLD), clock.time).issue("state", FACTS, lifetime_s=60)
        with pytest.raises(StoreUnavailable):
            await SqlVouchers(database, Seal(OLD), clock.time).redeem("state", "x")
        await database.close()

    asyncio.run(work())


def test_tokens_in_memory_change_by_their_version_only() -> None:
    ada, first, second = Account("vault", "ada"), Token(access_token="1"), Token(access_token="2")

    async def work() -> list[Any]:
        store = MemoryTokens()
        told: list[Any] = [await store.load(ada), await store.add(ada, first), await store.add(ada, second)]
        claim = await store.claim(ada, 1, until=10.0)
        told += [claim, await store.claim(ada, 1, until=10.0), await store.replace(ada, 1, second)]
        told += [await store.replace(ada, claim or 0, second)]
        kept = await store.load(ada)
        await store.condemn(ada, 3)
        dead = await store.load(ada)
        await store.save(ada, first)
        alive = await store.load(ada)
        await store.delete(ada)
        return [*told, kept and kept.token, dead and dead.dead, alive and alive.dead, await store.load(ada)]

    assert asyncio.run(work()) == [None, True, False, 2, None, False, True, second, True, False, None]
