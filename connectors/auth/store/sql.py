"""Tokens in a table. Every change is one statement that names the version it was made from."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from math import inf
from typing import Any

import orjson
from sqlalchemy import (
    Boolean,
    Column,
    Float,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    and_,
    delete,
    insert,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from connectors.auth.seal import Seal, Unreadable
from connectors.auth.store.store import Account, Kept, StoreUnavailable
from connectors.auth.token import Token
from connectors.database import Database

TABLES = MetaData()

TOKENS = Table(
    "punnet_tokens",
    TABLES,
    Column("provider", String(64), primary_key=True),
    Column("principal", String(255), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("sealed", Text, nullable=False),
    Column("dead", Boolean, nullable=False),
    Column("claimed_until", Float(53)),
    Column("changed_at", Float(53), nullable=False),
)


class SqlTokens:
    """A `TokenStore` in a database. Tokens are sealed for their account; names and times can be read."""

    def __init__(self, database: Database, seal: Seal, now: Callable[[], float] = time.time) -> None:
        self._database = database
        self._seal = seal
        self._now = now

    async def load(self, account: Account) -> Kept | None:
        async with self._transaction() as connection:
            row = (await connection.execute(select(TOKENS).where(_of(account)))).one_or_none()
        if row is None:
            return None
        try:
            token = _read(self._seal.open(row.sealed, _place(account)))
        except Unreadable as error:
            raise StoreUnavailable(f"a token cannot be read: {error}") from error
        return Kept(token=token, version=row.version, dead=row.dead, claimed_until=row.claimed_until)

    async def save(self, account: Account, token: Token) -> None:
        while not await self._change(account, None, self._fresh(account, token)):
            if await self.add(account, token):
                return

    async def add(self, account: Account, token: Token) -> bool:
        row = {"provider": account.provider, "principal": account.principal, "version": 1}
        try:
            async with self._transaction() as connection:
                await connection.execute(insert(TOKENS).values(**row, **self._fresh(account, token)))
        except IntegrityError:
            return False
        return True

    async def claim(self, account: Account, version: int, *, until: float) -> int | None:
        claimed = await self._change(account, version, {"claimed_until": until})
        return version + 1 if claimed else None

    async def release(self, account: Account, version: int) -> None:
        await self._change(account, version, {"claimed_until": None})

    async def replace(self, account: Account, version: int, token: Token) -> bool:
        return await self._change(account, version, self._fresh(account, token))

    async def condemn(self, account: Account, version: int) -> None:
        await self._change(account, version, {"dead": True, "claimed_until": None})

    async def delete(self, account: Account) -> None:
        async with self._transaction() as connection:
            await connection.execute(delete(TOKENS).where(_of(account)))

    async def reseal(self) -> int:
        """Seal everything with the newest key; how many tokens had an older one. Safe while others work."""
        resealed = 0
        async with self._transaction() as connection:
            rows = (await connection.execute(select(TOKENS))).all()
        for row in rows:
            account = Account(row.provider, row.principal)
            if self._seal.is_newest(row.sealed):
                continue
            try:
                plain = self._seal.open(row.sealed, _place(account))
            except Unreadable as error:
                raise StoreUnavailable(f"a token cannot be read: {error}") from error
            async with self._transaction() as connection:
                same = and_(_of(account), TOKENS.c.sealed == row.sealed)
                result = await connection.execute(
                    update(TOKENS).where(same).values(sealed=self._seal.seal(plain, _place(account)))
                )
            resealed += result.rowcount
        return resealed

    async def _change(self, account: Account, version: int | None, values: dict[str, Any]) -> bool:
        """Make a change to the row, if it still has that version (any, for `None`)."""
        where = _of(account) if version is None else and_(_of(account), TOKENS.c.version == version)
        change = {"changed_at": self._now(), **values}
        async with self._transaction() as connection:
            result = await connection.execute(
                update(TOKENS).where(where).values(version=TOKENS.c.version + 1, **change)
            )
        return result.rowcount == 1

    def _fresh(self, account: Account, token: Token) -> dict[str, Any]:
        sealed = self._seal.seal(_written(token), _place(account))
        return {"sealed": sealed, "dead": False, "claimed_until": None, "changed_at": self._now()}

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[AsyncConnection]:
        try:
            async with await self._database.begin(TABLES) as connection:
                yield connection
        except IntegrityError:
            raise
        except (SQLAlchemyError, OSError) as error:
            raise StoreUnavailable("the database does not answer") from error


def _of(account: Account) -> Any:
    return and_(TOKENS.c.provider == account.provider, TOKENS.c.principal == account.principal)


def _place(account: Account) -> str:
    return f"{account.provider}\0{account.principal}"


def _written(token: Token) -> bytes:
    facts = {"access_token": token.access_token, "refresh_token": token.refresh_token, "more": dict(token.more)}
    origin = {"connection": token.connection}
    times = {"issued_at": token.issued_at, "expires_at": None if token.expires_at == inf else token.expires_at}
    return orjson.dumps({**facts, **origin, **times})


def _read(content: bytes) -> Token:
    facts = orjson.loads(content)
    facts["expires_at"] = inf if facts["expires_at"] is None else facts["expires_at"]
    return Token(**facts)
