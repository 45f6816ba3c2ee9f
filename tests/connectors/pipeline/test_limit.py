"""`Limit` ends a block as `asyncio.timeout` does, which is run beside it wherever they can be compared."""

import asyncio
import gc
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest

from connectors.pipeline.limit import Bell, Limit


@asynccontextmanager
async def ours(seconds: float) -> AsyncIterator[None]:
    with Limit(seconds):
        yield


@asynccontextmanager
async def theirs(seconds: float) -> AsyncIterator[None]:
    async with asyncio.timeout(seconds):
        yield


Limited = Callable[[float], AbstractAsyncContextManager[None]]
both = pytest.mark.parametrize("limited", [ours, theirs])

Nested = Callable[[float, float], AbstractAsyncContextManager[AbstractAsyncContextManager[None]]]


@asynccontextmanager
async def our_part(outer_s: float, inner_s: float) -> AsyncIterator[AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def part() -> AsyncIterator[None]:
        with limit.within(inner_s):
            yield

    with Limit(outer_s) as limit:
        yield part()


@asynccontextmanager
async def our_expected_part(outer_s: float, inner_s: float) -> AsyncIterator[AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def part() -> AsyncIterator[None]:
        with limit.within(inner_s):
            yield

    with Limit(outer_s, inner_s) as limit:
        yield part()


@asynccontextmanager
async def their_part(outer_s: float, inner_s: float) -> AsyncIterator[AbstractAsyncContextManager[None]]:
    async with asyncio.timeout(outer_s):
        yield theirs(inner_s)


nested = pytest.mark.parametrize("limited", [our_part, our_expected_part, their_part])


@both
def test_a_block_in_time_is_left_alone(limited: Limited) -> None:
    async def go() -> str:
        async with limited(10):
            await asyncio.sleep(0)
            return "done"

    assert asyncio.run(go()) == "done"


@both
def test_a_block_that_takes_too_long_ends_with_a_timeout(limited: Limited) -> None:
    async def go() -> int:
        with pytest.raises(TimeoutError):
            async with limited(0.01):
                await asyncio.sleep(10)
        task = asyncio.current_task()
        assert task is not None
        await asyncio.sleep(0)
        return task.cancelling()

    assert asyncio.run(go()) == 0


@both
def test_the_inner_limit_ends_the_inner_block(limited: Limited) -> None:
    async def go() -> list[str]:
        ended = []
        async with limited(10):
            try:
                async with limited(0.01):
                    await asyncio.sleep(10)
            except TimeoutError:
                ended.append("inner")
            await asyncio.sleep(0.02)
            ended.append("outer goes on")
        return ended

    assert asyncio.run(go()) == ["inner", "outer goes on"]


@both
def test_the_outer_limit_goes_through_the_inner_block(limited: Limited) -> None:
    async def go() -> None:
        async with limited(0.01), limited(10):
            await asyncio.sleep(10)

    with pytest.raises(TimeoutError):
        asyncio.run(go())


def ended(block: Callable[[], Awaitable[None]], after_s: float) -> str:
    """How a task ends that is cancelled after some time."""

    async def go() -> str:
        task = asyncio.ensure_future(block())
        await asyncio.sleep(after_s)
        task.cancel()
        await asyncio.wait([task])
        return "cancelled" if task.cancelled() else type(task.exception()).__name__

    return asyncio.run(go())


@both
def test_a_cancellation_from_outside_stays_one(limited: Limited) -> None:
    async def block() -> None:
        async with limited(10):
            await asyncio.sleep(10)

    assert ended(block, 0.01) == "cancelled"


@both
def test_a_cancellation_stays_one_though_time_runs_out_while_cleaning_up(limited: Limited) -> None:
    async def block() -> None:
        async with limited(0.03):
            try:
                await asyncio.sleep(10)
            finally:
                await asyncio.sleep(0.1)

    assert ended(block, 0.01) == "cancelled"


@both
def test_an_error_of_the_block_stays_itself(limited: Limited) -> None:
    async def go() -> None:
        async with limited(10):
            raise KeyError("own")

    with pytest.raises(KeyError):
        asyncio.run(go())


@nested
def test_a_part_that_takes_too_long_ends_alone(limited: Nested) -> None:
    async def go() -> list[str]:
        ended = []
        async with limited(10, 0.01) as part:
            try:
                async with part:
                    await asyncio.sleep(10)
            except TimeoutError:
                ended.append("part")
            await asyncio.sleep(0.02)
            ended.append("the rest goes on")
        return ended

    assert asyncio.run(go()) == ["part", "the rest goes on"]


@nested
def test_the_whole_ends_inside_a_longer_part(limited: Nested) -> None:
    async def go() -> None:
        async with limited(0.01, 10) as part:
            try:
                async with part:
                    await asyncio.sleep(10)
            except TimeoutError:
                raise AssertionError("the part had time") from None

    with pytest.raises(TimeoutError):
        asyncio.run(go())


@nested
def test_the_whole_ends_after_a_part_in_time(limited: Nested) -> None:
    async def go() -> None:
        async with limited(0.05, 0.02) as part:
            async with part:
                await asyncio.sleep(0)
            await asyncio.sleep(10)

    with pytest.raises(TimeoutError):
        asyncio.run(go())


@nested
def test_the_whole_ends_after_a_part_that_took_too_long(limited: Nested) -> None:
    async def go() -> None:
        async with limited(0.05, 0.01) as part:
            with pytest.raises(TimeoutError):
                async with part:
                    await asyncio.sleep(10)
            await asyncio.sleep(10)

    with pytest.raises(TimeoutError):
        asyncio.run(go())


@nested
def test_a_cancellation_from_outside_goes_through_a_part(limited: Nested) -> None:
    async def block() -> None:
        async with limited(10, 10) as part, part:
            await asyncio.sleep(10)

    assert ended(block, 0.01) == "cancelled"


async def times_out(seconds: float, bell: Bell, order: list[float]) -> None:
    try:
        with Limit(seconds, bell=bell):
            await asyncio.sleep(10)
    except TimeoutError:
        order.append(seconds)


def test_limits_with_one_bell_end_each_at_its_time() -> None:
    async def go() -> list[float]:
        order: list[float] = []
        with Limit(5, bell=bell), Limit(0.005, bell=bell):
            pass
        await asyncio.gather(*(times_out(seconds, bell, order) for seconds in (0.03, 0.01, 0.05, 0.02)))
        return order

    bell = Bell()
    assert asyncio.run(go()) == [0.01, 0.02, 0.03, 0.05]
    assert asyncio.run(go()) == [0.01, 0.02, 0.03, 0.05]


def test_a_bell_forgets_limits_that_are_over() -> None:
    async def go() -> int:
        bell, before = Bell(), len(gc.get_objects())
        for _ in range(1000):
            with Limit(60, bell=bell):
                pass
        return len(gc.get_objects()) - before

    assert asyncio.run(go()) < 100


def test_a_part_begun_later_has_its_whole_time() -> None:
    async def go() -> float:
        loop = asyncio.get_running_loop()
        with Limit(10, 0.05) as limit:
            await asyncio.sleep(0.04)
            began = loop.time()
            with pytest.raises(TimeoutError), limit.within(0.05):
                await asyncio.sleep(10)
            return loop.time() - began

    assert asyncio.run(go()) >= 0.049
