import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from random import Random
from typing import Any, TypeVar, cast

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection
from structlog.testing import capture_logs

from connectors.connector import Connector
from connectors.database import Database
from connectors.errors import NotFound
from connectors.paging import Window
from connectors.webhooks.commits import Commits
from connectors.webhooks.delivery import Delivery, Event
from connectors.webhooks.events import EVENTS, MOST_FORGOTTEN, OBJECTS, TABLES, claim, save, store
from connectors.webhooks.events import forget as forget_events
from connectors.webhooks.inbox import AT_ONCE, KEPT_S, NO_SENDER, Inbox
from connectors.webhooks.sender import Sender, Webhooks
from connectors.webhooks.tally import InboxTally
from tests.clock import FakeClock
from tests.connectors.webhooks.inline import Inline

T = TypeVar("T")


@dataclass
class Answers:
    """What there is of a cache: the tags that were evicted."""

    evicted: list[str] = field(default_factory=list)

    async def evict(self, tags: list[str]) -> None:
        self.evicted += tags


@dataclass
class Upstream:
    """What there is of a connector."""

    answers: Answers = field(default_factory=Answers)


class Lossy(Commits):
    """Of so many transactions nobody hears that they were committed."""

    loses = 0

    async def write(self, write: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        result = await super().write(write)
        if self.loses:
            self.loses -= 1
            raise OperationalError("COMMIT", {}, Exception("the server closed the connection"))
        return result


def never(*_: object, **__: object) -> None:
    raise AssertionError


@dataclass
class Post:
    """An inbox, and what it did: `handled` and `published` are ids, in order. `overtaken` are those published late."""

    database: Database
    clock: FakeClock = field(default_factory=FakeClock)
    handled: list[str] = field(default_factory=list)
    published: list[str] = field(default_factory=list)
    overtaken: dict[str, Collection[str]] = field(default_factory=dict)
    upstream: Upstream = field(default_factory=Upstream)
    tally: InboxTally = field(default_factory=InboxTally)
    acts: Callable[[Event], Awaitable[None]] | None = None

    def __post_init__(self) -> None:
        self.durable = Inline(self.database, self.clock)
        self.webhooks = Webhooks(
            secrets="SHOP_SECRET",
            verify=never,
            read=cast(Callable[[Delivery], list[Event]], never),
            stale=lambda event: [event.object or "nothing"],
            handle=self.handle,
            retries_s=(1.0, 5.0),
        )
        sender = Sender(name="shop", webhooks=self.webhooks, secrets=("s",), connector=cast(Connector, self.upstream))
        self.senders = {"shop": sender, "mill": replace(sender, name="mill")}
        self.commits = Lossy(self.database, TABLES)
        self.inbox = Inbox(self.durable, self.commits, self.senders, self.tally, self.publish)

    async def handle(self, event: Event, connector: Connector) -> None:
        if self.acts:
            await self.acts(event)
        self.handled.append(event.id)

    async def publish(self, event: Event) -> None:
        self.published.append(event.id)
        if event.overtaken_by:
            self.overtaken[event.id] = event.overtaken_by

    async def over(self) -> None:
        """Wait until nothing is left to do."""
        await self.durable.sweep()
        while any(stored.state == "received" for stored in (await self.inbox.page(Window(100))).items):  # noqa: ASYNC110
            await asyncio.sleep(0.005)
        await self.durable.settle()

    async def states(self) -> dict[str, str]:
        return {stored.event.id: stored.state for stored in (await self.inbox.page(Window(100))).items}


@asynccontextmanager
async def unopened(url: str, clock: FakeClock | None = None) -> AsyncIterator[Post]:
    """An inbox whose durable work is not open yet."""
    post = Post(Database(url), clock or FakeClock())
    try:
        yield post
    finally:
        await post.inbox.close()
        await post.durable.close()
        await post.inbox.settle()
        await post.database.close()


@asynccontextmanager
async def opened(url: str, clock: FakeClock | None = None) -> AsyncIterator[Post]:
    async with unopened(url, clock) as post:
        await post.durable.open()
        yield post


def event(id: str, **more: Any) -> Event:
    return replace(Event(provider="shop", id=id, type="order.paid", payload={"id": id, "sum": 1}), **more)


def test_an_event_is_handled_once_however_often_it_comes(database_url: str) -> None:
    async def run() -> None:
        async with opened(database_url) as post:
            twice = await post.inbox.accept([event("1"), event("2"), event("1")])
            again = await post.inbox.accept([event("2"), event("3")])
            await post.over()

            assert (twice, again) == ([True, True, False], [False, True])
            assert sorted(post.handled) == sorted(post.published) == ["1", "2", "3"]
            assert await post.states() == {"1": "handled", "2": "handled", "3": "handled"}
            assert post.tally.ended == {("shop", "handled"): 3}

    asyncio.run(run())


def test_what_was_stored_is_handled_even_if_the_commit_was_not_acknowledged(database_url: str) -> None:
    async def run() -> None:
        async with opened(database_url) as post:
            post.commits.loses = 1
            with pytest.raises(OperationalError):
                await post.inbox.accept([event("1")])
            again = await post.inbox.accept([event("1")])
            await post.over()
            post.commits.loses = 1
            together = await asyncio.gather(post.inbox.accept([event("2")]), post.inbox.accept([event("3")]))
            await post.over()

            assert [again, *together] == [[False]] * 3
            assert sorted(post.handled) == ["1", "2", "3"]

    asyncio.run(asyncio.wait_for(run(), 20))


def test_what_was_stored_is_handled_even_if_who_gave_it_has_gone(database_url: str) -> None:
    async def run() -> None:
        async with opened(database_url) as post:
            accepting = asyncio.create_task(post.inbox.accept([event("1")]))
            await asyncio.sleep(0)
            accepting.cancel()
            await asyncio.wait([accepting])
            while not await post.states():  # noqa: ASYNC110
                await asyncio.sleep(0.005)
            await post.over()

            assert (accepting.cancelled(), post.handled) == (True, ["1"])

    asyncio.run(asyncio.wait_for(run(), 20))


def test_what_was_taken_up_is_handled_even_if_the_commit_was_not_acknowledged(database_url: str) -> None:
    async def run() -> None:
        async with opened(database_url) as post:

            async def fail(event: Event) -> None:
                raise LookupError

            post.acts = fail
            await post.inbox.accept([event("1")])
            await post.over()
            post.acts = None
            post.durable.refuses = True
            await post.inbox.replay()
            post.durable.refuses = False
            post.commits.loses = 1
            await post.durable.sweep()
            await post.over()

            assert post.handled == ["1"]

    asyncio.run(asyncio.wait_for(run(), 20))


def test_what_comes_before_durable_work_is_open_is_stored_at_once_and_handled_then(database_url: str) -> None:
    async def run() -> None:
        async with unopened(database_url) as post:
            post.durable.may_open.clear()
            accepted = await post.inbox.accept([event("1")])
            stored = await post.states()
            post.durable.may_open.set()
            await post.over()

            assert (accepted, stored, await post.states()) == ([True], {"1": "received"}, {"1": "handled"})

    asyncio.run(asyncio.wait_for(run(), 20))


def test_what_comes_before_durable_work_is_open_is_not_for_other_processes(database_url: str) -> None:
    async def run() -> None:
        async with unopened(database_url) as post, opened(database_url) as other:
            post.durable.may_open.clear()
            await post.inbox.accept([event("1")])
            await other.durable.sweep()
            await post.inbox.accept([event("2")])
            post.durable.may_open.set()
            await post.over()

            assert (sorted(post.handled), other.handled) == (["1", "2"], [])

    asyncio.run(asyncio.wait_for(run(), 20))


def test_slow_events_of_one_sender_do_not_stop_those_of_another(database_url: str) -> None:
    async def run() -> None:
        async with opened(database_url) as post:
            let_go = asyncio.Event()

            async def act(event: Event) -> None:
                if event.provider == "shop":
                    await let_go.wait()

            post.acts = act
            await post.inbox.accept([event(str(number)) for number in range(AT_ONCE)])
            await post.inbox.accept([event("quick", provider="mill")])
            while not post.handled:  # noqa: ASYNC110
                await asyncio.sleep(0.005)
            assert post.handled == ["quick"]
            let_go.set()
            await post.over()

            assert len(post.handled) == AT_ONCE + 1

    asyncio.run(asyncio.wait_for(run(), 20))


@pytest.mark.parametrize("odd", ["nul\0", "\0", Random(1).randbytes(2_000).hex()])
def test_what_no_index_can_have_is_stored_and_handled_once_like_all_else(database_url: str, odd: str) -> None:
    told = event(odd, type=f"type {odd}", object=odd, version=1.0, payload={"text": odd})
    other = replace(told, id=f"{odd}other", object=f"{odd}other")

    async def run() -> None:
        async with opened(database_url) as post:
            first = await post.inbox.accept([told, other])
            again = await post.inbox.accept([told])
            await post.over()
            late = await post.inbox.accept([replace(told, id="late", version=0.0)])
            await post.over()
            texts = {one.event.payload["text"] for one in (await post.inbox.page(Window(10))).items}

            assert (first, again, late) == ([True, True], [False], [True])
            assert sorted((await post.states()).values()) == ["handled", "handled", "superseded"]
            assert texts == {odd}

    asyncio.run(run())


def test_what_comes_at_once_is_stored_and_handled_together(database_url: str) -> None:
    async def run() -> None:
        async with opened(database_url) as post:
            ids = [str(number) for number in range(60)]
            await asyncio.gather(*(post.inbox.accept([event(id, object=f"o{int(id) % 7}")]) for id in ids))
            await post.over()

            assert sorted(post.handled) == sorted(ids)
            assert len(post.durable.tasks) < 30

    asyncio.run(run())


def test_what_comes_late_is_told_with_what_overtook_it_and_not_handled(database_url: str) -> None:
    later = event("3", object="o", version=3.0), event("5", object="o", version=5.0, type="order.sent")
    late = event("4", object="o", version=4.0), event("2", object="o", version=2.0)
    others = event("also 5", object="o", version=5.0), event("other", object="p", version=1.0), event("any", object="o")

    async def run() -> None:
        async with opened(database_url) as post:
            for one in (*later, *late, *others):
                await post.inbox.accept([one])
                await post.over()
            states = await post.states()

            assert post.handled == ["3", "5", "also 5", "other", "any"]
            assert post.published == ["3", "5", "4", "2", "also 5", "other", "any"]
            assert post.overtaken == {"4": ["order.sent"], "2": ["order.paid", "order.sent"]}
            assert states == {**dict.fromkeys(post.handled, "handled"), "4": "superseded", "2": "superseded"}
            assert sorted(post.upstream.answers.evicted) == ["o"] * 6 + ["p"]

    asyncio.run(run())


def test_how_far_an_object_was_handled_is_for_those_to_say_who_have_it(database_url: str) -> None:
    async def run() -> list[Any]:
        async with opened(database_url) as post:
            await post.inbox.accept([event("1")])
            await post.over()
            (stored,) = (await post.inbox.page(Window(10))).items
            stored = replace(stored, event=event("1", object="o"))
            one, other = post.durable.executor, "other"

            async def saved(connection: AsyncConnection, version: float, executor: str) -> None:
                await save(connection, [(stored, {"order.paid": version})], executor=executor)

            async def reached(connection: AsyncConnection) -> Any:
                return await claim(connection, [("shop", "o")], now=post.clock.time(), executor=one)

            first = await post.commits.write(reached)
            for version, executor in ((2.0, one), (1.0, other)):
                await post.commits.write(partial(saved, version=version, executor=executor))
            return [*first, *await post.commits.write(reached)]

    assert asyncio.run(run()) == [{}, {"order.paid": 2.0}]


def test_what_is_about_one_object_is_handled_in_its_order_one_after_the_other(database_url: str) -> None:
    async def run() -> None:
        async with opened(database_url) as post:
            busy: set[str | None] = set()

            async def act(event: Event) -> None:
                assert event.object not in busy
                busy.add(event.object)
                for _ in range(3):
                    await asyncio.sleep(0)
                busy.discard(event.object)

            post.acts = act
            await post.inbox.accept([event("3", object="o", version=3.0), event("1", object="o", version=1.0)])
            await post.inbox.accept([event("4", object="o", version=4.0), event("x", object="p")])
            await post.inbox.accept([event("5", object="o", version=5.0), event("y", object="p")])
            await post.over()

            assert [id for id in post.handled if id.isdecimal()] == ["1", "3", "4", "5"]
            assert [id for id in post.handled if not id.isdecimal()] == ["x", "y"]

    asyncio.run(run())


def test_what_fails_is_tried_again_later_then_parked_and_can_be_replayed(database_url: str) -> None:
    async def run() -> None:
        async with opened(database_url) as post:

            async def fail(event: Event) -> None:
                raise LookupError(f"something private: {event.payload}")

            post.acts = fail
            began = post.clock.time()
            with capture_logs() as lines:
                await post.inbox.accept([event("1", object="o", version=1.0)])
                await post.over()
            (parked,) = (await post.inbox.page(Window(10), state="parked")).items

            assert (parked.attempts, post.handled) == (3, [])
            assert post.clock.time() - began >= 6.0
            assert parked.error is not None
            assert parked.error.startswith("LookupError in test_inbox.py, line ")
            assert "private" not in repr(lines)
            assert [line["attempt"] for line in lines if line["event"] == "webhook attempt"] == [1, 2, 3]
            assert (post.tally.failures, post.tally.ended) == ({"shop": 3}, {("shop", "parked"): 1})

            post.acts = None
            assert await post.inbox.replay(number=parked.number + 1) == 0
            assert await post.inbox.replay(number=parked.number) == 1
            await post.over()
            replayed = await post.inbox.get(parked.number)

            assert replayed is not None
            assert (replayed.state, replayed.attempts, replayed.error) == ("handled", 1, None)
            assert post.handled == post.published == ["1"]
            assert await post.inbox.replay() == 0

    asyncio.run(run())


def test_many_are_replayed_by_provider_and_type(database_url: str) -> None:
    async def run() -> None:
        async with opened(database_url) as post:

            async def fail(event: Event) -> None:
                raise NotFound("shop", "orders.get", status=404, reason="gone\0")

            post.acts = fail
            await post.inbox.accept([event("1"), event("2", type="order.sent"), event("3")])
            await post.over()
            (one, *_) = (await post.inbox.page(Window(10))).items
            post.acts = None

            assert one.error == "shop orders.get: rejected with status 404 (gone\N{SYMBOL FOR NULL})"
            assert await post.inbox.replay(provider="other") == 0
            assert await post.inbox.replay(provider="shop", type="order.paid") == 2
            await post.over()
            assert await post.states() == {"1": "handled", "2": "parked", "3": "handled"}

    asyncio.run(run())


def test_a_later_event_does_not_wait_for_one_that_fails(database_url: str) -> None:
    async def run() -> None:
        async with opened(database_url) as post:

            async def act(event: Event) -> None:
                if event.id == "1":
                    raise LookupError

            post.acts = act
            await post.inbox.accept([event("1", object="o", version=1.0), event("2", object="o", version=2.0)])
            await post.over()

            assert await post.states() == {"1": "superseded", "2": "handled"}
            assert post.handled == ["2"]

    asyncio.run(run())


def test_a_handler_that_does_not_come_back_is_cut_off(database_url: str) -> None:
    async def run() -> None:
        async with opened(database_url) as post:

            async def hang(event: Event) -> None:
                await asyncio.Event().wait()

            post.acts = hang
            quick = replace(post.senders["shop"], webhooks=replace(post.webhooks, timeout_s=0.01, retries_s=()))
            post.senders["shop"] = quick
            await post.inbox.accept([event("1")])
            await post.over()

            assert await post.states() == {"1": "parked"}

    asyncio.run(run())


def test_what_a_dead_process_stored_and_did_not_handle_is_taken_up(database_url: str) -> None:
    clock = FakeClock()

    async def run() -> None:
        async with opened(database_url, clock) as dead:
            dead.durable.refuses = True
            with capture_logs() as lines:
                await dead.inbox.accept([event("1"), event("2")])
                await asyncio.sleep(0.05)
        assert [line["event"] for line in lines] == ["webhooks wait to be handled"]
        clock.advance(2e6)
        async with opened(database_url, clock) as living:
            await living.over()
            assert sorted(living.handled) == ["1", "2"]
            await living.over()
            assert sorted(living.handled) == ["1", "2"]

    asyncio.run(run())


def test_what_could_not_be_started_is_started_later(database_url: str) -> None:
    async def run() -> None:
        async with opened(database_url) as post:
            post.durable.refuses = True
            await post.inbox.accept([event("1")])
            await asyncio.sleep(0.05)
            post.durable.refuses = False
            await post.over()

            assert post.handled == ["1"]

    asyncio.run(run())


def test_an_object_that_another_process_is_at_is_waited_for(database_url: str) -> None:
    async def run() -> None:
        clock = FakeClock()
        async with opened(database_url, clock) as one, opened(database_url, clock) as other:
            let_go = asyncio.Event()
            begun = asyncio.Event()

            async def hold(event: Event) -> None:
                begun.set()
                await let_go.wait()

            one.acts = hold
            await one.inbox.accept([event("1", object="o", version=1.0)])
            await begun.wait()
            await other.inbox.accept([event("2", object="o", version=2.0), event("3", object="p", version=1.0)])
            while other.handled != ["3"]:  # noqa: ASYNC110
                await asyncio.sleep(0.005)
            assert one.handled == []
            let_go.set()
            await other.over()

            assert (one.handled, other.handled) == (["1"], ["3", "2"])

    asyncio.run(run())


def test_what_a_dead_process_was_at_is_free(database_url: str) -> None:
    clock = FakeClock()

    async def run() -> None:
        async with opened(database_url, clock) as dead:
            begun = asyncio.Event()

            async def hang(event: Event) -> None:
                begun.set()
                await asyncio.Event().wait()

            dead.acts = hang
            await dead.inbox.accept([event("1", object="o", version=1.0)])
            await begun.wait()
        clock.advance(2e6)
        async with opened(database_url, clock) as living:
            await living.over()

            assert (dead.handled, living.handled) == ([], ["1"])

    asyncio.run(run())


def test_what_is_long_over_is_forgotten_and_what_is_parked_is_not(database_url: str) -> None:
    async def run() -> None:
        async with opened(database_url) as post:

            async def act(event: Event) -> None:
                if event.id == "bad":
                    raise LookupError

            post.acts = act
            await post.inbox.accept([event("good", object="o", version=1.0), event("bad")])
            await post.over()
            post.clock.advance(KEPT_S - 60)
            await post.over()
            assert await post.states() == {"good": "handled", "bad": "parked"}
            post.clock.advance(3700)
            await post.over()

            assert await post.states() == {"bad": "parked"}

    asyncio.run(run())


def test_much_is_forgotten_a_part_at_a_time_and_what_the_dead_had_as_well(database_url: str) -> None:
    many = [event(str(number), object=str(number)) for number in range(MOST_FORGOTTEN + 1)]
    keys = [("shop", one.id) for one in many]

    async def run() -> None:
        async with opened(database_url) as post:
            lives = post.durable.executor

            async def forget(connection: AsyncConnection) -> bool:
                return await forget_events(connection, before=9.0, now=post.clock.time())

            async def prepare(connection: AsyncConnection) -> None:
                await store(connection, many, now=1.0, batch="b", executor=lives)
                await connection.execute(update(EVENTS).values(state="handled", ended_at=2.0))
                await claim(connection, [*keys, ("shop", "ours")], now=3.0, executor="dead")
                await claim(connection, [("shop", "ours")], now=4.0, executor=lives)

            await post.commits.write(prepare)
            more = [await post.commits.write(forget) for _ in range(2)]
            left = await post.commits.write(lambda connection: connection.execute(select(OBJECTS.c.object)))

            assert more == [True, False]
            assert (await post.states(), list(left.scalars())) == ({}, ["ours"])

    asyncio.run(run())


def test_without_its_sender_an_event_is_parked(database_url: str) -> None:
    async def run() -> None:
        async with opened(database_url) as post:
            post.senders.clear()
            await post.inbox.accept([event("1")])
            await post.over()
            (parked,) = (await post.inbox.page(Window(10))).items

            assert (parked.state, parked.error) == ("parked", NO_SENDER)

    asyncio.run(run())


def test_nothing_is_accepted_that_cannot_be_stored() -> None:
    async def run() -> None:
        async with unopened("postgresql://nobody@127.0.0.1:1/nothing") as post:
            with pytest.raises(OperationalError):
                await post.inbox.accept([event("1")])

    asyncio.run(run())
