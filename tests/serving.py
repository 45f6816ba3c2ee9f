"""Real servers on loopback ports, for clients that want a socket: the server of the gateway, in a thread."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

import uvloop
from granian.server.embed import Server
from starlette.types import ASGIApp

from server.serving import claimed, options


@contextmanager
def served(app: ASGIApp, **more: Any) -> Iterator[str]:
    """Serve `app` from a thread while the block runs; the value is its base URL, without a trailing slash.

    `more` goes to granian.
    """
    host, port = claimed("127.0.0.1", 0)
    loop = uvloop.new_event_loop()
    server: Any = None

    async def serve() -> None:
        nonlocal server
        server = cast(Any, Server)(app, **options(host, port), **more)
        await server.serve()

    thread = threading.Thread(target=lambda: asyncio.Runner(loop_factory=lambda: loop).run(serve()), daemon=True)
    thread.start()
    try:
        for _ in range(3000):  # a busy machine takes its time
            with socket.socket() as probe:
                if probe.connect_ex((host, port)) == 0:
                    break
            time.sleep(0.01)
        yield f"http://{host}:{port}"
    finally:
        loop.call_soon_threadsafe(server.stop)
        thread.join(timeout=10)
