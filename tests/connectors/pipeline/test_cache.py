import asyncio

import httpx2
import pytest

from connectors.call import Scope
from connectors.errors import UpstreamTimeout
from connectors.judgement import Outcome, Verdict
from connectors.pipeline.cache import cache, lifetime_s
from connectors.pipeline.setup import record_of
from connectors.policy import CachePolicy, Policy
from tests.clock import FakeClock
from tests.wire import answer, ok, request, setup


class Upstream:
    """Answers like its script, slowly enough for callers to meet."""

    def __init__(self, response: httpx2.Response, takes_s: float = 0.005) -> None:
        self.response = response
        self.takes_s = takes_s
        self.requests: list[httpx2.Request] = []
        self.cancelled = 0

    async def __call__(self, sent: httpx2.Request) -> httpx2.Response:
        self.requests.append(sent)
        try:
            await asyncio.sleep(self.takes_s)
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        self.response.extensions["verdict"] = Verdict(Outcome.OK)
        return self.response


def test_identical_reads_in_flight_are_one_call(clock: FakeClock) -> None:
    upstream = Upstream(ok())
    send = cache(setup(clock))(upstream)

    async def calls() -> list[httpx2.Response]:
        return await asyncio.gather(*(send(request()) for _ in range(200)))

    assert len(asyncio.run(calls())) == 200
    assert len(upstream.requests) == 1


def test_different_principals_never_share(clock: FakeClock) -> None:
    upstream = Upstream(ok(cache_control="max-age=60"))
    send = cache(setup(clock))(upstream)

    async def calls() -> None:
        await asyncio.gather(*(send(request(scope=Scope(principal=who))) for who in ("ada", "grace")))

    asyncio.run(calls())
    assert len(upstream.requests) == 2


def test_writes_are_never_shared(clock: FakeClock) -> None:
    upstream = Upstream(ok())
    send = cache(setup(clock))(upstream)

    async def calls() -> None:
        await asyncio.gather(*(send(request(method="POST", safe=False)) for _ in range(3)))

    asyncio.run(calls())
    assert len(upstream.requests) == 3


def test_one_caller_going_away_does_not_disturb_the_others(clock: FakeClock) -> None:
    upstream = Upstream(ok())
    send = cache(setup(clock))(upstream)

    async def calls() -> int:
        first, second = asyncio.ensure_future(send(request())), asyncio.ensure_future(send(request()))
        await asyncio.sleep(0)
        first.cancel()
        return (await second).status_code

    assert asyncio.run(calls()) == 200
    assert upstream.cancelled == 0


def test_the_last_caller_going_away_cancels_the_call(clock: FakeClock) -> None:
    upstream = Upstream(ok())
    send = cache(setup(clock))(upstream)

    async def calls() -> None:
        callers = [asyncio.ensure_future(send(request())) for _ in range(2)]
        await asyncio.sleep(0.001)
        for caller in callers:
            caller.cancel()
        await asyncio.gather(*callers, return_exceptions=True)
        await asyncio.sleep(0.001)

    asyncio.run(calls())
    assert upstream.cancelled == 1


def test_a_fresh_answer_is_not_asked_for_again(clock: FakeClock) -> None:
    upstream = Upstream(ok(cache_control="max-age=60"))
    send = cache(setup(clock))(upstream)

    async def calls() -> None:
        await send(request())
        clock.advance(59)
        await send(request())
        assert len(upstream.requests) == 1
        clock.advance(2)
        await send(request())
        assert len(upstream.requests) == 2

    asyncio.run(calls())


def test_a_stale_answer_is_validated_and_kept(clock: FakeClock) -> None:
    upstream = Upstream(ok(b'{"n": 1}', etag='"v1"'))
    send = cache(setup(clock))(upstream)

    async def calls() -> None:
        await send(request())
        upstream.response = answer(304, b"")
        again = request()
        response = await send(again)
        assert upstream.requests[-1].headers["If-None-Match"] == '"v1"'
        assert (response.content, record_of(again).cache) == (b'{"n": 1}', "revalidated")

    asyncio.run(calls())


def test_reads_in_flight_are_calls_of_their_own_where_sharing_is_off(clock: FakeClock) -> None:
    upstream = Upstream(ok())
    send = cache(setup(clock, policy=Policy(cache=CachePolicy(share=False))))(upstream)

    async def calls() -> list[httpx2.Response]:
        return await asyncio.gather(*(send(request()) for _ in range(5)))

    assert len(asyncio.run(calls())) == 5
    assert len(upstream.requests) == 5


def test_answers_are_kept_where_sharing_is_off(clock: FakeClock) -> None:
    upstream = Upstream(ok(cache_control="max-age=60"))
    send = cache(setup(clock, policy=Policy(cache=CachePolicy(share=False))))(upstream)

    async def calls() -> str:
        await send(request())
        again = request()
        await send(again)
        return record_of(again).cache

    assert asyncio.run(calls()) == "hit"
    assert len(upstream.requests) == 1


def test_without_room_nothing_is_kept_and_nothing_validated(clock: FakeClock) -> None:
    upstream = Upstream(ok(cache_control="max-age=60", etag='"v1"'))
    send = cache(setup(clock, policy=Policy(cache=CachePolicy(max_bytes=0))))(upstream)

    async def calls() -> None:
        await send(request())
        await send(request())

    asyncio.run(calls())
    assert ["If-None-Match" in sent.headers for sent in upstream.requests] == [False, False]


def test_an_answer_without_a_word_on_freshness_is_kept_as_long_as_the_manifest_says(clock: FakeClock) -> None:
    upstream = Upstream(ok())
    send = cache(setup(clock, policy=Policy(cache=CachePolicy(ttl_s=5))))(upstream)

    async def calls() -> list[int]:
        seen = []
        for _ in range(3):
            await send(request())
            seen.append(len(upstream.requests))
            clock.advance(4)
        return seen

    assert asyncio.run(calls()) == [1, 1, 2]


@pytest.mark.parametrize(
    ("response", "lifetime"),
    [
        (ok(), 5.0),
        (ok(etag='"v1"'), 5.0),
        (ok(cache_control="max-age=60"), 60.0),
        (ok(cache_control="no-store"), None),
        (ok(cache_control="no-cache"), 0.0),
        (ok(expires="0"), 0.0),
        (answer(404), None),
    ],
)
def test_the_upstreams_word_on_freshness_goes_over_the_manifests(
    response: httpx2.Response, lifetime: float | None
) -> None:
    assert lifetime_s(response, ttl_s=5) == lifetime


@pytest.mark.parametrize(
    ("response", "lifetime"),
    [
        (ok(cache_control="max-age=60"), 60.0),
        (ok(cache_control="private, max-age=5"), 5.0),
        (ok(cache_control="no-cache, max-age=60"), 0.0),
        (ok(cache_control="no-store"), None),
        (ok(cache_control="max-age=soon"), 0.0),
        (ok(), 0.0),
        (ok(vary="*", cache_control="max-age=60"), None),
        (answer(500, cache_control="max-age=60"), None),
    ],
)
def test_http_says_how_long_an_answer_is_fresh(response: httpx2.Response, lifetime: float | None) -> None:
    assert lifetime_s(response) == lifetime


def test_a_passenger_with_more_time_goes_on_alone(clock: FakeClock) -> None:
    calls_made = 0

    async def upstream(sent: httpx2.Request) -> httpx2.Response:
        nonlocal calls_made
        calls_made += 1
        if calls_made == 1:
            await asyncio.sleep(0.01)
            clock.advance(1.0)
            raise UpstreamTimeout("demo", "things.list", "the first caller's time is over")
        response = ok()
        response.extensions["verdict"] = Verdict(Outcome.OK)
        return response

    send = cache(setup(clock))(upstream)

    async def calls() -> tuple[httpx2.Response | BaseException, ...]:
        hurried, patient = Scope(deadline=clock.now() + 0.5), Scope(deadline=clock.now() + 10)
        return await asyncio.gather(send(request(scope=hurried)), send(request(scope=patient)), return_exceptions=True)

    hurried, patient = asyncio.run(calls())
    assert isinstance(hurried, UpstreamTimeout)
    assert isinstance(patient, httpx2.Response)


def test_a_passenger_with_less_time_does_not_wait_for_the_others(clock: FakeClock) -> None:
    upstream = Upstream(ok(), takes_s=0.3)
    send = cache(setup(clock))(upstream)

    async def calls() -> tuple[httpx2.Response | BaseException, ...]:
        patient, hurried = Scope(deadline=clock.now() + 10), Scope(deadline=clock.now() + 0.02)
        return await asyncio.gather(send(request(scope=patient)), send(request(scope=hurried)), return_exceptions=True)

    patient, hurried = asyncio.run(calls())
    assert isinstance(patient, httpx2.Response)
    assert isinstance(hurried, UpstreamTimeout)
    assert len(upstream.requests) == 1


def test_a_read_after_a_write_shares_nothing_from_before_it(clock: FakeClock) -> None:
    upstream = Upstream(ok(), takes_s=0.05)
    send = cache(setup(clock))(upstream)

    async def calls() -> None:
        early = asyncio.ensure_future(send(request()))
        await asyncio.sleep(0.001)
        write = request(method="POST", safe=False)
        upstream.takes_s = 0
        await send(write)
        await send(request())
        await early

    asyncio.run(calls())
    assert [sent.method for sent in upstream.requests] == ["GET", "POST", "GET"]


def test_what_fetches_credentials_is_never_kept_or_shared(clock: FakeClock) -> None:
    upstream = Upstream(ok(cache_control="max-age=60"))
    send = cache(setup(clock))(upstream)

    async def calls() -> None:
        await asyncio.gather(send(request(anonymous=True)), send(request(anonymous=True)))
        await send(request(anonymous=True))

    asyncio.run(calls())
    assert len(upstream.requests) == 3


def test_small_answers_weigh_something_too(clock: FakeClock) -> None:
    upstream = Upstream(ok(b"", cache_control="max-age=60"))
    policy = Policy(cache=CachePolicy(max_bytes=10_000))
    send = cache(setup(clock, policy=policy))(upstream)

    async def calls() -> None:
        for n in [*range(100), *range(100)]:
            await send(request(url=f"https://api.demo.example/things/{n}"))

    asyncio.run(calls())
    assert len(upstream.requests) == 200
