"""The events that came in, in a table: stored once each, and what became of them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from operator import itemgetter
from typing import Any, Literal, get_args

import orjson
from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Float,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    and_,
    bindparam,
    delete,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from connectors.webhooks.delivery import Event
from connectors.webhooks.durable import EXECUTORS

State = Literal["received", "handled", "superseded", "parked"]
"""`received`: to be handled, perhaps again. `superseded`: handled after something later. `parked`: given up."""

STATES: tuple[State, ...] = get_args(State)

MOST_REPLAYED = 1_000
"""So many events are replayed at a time."""

MOST_FORGOTTEN = 1_000
"""So many rows of a table are deleted in one transaction."""

MOST_INDEXED_BYTES = 2_000
"""So long may a text be: an entry of PostgreSQL's indexes has room for 2,704 bytes, and ours have a provider as well.

Source: https://www.postgresql.org/docs/current/btree.html
"""

NOBODY = ""
"""The executor of events that any executor is to take up."""

TABLES = MetaData()

EVENTS = Table(
    "punnet_webhook_events",
    TABLES,
    Column("number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("provider", String(64), nullable=False),
    Column("event", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("object", Text),
    Column("version", Float(53)),
    Column("payload", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("error", Text),
    Column("received_at", Float(53), nullable=False),
    Column("due_at", Float(53), nullable=False),
    Column("ended_at", Float(53)),
    Column("batch", String(32), nullable=False),
    Column("executor", String(32), nullable=False),
    UniqueConstraint("provider", "event"),
    sqlite_autoincrement=True,
)
Index("punnet_webhook_events_batch", EVENTS.c.batch)
Index("punnet_webhook_events_state", EVENTS.c.state, EVENTS.c.number)
Index("punnet_webhook_events_provider", EVENTS.c.provider, EVENTS.c.number)
Index("punnet_webhook_events_ended", EVENTS.c.state, EVENTS.c.ended_at)

OBJECTS = Table(
    "punnet_webhook_subjects",
    TABLES,
    Column("provider", String(64), primary_key=True),
    Column("object", Text, primary_key=True),
    Column("reached", Text),  # as JSON
    Column("executor", String(32)),
    Column("changed_at", Float(53), nullable=False),
)
"""How far each object was handled, and the executor that is handling an event of it."""

Index("punnet_webhook_subjects_changed", OBJECTS.c.changed_at)

Key = tuple[str, str]
"""An object: its provider, and what that calls it."""

Reached = Mapping[str, float]
"""The highest version of an object that was handled, by the type of the event."""


@dataclass(frozen=True, kw_only=True)
class Stored:
    """An event as the table has it. Times are Unix times in seconds. `error` is why the latest attempt failed."""

    number: int
    event: Event = field(repr=False)
    state: State
    attempts: int
    error: str | None
    received_at: float
    due_at: float
    ended_at: float | None


async def store(
    connection: AsyncConnection, arrived: Sequence[Event], *, now: float, batch: str, executor: str
) -> list[bool]:
    """Store those that are new; which of them that were."""
    keys = [(event.provider, _held(event.id)) for event in arrived]
    first: dict[Key, Event] = {}
    for key, event in zip(keys, arrived, strict=True):
        first.setdefault(key, event)
    rows = [
        {
            "provider": provider,
            "event": id,
            "type": _held(event.type),
            "object": event.object and _held(event.object),
            "version": event.version,
            "payload": event.written,
            "state": "received",
            "attempts": 0,
            "received_at": now,
            "due_at": now,
            "batch": batch,
            "executor": executor,
        }
        for (provider, id), event in sorted(first.items(), key=itemgetter(0))
    ]
    insert = _insert(connection, EVENTS).on_conflict_do_nothing().returning(EVENTS.c.provider, EVENTS.c.event)
    new = {(row.provider, row.event) for row in await connection.execute(insert, rows)}
    return [key in new and first[key] is event for key, event in zip(keys, arrived, strict=True)]


async def batch_of(connection: AsyncConnection, batch: str) -> list[Stored]:
    """What of a batch is still to be handled, in the order in which it came."""
    there = select(EVENTS).where(EVENTS.c.batch == batch, EVENTS.c.state == "received").order_by(EVENTS.c.number)
    return [_read(row) for row in await connection.execute(there)]


async def left(connection: AsyncConnection, living: Collection[str]) -> list[str]:
    """The batches with events to be handled that no living executor stored."""
    nobodys = and_(EVENTS.c.state == "received", EVENTS.c.executor.not_in(living))
    return list((await connection.execute(select(EVENTS.c.batch).where(nobodys).distinct())).scalars())


async def take(connection: AsyncConnection, batch: str, *, name: str, executor: str) -> None:
    """Make `executor` the one that sees to what is left of a batch, under another `name`."""
    rest = update(EVENTS).where(EVENTS.c.batch == batch, EVENTS.c.state == "received")
    await connection.execute(rest.values(batch=name, executor=executor))


async def claim(connection: AsyncConnection, keys: Sequence[Key], *, now: float, executor: str) -> list[Reached | None]:
    """Have objects for ourselves; how far each has been handled.

    `None` says that another executor, which lives, has it.
    """
    free = or_(_unclaimed(now), OBJECTS.c.executor == executor)
    insert = _insert(connection, OBJECTS)
    changed = {"executor": insert.excluded.executor, "changed_at": insert.excluded.changed_at}
    claiming = insert.on_conflict_do_update(
        index_elements=[OBJECTS.c.provider, OBJECTS.c.object], set_=changed, where=free
    ).returning(OBJECTS.c.provider, OBJECTS.c.object, OBJECTS.c.reached)
    rows = [
        {"provider": provider, "object": name, "executor": executor, "changed_at": now}
        for provider, name in sorted(set(keys))
    ]
    claimed = {
        (row.provider, row.object): orjson.loads(row.reached or "{}")
        for row in await connection.execute(claiming, rows)
    }
    return [claimed.get(key) for key in keys]


async def release(connection: AsyncConnection, keys: Sequence[Key], *, executor: str) -> Sequence[Key]:
    """Give objects back; the same."""
    ours = (OBJECTS.c.provider == bindparam("of"), OBJECTS.c.object == bindparam("named"))
    released = update(OBJECTS).where(*ours, OBJECTS.c.executor == executor).values(executor=None)
    await connection.execute(released, [{"of": provider, "named": name} for provider, name in sorted(keys)])
    return keys


async def save(
    connection: AsyncConnection, changed: Sequence[tuple[Stored, Reached]], *, executor: str
) -> Sequence[tuple[Stored, Reached]]:
    """Write down what became of events, and how far their objects, which we have for ourselves, are now; the same."""
    names = ("state", "attempts", "error", "due_at", "ended_at")
    rows = [{"this": one.number, **{name: getattr(one, name) for name in names}} for one, _ in changed]
    columns: dict[str, Any] = {name: bindparam(name) for name in names}
    await connection.execute(update(EVENTS).where(EVENTS.c.number == bindparam("this")).values(**columns), rows)
    further = [
        {"of": one.event.provider, "named": one.event.object, "reaches": orjson.dumps(reached).decode()}
        for one, reached in changed
        if one.event.object is not None and reached
    ]
    if further:
        ours = (OBJECTS.c.provider == bindparam("of"), OBJECTS.c.object == bindparam("named"))
        reaching = update(OBJECTS).where(*ours, OBJECTS.c.executor == executor).values(reached=bindparam("reaches"))
        await connection.execute(reaching, further)
    return changed


async def replay(
    connection: AsyncConnection,
    *,
    now: float,
    batch: str,
    number: int | None = None,
    provider: str | None = None,
    type: str | None = None,
) -> int:
    """Have what is parked handled again, from the first attempt, as `batch`: the oldest first, `MOST_REPLAYED` at most.

    How many that were.
    """
    again = {"state": "received", "attempts": 0, "due_at": now, "ended_at": None, "batch": batch, "executor": NOBODY}
    which = select(EVENTS.c.number).where(EVENTS.c.state == "parked").order_by(EVENTS.c.number).limit(MOST_REPLAYED)
    for column, value in ((EVENTS.c.number, number), (EVENTS.c.provider, provider), (EVENTS.c.type, type)):
        which = which if value is None else which.where(column == value)
    return int((await connection.execute(update(EVENTS).where(EVENTS.c.number.in_(which)).values(**again))).rowcount)


async def listed(
    connection: AsyncConnection,
    *,
    limit: int,
    below: int | None = None,
    state: State | None = None,
    provider: str | None = None,
    number: int | None = None,
) -> list[Stored]:
    """The latest first, at most `limit`, of those before the one numbered `below`."""
    which = select(EVENTS).order_by(EVENTS.c.number.desc()).limit(limit)
    if below is not None:
        which = which.where(EVENTS.c.number < below)
    for column, value in ((EVENTS.c.state, state), (EVENTS.c.provider, provider), (EVENTS.c.number, number)):
        which = which if value is None else which.where(column == value)
    return [_read(row) for row in await connection.execute(which)]


async def forget(connection: AsyncConnection, *, before: float, now: float) -> bool:
    """Delete some of what was over `before`: the same id would be a new event. What is parked stays.

    Whether there may be more of it.
    """
    over = and_(EVENTS.c.state.in_(("handled", "superseded")), EVENTS.c.ended_at < before)
    some = select(EVENTS.c.number).where(over).limit(MOST_FORGOTTEN)
    ended = await connection.execute(delete(EVENTS).where(EVENTS.c.number.in_(some)))
    unused = and_(OBJECTS.c.changed_at < before, _unclaimed(now))
    key = tuple_(OBJECTS.c.provider, OBJECTS.c.object)
    few = select(OBJECTS.c.provider, OBJECTS.c.object).where(unused).limit(MOST_FORGOTTEN)
    # `unused` twice: PostgreSQL asks again of a row that somebody claimed meanwhile, but not within the subquery
    gone = await connection.execute(delete(OBJECTS).where(key.in_(few), unused))
    return MOST_FORGOTTEN in (ended.rowcount, gone.rowcount)


def _held(text: str) -> str:
    """The same, unless PostgreSQL or an index of its cannot have it: then how it begins, and a digest of it."""
    if "\0" not in text and len(text.encode()) <= MOST_INDEXED_BYTES:
        return text
    return f"{text[:100]}~{blake2b(text.encode(), digest_size=16).hexdigest()}".replace("\0", "\N{SYMBOL FOR NULL}")


def _unclaimed(now: float) -> ColumnElement[bool]:
    """Whether no living executor has an object."""
    living = select(EXECUTORS.c.id).where(EXECUTORS.c.alive_until >= now)
    return or_(OBJECTS.c.executor.is_(None), OBJECTS.c.executor.not_in(living))


def _insert(connection: AsyncConnection, table: Table) -> Any:
    """An `INSERT` that can say what to do where the row is there: both databases can, each in a dialect."""
    return (postgresql if connection.dialect.name == "postgresql" else sqlite).insert(table)


def _read(row: Row[Any]) -> Stored:
    event = Event(
        provider=row.provider,
        id=row.event,
        type=row.type,
        payload=orjson.loads(row.payload),
        object=row.object,
        version=row.version,
    )
    return Stored(
        number=row.number,
        event=event,
        state=row.state,
        attempts=row.attempts,
        error=row.error,
        received_at=row.received_at,
        due_at=row.due_at,
        ended_at=row.ended_at,
    )
