"""Vouchers in a table: a digest of each secret, and the facts behind it, sealed."""

import time
from collections.abc import Callable, Mapping
from typing import Any

import orjson
from sqlalchemy import Column, Float, MetaData, String, Table, Text, and_, delete, insert, select
from sqlalchemy.exc import SQLAlchemyError

from connectors.auth.seal import Seal, Unreadable
from connectors.auth.store.store import StoreUnavailable
from connectors.auth.store.vouchers import Kind, digest_of, new_secret
from connectors.database import Database

TABLES = MetaData()

VOUCHERS = Table(
    "punnet_vouchers",
    TABLES,
    Column("digest", String(64), primary_key=True),
    Column("sealed", Text, nullable=False),
    Column("expires_at", Float(53), nullable=False, index=True),
)


class SqlVouchers:
    """`Vouchers` that every replica can redeem, and only one of them does."""

    def __init__(self, database: Database, seal: Seal, now: Callable[[], float] = time.time) -> None:
        self._database = database
        self._seal = seal
        self._now = now

    async def issue(self, kind: Kind, facts: Mapping[str, Any], *, lifetime_s: float) -> str:
        secret = new_secret()
        digest, now = digest_of(kind, secret), self._now()
        row = {"digest": digest, "sealed": self._seal.seal(orjson.dumps(facts), digest), "expires_at": now + lifetime_s}
        try:
            async with await self._database.begin(TABLES) as connection:
                await connection.execute(delete(VOUCHERS).where(VOUCHERS.c.expires_at <= now))
                await connection.execute(insert(VOUCHERS).values(**row))
        except (SQLAlchemyError, OSError) as error:
            raise StoreUnavailable("the database does not answer") from error
        return secret

    async def look(self, kind: Kind, secret: str) -> Mapping[str, Any] | None:
        return await self._facts(digest_of(kind, secret), spend=False)

    async def redeem(self, kind: Kind, secret: str) -> Mapping[str, Any] | None:
        return await self._facts(digest_of(kind, secret), spend=True)

    async def _facts(self, digest: str, *, spend: bool) -> Mapping[str, Any] | None:
        good = and_(VOUCHERS.c.digest == digest, VOUCHERS.c.expires_at > self._now())
        try:
            async with await self._database.begin(TABLES) as connection:
                row = (await connection.execute(select(VOUCHERS.c.sealed).where(good))).one_or_none()
                if row is None or (spend and (await connection.execute(delete(VOUCHERS).where(good))).rowcount != 1):
                    return None
        except (SQLAlchemyError, OSError) as error:
            raise StoreUnavailable("the database does not answer") from error
        try:
            facts: Mapping[str, Any] = orjson.loads(self._seal.open(row.sealed, digest))
        except Unreadable:
            return None
        return facts
