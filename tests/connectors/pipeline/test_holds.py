"""Whether a call would be given the same answer again, as the cache stage leaves it on the call's record."""

import asyncio

import httpx2
import pytest

from connectors.call import Record, Send
from connectors.judgement import Outcome, Verdict
from connectors.pipeline.cache import cache
from connectors.pipeline.setup import record_of
from connectors.policy import CachePolicy, Policy
from tests.clock import FakeClock
from tests.wire import ScriptedWire, answer, ok, request, setup

FRESH = ok(cache_control="max-age=60")


def cached(clock: FakeClock, response: httpx2.Response, **policy: int | bool) -> Send:
    """A cache in front of an upstream that always gives this."""
    wire = ScriptedWire(response)

    async def send(sent: httpx2.Request) -> httpx2.Response:
        response = await wire(sent)
        response.extensions["verdict"] = Verdict(Outcome.OK)
        return response

    return cache(setup(clock, policy=Policy(cache=CachePolicy(**policy))))(send)  # type: ignore[arg-type]


def read(send: Send, *paths: str, safe: bool = True) -> list[Record]:
    """The records of reading these, all at once."""
    sent = [request(url=f"https://api.demo.example/{path}", safe=safe) for path in paths]

    async def together() -> None:
        await asyncio.gather(*map(send, sent))

    asyncio.run(together())
    return [record_of(one) for one in sent]


def hold(records: list[Record]) -> list[bool]:
    return [record.holds is not None and record.holds() for record in records]


@pytest.mark.parametrize(("share", "uses"), [(True, ["miss", "shared", "hit"]), (False, ["miss", "hit", "hit"])])
def test_an_answer_that_is_kept_holds_until_it_is_stale(clock: FakeClock, share: bool, uses: list[str]) -> None:
    send = cached(clock, FRESH, share=share)

    records = [*read(send, "a", "a"), *read(send, "a")]

    assert [record.cache for record in records] == uses
    assert hold(records) == [True, True, True]
    clock.advance(61)
    assert hold(records) == [False, False, False]


@pytest.mark.parametrize("response", [ok(), ok(etag='"v1"'), ok(cache_control="no-store"), answer(404)])
def test_an_answer_that_is_not_kept_or_not_fresh_does_not_hold(clock: FakeClock, response: httpx2.Response) -> None:
    assert hold(read(cached(clock, response), "a")) == [False]


def test_a_write_does_not_hold(clock: FakeClock) -> None:
    assert hold(read(cached(clock, FRESH), "a", safe=False)) == [False]


def test_an_answer_that_fell_out_of_the_cache_does_not_hold(clock: FakeClock) -> None:
    send = cached(clock, FRESH, max_bytes=10_000)
    records = read(send, "a")

    read(send, *map(str, range(100)))

    assert hold(records) == [False]


def test_who_asks_whether_an_answer_holds_uses_it(clock: FakeClock) -> None:
    send = cached(clock, FRESH, max_bytes=10_000)
    records = read(send, "a")

    for number in range(100):
        read(send, str(number))
        assert hold(records) == [True]


def test_another_answer_in_its_place_is_another(clock: FakeClock) -> None:
    send = cached(clock, FRESH)
    before = read(send, "a")
    clock.advance(61)

    after = read(send, "a")

    assert hold(before + after) == [False, True]
