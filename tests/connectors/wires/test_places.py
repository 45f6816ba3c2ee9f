"""Places: counted, given in order, and never lost with those who go away."""

import asyncio

from connectors.wires.places import Places


def test_there_are_so_many_and_one_that_is_given_back_can_be_taken_again() -> None:
    places = Places(2)

    assert [places.take() for _ in range(3)] == [True, True, False]
    places.give_back()
    assert [places.take() for _ in range(2)] == [True, False]


def test_who_waits_goes_before_who_comes_later_in_the_order_of_coming() -> None:
    async def go() -> list[object]:
        places, came = Places(1), list[object]()

        async def waiter(name: str) -> None:
            await places.wait()
            came.append(name)

        places.take()
        waiters = [asyncio.create_task(waiter(name)) for name in ("first", "second")]
        await asyncio.sleep(0)
        places.give_back()
        came.append(places.take())
        await asyncio.wait(waiters, timeout=0.01)
        came.append(waiters[1].done())
        places.give_back()
        await waiters[1]
        return came

    assert asyncio.run(go()) == [False, "first", False, "second"]


def test_who_goes_away_leaves_the_place_to_the_next() -> None:
    async def go() -> bool:
        places = Places(1)
        places.take()
        leaving, given, last = (asyncio.create_task(places.wait()) for _ in range(3))
        await asyncio.sleep(0)
        leaving.cancel()
        places.give_back()
        given.cancel()  # which has the place already, and not heard of it yet
        await asyncio.wait([leaving, given, last])
        places.give_back()
        return leaving.cancelled() and given.cancelled() and places.take() and not places.take()

    assert asyncio.run(go())
