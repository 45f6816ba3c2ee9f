"""Deliveries: each message on its way to each endpoint, and every attempt."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import replace
from hashlib import blake2b

from sqlalchemy import ColumnElement, and_, bindparam, delete, func, insert, or_, select, true, update
from sqlalchemy.exc import IntegrityError

from connectors.database import Database
from connectors.paging import Page, Window, paged
from connectors.webhooks.outbox.endpoints import read_endpoint
from connectors.webhooks.outbox.records import Attempt, Delivery, Endpoint, Message, Task, Which
from connectors.webhooks.outbox.tables import ATTEMPTS, DELIVERIES, ENDPOINTS, MESSAGES, TABLES

MOST_AT_ONCE = 1_000
"""Rows that one statement deletes, as others wait meanwhile."""

MOST_REPLAYED = MOST_DUE = 10_000

TASK = (
    select(DELIVERIES, MESSAGES, ENDPOINTS)
    .join(MESSAGES, MESSAGES.c.id == DELIVERIES.c.message)
    .join(ENDPOINTS, ENDPOINTS.c.id == DELIVERIES.c.endpoint, isouter=True)
    .where(DELIVERIES.c.id == bindparam("delivery"))
)
"""A delivery with its message and its endpoint, if that is still there."""


class Deliveries:
    """The deliveries in a database. Raises `SQLAlchemyError`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, message: Message, endpoints: Sequence[str]) -> list[Delivery]:
        """Store a message and a delivery of it to each endpoint, unless there is a message of that id.

        The deliveries of that message as they then are.
        """
        new = [
            Delivery(
                id=_digest("dlv", message.id, endpoint),
                message=message.id,
                endpoint=endpoint,
                type=message.type,
                state="pending",
                next_attempt_at=message.created_at,
                created_at=message.created_at,
            )
            for endpoint in endpoints
        ]
        try:
            async with await self._database.begin(TABLES) as connection:
                await connection.execute(insert(MESSAGES), vars(message))
                await connection.execute(insert(DELIVERIES), [vars(delivery) for delivery in new])
        except IntegrityError:
            return await self.of(message.id)
        return new

    async def of(self, message: str) -> list[Delivery]:
        """All deliveries of one message."""
        async with await self._database.begin(TABLES) as connection:
            rows = await connection.execute(select(DELIVERIES).where(DELIVERIES.c.message == message))
        return [Delivery(**row) for row in rows.mappings()]

    async def task(self, id: str) -> Task | None:
        """A delivery with all that an attempt takes; `None` where there is none."""
        async with await self._database.begin(TABLES) as connection:
            row = (await connection.execute(TASK, {"delivery": id})).mappings().one_or_none()
        if row is None:
            return None
        endpoint = {column.name: row[column] for column in ENDPOINTS.c}
        return Task(
            delivery=Delivery(**{column.name: row[column] for column in DELIVERIES.c}),
            message=Message(**{column.name: row[column] for column in MESSAGES.c}),
            endpoint=read_endpoint(endpoint) if endpoint["id"] else None,
        )

    async def record(self, before: Delivery, after: Delivery, attempt: Attempt, gone: Endpoint | None) -> None:
        """What became of an attempt, all in one transaction; nothing where that attempt has been recorded already.

        `gone` is the endpoint if it answered so: it is disabled, unless it has moved since it was called.
        """
        columns = ("state", "attempts", "failures", "next_attempt_at", "ended_at")
        changed = {column: getattr(after, column) for column in columns}
        same = and_(DELIVERIES.c.id == before.id, DELIVERIES.c.attempts == before.attempts)
        async with await self._database.begin(TABLES) as connection:
            if (await connection.execute(update(DELIVERIES).where(same).values(**changed))).rowcount == 0:
                return
            await connection.execute(insert(ATTEMPTS).values(delivery=before.id, **vars(attempt)))
            if gone:
                called = and_(ENDPOINTS.c.id == gone.id, ENDPOINTS.c.url == gone.url)
                await connection.execute(update(ENDPOINTS).where(called).values(disabled="gone"))

    async def put_off(self, delivery: Delivery, until: float) -> Delivery | None:
        """Have its next attempt due then; `None` where something else has become of it meanwhile."""
        same = and_(DELIVERIES.c.id == delivery.id, DELIVERIES.c.next_attempt_at == delivery.next_attempt_at)
        async with await self._database.begin(TABLES) as connection:
            changed = update(DELIVERIES).where(same).values(next_attempt_at=until)
            found = (await connection.execute(changed)).rowcount
        return replace(delivery, next_attempt_at=until) if found else None

    async def replay(self, id: str, now: float) -> Delivery | None:
        """Begin the schedule of one again, now; `None` where there is none."""
        found = await self._replayed(DELIVERIES.c.id == id, now)
        return found[0] if found else None

    async def replay_all(self, which: Which, now: float) -> int:
        """Begin the schedules of those anew that have ended, `MOST_REPLAYED` at most, the oldest first; how many."""
        ended = and_(DELIVERIES.c.state != "pending", _matching(which))
        oldest = select(DELIVERIES.c.id).where(ended).order_by(DELIVERIES.c.created_at).limit(MOST_REPLAYED)
        return len(await self._replayed(DELIVERIES.c.id.in_(oldest), now))

    async def due(self, since: float, until: float, *, most: int = MOST_DUE) -> AsyncIterator[list[Delivery]]:
        """Those whose next attempt is due in that time, the most urgent first, `most` at a time."""
        at, id = DELIVERIES.c.next_attempt_at, DELIVERIES.c.id
        due = select(DELIVERIES).where(DELIVERIES.c.state == "pending", at.between(since, until))
        page = due = due.order_by(at, id).limit(most)
        while True:
            async with await self._database.begin(TABLES) as connection:
                rows = (await connection.execute(page)).mappings().all()
            if rows:
                yield [Delivery(**row) for row in rows]
            if len(rows) < most:
                return
            last = rows[-1]
            page = due.where(or_(at > last[at], and_(at == last[at], id > last[id])))

    @paged("deliveries.list", max_limit=100)
    async def page(self, window: Window, which: Which) -> Page[Delivery]:
        """The newest first."""
        wanted = _matching(which)
        if window.after:
            at, id = window.after.split(" ")
            older = DELIVERIES.c.created_at < float(at)
            wanted = and_(wanted, or_(older, and_(DELIVERIES.c.created_at == float(at), DELIVERIES.c.id < id)))
        order = (DELIVERIES.c.created_at.desc(), DELIVERIES.c.id.desc())
        async with await self._database.begin(TABLES) as connection:
            rows = await connection.execute(select(DELIVERIES).where(wanted).order_by(*order).limit(window.limit + 1))
        found = [Delivery(**row) for row in rows.mappings()]
        items = found[: window.limit]
        cursors = [f"{one.created_at!r} {one.id}" for one in items]
        return Page(items, next_cursor=cursors[-1] if len(found) > len(items) else None, cursors=cursors)

    async def attempts(self, deliveries: Collection[str]) -> Mapping[str, list[Attempt]]:
        """The attempts of each of them, in order."""
        found: dict[str, list[Attempt]] = {id: [] for id in deliveries}
        theirs = select(ATTEMPTS).where(ATTEMPTS.c.delivery.in_(found)).order_by(ATTEMPTS.c.number)
        async with await self._database.begin(TABLES) as connection:
            for row in (await connection.execute(theirs)).mappings():
                values = dict(row)
                found[values.pop("delivery")].append(Attempt(**values))
        return found

    async def counts(self) -> Mapping[str, int]:
        """How many are pending, and how many dead."""
        counted = select(DELIVERIES.c.state, func.count().label("deliveries")).where(
            DELIVERIES.c.state.in_(("pending", "dead"))
        )
        async with await self._database.begin(TABLES) as connection:
            rows = await connection.execute(counted.group_by(DELIVERIES.c.state))
            return {"pending": 0, "dead": 0, **{row.state: row.deliveries for row in rows}}

    async def prune(self, before: float) -> None:
        """Forget deliveries that ended before then, with their attempts, and the messages that nothing is left of."""
        ended = select(DELIVERIES.c.id).where(DELIVERIES.c.ended_at < before).limit(MOST_AT_ONCE)
        left = select(DELIVERIES.c.id).where(DELIVERIES.c.message == MESSAGES.c.id)
        alone = select(MESSAGES.c.id).where(MESSAGES.c.created_at < before, ~left.exists()).limit(MOST_AT_ONCE)
        for ids, columns in ((ended, (ATTEMPTS.c.delivery, DELIVERIES.c.id)), (alone, (MESSAGES.c.id,))):
            while True:
                async with await self._database.begin(TABLES) as connection:
                    gone = (await connection.execute(ids)).scalars().all()
                    for column in columns:
                        await connection.execute(delete(column.table).where(column.in_(gone)))
                if len(gone) < MOST_AT_ONCE:
                    break

    async def _replayed(self, condition: ColumnElement[bool], now: float) -> list[Delivery]:
        again = {"state": "pending", "failures": 0, "next_attempt_at": now, "ended_at": None}
        async with await self._database.begin(TABLES) as connection:
            changed = update(DELIVERIES).where(condition).values(**again).returning(DELIVERIES)
            return [Delivery(**row) for row in (await connection.execute(changed)).mappings()]


def message_id(sender: str, event: str) -> str:
    """The id of the message about one event of one sender: the same whenever it is asked for."""
    return _digest("msg", sender, event)


def _digest(kind: str, *parts: str) -> str:
    return f"{kind}_{blake2b(chr(0).join(parts).encode(), digest_size=12).hexdigest()}"


def _matching(which: Which) -> ColumnElement[bool]:
    conditions: list[ColumnElement[bool]] = []
    for column in ("state", "endpoint", "type"):
        value = getattr(which, column)
        if value is not None:
            conditions.append(DELIVERIES.c[column] == value)
    if which.since is not None:
        conditions.append(DELIVERIES.c.created_at >= which.since)
    if which.until is not None:
        conditions.append(DELIVERIES.c.created_at < which.until)
    return and_(true(), *conditions)
