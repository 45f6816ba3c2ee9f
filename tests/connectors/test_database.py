import asyncio
import multiprocessing
import sqlite3
from pathlib import Path
from threading import Timer

import pytest
from sqlalchemy import Column, Index, Integer, MetaData, Table, func, insert, select, text
from sqlalchemy.exc import SQLAlchemyError

from connectors.database import Database, Unwritable
from tests.postgres import PostgresServer

TABLES = MetaData()
NUMBERS = Table("numbers", TABLES, Column("number", Integer, primary_key=True), Column("by", Integer))
Index("numbers_by", NUMBERS.c.by)


@pytest.mark.parametrize(
    "url", ["", "mysql://a:s3cret@b/c", "sqlite://", "sqlite:", "punnet.sqlite3", "postgresql:/s3cret"]
)
def test_other_databases_are_refused_without_their_address(url: str) -> None:
    with pytest.raises(ValueError, match="must be sqlite") as caught:
        Database(url)
    assert "s3cret" not in str(caught.value)


def test_what_fails_does_not_say_what_was_to_be_written(database_url: str) -> None:
    statement = text("INSERT INTO nowhere VALUES (:value)").bindparams(value="s3cret")
    database = Database(database_url)

    async def fail() -> None:
        async with await database.begin(TABLES) as connection:
            await connection.execute(statement)

    async def run() -> None:
        with pytest.raises(SQLAlchemyError) as caught:
            await fail()
        assert "s3cret" not in str(caught.value)
        await database.close()

    asyncio.run(run())
    engine = database.blocking_engine()
    with pytest.raises(SQLAlchemyError) as caught, engine.begin() as connection:
        connection.execute(statement)
    engine.dispose()

    assert "s3cret" not in str(caught.value)


def test_a_value_for_which_postgresql_has_no_place_is_told_from_a_database_that_is_away(
    running_postgres: PostgresServer,
) -> None:
    async def run() -> None:
        database = Database(running_postgres.database())
        try:
            async with await database.begin(TABLES) as connection:
                await connection.execute(text("SELECT :value").bindparams(value="s3cret\0"))
        finally:
            await database.close()

    with pytest.raises(Unwritable, match=r"must be without NUL \(U\+0000\)"):
        asyncio.run(run())


def test_nothing_is_made_until_it_is_needed(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'punnet.sqlite3'}")

    asyncio.run(database.close())

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("blocking", [False, True])
def test_a_new_file_that_another_process_writes_to_is_waited_for(tmp_path: Path, blocking: bool) -> None:
    path = tmp_path / "punnet.sqlite3"
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    Timer(0.3, other.rollback).start()
    database = Database(f"sqlite:///{path}")

    async def created() -> None:
        async with await database.begin(TABLES):
            pass
        await database.close()

    if blocking:
        engine = database.blocking_engine()
        engine.connect().close()
        engine.dispose()
    else:
        asyncio.run(created())

    assert other.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    other.close()


async def written_by(url: str, worker: int, rows: int) -> int:
    database = Database(url)
    try:
        for number in range(rows):
            async with await database.begin(TABLES) as connection:
                await connection.execute(insert(NUMBERS).values(number=worker * rows + number, by=worker))
        async with await database.begin(TABLES) as connection:
            return int((await connection.execute(select(func.count()).select_from(NUMBERS))).scalar_one())
    finally:
        await database.close()


def write(url: str, worker: int, rows: int) -> None:
    asyncio.run(written_by(url, worker, rows))


def test_processes_that_start_at_once_agree_on_the_tables(database_url: str) -> None:
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=write, args=(database_url, worker, 20)) for worker in range(1, 4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)

    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    assert asyncio.run(written_by(database_url, 0, 1)) == 61


def test_tasks_that_start_at_once_create_the_tables_once(database_url: str) -> None:
    async def run() -> None:
        database = Database(database_url)

        async def write(number: int) -> None:
            async with await database.begin(TABLES) as connection:
                await connection.execute(insert(NUMBERS).values(number=number, by=0))

        try:
            await asyncio.gather(*(write(number) for number in range(20)))
        finally:
            await database.close()

    asyncio.run(run())
