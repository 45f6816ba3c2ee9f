"""Real servers on loopback ports, for clients that want a socket: the server of the gateway, in a thread."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from typing import Any

from starlette.types import ASGIApp
from uvicorn import Config, Server

from server.serving import bound, configured


@contextmanager
def served(app: ASGIApp, *, breaks_off: bool = False, **more: Any) -> Iterator[str]:
    """Serve `app` from a thread while the block runs; the value is its base URL, without a trailing slash.

    One that `breaks_off` does not end what it is about before it stops. `more` goes to uvicorn.
    """
    listener = bound("127.0.0.1", 0)
    host, port = listener.getsockname()
    server = _Server(configured(app, **more))
    server.force_exit = breaks_off
    thread = _Serving(server, listener)
    thread.start()
    loop = server.loop.result(timeout=20)
    try:
        yield f"http://{host}:{port}"
    finally:
        loop.call_soon_threadsafe(server.stop)
        thread.join(timeout=20)


def settle() -> None:
    """Wait until all servers have logged what there was to say of the requests that they have answered.

    Their log is written when a turn of the event loop ends: by then the answer may be there, and the test over.
    """
    for thread in threading.enumerate():
        if isinstance(thread, _Serving) and thread.server.loop.done():
            loop, over = thread.server.loop.result(), threading.Event()
            with suppress(RuntimeError):  # it is closed
                loop.call_soon_threadsafe(loop.call_soon, over.set)
                over.wait(timeout=1)


class _Server(Server):
    """Uvicorn's server, told to stop where it would look every tenth of a second. `loop` is there once it serves."""

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.loop: Future[asyncio.AbstractEventLoop] = Future()

    async def main_loop(self) -> None:
        self._stopped = asyncio.Event()
        self.loop.set_result(asyncio.get_running_loop())
        while not await self.on_tick(0):
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopped.wait(), 1)

    def stop(self) -> None:
        """To be called in its loop."""
        self.should_exit = True
        self._stopped.set()


class _Serving(threading.Thread):
    def __init__(self, server: _Server, listener: socket.socket) -> None:
        super().__init__(target=server.run, args=([listener],), daemon=True)
        self.server = server
