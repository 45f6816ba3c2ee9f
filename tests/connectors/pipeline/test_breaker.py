import asyncio

import httpx2
import pytest

from connectors.call import Send
from connectors.errors import CircuitOpen, UpstreamUnavailable
from connectors.judgement import Outcome
from connectors.pipeline.breaker import Breaker, breaker
from connectors.pipeline.judge import Congested
from connectors.policy import BreakerPolicy, Policy
from tests.clock import FakeClock
from tests.wire import ScriptedWire, judged, request, setup

BROKEN = UpstreamUnavailable("demo", "things.list", "the connection broke")


def test_a_half_open_breaker_admits_one_probe(clock: FakeClock) -> None:
    circuit = Breaker(BreakerPolicy(failures=1, cooldown_s=10, probes=1))
    circuit.failed(clock.now())
    clock.advance(10)

    assert circuit.admit(clock.now()) is None
    assert circuit.admit(clock.now()) == 0.0


def test_an_open_breaker_says_how_long_to_wait(clock: FakeClock) -> None:
    circuit = Breaker(BreakerPolicy(failures=1, cooldown_s=10))
    circuit.failed(clock.now())
    clock.advance(4)

    assert circuit.admit(clock.now()) == 6.0


def test_few_failures_among_many_successes_do_not_open(clock: FakeClock) -> None:
    circuit = Breaker(BreakerPolicy(failures=5, rate=0.5))
    for _ in range(20):
        circuit.succeeded(clock.now())
    for _ in range(9):
        circuit.failed(clock.now())

    assert circuit.state(clock.now()) == "closed"


def test_failures_older_than_the_window_do_not_count(clock: FakeClock) -> None:
    circuit = Breaker(BreakerPolicy(failures=2, window_s=30))
    circuit.failed(clock.now())
    clock.advance(31)
    circuit.failed(clock.now())

    assert circuit.state(clock.now()) == "closed"


def test_a_released_probe_makes_room_for_the_next(clock: FakeClock) -> None:
    circuit = Breaker(BreakerPolicy(failures=1, cooldown_s=10, probes=1))
    circuit.failed(clock.now())
    clock.advance(10)
    circuit.admit(clock.now())
    circuit.released()

    assert circuit.admit(clock.now()) is None


def test_all_probes_must_succeed_to_close(clock: FakeClock) -> None:
    circuit = Breaker(BreakerPolicy(failures=1, cooldown_s=10, probes=2))
    circuit.failed(clock.now())
    clock.advance(10)
    circuit.admit(clock.now())
    circuit.admit(clock.now())
    circuit.succeeded(clock.now())

    assert circuit.state(clock.now()) == "half-open"
    circuit.succeeded(clock.now())
    assert circuit.state(clock.now()) == "closed"


def test_a_failed_probe_opens_again_for_a_whole_cooldown(clock: FakeClock) -> None:
    circuit = Breaker(BreakerPolicy(failures=1, cooldown_s=10))
    circuit.failed(clock.now())
    clock.advance(10)
    circuit.admit(clock.now())
    circuit.failed(clock.now())

    assert circuit.admit(clock.now()) == 10.0


def test_the_stage_fails_fast_once_open(clock: FakeClock) -> None:
    wire = ScriptedWire(BROKEN)
    send = breaker(setup(clock, policy=Policy(breaker=BreakerPolicy(failures=2))))(wire)

    async def calls() -> None:
        for _ in range(2):
            with pytest.raises(UpstreamUnavailable):
                await send(request())
        with pytest.raises(CircuitOpen) as caught:
            await send(request())
        assert caught.value.retry_after_s == 10.0

    asyncio.run(calls())
    assert len(wire.requests) == 2


@pytest.mark.parametrize("outcome", [Outcome.REJECTED, Outcome.NOT_FOUND, Outcome.THROTTLED, Outcome.UNAUTHORIZED])
def test_refusals_are_signs_of_life(clock: FakeClock, outcome: Outcome) -> None:
    wire = ScriptedWire(judged(400, outcome))
    send = breaker(setup(clock, policy=Policy(breaker=BreakerPolicy(failures=1))))(wire)

    async def calls() -> None:
        for _ in range(10):
            await send(request())

    asyncio.run(calls())
    assert len(wire.requests) == 10


def test_a_cancelled_probe_is_released(clock: FakeClock) -> None:
    async def hang(_: httpx2.Request) -> httpx2.Response:
        await asyncio.sleep(60)
        raise AssertionError("unreachable")

    steps: list[Send] = [ScriptedWire(BROKEN), hang, ScriptedWire(judged(200, Outcome.OK))]

    async def wire(sent: httpx2.Request) -> httpx2.Response:
        return await steps.pop(0)(sent)

    send = breaker(setup(clock, policy=Policy(breaker=BreakerPolicy(failures=1, cooldown_s=10))))(wire)

    async def calls() -> int:
        with pytest.raises(UpstreamUnavailable):
            await send(request())
        clock.advance(10)
        probe = asyncio.ensure_future(send(request()))
        await asyncio.sleep(0)
        probe.cancel()
        await asyncio.gather(probe, return_exceptions=True)
        return (await send(request())).status_code

    assert asyncio.run(calls()) == 200


def test_what_was_admitted_before_says_nothing_about_now(clock: FakeClock) -> None:
    endings: list[asyncio.Future[httpx2.Response]] = []

    async def wire(sent: httpx2.Request) -> httpx2.Response:
        endings.append(asyncio.get_running_loop().create_future())
        return await endings[-1]

    send = breaker(setup(clock, policy=Policy(breaker=BreakerPolicy(failures=1, cooldown_s=10))))(wire)

    async def calls() -> None:
        late, failing = asyncio.ensure_future(send(request())), asyncio.ensure_future(send(request()))
        await asyncio.sleep(0)
        endings[1].set_exception(BROKEN)
        await asyncio.gather(failing, return_exceptions=True)
        endings[0].set_result(judged(200, Outcome.OK)(request()))
        await late
        with pytest.raises(CircuitOpen) as caught:
            await send(request())
        assert caught.value.retry_after_s == 10.0

    asyncio.run(calls())


def test_our_own_crowding_is_no_failure_of_the_upstream(clock: FakeClock) -> None:
    wire = ScriptedWire(Congested("demo", "things.list", "too many calls at once"))
    send = breaker(setup(clock, policy=Policy(breaker=BreakerPolicy(failures=1))))(wire)

    async def calls() -> None:
        for _ in range(3):
            with pytest.raises(Congested):
                await send(request())

    asyncio.run(calls())
    assert len(wire.requests) == 3
