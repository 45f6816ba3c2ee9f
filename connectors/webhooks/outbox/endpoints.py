"""Endpoints: where messages go, which ones, and what they are signed with."""

from collections.abc import Mapping, Sequence
from math import inf
from typing import Any, cast
from uuid import uuid4

import orjson
from sqlalchemy import Update, case, delete, insert, select, update
from sqlalchemy.exc import SQLAlchemyError

from connectors.auth.seal import Seal, Unreadable
from connectors.auth.store.store import StoreUnavailable
from connectors.clock import Clock
from connectors.database import Database
from connectors.webhooks.outbox.keys import Keys
from connectors.webhooks.outbox.records import Disabled, Endpoint
from connectors.webhooks.outbox.tables import ATTEMPTS, DELIVERIES, ENDPOINTS, TABLES
from connectors.webhooks.outbox.topics import covers

LOOK_S = 1.0
"""How old our knowledge of the endpoints may be when an event comes."""


class Endpoints:
    """The endpoints in a database, their secrets sealed each for its own. Raises `SQLAlchemyError`."""

    def __init__(self, database: Database, seal: Seal, clock: Clock) -> None:
        self._database = database
        self._seal = seal
        self._clock = clock
        self._known: Sequence[Endpoint] = ()
        self._known_until = -inf

    async def add(
        self, url: str, topics: Sequence[str], description: str, rate_per_s: float | None, keys: Keys, now: float
    ) -> Endpoint:
        id = f"ep_{uuid4().hex[:24]}"
        row = {
            "id": id,
            "url": url,
            "description": description,
            "topics": orjson.dumps(list(topics)).decode(),
            "rate_per_s": rate_per_s,
            "next_slot_at": 0.0,
            "created_at": now,
            **self._sealed(id, keys),
        }
        async with await self._database.begin(TABLES) as connection:
            await connection.execute(insert(ENDPOINTS).values(**row))
        self.look_again()
        return read_endpoint({**row, "disabled": None})

    async def get(self, id: str) -> Endpoint | None:
        async with await self._database.begin(TABLES) as connection:
            row = (await connection.execute(select(ENDPOINTS).where(ENDPOINTS.c.id == id))).mappings().one_or_none()
        return read_endpoint(row) if row else None

    async def all(self) -> list[Endpoint]:
        """The oldest first."""
        rows = select(ENDPOINTS).order_by(ENDPOINTS.c.created_at, ENDPOINTS.c.id)
        async with await self._database.begin(TABLES) as connection:
            return [read_endpoint(row) for row in (await connection.execute(rows)).mappings()]

    async def told_of(self, type: str) -> list[Endpoint]:
        """Those that are told of events of a type, as far as was known `LOOK_S` ago."""
        if self._clock.now() >= self._known_until:
            self._known, self._known_until = await self.all(), self._clock.now() + LOOK_S
        return [one for one in self._known if not one.disabled and covers(one.topics, type)]

    def look_again(self) -> None:
        """What was known is not so any longer."""
        self._known_until = -inf

    async def change(self, id: str, **values: Any) -> Endpoint | None:
        """Set columns of one; `None` where there is none. A new rate is for what waits for its turn as well."""
        if "topics" in values:
            values["topics"] = orjson.dumps(list(values["topics"])).decode()
        if "rate_per_s" in values:
            values["next_slot_at"] = 0.0
        async with await self._database.begin(TABLES) as connection:
            changed = update(ENDPOINTS).where(ENDPOINTS.c.id == id).values(**values).returning(ENDPOINTS)
            row = (await connection.execute(changed)).mappings().one_or_none()
            if "rate_per_s" in values:
                await connection.execute(_due_now(id, self._clock.time()))
        self.look_again()
        return read_endpoint(row) if row else None

    async def set_keys(self, endpoint: Endpoint, keys: Keys) -> Endpoint | None:
        """Replace the keys, unless somebody else has since `endpoint` was read: then `None`."""
        async with await self._database.begin(TABLES) as connection:
            same = (ENDPOINTS.c.id == endpoint.id) & (ENDPOINTS.c.sealed == endpoint.sealed)
            changed = update(ENDPOINTS).where(same).values(**self._sealed(endpoint.id, keys)).returning(ENDPOINTS)
            row = (await connection.execute(changed)).mappings().one_or_none()
        return read_endpoint(row) if row else None

    def keys(self, endpoint: Endpoint) -> Keys:
        """Raises `Unreadable`."""
        current, previous = orjson.loads(self._seal.open(endpoint.sealed, _place(endpoint.id)))
        return Keys(current, previous, endpoint.rotated_at)

    async def delete(self, id: str) -> bool:
        """Forget one and all its deliveries; whether it was there."""
        async with await self._database.begin(TABLES) as connection:
            found = (await connection.execute(delete(ENDPOINTS).where(ENDPOINTS.c.id == id))).rowcount == 1
            mine = select(DELIVERIES.c.id).where(DELIVERIES.c.endpoint == id)
            await connection.execute(delete(ATTEMPTS).where(ATTEMPTS.c.delivery.in_(mine)))
            await connection.execute(delete(DELIVERIES).where(DELIVERIES.c.endpoint == id))
        self.look_again()
        return found

    async def slot(self, id: str, rate_per_s: float, now: float) -> float:
        """When its rate lets an endpoint be called: that moment is taken, in all processes."""
        apart_s = 1 / rate_per_s
        free = case((ENDPOINTS.c.next_slot_at > now, ENDPOINTS.c.next_slot_at), else_=now)
        taken = update(ENDPOINTS).where(ENDPOINTS.c.id == id).values(next_slot_at=free + apart_s)
        async with await self._database.begin(TABLES) as connection:
            after = (await connection.execute(taken.returning(ENDPOINTS.c.next_slot_at))).scalar_one_or_none()
        return now if after is None else after - apart_s

    async def reseal(self) -> int:
        """Seal all secrets with the newest key; how many had an older one. Raises `StoreUnavailable`."""
        try:
            old = [endpoint for endpoint in await self.all() if not self._seal.is_newest(endpoint.sealed)]
            for endpoint in old:
                await self.set_keys(endpoint, self.keys(endpoint))
        except Unreadable as error:
            raise StoreUnavailable(f"a webhook secret cannot be read: {error}") from error
        except (SQLAlchemyError, OSError) as error:
            raise StoreUnavailable("the database does not answer") from error
        return len(old)

    def _sealed(self, id: str, keys: Keys) -> dict[str, Any]:
        written = orjson.dumps([keys.current, keys.previous])
        return {"sealed": self._seal.seal(written, _place(id)), "rotated_at": keys.rotated_at}


def _due_now(id: str, now: float) -> Update:
    """Have everything due now that waits for nothing but an endpoint's rate: what failed waits for its schedule too."""
    waits = (DELIVERIES.c.state == "pending", DELIVERIES.c.failures == 0, DELIVERIES.c.next_attempt_at > now)
    return update(DELIVERIES).where(DELIVERIES.c.endpoint == id, *waits).values(next_attempt_at=now)


def read_endpoint(row: Mapping[Any, Any]) -> Endpoint:
    """An endpoint, by the names of its columns."""
    return Endpoint(
        id=row["id"],
        url=row["url"],
        description=row["description"],
        topics=orjson.loads(row["topics"]),
        rate_per_s=row["rate_per_s"],
        disabled=cast(Disabled | None, row["disabled"]),
        created_at=row["created_at"],
        rotated_at=row["rotated_at"],
        sealed=row["sealed"],
    )


def _place(id: str) -> str:
    return f"webhook endpoint\0{id}"
