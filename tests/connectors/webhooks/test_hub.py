"""Who follows events gets them, wherever they are published, and a slow one is in nobody's way."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from connectors.clock import SystemClock
from connectors.shared import Shared
from connectors.webhooks.delivery import Event
from connectors.webhooks.hub import CHANNEL, Following, Hub, SubscriberTooSlow
from tests.redis import RedisServer, redis_server

CHARGES = ["charge.succeeded"]


def event(id: str = "evt_1", type: str = "charge.succeeded", provider: str = "stripe") -> Event:
    return Event(provider=provider, id=id, type=type, payload={"id": id, "tags": ["a"]}, object="ch_1", version=3.5)


async def taken(following: Following, count: int) -> list[str]:
    """The ids of the next events."""
    return [(await asyncio.wait_for(anext(following), 5)).id for _ in range(count)]


def test_each_subscriber_gets_the_events_of_the_types_it_follows_in_order() -> None:
    async def go() -> list[list[str]]:
        hub = Hub()
        with (
            hub.follow("stripe", ["charge.succeeded", "charge.failed"]) as both,
            hub.follow("stripe", ["charge.failed"]) as one,
            hub.follow("github", ["charge.failed"]) as other,
        ):
            await hub.publish(event("1", "charge.succeeded"))
            await hub.publish(event("2", "charge.failed"))
            await hub.publish(event("3", "charge.failed", "github"))
            await hub.publish(event("4", "charge.refunded"))
            return [await taken(both, 2), await taken(one, 1), await taken(other, 1)]

    assert asyncio.run(go()) == [["1", "2"], ["2"], ["3"]]


def test_what_comes_late_reaches_those_who_were_not_told_what_overtook_it() -> None:
    async def go() -> list[list[str]]:
        hub = Hub()
        late = replace(event("late", "charge.refunded"), overtaken_by=["charge.updated"])
        with (
            hub.follow("stripe", ["charge.refunded"]) as refunds,
            hub.follow("stripe", ["charge.refunded", "charge.updated"]) as changes,
        ):
            for one in (event("1", "charge.updated"), late, event("2", "charge.refunded")):
                await hub.publish(one)
            return [await taken(refunds, 2), await taken(changes, 2)]

    assert asyncio.run(go()) == [["late", "2"], ["1", "2"]]


def test_a_subscriber_waits_for_what_is_not_there_yet() -> None:
    async def go() -> list[str]:
        hub = Hub()
        with hub.follow("stripe", CHARGES) as following:
            waiting = asyncio.ensure_future(taken(following, 2))
            await asyncio.sleep(0)
            await hub.publish(event("1"))
            await asyncio.sleep(0)
            await hub.publish(event("2"))
            return await waiting

    assert asyncio.run(go()) == ["1", "2"]


def test_one_that_is_too_slow_is_dropped_with_all_that_waits_and_the_others_go_on() -> None:
    async def go() -> tuple[list[str], Hub]:
        hub = Hub(most_waiting=2)
        with hub.follow("stripe", CHARGES) as fast, hub.follow("stripe", CHARGES) as slow:
            got: list[str] = []
            for id in ("1", "2", "3", "4"):
                await hub.publish(event(id))
                got += await taken(fast, 1)
            with pytest.raises(SubscriberTooSlow):
                await anext(slow)
            assert hub.subscribers == {"stripe": 1}
        return got, hub

    got, hub = asyncio.run(go())

    assert got == ["1", "2", "3", "4"]
    assert (hub.published, hub.dropped) == ({"stripe": 4}, {"stripe": 1})


def test_nothing_is_left_of_a_subscriber_that_has_gone() -> None:
    async def go() -> Hub:
        hub = Hub()
        with hub.follow("stripe", ["charge.succeeded", "charge.failed"]) as following:
            reading = asyncio.ensure_future(taken(following, 1))
            await asyncio.sleep(0)
            reading.cancel()
        await hub.publish(event())
        return hub

    hub = asyncio.run(go())

    assert hub.subscribers == {}
    assert not hub._following


def test_when_we_stop_whoever_waits_is_cancelled_with_what_was_there_before_taken() -> None:
    async def go() -> list[str]:
        hub = Hub()
        with hub.follow("stripe", CHARGES) as following:
            await hub.publish(event("1"))
            hub.stop()
            got = await taken(following, 1)
            with pytest.raises(asyncio.CancelledError):
                await anext(following)
        return got

    assert asyncio.run(go()) == ["1"]


@asynccontextmanager
async def hubs(url: str, *accounts: str) -> AsyncIterator[list[Hub]]:
    """Hubs of as many processes."""
    all_shared = [Shared(url, SystemClock(), answer_s=30.0) for _ in accounts]
    yield [Hub(shared, {"stripe": account}) for shared, account in zip(all_shared, accounts, strict=True)]
    for shared in all_shared:
        await shared.close()


async def listening(redis: RedisServer, count: int) -> None:
    """Return when so many processes listen."""
    with redis.client() as client:
        for _ in range(2000):
            if client.pubsub_numsub(CHANNEL)[0][1] == count:
                return
            await asyncio.sleep(0.01)
    raise TimeoutError


def test_an_event_reaches_subscribers_of_every_process_once_and_whole(redis: RedisServer) -> None:
    async def go() -> list[Event]:
        async with hubs(redis.url, "same", "same") as (here, there):
            with here.follow("stripe", CHARGES) as near, there.follow("stripe", CHARGES) as far:
                await listening(redis, 2)
                await here.publish(event("1"))
                await here.publish(event("2"))
                return [await asyncio.wait_for(anext(following), 5) for following in (near, near, far, far)]

    assert asyncio.run(go()) == [event("1"), event("2"), event("1"), event("2")]


def test_a_gateway_that_knows_the_provider_by_another_account_hears_nothing_of_ours(redis: RedisServer) -> None:
    async def go() -> list[list[str]]:
        async with hubs(redis.url, "ours", "ours", "theirs") as (ours, second, theirs):
            with second.follow("stripe", CHARGES) as known, theirs.follow("stripe", CHARGES) as stranger:
                await listening(redis, 2)
                await ours.publish(event("ours"))
                await theirs.publish(event("theirs"))
                return [await taken(known, 1), await taken(stranger, 1)]

    assert asyncio.run(go()) == [["ours"], ["theirs"]]


@pytest.mark.parametrize("message", [b"", b"{}", b"[1]\n", b'["x", [], "same", "charge.succeeded"]\n{}'])
def test_what_no_hub_wrote_is_passed_over(redis: RedisServer, message: bytes) -> None:
    async def go() -> list[str]:
        async with hubs(redis.url, "same", "same") as (here, there):
            with there.follow("stripe", CHARGES) as far:
                await listening(redis, 1)
                with redis.client() as client:
                    client.publish(CHANNEL, message)
                    client.publish(CHANNEL, b'["x", "stripe", "same", "charge.succeeded"]\n{"more": 1}')
                await here.publish(event("1"))
                return await taken(far, 1)

    assert asyncio.run(go()) == ["1"]


def test_after_redis_was_gone_subscribers_hear_of_other_processes_again_and_the_log_tells() -> None:
    async def go() -> list[list[str]]:
        with redis_server() as server:
            async with hubs(server.url, "same", "same") as (here, there):
                with here.follow("stripe", CHARGES) as near, there.follow("stripe", CHARGES) as far:
                    await listening(server, 2)
                    server.kill()
                    await here.publish(event("meanwhile"))
                    server.start()
                    await listening(server, 2)
                    got = [await taken(near, 1)]
                    again = asyncio.ensure_future(taken(near, 1))
                    while not again.done():  # on a busy machine Redis may be too slow for the first one
                        await there.publish(event("afterwards"))
                        await asyncio.wait([again], timeout=0.5)
                    return [*got, again.result(), await taken(far, 1)]

    with capture_logs() as lines:
        got = asyncio.run(go())

    assert got == [["meanwhile"], ["afterwards"], ["afterwards"]]
    told = [line["event"] for line in lines if "listened" in line["event"]]
    assert sorted(told) == [
        *["redis cannot be listened to: what other processes tell is missed"] * 2,
        *["redis is listened to again"] * 2,
    ]
