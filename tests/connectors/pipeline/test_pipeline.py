"""All stages together, where it is their interplay that counts."""

import asyncio
from collections.abc import Callable

import httpx2
import pytest

from connectors.call import AnswerTooLarge, Scope, Send
from connectors.errors import (
    CircuitOpen,
    OutcomeUnknown,
    PayloadMismatch,
    RateLimited,
    UpstreamError,
    UpstreamTimeout,
    UpstreamUnavailable,
)
from connectors.pipeline import pipeline
from connectors.policy import BreakerPolicy, Policy, RetryPolicy
from connectors.request import rebuilt
from tests.clock import FakeClock
from tests.wire import ScriptedWire, answer, ok, request, setup

LOST = httpx2.ReadError("reset")


class Session:
    """Needs a login through the pipeline before the first call, and after every refusal."""

    def __init__(self) -> None:
        self.token: str | None = None
        self.logins = 0

    async def authorize(self, unsigned: httpx2.Request, send: Send) -> httpx2.Request:
        if self.token is None:
            self.logins += 1
            response = await send(request("login", method="POST", anonymous=True, bucket="auth"))
            if response.status_code != 200:
                raise UpstreamUnavailable("demo", "login", "failed")
            self.token = f"t{self.logins}"
        return rebuilt(unsigned, headers={"Authorization": self.token})

    async def renew(self, refused: httpx2.Request, send: Send) -> bool:
        self.token = None
        return True

    def credential(self, scope: Scope) -> str:
        return "app"


def write(key: str | None = None, deadline: float = 2000.0) -> httpx2.Request:
    return request("things.create", method="POST", safe=False, idempotency_key=key, scope=Scope(deadline=deadline))


def ended(send: Send, message: httpx2.Request) -> UpstreamError:
    with pytest.raises(UpstreamError) as caught:
        asyncio.run(send(message))
    return caught.value


def test_an_upstream_that_comes_back_without_our_session_is_found_again(clock: FakeClock) -> None:
    down = True

    def upstream(sent: httpx2.Request) -> httpx2.Response:
        return answer(503) if down else ok()

    policy = Policy(breaker=BreakerPolicy(volume=3, cooldown_s=10), retry=RetryPolicy(attempts=1))
    send = pipeline(setup(clock, auth=Session(), policy=policy), ScriptedWire(upstream))

    async def calls() -> int:
        nonlocal down
        for _ in range(5):
            await asyncio.gather(send(request()), return_exceptions=True)
        with pytest.raises(CircuitOpen):
            await send(request())
        down = False
        clock.advance(10)
        return (await send(request())).status_code

    assert asyncio.run(calls()) == 200


@pytest.mark.parametrize("key", [None, "k1"])
@pytest.mark.parametrize("then", [LOST, httpx2.ConnectError("refused"), lambda sent: answer(503)])
def test_a_write_whose_answer_was_lost_ends_in_doubt(
    clock: FakeClock, key: str | None, then: Exception | Callable[[httpx2.Request], httpx2.Response]
) -> None:
    error = ended(pipeline(setup(clock), ScriptedWire(LOST, then)), write(key))

    assert isinstance(error, OutcomeUnknown)
    assert error.idempotency_key == key


def test_a_keyed_write_that_is_answered_after_all_is_not_in_doubt(clock: FakeClock) -> None:
    send = pipeline(setup(clock), ScriptedWire(LOST, ok()))

    assert asyncio.run(send(write("k1"))).status_code == 200


def test_a_write_that_never_left_is_not_in_doubt(clock: FakeClock) -> None:
    error = ended(pipeline(setup(clock), ScriptedWire(httpx2.ConnectError("refused"))), write())

    assert isinstance(error, UpstreamUnavailable)


def test_a_write_that_was_turned_away_is_not_in_doubt(clock: FakeClock) -> None:
    throttled = answer(429, retry_after="86400")

    assert isinstance(ended(pipeline(setup(clock), ScriptedWire(throttled)), write()), RateLimited)


@pytest.mark.parametrize(("message", "kind"), [(write(deadline=1000.05), OutcomeUnknown)])
def test_a_write_cut_off_by_the_deadline_ends_in_doubt(
    clock: FakeClock, message: httpx2.Request, kind: type[UpstreamError]
) -> None:
    async def hang(_: httpx2.Request) -> httpx2.Response:
        await asyncio.sleep(60)
        raise AssertionError("unreachable")

    assert isinstance(ended(pipeline(setup(clock), hang), message), kind)


def test_a_read_cut_off_by_the_deadline_is_late(clock: FakeClock) -> None:
    async def hang(_: httpx2.Request) -> httpx2.Response:
        await asyncio.sleep(60)
        raise AssertionError("unreachable")

    error = ended(pipeline(setup(clock), hang), request(scope=Scope(deadline=1000.05)))

    assert isinstance(error, UpstreamTimeout)


@pytest.mark.parametrize("wait", ["999999999999", "²", "Fri, 31 Dec 9999 23:59:59 GMT", "-5"])
def test_no_retry_after_is_absurd_enough_to_break_us(clock: FakeClock, wait: str) -> None:
    headers = httpx2.Headers([(b"retry-after", wait.encode())])
    throttled = httpx2.Response(429, headers=headers, content=b"{}")
    send = pipeline(setup(clock), ScriptedWire(throttled, throttled, throttled, ok()))

    async def calls() -> list[httpx2.Response | BaseException]:
        answers: list[httpx2.Response | BaseException] = []
        for _ in range(4):
            patient = request(scope=Scope(deadline=clock.now() + 5))
            answers += await asyncio.gather(send(patient), return_exceptions=True)
            clock.advance(3600)
        return answers

    *refused, last = asyncio.run(calls())
    assert isinstance(last, httpx2.Response)
    waits = [one.retry_after_s or 0 for one in refused if isinstance(one, RateLimited)]
    assert all(one_wait <= 86_400 for one_wait in waits)
    assert all(isinstance(one, httpx2.Response | RateLimited) for one in refused)


def test_an_answer_too_large_is_refused_once_and_no_failure(clock: FakeClock) -> None:
    wire = ScriptedWire(AnswerTooLarge("at most 1000 bytes"))
    send = pipeline(setup(clock, policy=Policy(breaker=BreakerPolicy(volume=1))), wire)

    for _ in range(3):
        assert isinstance(ended(send, request()), PayloadMismatch)
    assert len(wire.requests) == 3
