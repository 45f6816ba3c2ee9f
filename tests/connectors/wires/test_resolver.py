import asyncio
from collections.abc import Sequence
from threading import Event
from typing import NoReturn

import pytest
from aiohappyeyeballs import AddrInfoType

from connectors.wires.resolver import LOOKUPS, Resolver


class Hanging:
    """A name server that answers nobody until it is `back`; `asked` lists for which hosts."""

    def __init__(self) -> None:
        self.back = Event()
        self.asked: list[str] = []

    def __call__(self, host: str, port: int) -> Sequence[AddrInfoType]:
        self.asked.append(host)
        self.back.wait(20)
        return []


def origin(number: int) -> tuple[str, str, int]:
    return ("https", f"{number}.example", 443)


def test_lookups_that_hang_keep_nobody_waiting_whose_wire_is_another() -> None:
    server = Hanging()

    async def go() -> Sequence[AddrInfoType]:
        resolver = Resolver(server)
        lookups = [asyncio.ensure_future(resolver(origin(n))) for n in range(LOOKUPS)]
        await asyncio.sleep(0)
        async with asyncio.timeout(10):
            found = await Resolver()(("http", "localhost", 80))
        server.back.set()
        await asyncio.gather(*lookups)
        return found

    assert {where[0] for *_, where in asyncio.run(go())} & {"127.0.0.1", "::1"}


def test_a_lookup_that_was_given_up_keeps_its_thread_until_it_ends() -> None:
    server = Hanging()

    async def go() -> None:
        resolver = Resolver(server)
        lookups = [asyncio.ensure_future(resolver(origin(n))) for n in range(LOOKUPS)]
        await asyncio.sleep(0)
        for lookup in lookups:
            lookup.cancel()
        await asyncio.gather(*lookups, return_exceptions=True)
        following = asyncio.ensure_future(resolver(origin(LOOKUPS)))
        await asyncio.sleep(0.01)
        assert len(server.asked) == LOOKUPS

        server.back.set()
        await following

    asyncio.run(go())
    assert len(server.asked) == LOOKUPS + 1


def test_why_a_lookup_fails_is_told_to_who_waits() -> None:
    def unknown(host: str, port: int) -> NoReturn:
        raise OSError("nobody knows the host")

    with pytest.raises(OSError, match="nobody knows the host"):
        asyncio.run(Resolver(unknown)(origin(1)))
