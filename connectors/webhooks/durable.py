"""Work that outlives the process: DBOS, in the database that processes share.

A workflow is a function that DBOS writes down before it runs. Where the process dies, another one (or the next one)
runs it again from the start: what need not be done twice it notes for itself. Source: https://docs.dbos.dev/architecture
"""

import asyncio
import importlib
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import structlog
from sqlalchemy import Column, Float, MetaData, String, Table, and_, delete, insert, select, update
from sqlalchemy.exc import SQLAlchemyError

from connectors.clock import Clock
from connectors.database import Database

if TYPE_CHECKING:
    from dbos import DBOS
    from sqlalchemy import Engine

Workflow = Callable[..., Awaitable[None]]
"""Gets strings and numbers, the same ones whenever it runs again. It must not raise: what fails is for it to note."""

Sweep = Callable[[Collection[str]], Awaitable[None]]
"""Looks for work that nobody has: it is told which executors live."""

LEASE_S = 6.0
"""A process that has not been heard of for so long is taken for dead, and its work is done by others."""

BEATS = 3
"""How often it is to be heard of in that time. Each time it also looks for others that died."""

KEPT_S = 86_400.0
"""A workflow that is over is known for so long: who starts them knows for itself what need not be done again."""

FORGET_S = 600.0
"""How often to look for what need not be known any longer."""

POLL_S = 0.2
"""How often a queue is looked at."""

MOST_RUNNING = 500
"""How many workflows out of a queue may run in one process at a time; one partition of it must not take them all."""

MOST_ASKED = 1_000
"""About how many workflows DBOS is asked at once."""

THREADS = 16
"""How many DBOS may have at most, for its questions to the database."""

VERSION = "punnet"
"""DBOS resumes the work of the version that it is: ours must go on after an upgrade, so this one never changes."""

TABLES = MetaData()

EXECUTORS = Table(
    "punnet_executors",
    TABLES,
    Column("id", String(32), primary_key=True),
    Column("alive_until", Float(53), nullable=False),
)

log = structlog.get_logger("punnet.durable")


class Durable:
    """The workflows of this process: registered before `open`, started after it, let go of by `close`.

    DBOS is one for a process, so there is one of this open at a time. Each is an executor with a name of its own. While
    it lives it says so in the database; whose lease ran out is dead, and one of the living runs its workflows again.
    Replicas need clocks that agree to within a second or two. A process that slept through its own lease lets go of its
    work when it wakes up: what it did in that moment may be done twice, all else is done once.
    """

    def __init__(self, database: Database, clock: Clock, *, lease_s: float = LEASE_S) -> None:
        self.database = database
        self.clock = clock
        self.executor = uuid4().hex
        self._lease_s = lease_s
        self._workflows: dict[str, Workflow] = {}
        self._queues: dict[str, int] = {}
        self._started: dict[str, Any] = {}
        self._sweeps: list[Sweep] = []
        self._running: set[asyncio.Task[Any]] = set()
        self._dbos: DBOS | None = None
        self._engine: Engine | None = None
        self._beating: asyncio.Task[None] | None = None
        self._opening, self._enlisting = asyncio.Lock(), asyncio.Lock()
        self._is_open = self._is_closed = False
        self._looking: asyncio.Task[None] | None = None
        self._forget_at = clock.now()

    def register(
        self, name: str, workflow: Workflow, *, sweep: Sweep | None = None, at_once: int | None = None
    ) -> None:
        """Make a workflow known, by a name that must stay: what was begun under it goes on under it.

        `sweep` is called when this opens, and a few times in every lease. With `at_once` there is a queue for it, from
        each partition of which so many run at a time, in all processes together.
        """
        self._workflows[name] = workflow
        if sweep:
            self._sweeps.append(sweep)
        if at_once:
            self._queues[name] = at_once

    async def live(self) -> None:
        """Be known to live, which this can be long before it is open: what we store from now on is not for others.

        Raises `RuntimeError` where this has been closed, `SQLAlchemyError` or `OSError` without a database.
        """
        if self._beating is None:
            async with self._enlisting:
                if self._is_closed:
                    raise RuntimeError("durable work has been closed: nobody would close it again")
                if self._beating is None:
                    await self._say(alive_until=self.clock.time() + self._lease_s)
                    self._beating = asyncio.create_task(self._keep_beating(), context=Context())

    async def open(self) -> None:
        """Start DBOS, if this is not open, and take up what dead executors left.

        It takes half a second, and a second to import, in threads: the loop goes on meanwhile.

        Raises `RuntimeError` where another one is open in this process or this one has been closed, `SQLAlchemyError`
        without a database.
        """
        if not self._is_open:  # whoever stops waiting for it does not stop it halfway
            await asyncio.shield(asyncio.create_task(self._open_once(), context=Context()))

    async def _open_once(self) -> None:
        async with self._opening:
            if not self._is_open:
                await self._open()
                self._is_open = True
                self._looking = asyncio.create_task(self._look_around(), context=Context())

    async def _open(self) -> None:
        await asyncio.to_thread(importlib.import_module, "dbos")
        from dbos import DBOS, DBOSConfig, _dbos

        if _dbos._dbos_global_instance is not None:
            raise RuntimeError("durable work is open in this process already: DBOS is one for a process")
        library = logging.getLogger("dbos")
        if not library.handlers:
            library.addHandler(logging.NullHandler())  # else it brings one of its own, and tells nobody else
        self._engine = self.database.blocking_engine()
        config: DBOSConfig = {
            "name": "punnet",
            "application_version": VERSION,
            "executor_id": self.executor,
            "system_database_engine": self._engine,
            "system_database_url": self._engine.url.render_as_string(hide_password=False),
            "max_executor_threads": THREADS,
            "enable_otlp": False,
            "log_level": "WARNING",
        }
        self._dbos = DBOS(config=config)
        self._started = {
            name: DBOS.workflow(name=name, max_recovery_attempts=None)(self._kept(workflow))
            for name, workflow in self._workflows.items()
        }
        self._dbos._background_event_loop.set_main_loop()  # as it would where it is launched in the loop itself
        try:
            await asyncio.to_thread(DBOS.launch)
            for name, at_once in self._queues.items():
                await DBOS.register_queue_async(
                    name,
                    worker_concurrency=MOST_RUNNING,
                    partition_concurrency=at_once,
                    polling_interval_sec=POLL_S,
                    on_conflict="always_update",
                )
            await self.live()
        except BaseException:
            await self._shut_down()
            raise

    async def start(self, name: str, id: str, *arguments: str | float) -> None:
        """Run a workflow, once for each `id`, however often and in however many processes it is started.

        When this returns it is written down: it will be run to its end. Where this is not open yet, it is opened.
        """
        await self.open()
        from dbos import DBOS, SetWorkflowID

        async def start() -> None:
            with SetWorkflowID(id):
                await DBOS.start_workflow_async(self._started[name], *arguments)

        # What the caller is about (a request, another workflow) is not what the workflow is about.
        await asyncio.create_task(start(), context=Context())

    async def enqueue(self, name: str, id: str, *arguments: str | float, partition: str, at: float) -> None:
        """The same for a workflow that waits in its queue: in one `partition` of it, and until `at`, Unix time."""
        await self.open()
        from dbos import DBOS, SetEnqueueOptions, SetWorkflowID

        wait_s = at - self.clock.time()

        async def enqueue() -> None:
            with (
                SetWorkflowID(id),
                SetEnqueueOptions(queue_partition_key=partition, delay_seconds=wait_s if wait_s > 0 else None),
            ):
                await DBOS.enqueue_workflow_async(name, self._started[name], *arguments)

        await asyncio.create_task(enqueue(), context=Context())

    async def over(self, ids: Sequence[str]) -> Mapping[str, bool]:
        """Those of the ids under which a workflow was started, and whether it is over."""
        from dbos import DBOS

        found: dict[str, bool] = {}
        for start in range(0, len(ids), MOST_ASKED):
            some = list(ids[start : start + MOST_ASKED])
            there = await DBOS.list_workflows_async(workflow_ids=some, load_input=False, load_output=False)
            found |= {one.workflow_id: one.status not in ("PENDING", "ENQUEUED", "DELAYED") for one in there}
        return found

    async def has_ended(self, id: str) -> bool:
        """Whether a workflow of this id has run to its end, whatever that was."""
        return (await self.over([id])).get(id, False)

    async def forget(self, before: float) -> None:
        """Forget the workflows that were over then, Unix time in seconds."""
        from dbos import DBOS

        over = partial(
            DBOS.list_workflows_async,
            completed_before=datetime.fromtimestamp(before, UTC).isoformat(),
            limit=MOST_ASKED,
            load_input=False,
            load_output=False,
        )
        while found := [workflow.workflow_id for workflow in await over()]:
            await DBOS.delete_workflows_async(found)

    async def close(self) -> None:
        """Stop what runs, and leave it to others, or to the next process. This is not opened again."""
        async with self._opening, self._enlisting:
            self._is_closed = True
        if self._beating is None:
            return
        for task in (self._beating, self._looking):
            if task:
                task.cancel()
                await asyncio.wait([task])
        self._beating = None
        if self._is_open:
            logging.getLogger("dbos").setLevel(logging.ERROR)  # it warns of each workflow that is stopped
            await self._let_go()
            await self._shut_down()
        try:
            await self._say(alive_until=0.0)
        except (SQLAlchemyError, OSError) as error:
            log.warning("the database does not answer", error=type(error).__name__)

    async def _shut_down(self) -> None:
        """End DBOS with its threads, and give the loop threads again: DBOS lent it its own."""
        from dbos import DBOS

        def destroy() -> None:
            threads = self._dbos._executor_field if self._dbos else None
            DBOS.destroy(destroy_registry=True)
            if threads:
                threads.shutdown()

        loop = asyncio.get_running_loop()
        with ThreadPoolExecutor(1) as thread:
            await loop.run_in_executor(thread, destroy)
        loop.set_default_executor(ThreadPoolExecutor())
        self._dbos = None
        if self._engine is not None:
            self._engine.dispose()
            self._engine = None

    async def _let_go(self) -> None:
        """Stop all workflows. As DBOS has them they go on."""
        for task in self._running:
            task.cancel()
        if self._running:
            await asyncio.wait(self._running)

    def _kept(self, workflow: Workflow) -> Workflow:
        """`workflow`, its tasks known here while they run."""

        async def run(*arguments: str | float) -> None:
            task = asyncio.current_task()
            assert task is not None
            self._running.add(task)
            task.add_done_callback(self._running.discard)
            await workflow(*arguments)

        return run

    async def _keep_beating(self) -> None:
        while True:
            try:
                in_time = await self._is_in_time()
                if self._is_open and not in_time:
                    log.warning("this process was away for longer than its lease: its work is for whoever takes it")
                    await self._let_go()
                    await self._recover(self.executor)
                if self._is_open and (self._looking is None or self._looking.done()):
                    self._looking = asyncio.create_task(self._look_around())
            except (SQLAlchemyError, OSError) as error:
                log.warning("the database does not answer", error=type(error).__name__)
            await self.clock.sleep(self._lease_s / BEATS)

    async def _is_in_time(self) -> bool:
        """Renew the lease; whether it had not run out."""
        now = self.clock.time()
        async with await self.database.begin(TABLES) as connection:
            lease = update(EXECUTORS).where(EXECUTORS.c.id == self.executor, EXECUTORS.c.alive_until >= now)
            renewed = await connection.execute(lease.values(alive_until=now + self._lease_s))
        if renewed.rowcount:
            return True
        await self._say(alive_until=now + self._lease_s)
        return False

    async def _say(self, *, alive_until: float) -> None:
        async with await self.database.begin(TABLES) as connection:
            lease = update(EXECUTORS).where(EXECUTORS.c.id == self.executor).values(alive_until=alive_until)
            if not (await connection.execute(lease)).rowcount:
                await connection.execute(insert(EXECUTORS).values(id=self.executor, alive_until=alive_until))

    async def _look_around(self) -> None:
        """Take up what the dead left, then forget them."""
        try:
            now = self.clock.time()
            async with await self.database.begin(TABLES) as connection:
                leases = (await connection.execute(select(EXECUTORS))).all()
            living = [lease.id for lease in leases if lease.alive_until >= now]
            dead = [lease.id for lease in leases if lease.alive_until < now]
            for executor in dead:
                await self._recover(executor)
            for sweep in self._sweeps:
                await sweep(living)
            if dead:
                async with await self.database.begin(TABLES) as connection:
                    gone = and_(EXECUTORS.c.id.in_(dead), EXECUTORS.c.alive_until < now)
                    await connection.execute(delete(EXECUTORS).where(gone))
            if self.clock.now() >= self._forget_at:
                self._forget_at = self.clock.now() + FORGET_S
                await self.forget(now - KEPT_S)
        except Exception as error:  # there is a next time
            log.warning("looking for work that others left did not succeed", error=type(error).__name__)

    async def _recover(self, executor: str) -> None:
        """Have somebody run its workflows; two that do this at once do no harm."""
        from dbos import DBOS

        found = await asyncio.to_thread(DBOS._recover_pending_workflows, [executor])
        if found:
            log.info("taking up what another process left", workflows=len(found))
