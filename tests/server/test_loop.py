"""How many turns of the event loop it takes until all who connect at once are there."""

import asyncio
import socket
from contextlib import ExitStack

from server.loop import Loop
from server.serving import bound

MANY = 40


def test_who_come_at_once_are_taken_at_once() -> None:
    there = list[asyncio.BaseTransport]()

    class Guest(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            there.append(transport)

    async def turns_until_all_are_there(listener: socket.socket) -> int:
        server = await asyncio.get_running_loop().create_server(Guest, sock=listener, backlog=MANY)
        with ExitStack() as stack:
            for _ in range(MANY):
                stack.enter_context(socket.create_connection(listener.getsockname()))
            turns = 0
            while len(there) < MANY and turns < 10 * MANY:
                await asyncio.sleep(0)
                turns += 1
            for transport in there:
                transport.close()
        server.close()
        await server.wait_closed()
        return turns

    with bound("127.0.0.1", 0) as listener, asyncio.Runner(loop_factory=Loop) as runner:
        turns = runner.run(turns_until_all_are_there(listener))

    assert len(there) == MANY
    assert turns < MANY / 2
