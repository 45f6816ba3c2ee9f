import asyncio

import httpx2
import pytest
from structlog.testing import capture_logs

from connectors.call import Scope, Send, call_of
from connectors.errors import CircuitOpen, UpstreamError, UpstreamUnavailable
from connectors.judgement import Outcome
from connectors.pipeline.breaker import MOST_CIRCUITS, breaker
from connectors.pipeline.judge import Congested
from connectors.policy import BreakerPolicy, Policy
from tests.clock import FakeClock
from tests.wire import Personal, ScriptedWire, judged, request, setup

BROKEN = UpstreamUnavailable("demo", "things.list", "the connection broke")


def test_the_stage_fails_fast_once_open(clock: FakeClock) -> None:
    wire = ScriptedWire(BROKEN)
    send = breaker(setup(clock, policy=Policy(breaker=BreakerPolicy(volume=2))))(wire)

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
    send = breaker(setup(clock, policy=Policy(breaker=BreakerPolicy(volume=1))))(wire)

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

    send = breaker(setup(clock, policy=Policy(breaker=BreakerPolicy(volume=1, cooldown_s=10))))(wire)

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

    send = breaker(setup(clock, policy=Policy(breaker=BreakerPolicy(volume=1, cooldown_s=10))))(wire)

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
    send = breaker(setup(clock, policy=Policy(breaker=BreakerPolicy(volume=1))))(wire)

    async def calls() -> None:
        for _ in range(3):
            with pytest.raises(Congested):
                await send(request())

    asyncio.run(calls())
    assert len(wire.requests) == 3


def test_one_credential_that_fails_leaves_the_others_alone(clock: FakeClock) -> None:
    wire = ScriptedWire(BROKEN)
    limited = setup(clock, auth=Personal(), policy=Policy(breaker=BreakerPolicy(volume=2)))
    send = breaker(limited)(wire)

    async def asks(principal: str) -> UpstreamError:
        with pytest.raises(UpstreamError) as caught:
            await send(request(scope=Scope(principal=principal)))
        return caught.value

    async def calls() -> list[str]:
        return [(await asks(principal)).code for principal in ("ann", "ann", "ann", "bob")]

    assert asyncio.run(calls()) == [BROKEN.code, BROKEN.code, CircuitOpen.code, BROKEN.code]
    assert {name: circuit.state(clock.now()) for name, circuit in limited.vitals.circuits.items()} == {
        "ann": "open",
        "bob": "closed",
    }


@pytest.mark.parametrize("failing", ["oauth2.token", "things.list"])
def test_an_upstream_and_who_gives_out_its_tokens_fail_apart(clock: FakeClock, failing: str) -> None:
    async def wire(sent: httpx2.Request) -> httpx2.Response:
        return judged(200, Outcome.FAILED if call_of(sent).operation == failing else Outcome.OK)(sent)

    send = breaker(setup(clock, policy=Policy(breaker=BreakerPolicy(volume=2))))(wire)

    async def open_to(operation: str) -> bool:
        try:
            await send(request(operation, anonymous=operation == "oauth2.token", bucket="auth"))
        except CircuitOpen:
            return False
        return True

    async def calls() -> dict[str, bool]:
        for _ in range(2):
            await open_to("oauth2.token"), await open_to("things.list")
        return {operation: await open_to(operation) for operation in ("oauth2.token", "things.list")}

    assert [operation for operation, is_open in asyncio.run(calls()).items() if not is_open] == [failing]


def test_credentials_that_come_once_do_not_push_out_an_open_circuit(clock: FakeClock) -> None:
    limited = setup(clock, auth=Personal(), policy=Policy(breaker=BreakerPolicy(volume=1)))
    send = breaker(limited)(ScriptedWire(BROKEN))

    async def calls() -> None:
        with pytest.raises(UpstreamUnavailable):
            await send(request(scope=Scope(principal="ann")))
        for number in range(MOST_CIRCUITS):
            assert limited.vitals.circuits[f"made up {number}"]
        with pytest.raises(CircuitOpen):
            await send(request(scope=Scope(principal="ann")))

    asyncio.run(calls())


def test_openings_are_counted_though_their_circuits_be_gone(clock: FakeClock) -> None:
    limited = setup(clock, auth=Personal(), policy=Policy(breaker=BreakerPolicy(volume=1)))
    send = breaker(limited)(ScriptedWire(BROKEN))
    with pytest.raises(UpstreamUnavailable):
        asyncio.run(send(request(scope=Scope(principal="ann"))))
    clock.advance(3600)

    kept = [limited.vitals.circuits[f"made up {number}"] for number in range(MOST_CIRCUITS)]

    assert list(limited.vitals.circuits.values()) == kept
    assert limited.vitals.tally.openings == 1


def test_every_change_of_state_is_told(clock: FakeClock) -> None:
    wire = ScriptedWire(BROKEN, judged(200, Outcome.OK))
    send = breaker(setup(clock, policy=Policy(breaker=BreakerPolicy(volume=1, cooldown_s=10))))(wire)

    async def calls() -> None:
        with pytest.raises(UpstreamUnavailable):
            await send(request())
        clock.advance(10)
        await send(request())

    with capture_logs() as lines:
        asyncio.run(calls())
    assert [line["state"] for line in lines] == ["open", "half-open", "closed"]
