"""The calendars that are watched, in a table: by which channel, until when, and how far their changes were pulled."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Column, Float, Integer, MetaData, String, Table, Text, UniqueConstraint, delete, insert, select
from sqlalchemy import update as updating
from sqlalchemy.ext.asyncio import AsyncConnection

TABLES = MetaData()

WATCHES = Table(
    "punnet_google_watches",
    TABLES,
    Column("id", String(32), primary_key=True),
    Column("user", Text, nullable=False),
    Column("principal", Text, nullable=False),
    Column("calendar", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("generation", Integer, nullable=False),
    Column("channel", String(64)),
    Column("resource", Text),
    Column("expires_at", Float(53), nullable=False),
    Column("renew_at", Float(53), nullable=False, index=True),
    Column("sync_token", Text),
    Column("seen_until", Text),
    UniqueConstraint("user", "calendar"),
)


@dataclass(frozen=True, kw_only=True)
class Watch:
    """One calendar that one user watches. Times are Unix times in seconds.

    `channel` and `resource` are Google's names of the channel that is open, the `generation`th of this watch. Changes
    are pulled up to `sync_token`; those before `seen_until`, in Google's time (RFC 3339), are known.
    """

    id: str
    user: str
    principal: str
    calendar: str
    address: str
    generation: int = 0
    channel: str | None = None
    resource: str | None = None
    expires_at: float = 0.0
    renew_at: float = 0.0
    sync_token: str | None = field(default=None, repr=False)
    seen_until: str | None = None


async def of_calendar(connection: AsyncConnection, user: str, calendar: str) -> Watch | None:
    """The watch of a user's calendar."""
    which = select(WATCHES).where(WATCHES.c.user == user, WATCHES.c.calendar == calendar)
    return _first((await connection.execute(which)).mappings().all())


async def get(connection: AsyncConnection, id: str) -> Watch | None:
    """One watch."""
    return _first((await connection.execute(select(WATCHES).where(WATCHES.c.id == id))).mappings().all())


async def of_user(connection: AsyncConnection, user: str) -> list[Watch]:
    """All of one user's, by calendar."""
    which = select(WATCHES).where(WATCHES.c.user == user).order_by(WATCHES.c.calendar)
    return [Watch(**row) for row in (await connection.execute(which)).mappings()]


async def due(connection: AsyncConnection, now: float) -> list[tuple[str, int]]:
    """The watches whose channel is to be renewed, with its generation."""
    which = select(WATCHES.c.id, WATCHES.c.generation).where(WATCHES.c.renew_at <= now)
    return [(row.id, row.generation) for row in await connection.execute(which)]


async def add(connection: AsyncConnection, watch: Watch) -> None:
    """Store a new one. Raises `IntegrityError` where the user watches the calendar already."""
    await connection.execute(insert(WATCHES).values(**vars(watch)))


async def update(
    connection: AsyncConnection, id: str, values: Mapping[str, Any], *, generation: int | None = None
) -> bool:
    """Set columns of one, if it is there, and still of that `generation` where one is given; whether it was."""
    which = updating(WATCHES).where(WATCHES.c.id == id)
    which = which if generation is None else which.where(WATCHES.c.generation == generation)
    return bool((await connection.execute(which.values(values))).rowcount)


async def remove(connection: AsyncConnection, id: str) -> None:
    """Forget one."""
    await connection.execute(delete(WATCHES).where(WATCHES.c.id == id))


def _first(rows: Sequence[Any]) -> Watch | None:
    return Watch(**rows[0]) if rows else None
