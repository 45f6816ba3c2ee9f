"""The event loop of a server alone on its port: uvloop, which takes all the connections that wait, not one at a turn.

libuv takes one each time it looks, for the sake of processes that share a port. Where a turn of the loop is long, the
last of many who come at once waits for as many turns.
Source: https://github.com/libuv/libuv/pull/3696
"""

import asyncio
import socket
from collections.abc import Callable
from typing import Any

import uvloop

AT_A_TURN = 256
"""How many are taken before those who are there already get their turn."""


class Loop(uvloop.Loop):
    """Its servers on a socket of ours are not encrypted."""

    async def create_server(  # type: ignore[override]
        self, protocol_factory: Callable[[], asyncio.BaseProtocol], *, sock: socket.socket, **named: Any
    ) -> asyncio.AbstractServer:
        """As ever; see `asyncio`."""
        welcoming = set[asyncio.Task[Any]]()

        def take_the_others() -> None:
            for _ in range(AT_A_TURN):
                try:
                    connection, _ = sock.accept()
                except OSError:  # there is none, or libuv will say what is wrong
                    return
                connection.setblocking(False)
                task = self.create_task(self.connect_accepted_socket(protocol_factory, connection))
                welcoming.add(task)
                task.add_done_callback(welcoming.discard)

        def first() -> asyncio.BaseProtocol:
            self.call_soon(take_the_others)
            return protocol_factory()

        return await super().create_server(first, sock=sock, **named)
