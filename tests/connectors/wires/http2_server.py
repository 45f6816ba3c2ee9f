"""An HTTP/2 server that nobody here wrote, granian, in a thread."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import uvloop
from granian.constants import Interfaces
from granian.server.embed import Server
from starlette.types import ASGIApp

from server.serving import bound


def granian(app: ASGIApp, certificate: Path) -> tuple[Any, int]:
    """A server of `app` on a loopback port, over TLS, to be started."""
    with bound("127.0.0.1", 0) as listener:
        host, port = listener.getsockname()
    told = {"address": host, "port": port, "interface": Interfaces.ASGI, "log_enabled": False}
    return cast(Any, Server)(app, **told, ssl_cert=certificate, ssl_key=certificate), port


@contextmanager
def served_http2(app: ASGIApp, certificate: Path) -> Iterator[str]:
    """Serve `app` while the block runs; the value is its base URL."""
    loop = uvloop.new_event_loop()
    server: Any = None

    async def serve() -> None:
        await server.serve()

    server, port = granian(app, certificate)
    thread = threading.Thread(target=lambda: asyncio.Runner(loop_factory=lambda: loop).run(serve()), daemon=True)
    thread.start()
    try:
        for _ in range(3000):  # a busy machine takes its time
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.01)
        yield f"https://127.0.0.1:{port}"
    finally:
        loop.call_soon_threadsafe(server.stop)
        thread.join(timeout=10)
