import asyncio
from dataclasses import replace

import httpx2
import pytest

from connectors.call import Call, Record, Scope, Send
from connectors.errors import CircuitOpen, RateLimited, UpstreamError, UpstreamTimeout, UpstreamUnavailable
from connectors.judgement import Outcome, Verdict, by_status
from connectors.pipeline import pipeline
from connectors.pipeline.answers import Answers
from connectors.pipeline.cache import cache
from connectors.pipeline.setup import record_of
from connectors.policy import CachePolicy, OperationCache, Policy, RetryPolicy
from connectors.protocols.rest import ids_in, is_json
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
    upstream = Upstream(ok(), takes_s=60)
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
    send = cache(setup(clock, policy=Policy(cache=CachePolicy(operations={"*": OperationCache(ttl_s=5)}))))(upstream)

    async def calls() -> list[int]:
        seen = []
        for _ in range(3):
            await send(request())
            seen.append(len(upstream.requests))
            clock.advance(4)
        return seen

    assert asyncio.run(calls()) == [1, 1, 2]


def test_passengers_with_more_time_go_on_together(clock: FakeClock) -> None:
    calls_made = 0

    async def upstream(sent: httpx2.Request) -> httpx2.Response:
        nonlocal calls_made
        calls_made += 1
        if calls_made == 1:
            await asyncio.sleep(0.01)
            clock.advance(1.0)
            raise UpstreamTimeout("demo", "things.list", "the first caller's time is over")
        await asyncio.sleep(0.01)
        response = ok()
        response.extensions["verdict"] = Verdict(Outcome.OK)
        return response

    send = cache(setup(clock))(upstream)

    async def calls() -> list[httpx2.Response | BaseException]:
        hurried, patient = Scope(deadline=clock.now() + 0.5), Scope(deadline=clock.now() + 10)
        scopes = (hurried, *[patient] * 20)
        return await asyncio.gather(*(send(request(scope=scope)) for scope in scopes), return_exceptions=True)

    hurried, *patient = asyncio.run(calls())
    assert isinstance(hurried, UpstreamTimeout)
    assert {type(answer) for answer in patient} == {httpx2.Response}
    assert calls_made == 2


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


class Script:
    """An upstream that answers with what is next in its script, judged as HTTP does; the last one for ever."""

    def __init__(self, *answers: httpx2.Response | Exception) -> None:
        self.answers = list(answers)
        self.requests: list[httpx2.Request] = []

    async def __call__(self, sent: httpx2.Request) -> httpx2.Response:
        self.requests.append(sent)
        await asyncio.sleep(0)
        following = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(following, Exception):
            raise following
        response = httpx2.Response(following.status_code, headers=following.headers, content=following.content)
        response.extensions["verdict"] = by_status(response, 0)
        return response


def read(send: Send, sent: httpx2.Request | None = None) -> tuple[bytes, Record]:
    """The content of an answer, and what became of the call."""
    sent = sent or request()
    response = asyncio.run(_sent(send, sent))
    return response.content, record_of(sent)


async def _sent(send: Send, sent: httpx2.Request) -> httpx2.Response:
    return await send(sent)


def about(*ids: str, operation: str = "things.get", scope: Scope | None = None) -> httpx2.Request:
    """A read of things that are known by their ids."""
    sent = request(operation, url=f"https://api.demo.example/{'/'.join(ids)}")
    sent.extensions["call"] = Call(operation=operation, safe=True, scope=scope or Scope(), about=ids)
    return sent


def writing(*evicts: str) -> httpx2.Request:
    sent = request("things.change", method="POST", safe=False)
    sent.extensions["call"] = Call(operation="things.change", safe=False, evicts=evicts or ("*",))
    return sent


FAILURES: list[httpx2.Response | Exception] = [
    UpstreamUnavailable("demo", "things.list", "the connection broke"),
    UpstreamTimeout("demo", "things.list", "no answer"),
    CircuitOpen("demo", "things.list", retry_after_s=5),
    RateLimited("demo", "things.list", retry_after_s=5),
    answer(503),
]


@pytest.mark.parametrize("failure", FAILURES)
def test_a_stale_answer_stands_in_where_the_upstream_fails_and_says_that_it_is_stale(
    clock: FakeClock, failure: httpx2.Response | Exception
) -> None:
    upstream = Script(ok(b"old", cache_control="max-age=10, stale-if-error=60"), failure)
    send = cache(setup(clock))(upstream)
    read(send)
    clock.advance(30)

    content, record = read(send)

    assert content == b"old"
    assert (record.cache, record.age_s, record.stale_s) == ("stale", 30, 20)
    assert record.outcome == (failure.code if isinstance(failure, UpstreamError) else "failed")
    assert len(upstream.requests) == 2


@pytest.mark.parametrize("failure", FAILURES)
def test_outside_its_window_a_stale_answer_does_not_stand_in(
    clock: FakeClock, failure: httpx2.Response | Exception
) -> None:
    send = cache(setup(clock))(Script(ok(b"old", cache_control="max-age=10, stale-if-error=60"), failure))
    read(send)
    clock.advance(71)

    if isinstance(failure, Exception):
        with pytest.raises(UpstreamError):
            read(send)
    else:
        assert read(send)[0] == b"{}"


@pytest.mark.parametrize("refusal", [answer(400), answer(401), answer(403), answer(404)])
def test_a_stale_answer_never_stands_in_for_a_refusal(clock: FakeClock, refusal: httpx2.Response) -> None:
    send = cache(setup(clock))(Script(ok(b"old", cache_control="max-age=10, stale-if-error=60"), refusal))
    read(send)
    clock.advance(30)

    content, record = read(send)

    assert (content, record.cache) == (b"{}", "miss")


@pytest.mark.parametrize("later", [answer(404), answer(403), ok(cache_control="no-store"), ok(b"[]" * 4_000)])
def test_what_the_upstream_has_said_otherwise_since_does_not_come_back(
    clock: FakeClock, later: httpx2.Response
) -> None:
    rules = {"things.*": OperationCache(ttl_s=10, stale_if_error_s=300)}
    policy = Policy(cache=CachePolicy(max_bytes=6_000, operations=rules))
    send = cache(setup(clock, policy=policy))(Script(ok(b"old"), later, answer(503)))
    for _ in range(2):
        read(send)
        clock.advance(11)

    assert read(send)[1].cache == "miss"


def test_what_is_no_answer_displaces_none(clock: FakeClock) -> None:
    policy = Policy(cache=CachePolicy(operations={"things.*": OperationCache(ttl_s=10, stale_if_error_s=300)}))
    send = cache(setup(clock, policy=policy))(Script(ok(b"[]"), ok(b"<html>"), answer(503)))

    async def calls() -> list[bytes]:
        contents = []
        for _ in range(3):
            sent = request()
            sent.extensions["call"] = Call(operation="things.list", safe=True, sound=is_json)
            contents.append((await send(sent)).content)
            clock.advance(11)
        return contents

    assert asyncio.run(calls()) == [b"[]", b"<html>", b"[]"]


def test_one_principals_stale_answer_never_stands_in_for_another_ones(clock: FakeClock) -> None:
    send = cache(setup(clock))(Script(ok(b"ada's", cache_control="max-age=10, stale-if-error=60"), FAILURES[0]))
    read(send, request(scope=Scope(principal="ada")))
    clock.advance(30)

    assert read(send, request(scope=Scope(principal="ada")))[0] == b"ada's"
    with pytest.raises(UpstreamUnavailable):
        read(send, request(scope=Scope(principal="grace")))


def test_calls_that_share_a_failing_one_share_the_stale_answer(clock: FakeClock) -> None:
    upstream = Script(ok(b"old", cache_control="max-age=10, stale-if-error=60"), FAILURES[0])
    send = cache(setup(clock))(upstream)
    read(send)
    clock.advance(30)
    sent = [request() for _ in range(5)]

    async def calls() -> list[httpx2.Response]:
        return await asyncio.gather(*map(send, sent))

    assert [response.content for response in asyncio.run(calls())] == [b"old"] * 5
    assert [record_of(one).cache for one in sent] == ["stale"] * 5
    assert len(upstream.requests) == 2


def test_the_policy_lets_the_last_answer_stand_in_that_http_would_not_keep(clock: FakeClock) -> None:
    policy = Policy(cache=CachePolicy(operations={"things.*": OperationCache(stale_if_error_s=60, insists=True)}))
    upstream = Script(ok(b"1", cache_control="no-store"), ok(b"2", cache_control="no-store"), FAILURES[0])
    send = cache(setup(clock, policy=policy))(upstream)

    assert [read(send)[0] for _ in range(3)] == [b"1", b"2", b"2"]
    assert len(upstream.requests) == 3


def test_a_stale_answer_is_used_while_one_call_in_the_background_refreshes_it(clock: FakeClock) -> None:
    upstream = Script(
        ok(b"old", cache_control="max-age=10, stale-while-revalidate=60"), ok(b"new", cache_control="max-age=10")
    )
    answers = Answers("demo", clock, 100_000)
    send = pipeline(replace(setup(clock), answers=answers), upstream)

    async def calls() -> list[bytes]:
        await send(request())
        clock.advance(20)
        at_once = [response.content for response in await asyncio.gather(*(send(request()) for _ in range(50)))]
        await asyncio.gather(*answers.refreshes.values())
        return [*at_once, (await send(request())).content]

    assert asyncio.run(calls()) == [*[b"old"] * 50, b"new"]
    assert len(upstream.requests) == 2
    assert not answers.refreshes


def test_a_refresh_that_fails_disturbs_nobody(clock: FakeClock) -> None:
    upstream = Script(ok(b"old", cache_control="max-age=10, stale-while-revalidate=60"), answer(503))
    answers = Answers("demo", clock, 100_000)
    once = Policy(retry=RetryPolicy(attempts=1))
    send = pipeline(replace(setup(clock, policy=once), answers=answers), upstream)

    async def calls() -> list[bytes]:
        await send(request())
        clock.advance(20)
        contents = []
        for _ in range(3):
            contents.append((await send(request())).content)
            await asyncio.gather(*answers.refreshes.values())
        return contents

    assert asyncio.run(calls()) == [b"old"] * 3
    assert len(upstream.requests) == 4


def test_what_refreshes_in_the_background_ends_with_the_connector(clock: FakeClock) -> None:
    upstream = Upstream(ok(cache_control="max-age=10, stale-while-revalidate=60"))
    answers = Answers("demo", clock, 100_000)
    send = pipeline(replace(setup(clock), answers=answers), upstream)

    async def calls() -> None:
        await send(request())
        clock.advance(20)
        upstream.takes_s = 60
        await send(request())
        await asyncio.sleep(0.001)
        await answers.close()

    asyncio.run(calls())
    assert (len(upstream.requests), upstream.cancelled, answers.refreshes) == (2, 1, {})


def test_what_is_not_there_is_remembered_as_long_as_the_policy_says(clock: FakeClock) -> None:
    policy = Policy(cache=CachePolicy(operations={"things.*": OperationCache(negative_ttl_s=5)}))
    upstream = Script(answer(404, b"no such thing"))
    send = cache(setup(clock, policy=policy))(upstream)

    found = [read(send) for _ in range(2)]
    clock.advance(5)
    found.append(read(send))

    assert [(content, record.cache) for content, record in found] == [
        (b"no such thing", "miss"),
        (b"no such thing", "hit"),
        (b"no such thing", "miss"),
    ]


def test_a_confirmed_answer_is_fresh_again_for_as_long_as_the_confirmation_says(clock: FakeClock) -> None:
    upstream = Script(
        ok(b"kept", etag='"v1"', cache_control="max-age=55", age="50", last_modified="Sun, 06 Nov 1994 08:49:37 GMT"),
        answer(304, b"", cache_control="max-age=60"),
    )
    send = cache(setup(clock))(upstream)
    read(send)
    clock.advance(5)

    _, confirmed = read(send)
    clock.advance(59)
    content, record = read(send)

    assert confirmed.cache == "revalidated"
    assert (content, record.cache, len(upstream.requests)) == (b"kept", "hit", 2)
    assert upstream.requests[1].headers["If-Modified-Since"] == "Sun, 06 Nov 1994 08:49:37 GMT"


def test_reads_by_post_are_never_conditional(clock: FakeClock) -> None:
    upstream = Script(ok(etag='"v1"'))
    send = cache(setup(clock))(upstream)

    for _ in range(2):
        read(send, request(method="POST"))

    assert ["If-None-Match" in sent.headers for sent in upstream.requests] == [False, False]


def test_headers_that_an_answer_varies_by_are_told_apart(clock: FakeClock) -> None:
    upstream = Script(ok(cache_control="max-age=60", vary="Accept-Language"))
    send = cache(setup(clock))(upstream)
    for language in ("de", "en", "de"):
        sent = request()
        sent.headers["Accept-Language"] = language
        read(send, sent)

    assert [sent.headers["Accept-Language"] for sent in upstream.requests] == ["de", "en"]


def test_a_write_throws_out_what_it_says_and_by_default_everything(clock: FakeClock) -> None:
    upstream = Script(ok(cache_control="max-age=60"))
    send = cache(setup(clock))(upstream)

    def uses() -> list[str]:
        return [read(send, about(id))[1].cache for id in ("1", "2")]

    first, again = uses(), uses()
    read(send, writing("1"))
    after_one = uses()
    read(send, writing())

    assert (first, again, after_one, uses()) == (["miss"] * 2, ["hit"] * 2, ["miss", "hit"], ["miss"] * 2)


def test_a_write_whose_outcome_is_unknown_throws_out_as_well(clock: FakeClock) -> None:
    upstream = Script(ok(cache_control="max-age=60"), FAILURES[1], ok())
    send = cache(setup(clock))(upstream)
    read(send)
    with pytest.raises(UpstreamTimeout):
        read(send, writing())

    assert read(send)[1].cache == "miss"


def test_what_was_asked_for_before_a_write_ended_is_not_kept(clock: FakeClock) -> None:
    upstream = Upstream(ok(cache_control="max-age=60"), takes_s=0.02)
    send = cache(setup(clock))(upstream)

    async def calls() -> str:
        early = asyncio.ensure_future(send(request()))
        await asyncio.sleep(0.001)
        upstream.takes_s = 0
        await send(writing())
        await early
        late = request()
        await send(late)
        return record_of(late).cache

    assert asyncio.run(calls()) == "miss"


def test_a_list_is_thrown_out_by_the_ids_of_what_is_in_it(clock: FakeClock) -> None:
    upstream = Script(ok(b'{"data": [{"id": "1"}, {"id": "2"}]}', cache_control="max-age=60"))
    send = cache(setup(clock, policy=Policy(cache=CachePolicy(ids=ids_in))))(upstream)

    def use_after(evicted: str) -> str:
        read(send)
        read(send, writing(evicted))
        return read(send)[1].cache

    assert [use_after("2"), use_after("3")] == ["miss", "hit"]


def test_an_answer_that_is_not_what_it_should_be_is_not_kept(clock: FakeClock) -> None:
    upstream = Script(ok(b"<html>", cache_control="max-age=60"), ok(b"{}", cache_control="max-age=60"))
    send = cache(setup(clock))(upstream)
    uses = []
    for _ in range(3):
        sent = request()
        sent.extensions["call"] = Call(operation="things.list", safe=True, sound=is_json)
        uses.append(read(send, sent)[1].cache)

    assert uses == ["miss", "miss", "hit"]
