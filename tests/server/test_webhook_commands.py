import asyncio
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from connectors.database import Database
from connectors.webhooks import events
from connectors.webhooks.delivery import Event
from server.webhook_commands import webhook_commands


@pytest.fixture
def database_url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    url = f"sqlite:///{tmp_path / 'punnet.sqlite3'}"
    monkeypatch.setenv("PUNNET_DATABASE_URL", url)
    return url


def run(*arguments: str) -> Result:
    return CliRunner().invoke(webhook_commands(), arguments)


def store(url: str, **states: events.State) -> None:
    """Have events of these ids in these states."""

    async def write() -> None:
        database = Database(url)
        arrived = [Event(provider="stripe", id=id, type="charge.refunded", payload={"private": id}) for id in states]
        async with await database.begin(events.TABLES) as connection:
            await events.store(connection, arrived, now=1_780_000_000.0, batch="batch", executor="dead")
            for number, state in enumerate(states.values(), 1):
                error = "NotFound" if state == "parked" else None
                changed = events.EVENTS.update().where(events.EVENTS.c.number == number)
                await connection.execute(changed.values(state=state, error=error, attempts=3))
        await database.close()

    asyncio.run(write())


def rows(url: str) -> list[dict[str, Any]]:
    async def read() -> list[dict[str, Any]]:
        database = Database(url)
        async with await database.begin(events.TABLES) as connection:
            found = [dict(row) for row in (await connection.execute(events.EVENTS.select())).mappings()]
        await database.close()
        return found

    return asyncio.run(read())


def test_events_are_listed_the_latest_first_without_what_is_in_them(database_url: str) -> None:
    store(database_url, a="handled", b="parked", c="received")

    everything, parked, none = run("list"), run("list", "--state", "parked"), run("list", "--provider", "paypal")

    assert [line.split("\t")[3] for line in everything.stdout.splitlines()] == ["c", "b", "a"]
    assert parked.stdout == "2\t2026-05-28T20:26:40+00:00\tstripe\tb\tcharge.refunded\tparked\t3\tNotFound\n"
    assert (none.exit_code, none.stdout) == (0, "")
    assert "private" not in everything.stdout


def test_one_is_replayed_by_its_id_and_all_that_are_parked_without(database_url: str) -> None:
    store(database_url, a="handled", b="parked", c="parked", d="parked")

    results = [run("replay", "1"), run("replay", "2"), run("replay", "--type", "other"), run("replay")]

    assert [(result.exit_code, result.stdout) for result in results] == [
        (1, "0 replayed\n"),
        (0, "1 replayed\n"),
        (1, "0 replayed\n"),
        (0, "2 replayed\n"),
    ]
    waiting = [(row["state"], row["attempts"], row["executor"]) for row in rows(database_url)[1:]]
    assert waiting == [("received", 0, events.NOBODY)] * 3


def test_without_a_database_there_is_a_message(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUNNET_DATABASE_URL", "postgresql://nobody:s3cret@127.0.0.1:1/nothing")

    result = run("list")

    assert (result.exit_code, result.stderr) == (2, "punnet: PUNNET_DATABASE_URL: the database does not answer\n")
