"""The machine's name resolution, asked so that a name server which does not answer is felt by those it concerns."""

import asyncio
import socket
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from threading import Thread

from aiohappyeyeballs import AddrInfoType

from connectors.address import Origin
from connectors.wires.places import Places

LOOKUPS = 16
"""How many are made at a time; the others wait."""

LookUp = Callable[[str, int], Sequence[AddrInfoType]]
"""From host and port to addresses, however long that takes."""

Answer = asyncio.Future[Sequence[AddrInfoType]]


class Resolver:
    """Asks in threads of its own. Use it in one event loop.

    A lookup cannot be broken off: whoever gives up, it keeps its thread for as long as the machine is patient (5 s for
    each try at each name server, by default). The event loop's threads are few and everybody's (uvloop makes two
    lookups at a time), so that a few hosts that nobody answers for would keep all others waiting.
    """

    def __init__(self, look_up: LookUp = partial(socket.getaddrinfo, type=socket.SOCK_STREAM)) -> None:
        self._look_up = look_up
        self._places = Places(LOOKUPS)

    async def __call__(self, origin: Origin) -> Sequence[AddrInfoType]:
        """The addresses of a host. Raises `OSError` where it has none, `UnicodeError` for what is no host."""
        if not self._places.take():
            await self._places.wait()
        loop = asyncio.get_running_loop()
        answer: Answer = loop.create_future()
        Thread(target=self._ask, args=(origin, loop, answer), daemon=True).start()
        return await answer

    def _ask(self, origin: Origin, loop: asyncio.AbstractEventLoop, answer: Answer) -> None:
        _, host, port = origin
        found: Sequence[AddrInfoType] | Exception
        try:
            found = self._look_up(host, port)
        except Exception as error:  # whatever it is, it belongs to who waits
            found = error
        with suppress(RuntimeError):  # the loop has been closed, and nobody waits
            loop.call_soon_threadsafe(self._tell, answer, found)

    def _tell(self, answer: Answer, found: Sequence[AddrInfoType] | Exception) -> None:
        self._places.give_back()
        if answer.done():
            return
        if isinstance(found, Exception):
            answer.set_exception(found)
        else:
            answer.set_result(found)
