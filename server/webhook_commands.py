"""The commands `punnet webhooks`: what came in, read from the database, whoever is serving."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from enum import StrEnum
from os import environ
from time import time
from typing import TYPE_CHECKING, Annotated, TypeVar
from uuid import uuid4

import typer

from connectors.connector import ConfigurationError
from connectors.database import Database
from server.mistakes import explaining
from server.settings import read_settings

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

T = TypeVar("T")

PROVIDER = typer.Option(help="Only those of this sender.")


class State(StrEnum):
    """As in `connectors.webhooks.events`, which loads SQLAlchemy."""

    received = "received"
    handled = "handled"
    superseded = "superseded"
    parked = "parked"


def webhook_commands() -> typer.Typer:
    """`list` and `replay`."""
    cli = typer.Typer(help="The webhooks that came in.", no_args_is_help=True)

    @cli.command("list")
    def show(
        state: Annotated[State | None, typer.Option(help="Only those that are so far.")] = None,
        provider: Annotated[str | None, PROVIDER] = None,
        limit: Annotated[int, typer.Option(help="How many, the latest first.", min=1, max=10_000)] = 20,
    ) -> None:
        """Print events, the latest first: id, time, sender, the sender's id, type, state, attempts, error."""
        from connectors.webhooks import events

        wanted: events.State | None = None if state is None else state.value
        found = _done(lambda connection: events.listed(connection, limit=limit, state=wanted, provider=provider))
        for one in found:
            at = datetime.fromtimestamp(one.received_at, UTC).isoformat(timespec="seconds")
            facts = (one.number, at, one.event.provider, one.event.id, one.event.type, one.state, one.attempts)
            typer.echo("\t".join([*(str(fact) for fact in facts), one.error or ""]))

    @cli.command()
    def replay(
        id: Annotated[int | None, typer.Argument(help="The id of one event; without it, many.")] = None,
        provider: Annotated[str | None, PROVIDER] = None,
        type: Annotated[str | None, typer.Option(help="Only those of this type.")] = None,
    ) -> None:
        """Have parked events handled again by the gateway that runs, a thousand at most. It begins within seconds."""
        from connectors.webhooks import events

        batch = uuid4().hex
        replayed = _done(
            lambda connection: events.replay(
                connection, now=time(), batch=batch, number=id, provider=provider, type=type
            )
        )
        typer.echo(f"{replayed} replayed")
        if not replayed:
            raise typer.Exit(1)

    return cli


def _done(work: "Callable[[AsyncConnection], Awaitable[T]]") -> T:
    """What `work` gives, in one transaction."""
    from sqlalchemy.exc import SQLAlchemyError

    from connectors.webhooks.events import TABLES

    async def run() -> T:
        database = Database(read_settings(environ).database_url.get_secret_value())
        try:
            async with await database.begin(TABLES) as connection:
                return await work(connection)
        finally:
            await database.close()

    with explaining():
        try:
            return asyncio.run(run())
        except (SQLAlchemyError, OSError) as error:
            raise ConfigurationError("PUNNET_DATABASE_URL: the database does not answer") from error
