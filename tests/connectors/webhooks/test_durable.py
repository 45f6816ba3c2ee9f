import asyncio
import multiprocessing
import os
import signal
import threading
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from connectors.clock import SystemClock
from connectors.database import Database
from connectors.webhooks.durable import Durable, Workflow

LEASE_S = 1.0


@asynccontextmanager
async def opened(
    url: str, work: Workflow, *, at_once: int | None = None, lease_s: float = LEASE_S
) -> AsyncIterator[Durable]:
    """Durable work that knows the workflow `work`."""
    database = Database(url)
    durable = Durable(database, SystemClock(), lease_s=lease_s)
    durable.register("work", work, at_once=at_once)
    await durable.open()
    try:
        yield durable
    finally:
        await durable.close()
        await database.close()


def test_a_workflow_runs_once_for_each_id(database_url: str) -> None:
    ran: list[str] = []

    async def work(name: str) -> None:
        ran.append(name)

    async def run() -> None:
        async with opened(database_url, work) as durable:
            for id, name in (("1", "ada"), ("2", "bob"), ("1", "again")):
                await durable.start("work", id, name)
            await asyncio.wait_for(until(lambda: len(ran) >= 2), 10)

    asyncio.run(run())

    assert ran == ["ada", "bob"]


def test_what_was_broken_off_runs_again_in_the_next_process(
    database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    seen: list[str] = []

    async def run() -> None:
        async def stuck(name: str) -> None:
            seen.append("stuck")
            await asyncio.Event().wait()

        async with opened(database_url, stuck) as before:
            await before.start("work", "1", "ada")
            await asyncio.wait_for(until(lambda: "stuck" in seen), 10)

        async def free(name: str) -> None:
            seen.append(name)

        async with opened(database_url, free):
            await asyncio.wait_for(until(lambda: seen[-1] != "stuck"), 10)

    asyncio.run(run())

    assert seen == ["stuck", "ada"]
    assert caplog.messages == []


def test_one_is_open_in_a_process_and_leaves_no_thread(tmp_path: Path) -> None:
    async def work(name: str) -> None:
        raise AssertionError

    async def run() -> None:
        url = f"sqlite:///{tmp_path / 'punnet.sqlite3'}"
        async with opened(url, work):
            with pytest.raises(RuntimeError, match="DBOS is one for a process"):
                async with opened(url, work):
                    pass
        assert await asyncio.to_thread(lambda: "the loop has threads of its own") != ""

    before = set(threading.enumerate())
    asyncio.run(run())

    assert set(threading.enumerate()) <= before


def test_what_has_been_closed_is_not_opened_again(tmp_path: Path) -> None:
    async def run() -> None:
        durable = Durable(Database(f"sqlite:///{tmp_path / 'punnet.sqlite3'}"), SystemClock())
        await durable.close()
        with pytest.raises(RuntimeError, match="has been closed"):
            await durable.open()

    asyncio.run(run())


def killed(url: str) -> None:
    """A process that dies in the middle of its work."""

    async def run() -> None:
        begun = asyncio.Event()

        async def work(name: str) -> None:
            begun.set()
            await asyncio.Event().wait()

        async with opened(url, work) as durable:
            await durable.start("work", "1", "ada")
            await begun.wait()
            os.kill(os.getpid(), signal.SIGKILL)

    asyncio.run(run())


def test_what_a_killed_process_left_is_taken_up_by_one_that_lives(tmp_path: Path) -> None:
    ran: list[str] = []
    url = f"sqlite:///{tmp_path / 'punnet.sqlite3'}"

    async def work(name: str) -> None:
        ran.append(name)

    async def run() -> None:
        async with opened(url, work):
            process = multiprocessing.get_context("spawn").Process(target=killed, args=(url,))
            process.start()
            await asyncio.to_thread(process.join, 30)
            assert process.exitcode == -9
            assert ran == []
            await asyncio.wait_for(until(lambda: bool(ran)), 10)

    asyncio.run(run())

    assert ran == ["ada"]


def test_a_process_that_was_away_for_too_long_lets_go_and_takes_up_again(tmp_path: Path) -> None:
    begun: list[str] = []

    async def work(name: str) -> None:
        begun.append(name)
        if len(begun) == 1:
            await asyncio.Event().wait()

    async def run() -> None:
        async with opened(f"sqlite:///{tmp_path / 'punnet.sqlite3'}", work) as durable:
            await durable.start("work", "1", "ada")
            await until(lambda: bool(begun))
            threading.Event().wait(LEASE_S * 1.1)  # the loop stands still
            await asyncio.wait_for(until(lambda: len(begun) > 1), 10)

    asyncio.run(run())

    assert begun == ["ada", "ada"]


def test_who_looks_for_work_is_told_who_lives(tmp_path: Path) -> None:
    async def run() -> None:
        database = Database(f"sqlite:///{tmp_path / 'punnet.sqlite3'}")
        durable = Durable(database, SystemClock(), lease_s=LEASE_S)
        living = asyncio.Queue[list[str]]()

        async def work() -> None:
            raise AssertionError

        async def sweep(executors: object) -> None:
            await living.put(list(executors))  # type: ignore[call-overload]

        durable.register("work", work, sweep=sweep)
        await durable.open()
        assert await asyncio.wait_for(living.get(), 5) == [durable.executor]
        await durable.close()
        await database.close()

    asyncio.run(run())


async def until(holds: Callable[[], bool]) -> None:
    while not holds():  # noqa: ASYNC110  # what is watched are lists
        await asyncio.sleep(0.01)


def test_so_many_of_each_partition_of_a_queue_run_at_a_time(database_url: str) -> None:
    running: Counter[str] = Counter()
    most: Counter[str] = Counter()
    ran: list[str] = []
    hold = asyncio.Event()

    async def work(partition: str, number: float) -> None:
        running[partition] += 1
        most[partition] = max(most[partition], running[partition])
        if partition == "hangs":
            await hold.wait()
        running[partition] -= 1
        ran.append(partition)

    async def run() -> None:
        async with opened(database_url, work, at_once=2, lease_s=60.0) as durable:
            for number in range(5):
                for partition in ("hangs", "flows"):
                    at = durable.clock.time()
                    await durable.enqueue(
                        "work", f"{partition}-{number}", partition, number, partition=partition, at=at
                    )
            await asyncio.wait_for(until(lambda: ran.count("flows") == 5), 20)
            hold.set()
            await asyncio.wait_for(until(lambda: len(ran) == 10), 20)

    asyncio.run(run())

    assert (most["hangs"], ran[:5]) == (2, ["flows"] * 5)


def test_what_was_over_long_ago_is_forgotten_and_nothing_else(database_url: str) -> None:
    ran: list[str] = []

    async def work(name: str) -> None:
        if name == "goes on":
            await asyncio.Event().wait()
        ran.append(name)

    async def run() -> list[Mapping[str, bool]]:
        async with opened(database_url, work, at_once=2, lease_s=60.0) as durable:
            began = durable.clock.time()
            await durable.start("work", "1", "is over")
            await durable.start("work", "2", "goes on")
            await durable.enqueue("work", "3", "waits", partition="p", at=began + 3600)
            ids = ["1", "2", "3"]
            while not (await durable.over(ids))["1"]:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
            await durable.forget(began - 1)
            then = await durable.over(ids)
            await durable.forget(began + 3600)
            return [then, await durable.over(ids)]

    assert asyncio.run(run()) == [{"1": True, "2": False, "3": False}, {"2": False, "3": False}]
    assert ran == ["is over"]


def test_what_waits_for_its_time_is_known(database_url: str) -> None:
    ran: list[str] = []

    async def work(name: str) -> None:
        ran.append(name)

    async def run() -> tuple[list[str], Mapping[str, bool]]:
        async with opened(database_url, work, at_once=2, lease_s=60.0) as durable:
            now = durable.clock.time()
            for name, at in (("now", now), ("soon", now + 0.5), ("later", now + 3600)):
                await durable.enqueue("work", name, name, partition="p", at=at)
            await asyncio.wait_for(until(lambda: len(ran) == 2), 20)
            return list(ran), await durable.over(["never", "later"])

    assert asyncio.run(run()) == (["now", "soon"], {"later": False})
