import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from connectors.database import Database
from connectors.webhooks.commits import Commits, Together

TABLES = MetaData()
NUMBERS = Table("numbers", TABLES, Column("number", Integer, primary_key=True))


def written(url: str, *groups: list[int]) -> tuple[list[object], list[int], list[int]]:
    """What groups that are added at once are told, what is stored then, and how many items each statement had."""
    sizes: list[int] = []

    async def write(connection: AsyncConnection, numbers: Sequence[int]) -> Sequence[int]:
        sizes.append(len(numbers))
        await connection.execute(insert(NUMBERS), [{"number": number} for number in numbers])
        return [number * 10 for number in numbers]

    async def run() -> tuple[list[object], list[int]]:
        database = Database(url)
        commits = Commits(database, TABLES)
        together = Together(commits, write)
        try:
            told = await asyncio.gather(*(together.add(group) for group in groups), return_exceptions=True)
            found = await commits.write(lambda connection: connection.execute(select(NUMBERS.c.number)))
            await together.close()
        finally:
            await database.close()
        return list(told), sorted(found.scalars())

    told, stored = asyncio.run(run())
    return told, stored, sizes


def test_what_is_added_at_once_is_written_at_once_and_everyone_gets_their_own_results(tmp_path: Path) -> None:
    told, stored, sizes = written(f"sqlite:///{tmp_path / 'a.sqlite3'}", [1, 2], [], [3])

    assert (told, stored, sizes) == ([[10, 20], [], [30]], [1, 2, 3], [3])


def test_who_adds_what_cannot_be_written_harms_nobody_else(database_url: str) -> None:
    told, stored, sizes = written(database_url, [1], [2, 2], [3])

    assert (told[0], told[2], stored) == ([10], [30], [1, 3])
    assert isinstance(told[1], IntegrityError)
    assert sizes == [4, 1, 2, 1]


def test_one_who_goes_away_leaves_the_others_their_results(tmp_path: Path) -> None:
    async def write(connection: AsyncConnection, numbers: Sequence[int]) -> Sequence[int]:
        return numbers

    async def run() -> None:
        database = Database(f"sqlite:///{tmp_path / 'a.sqlite3'}")
        together = Together(Commits(database, TABLES), write)
        gone, there = (asyncio.create_task(together.add([number])) for number in (1, 2))
        await asyncio.sleep(0)
        gone.cancel()

        assert await there == [2]
        with pytest.raises(asyncio.CancelledError):
            await gone
        await database.close()

    asyncio.run(run())
