import asyncio

import httpx2
import pytest

from connectors.flights import Flight
from tests.wire import ok


async def landed(gate: asyncio.Event, error: Exception | None = None) -> httpx2.Response:
    await gate.wait()
    if error:
        raise error
    return ok(b"answer")


async def flown(error: Exception | None = None) -> tuple[Flight[httpx2.Response], list[object]]:
    """A flight with three passengers, and what they got."""
    gate = asyncio.Event()
    flight = Flight(lambda: landed(gate, error), deadline=1.0)
    callers = [asyncio.ensure_future(flight.result()) for _ in range(3)]
    await asyncio.sleep(0)
    assert not flight.over
    gate.set()
    return flight, await asyncio.gather(*callers, return_exceptions=True)


def test_everyone_has_the_answer() -> None:
    _, answers = asyncio.run(flown())

    assert [answer.content for answer in answers if isinstance(answer, httpx2.Response)] == [b"answer"] * 3


def test_everyone_has_the_error_whatever_it_is() -> None:
    _, answers = asyncio.run(flown(KeyError("a mistake of ours")))

    assert [type(answer) for answer in answers] == [KeyError] * 3


@pytest.mark.parametrize("error", [None, KeyError("a mistake of ours")])
def test_a_flight_that_has_landed_is_over(error: Exception | None) -> None:
    flight, _ = asyncio.run(flown(error))

    assert flight.over


def test_a_flight_that_nobody_waits_for_is_over_at_once_and_never_lands() -> None:
    async def go() -> list[bool]:
        gate = asyncio.Event()
        ended = False

        async def call() -> httpx2.Response:
            nonlocal ended
            response = await landed(gate)
            ended = True
            return response

        flight = Flight(call, deadline=1.0)
        callers = [asyncio.ensure_future(flight.result()) for _ in range(2)]
        await asyncio.sleep(0)
        callers[0].cancel()
        await asyncio.sleep(0)
        goes_on = not flight.over
        callers[1].cancel()
        await asyncio.wait(callers)
        over = flight.over
        gate.set()
        await asyncio.sleep(0.001)
        return [goes_on, over, ended]

    assert asyncio.run(go()) == [True, True, False]


@pytest.mark.parametrize("stays", [True, False])
def test_who_waits_without_a_task_keeps_it_in_the_air_until_he_goes_away(stays: bool) -> None:
    async def go() -> list[bool]:
        gate = asyncio.Event()
        flight = Flight(lambda: landed(gate), deadline=1.0)
        caller, waiter = asyncio.ensure_future(flight.result()), flight.waiter()
        await asyncio.sleep(0)
        caller.cancel()
        if not stays:
            waiter.cancel()
        await asyncio.sleep(0)
        over = flight.over
        gate.set()
        await asyncio.wait([waiter])
        return [over, waiter.cancelled()]

    assert asyncio.run(go()) == [not stays, not stays]


def test_a_caller_who_goes_away_as_it_lands_takes_nothing_from_the_others() -> None:
    async def go() -> bytes:
        gate = asyncio.Event()
        flight = Flight(lambda: landed(gate), deadline=1.0)
        callers = [asyncio.ensure_future(flight.result()) for _ in range(2)]
        await asyncio.sleep(0)
        gate.set()
        callers[0].cancel()
        return (await callers[1]).content

    assert asyncio.run(go()) == b"answer"
