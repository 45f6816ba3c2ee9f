"""Tokens in SQLite and in a real PostgreSQL."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import pytest
from sqlalchemy import text

from connectors.auth.seal import Seal
from connectors.auth.store.opening import opened
from connectors.auth.store.sql import TABLES, SqlTokens
from connectors.auth.store.store import Account, Kept, StoreUnavailable
from connectors.auth.token import Token
from connectors.connector import ConfigurationError
from connectors.database import Database
from tests.connectors.auth.test_seal import NEW, OLD

T = TypeVar("T")
ADA = Account("vault", "ada")
TOKEN = Token(
    access_token="access-secret",
    issued_at=1.5,
    expires_at=3600.25,
    refresh_token="refresh-secret",
    more={"instance_url": "https://org.example", "team": {"id": 1}},
)
NEXT = Token(access_token="next", refresh_token="next-refresh")


def using(url: str, work: Callable[[SqlTokens], Awaitable[T]], keys: str = OLD) -> T:
    """What `work` makes of the store at `url`, in an event loop of its own."""

    async def run() -> T:
        database = Database(url)
        try:
            return await work(SqlTokens(database, Seal(keys)))
        finally:
            await database.close()

    return asyncio.run(run())


def test_a_token_comes_back_as_it_was(database_url: str) -> None:
    async def work(store: SqlTokens) -> list[Kept | None]:
        await store.save(ADA, TOKEN)
        await store.save(Account("vault", "bob"), NEXT)
        return [await store.load(ADA), await store.load(Account("vault", "bob")), await store.load(Account("x", "ada"))]

    ada, bob, nobody = using(database_url, work)
    assert ada == Kept(token=TOKEN, version=1)
    assert bob == Kept(token=NEXT, version=1)
    assert nobody is None


def test_a_token_is_there_for_the_next_process(database_url: str) -> None:
    using(database_url, lambda store: store.save(ADA, TOKEN))

    assert using(database_url, lambda store: store.load(ADA)) == Kept(token=TOKEN, version=1)


def test_one_of_many_claims_succeeds(database_url: str) -> None:
    async def work(store: SqlTokens) -> list[int | None]:
        await store.save(ADA, TOKEN)
        return list(await asyncio.gather(*(store.claim(ADA, 1, until=float(until)) for until in range(8))))

    claims = using(database_url, work)
    assert sorted(claim is None for claim in claims) == [False, *[True] * 7]
    assert 2 in claims


def test_a_claim_is_finished_with_a_token_once(database_url: str) -> None:
    async def work(store: SqlTokens) -> Any:
        await store.save(ADA, TOKEN)
        version = await store.claim(ADA, 1, until=50.0)
        assert version is not None
        claimed = await store.load(ADA)
        return (
            claimed,
            await store.replace(ADA, version, NEXT),
            await store.replace(ADA, version, TOKEN),
            (await store.load(ADA)),
        )

    claimed, first, second, after = using(database_url, work)
    assert claimed == Kept(token=TOKEN, version=2, claimed_until=50.0)
    assert (first, second) == (True, False)
    assert after == Kept(token=NEXT, version=3)


def test_a_claim_can_be_taken_back_or_end_the_token(database_url: str) -> None:
    async def work(store: SqlTokens) -> list[Kept | None]:
        await store.save(ADA, TOKEN)
        await store.claim(ADA, 1, until=50.0)
        await store.release(ADA, 2)
        released = await store.load(ADA)
        await store.condemn(ADA, 2)
        untouched = await store.load(ADA)
        await store.condemn(ADA, 3)
        return [released, untouched, await store.load(ADA)]

    released, untouched, dead = using(database_url, work)
    assert released == untouched == Kept(token=TOKEN, version=3)
    assert dead == Kept(token=TOKEN, version=4, dead=True)


def test_a_user_who_agrees_again_goes_over_everything_that_was_there(database_url: str) -> None:
    async def work(store: SqlTokens) -> Any:
        await store.save(ADA, TOKEN)
        await store.claim(ADA, 1, until=50.0)
        await store.save(ADA, NEXT)
        late = await store.replace(ADA, 2, TOKEN)
        kept = await store.load(ADA)
        await store.delete(ADA)
        return late, kept, await store.load(ADA)

    assert using(database_url, work) == (False, Kept(token=NEXT, version=3), None)


def test_what_is_there_is_not_added_to(database_url: str) -> None:
    async def work(store: SqlTokens) -> Any:
        added = await asyncio.gather(*(store.add(ADA, TOKEN) for _ in range(5)))
        return sorted(added), await store.add(ADA, NEXT), await store.load(ADA)

    assert using(database_url, work) == ([*[False] * 4, True], False, Kept(token=TOKEN, version=1))


def test_nothing_secret_can_be_read_in_the_table_and_rows_cannot_be_exchanged(database_url: str) -> None:
    async def rows(sql: str) -> str:
        database = Database(database_url)
        try:
            async with await database.begin(TABLES) as connection:
                result = await connection.execute(text(sql))
                return str(result.all()) if result.returns_rows else ""
        finally:
            await database.close()

    async def both(store: SqlTokens) -> None:
        await store.save(ADA, TOKEN)
        await store.save(Account("vault", "bob"), NEXT)

    using(database_url, both)
    written = asyncio.run(rows("SELECT * FROM punnet_tokens"))
    asyncio.run(
        rows(
            "UPDATE punnet_tokens SET sealed = (SELECT sealed FROM punnet_tokens WHERE principal = 'bob') "
            "WHERE principal = 'ada'"
        )
    )

    assert "ada" in written
    assert "secret" not in written
    with pytest.raises(StoreUnavailable, match="cannot be read"):
        using(database_url, lambda store: store.load(ADA))


def test_keys_are_changed_without_losing_tokens(database_url: str) -> None:
    using(database_url, lambda store: store.save(ADA, TOKEN))

    resealed = using(database_url, lambda store: store.reseal(), f"{NEW},{OLD}")

    assert resealed == 1
    assert using(database_url, lambda store: store.reseal(), f"{NEW},{OLD}") == 0
    assert using(database_url, lambda store: store.load(ADA), NEW) == Kept(token=TOKEN, version=1)
    with pytest.raises(StoreUnavailable, match="PUNNET_ENCRYPTION_KEY"):
        using(database_url, lambda store: store.load(ADA), OLD)


def test_a_database_that_does_not_answer_is_said_so_without_its_address() -> None:
    with pytest.raises(StoreUnavailable) as caught:
        using("postgresql://me:s3cret@127.0.0.1:1/none", lambda store: store.load(ADA))

    assert "s3cret" not in str(caught.value)


def test_tokens_are_not_kept_without_a_key() -> None:
    database = Database("sqlite:///nowhere.sqlite3")

    with pytest.raises(ConfigurationError, match="PUNNET_ENCRYPTION_KEY must be set"):
        opened(database, "")
    with pytest.raises(ConfigurationError, match="PUNNET_ENCRYPTION_KEY: each key") as caught:
        opened(database, "SECRET")
    assert "SECRET" not in str(caught.value)
