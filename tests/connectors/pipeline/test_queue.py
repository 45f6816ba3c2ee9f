import asyncio
from math import inf

import pytest

from connectors.pipeline.queue import Queue
from connectors.policy import ThrottlePolicy
from tests.clock import FakeClock


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


def test_principals_take_turns_and_each_goes_in_order(clock: FakeClock) -> None:
    queue = Queue(ThrottlePolicy(concurrency=1), clock)
    order: list[str] = []

    async def call(principal: str, name: str) -> None:
        assert await queue.enter(principal, 1.0, inf) is None
        order.append(name)
        await asyncio.sleep(0)
        queue.leave()

    async def calls() -> None:
        assert queue.passed(clock.now(), 1.0)
        names = ["a0", "a1", "a2", "a3", "a4", "b0", "b1"]
        waiting = [asyncio.ensure_future(call(name[0], name)) for name in names]
        await settle()
        queue.leave()
        await asyncio.gather(*waiting)

    asyncio.run(calls())
    assert order == ["a0", "a1", "b0", "a2", "b1", "a3", "a4"]


def test_nobody_is_turned_away_for_the_calls_of_others_that_go_after_theirs(clock: FakeClock) -> None:
    queue = Queue(ThrottlePolicy(per_second=1, burst=1, concurrency=1), clock)
    deadline = clock.now() + 60

    async def calls() -> tuple[float | None, float | None]:
        assert queue.passed(clock.now(), 1.0)
        greedy = [asyncio.ensure_future(queue.enter("greedy", 1.0, deadline)) for _ in range(50)]
        await settle()
        late_s = await queue.enter("greedy", 1.0, clock.now() + 10)
        modest = asyncio.ensure_future(queue.enter("modest", 1.0, clock.now() + 10))
        for _ in range(3):
            await settle()
            queue.leave()
        await settle()
        for one in greedy:
            one.cancel()
        return late_s, await modest

    late_s, modest = asyncio.run(asyncio.wait_for(calls(), 5))
    assert late_s
    assert late_s > 10
    assert modest is None


def test_nobody_overtakes_those_who_wait(clock: FakeClock) -> None:
    queue = Queue(ThrottlePolicy(concurrency=1), clock)

    async def calls() -> bool:
        assert queue.passed(clock.now(), 1.0)
        waiting = asyncio.ensure_future(queue.enter("ann", 1.0, inf))
        await settle()
        queue.leave()
        overtook = queue.passed(clock.now(), 1.0)
        await waiting
        return overtook

    assert not asyncio.run(calls())


@pytest.mark.parametrize("gone", [0, 1, 2])
def test_the_turn_of_who_goes_away_is_the_next_ones(clock: FakeClock, gone: int) -> None:
    queue = Queue(ThrottlePolicy(concurrency=1), clock)

    async def calls() -> tuple[int, int]:
        assert queue.passed(clock.now(), 1.0)
        waiting = [asyncio.ensure_future(queue.enter("ann", 1.0, inf)) for _ in range(3)]
        await settle()
        waiting.pop(gone).cancel()
        await settle()
        for _ in range(3):
            queue.leave()
            await settle()
        return sum(one.done() for one in waiting), queue.flying

    assert asyncio.run(calls()) == (2, 0)
    assert queue.waiting == 0


def test_a_turn_that_comes_to_who_is_just_going_away_is_handed_on(clock: FakeClock) -> None:
    queue = Queue(ThrottlePolicy(concurrency=1), clock)

    async def calls() -> None:
        assert queue.passed(clock.now(), 1.0)
        first, second, third = (asyncio.ensure_future(queue.enter("ann", 1.0, inf)) for _ in range(3))
        await settle()
        queue.leave()
        await first
        second.cancel()
        queue.leave()
        assert await third is None

    asyncio.run(asyncio.wait_for(calls(), 5))
    assert queue.flying == 1
