"""Real servers on loopback ports, for clients that want a socket: the server of the gateway, in a thread."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from starlette.types import ASGIApp
from uvicorn import Server

from server.serving import bound, configured


@contextmanager
def served(app: ASGIApp, **more: Any) -> Iterator[str]:
    """Serve `app` from a thread while the block runs; the value is its base URL, without a trailing slash.

    `more` goes to uvicorn.
    """
    listener = bound("127.0.0.1", 0)
    host, port = listener.getsockname()
    server = Server(configured(app, **more))
    thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
    thread.start()
    try:
        while not server.started and thread.is_alive():
            time.sleep(0.002)
        yield f"http://{host}:{port}"
    finally:
        server.should_exit = True
        thread.join(timeout=20)
