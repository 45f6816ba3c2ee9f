"""Google's push channels: the sandbox's notifications go to the route, and what changed is pulled from it."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, cast

import httpx2
import pytest

from connectors.call import Scope
from connectors.connector import Connector, connect
from connectors.database import Database
from connectors.errors import ConnectionRequired, ReauthorizationRequired, UpstreamRejected
from connectors.paging import Window
from connectors.providers.google_calendar.client import GoogleCalendarClient
from connectors.providers.google_calendar.manifest import UPSTREAM
from connectors.providers.google_calendar.sandbox import GoogleCalendarSandbox
from connectors.providers.google_calendar.watching import AHEAD_S, LOOK_S, Watching
from connectors.providers.google_calendar.webhooks import WEBHOOKS
from connectors.sandbox.faults import Fault
from connectors.sandbox.people import population
from connectors.webhooks.delivery import Event
from connectors.webhooks.office import Office
from connectors.webhooks.sender import Sender
from server.webhooks import Webhooks
from tests.clock import FakeClock
from tests.connectors.webhooks.inline import Inline

ADDRESS = "https://hooks.april.example/webhooks/google_calendar"
MEETING = {
    "summary": "Quinces",
    "start": {"dateTime": "2026-06-01T10:00:00Z"},
    "end": {"dateTime": "2026-06-01T11:00:00Z"},
}


class Gateway:
    """One process: it takes notifications, and notes what it publishes."""

    def __init__(self, place: Path, connector: Connector, clock: FakeClock) -> None:
        self.published: list[Event] = []
        self._database = Database(f"sqlite:///{place / 'punnet.sqlite3'}")
        self.durable = Inline(self._database, clock)
        sender = Sender(name="google_calendar", webhooks=WEBHOOKS, secrets=("secret",), connector=connector)
        self.office = Office(self._database, clock, {"google_calendar": sender}, self._publish, self.durable)
        door = Webhooks(self.office, clock, max_body_bytes=1000, tolerance_s=300.0, public_url=None)
        self._client = httpx2.AsyncClient(transport=httpx2.ASGITransport(door), base_url="http://inside")

    async def _publish(self, event: Event) -> None:
        self.published.append(event)

    async def desk(self) -> Watching:
        desk = (await self.office.inbox()).desks["google_calendar"]
        assert isinstance(desk, Watching)
        return desk

    async def take(self, headers: Mapping[str, str]) -> int:
        return (await self._client.post("/webhooks/google_calendar", headers=headers)).status_code

    async def settle(self) -> list[str]:
        """What changes were published so far, once all is over."""
        inbox = await self.office.inbox()
        while any(stored.state == "received" for stored in (await inbox.page(Window(100))).items):  # noqa: ASYNC110
            await asyncio.sleep(0.005)
        await self.durable.settle()
        return [f"{event.type} {event.payload['id']}" for event in self.published if event.type != "notification"]

    async def close(self) -> None:
        await self.office.close()
        await self._database.close()


class World:
    """Google with somebody's calendars, and gateways one after the other on the same database."""

    def __init__(self, place: Path) -> None:
        self.clock = FakeClock()
        connector = connect(UPSTREAM, {}, people=population(10), clock=self.clock)
        assert connector
        assert isinstance(connector.sandbox, GoogleCalendarSandbox)
        self.google = connector.sandbox
        self.google.time = self.clock.time
        self.connector = connector
        self._place = place

    def gateway(self) -> Gateway:
        return Gateway(self._place, self.connector, self.clock)

    @property
    def scope(self) -> Scope:
        now = self.clock.now()
        return Scope(began=now, deadline=now + 100)

    @property
    def client(self) -> GoogleCalendarClient:
        client: GoogleCalendarClient = self.connector.client(self.scope)
        return client

    async def create(self, summary: str = "Quinces") -> str:
        meeting = {**MEETING, "summary": summary}
        return (await self.client.create_event("primary", meeting, idempotency_key=summary, send_updates="none"))["id"]

    async def deliver(self, gateway: Gateway) -> list[int]:
        """Bring all notifications that are under way to a gateway: how it answers."""
        under_way, self.google.notified = self.google.notified, []
        return [await gateway.take(headers) for _, headers in under_way]


def through(place: Path, act: Callable[[World, Gateway], Awaitable[Any]]) -> Any:
    async def run() -> Any:
        world = World(place)
        gateway = world.gateway()
        await gateway.office.inbox()
        try:
            return await act(world, gateway)
        finally:
            await gateway.close()

    return asyncio.run(run())


def test_each_change_is_told_once_and_in_order(tmp_path: Path) -> None:
    async def act(world: World, gateway: Gateway) -> None:
        watch = await (await gateway.desk()).watch(world.scope, "primary", ADDRESS)
        opening = await world.deliver(gateway)
        before = await gateway.settle()
        id = await world.create()
        told = [await world.deliver(gateway), await gateway.settle()]
        await world.client.change_event("primary", id, {"summary": "Plums"}, send_updates="none")
        await world.client.delete_event("primary", id, send_updates="none")
        (_, headers), *_ = world.google.notified
        await world.deliver(gateway)
        await gateway.settle()
        again = await gateway.take(headers)

        assert (opening, before) == ([200], [])
        assert told == [[200], [f"event.created {id}"]]
        assert await gateway.settle() == [f"event.created {id}", f"event.cancelled {id}"]  # changed and gone at once
        assert again == 200
        created = next(event for event in gateway.published if event.type == "event.created")
        assert created.payload["summary"] == "Quinces"
        assert created.payload["calendar_id"] == watch.calendar == world.google.me

    through(tmp_path, act)


def test_what_comes_of_a_notification_that_is_late_is_nothing(tmp_path: Path) -> None:
    async def act(world: World, gateway: Gateway) -> None:
        await (await gateway.desk()).watch(world.scope, "primary", ADDRESS)
        world.google.notified.clear()
        first, second = await world.create("Quinces"), await world.create("Plums")
        world.google.notified.reverse()

        await world.deliver(gateway)

        assert await gateway.settle() == [f"event.created {first}", f"event.created {second}"]

    through(tmp_path, act)


def test_a_change_is_told_as_one_whatever_it_was(tmp_path: Path) -> None:
    async def act(world: World, gateway: Gateway) -> None:
        desk = await gateway.desk()
        await desk.watch(world.scope, "primary", ADDRESS)
        await desk.watch(world.scope, "team@group.calendar.google.com", ADDRESS)
        await world.client.change_event("primary", "meet000001", {"summary": "Plums"}, send_updates="none")
        await world.client.change_event(
            "team@group.calendar.google.com", "weeklyround", {"summary": "Pears"}, send_updates="none"
        )

        await world.deliver(gateway)

        assert sorted(await gateway.settle()) == ["event.updated meet000001", "event.updated weeklyround"]

    through(tmp_path, act)


def test_where_google_forgot_how_far_we_were_nothing_is_lost_and_nothing_told_twice(tmp_path: Path) -> None:
    async def act(world: World, gateway: Gateway) -> None:
        desk = await gateway.desk()
        await desk.watch(world.scope, "primary", ADDRESS)
        known = await world.create("Quinces")
        await world.deliver(gateway)
        before = await gateway.settle()
        changes = len(world.google.calendars[world.google.me].changes)
        world.google.forgotten.add(f"s{changes}")
        new = await world.create("Plums")
        await world.client.delete_event("primary", "meet000002", send_updates="none")

        await world.deliver(gateway)

        assert await gateway.settle() == [*before, f"event.created {new}", "event.cancelled meet000002"]
        assert before == [f"event.created {known}"]

    through(tmp_path, act)


def test_where_that_was_too_long_ago_as_well_all_there_is_is_told(tmp_path: Path) -> None:
    async def act(world: World, gateway: Gateway) -> None:
        await (await gateway.desk()).watch(world.scope, "holidays@group.v.calendar.google.com", ADDRESS)
        calendar = world.google.calendars["holidays@group.v.calendar.google.com"]
        world.google.forgotten.add(f"s{len(calendar.changes)}")
        world.google.forgotten.add(calendar.updated)
        (channel,) = world.google.channels.values()
        world.google._notify(channel, "exists")

        await world.deliver(gateway)

        assert len(await gateway.settle()) == len(calendar.events) == 8

    through(tmp_path, act)


def test_a_channel_is_renewed_before_it_ends_and_the_old_one_is_stopped(tmp_path: Path) -> None:
    async def act(world: World, gateway: Gateway) -> None:
        watch = await (await gateway.desk()).watch(world.scope, "primary", ADDRESS)
        (old,) = world.google.channels
        world.clock.advance(watch.renew_at - world.clock.time() + LOOK_S)

        await gateway.durable.sweep()
        await gateway.durable.settle()
        await world.deliver(gateway)
        id = await world.create()
        await world.deliver(gateway)

        (new,) = world.google.channels
        (renewed,) = await (await gateway.desk()).list(world.scope)
        assert (old, new) == (watch.channel, renewed.channel)
        assert old != new
        assert watch.expires_at - watch.renew_at == AHEAD_S
        assert renewed.renew_at > watch.expires_at
        assert await gateway.settle() == [f"event.created {id}"]

    through(tmp_path, act)


def test_what_changed_while_nobody_listened_is_told_after_the_next_start(tmp_path: Path) -> None:
    async def run() -> None:
        world = World(tmp_path)
        before, after = world.gateway(), world.gateway()
        watch = await (await before.desk()).watch(world.scope, "primary", ADDRESS)
        await before.close()
        world.clock.advance(watch.expires_at - world.clock.time() + 1000)
        world.google.channels.clear()
        id = await world.create()

        await after.office.inbox()
        await after.durable.sweep()
        await after.durable.settle()

        assert await after.settle() == [f"event.created {id}"]
        assert len(world.google.channels) == 1
        await after.close()

    asyncio.run(run())


def test_a_renewal_that_fails_is_tried_again(tmp_path: Path) -> None:
    async def act(world: World, gateway: Gateway) -> None:
        watch = await (await gateway.desk()).watch(world.scope, "primary", ADDRESS)
        world.clock.advance(watch.renew_at - world.clock.time() + LOOK_S)
        world.google.faults.add(Fault(operation="channels.open", status=500, times=9))
        world.google.faults.add(Fault(operation="channels.stop", status=500, times=None))

        await gateway.durable.sweep()
        await gateway.durable.settle()

        (renewed,) = await (await gateway.desk()).list(world.scope)
        assert renewed.channel != watch.channel
        assert renewed.channel in world.google.channels

    through(tmp_path, act)


def test_a_calendar_that_is_gone_is_not_watched_on(tmp_path: Path) -> None:
    async def act(world: World, gateway: Gateway) -> None:
        watch = await (await gateway.desk()).watch(world.scope, "team@group.calendar.google.com", ADDRESS)
        world.clock.advance(watch.renew_at - world.clock.time() + LOOK_S)
        del world.google.calendars["team@group.calendar.google.com"]

        await gateway.durable.sweep()
        await gateway.durable.settle()

        assert await (await gateway.desk()).list(world.scope) == []

    through(tmp_path, act)


class Ended:
    """A connector of a user whose consent has ended."""

    def __init__(self, error: type[ConnectionRequired | ReauthorizationRequired]) -> None:
        self._error = error

    def client(self, scope: Scope) -> "Ended":
        return self

    async def sync(self, calendar: str, token: str | None) -> None:
        raise self._error("google_calendar", "token", "the user agrees no longer")

    async def open_channel(self, *about: str, lasts_s: float) -> None:
        raise self._error("google_calendar", "token", "the user agrees no longer")


@pytest.mark.parametrize("error", [ConnectionRequired, ReauthorizationRequired])
def test_who_agrees_no_longer_is_not_watched_on(
    error: type[ConnectionRequired | ReauthorizationRequired], tmp_path: Path
) -> None:
    async def act(world: World, gateway: Gateway) -> None:
        desk = await gateway.desk()
        await desk.watch(world.scope, "primary", ADDRESS)
        await world.create()
        desk._connector = cast(Connector, Ended(error))

        answers = await world.deliver(gateway)
        told = [await gateway.settle(), await desk.list(world.scope)]

        assert answers == [200, 200]
        assert told == [[], []]

    through(tmp_path, act)


@pytest.mark.parametrize("error", [ConnectionRequired, ReauthorizationRequired])
def test_for_who_agrees_no_longer_nothing_is_renewed(
    error: type[ConnectionRequired | ReauthorizationRequired], tmp_path: Path
) -> None:
    async def act(world: World, gateway: Gateway) -> None:
        desk = await gateway.desk()
        watch = await desk.watch(world.scope, "primary", ADDRESS)
        desk._connector = cast(Connector, Ended(error))
        world.clock.advance(watch.renew_at - world.clock.time() + LOOK_S)

        await gateway.durable.sweep()
        await gateway.durable.settle()

        assert await desk.list(world.scope) == []

    through(tmp_path, act)


def test_watched_again_is_watched_once(tmp_path: Path) -> None:
    async def act(world: World, gateway: Gateway) -> None:
        desk = await gateway.desk()
        watched = await asyncio.gather(*(desk.watch(world.scope, "primary", ADDRESS) for _ in range(3)))
        again = await desk.watch(world.scope, world.google.me, ADDRESS)

        assert {watch.id for watch in (*watched, again)} == {again.id}
        assert len(world.google.channels) == 1

    through(tmp_path, act)


def test_where_we_are_elsewhere_now_there_is_another_channel(tmp_path: Path) -> None:
    async def act(world: World, gateway: Gateway) -> None:
        desk = await gateway.desk()
        await desk.watch(world.scope, "primary", ADDRESS)
        await desk.watch(world.scope, "primary", "https://new.april.example/webhooks/google_calendar")
        world.clock.advance(LOOK_S)

        await gateway.durable.sweep()
        await gateway.durable.settle()

        (channel,) = world.google.channels.values()
        assert channel.address == "https://new.april.example/webhooks/google_calendar"

    through(tmp_path, act)


def test_what_is_not_watched_any_more_is_not_told(tmp_path: Path) -> None:
    async def act(world: World, gateway: Gateway) -> None:
        desk = await gateway.desk()
        await desk.watch(world.scope, "primary", ADDRESS)
        await world.create()
        was = [await desk.unwatch(world.scope, "primary"), await desk.unwatch(world.scope, "primary")]

        answers = await world.deliver(gateway)

        assert was == [True, False]
        assert world.google.channels == {}
        assert answers == [200, 200]
        assert await gateway.settle() == []

    through(tmp_path, act)


def test_what_google_does_not_want_to_tell_of_is_not_watched(tmp_path: Path) -> None:
    async def act(world: World, gateway: Gateway) -> None:
        desk = await gateway.desk()

        with pytest.raises(UpstreamRejected, match=r"push\.webhookUrlNotHttps"):
            await desk.watch(world.scope, "primary", "http://hooks.april.example/webhooks/google_calendar")
        with pytest.raises(UpstreamRejected, match="notFound"):
            await desk.watch(world.scope, "nobody@april.example", ADDRESS)

        assert await desk.list(world.scope) == []

    through(tmp_path, act)


def test_a_notification_that_cannot_be_followed_now_is_followed_later(tmp_path: Path) -> None:
    async def act(world: World, gateway: Gateway) -> None:
        await (await gateway.desk()).watch(world.scope, "primary", ADDRESS)
        id = await world.create()
        world.google.faults.add(Fault(operation="events.list", status=503, times=6))

        assert await world.deliver(gateway) == [200, 200]
        assert await gateway.settle() == [f"event.created {id}"]

    through(tmp_path, act)


@pytest.mark.parametrize("name", ["X-Goog-Channel-Token", "X-Goog-Channel-ID"])
def test_who_does_not_know_the_token_is_refused(name: str, tmp_path: Path) -> None:
    async def act(world: World, gateway: Gateway) -> None:
        await (await gateway.desk()).watch(world.scope, "primary", ADDRESS)
        (_, headers), *_ = world.google.notified

        assert await gateway.take({**headers, name: "guessed"}) == 401

    through(tmp_path, act)
