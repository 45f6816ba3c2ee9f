"""One execution for all who ask for the same at the same time."""

import asyncio
from collections.abc import Awaitable, Callable
from math import inf
from typing import TypeVar

import pytest

from server.flights import Flights

T = TypeVar("T")


class Work:
    """Something that takes until it is told to end; `events` is what became of it, start by start."""

    def __init__(self) -> None:
        self.events: list[str] = []
        self.end = asyncio.Event()

    async def __call__(self) -> str:
        number = len([event for event in self.events if event == "started"])
        self.events.append("started")
        try:
            await self.end.wait()
        except asyncio.CancelledError:
            self.events.append("cancelled")
            raise
        return f"result {number}"


def flown(scenario: Callable[[Flights[str], Work], Awaitable[T]]) -> T:
    async def fly() -> T:
        return await asyncio.wait_for(scenario(Flights(), Work()), 5)

    return asyncio.run(fly())


def test_everyone_who_asks_for_the_same_gets_the_one_result() -> None:
    async def scenario(flights: Flights[str], work: Work) -> list[tuple[str, bool]]:
        asking = [asyncio.ensure_future(flights.join("key", inf, work)) for _ in range(3)]
        await asyncio.sleep(0)
        work.end.set()
        return await asyncio.gather(*asking)

    assert flown(scenario) == [("result 0", False), ("result 0", True), ("result 0", True)]


def test_what_has_ended_is_not_joined() -> None:
    async def scenario(flights: Flights[str], work: Work) -> list[tuple[str, bool]]:
        work.end.set()
        return [await flights.join("key", inf, work), await flights.join("key", inf, work)]

    assert flown(scenario) == [("result 0", False), ("result 1", False)]


def test_different_keys_are_different_executions() -> None:
    async def scenario(flights: Flights[str], work: Work) -> list[str]:
        work.end.set()
        await asyncio.gather(flights.join("one", inf, work), flights.join("other", inf, work))
        return work.events

    assert flown(scenario) == ["started", "started"]


def test_one_who_goes_away_leaves_the_execution_to_the_others() -> None:
    async def scenario(flights: Flights[str], work: Work) -> tuple[str, bool]:
        first, second = (asyncio.ensure_future(flights.join("key", inf, work)) for _ in range(2))
        await asyncio.sleep(0)
        first.cancel()
        await asyncio.wait((first,))
        work.end.set()
        return await second

    assert flown(scenario) == ("result 0", True)


def test_the_last_one_to_go_away_ends_the_execution_before_it_is_gone() -> None:
    async def scenario(flights: Flights[str], work: Work) -> list[str]:
        both = [asyncio.ensure_future(flights.join("key", inf, work)) for _ in range(2)]
        await asyncio.sleep(0.001)
        for one in both:
            one.cancel()
        await asyncio.wait(both)
        return work.events

    assert flown(scenario) == ["started", "cancelled"]


def test_an_execution_that_is_being_cancelled_is_not_joined() -> None:
    async def scenario(flights: Flights[str], work: Work) -> tuple[str, bool]:
        first = asyncio.ensure_future(flights.join("key", inf, work))
        await asyncio.sleep(0.001)
        first.cancel()
        await asyncio.sleep(0)
        work.end.set()
        return await flights.join("key", inf, work)

    assert flown(scenario) == ("result 1", False)


@pytest.mark.parametrize(
    ("deadline", "joined"), [(10.0, True), (10.9, True), (11.1, False), (9.9, False)],
    ids=["the same", "a little later", "much later", "sooner"],
)  # fmt: skip
def test_an_execution_is_joined_if_it_ends_no_later_than_ours_would_and_hardly_sooner(
    deadline: float, joined: bool
) -> None:
    async def scenario(flights: Flights[str], work: Work) -> bool:
        first = asyncio.ensure_future(flights.join("key", 10.0, work))
        await asyncio.sleep(0)
        second = asyncio.ensure_future(flights.join("key", deadline, work))
        await asyncio.sleep(0)
        work.end.set()
        await first
        return (await second)[1]

    assert flown(scenario) is joined


def test_after_the_seal_nobody_joins_and_everybody_gets_a_result() -> None:
    async def scenario(flights: Flights[str], work: Work) -> list[tuple[str, bool]]:
        first = asyncio.ensure_future(flights.join("key", inf, work))
        await asyncio.sleep(0.001)
        flights.seal()
        second = asyncio.ensure_future(flights.join("key", inf, work))
        await asyncio.sleep(0.001)
        work.end.set()
        return [await first, await second]

    assert flown(scenario) == [("result 0", False), ("result 1", False)]


def test_an_execution_that_fails_fails_for_everyone() -> None:
    async def broken() -> str:
        raise ValueError("broken")

    async def scenario(flights: Flights[str], work: Work) -> list[object]:
        asking = (flights.join("key", inf, broken) for _ in range(2))
        return [type(one) for one in await asyncio.gather(*asking, return_exceptions=True)]

    assert flown(scenario) == [ValueError, ValueError]


def test_what_has_just_begun_can_be_found_until_it_is_over() -> None:
    async def scenario(flights: Flights[str], work: Work) -> tuple[bool, str, bool]:
        begun = flights.begin("key", inf, work)
        found = flights.find("key", inf)
        work.end.set()
        return found is begun, await begun.waiter(), flights.find("key", inf) is None

    assert flown(scenario) == (True, "result 0", True)
