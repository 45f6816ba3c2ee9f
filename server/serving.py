"""The server in front of the app: uvicorn with a `Front` for each connection, here or in several processes."""

import asyncio
import gc
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any

import structlog
from starlette.types import ASGIApp
from uvicorn import Config, Server
from uvicorn.supervisors import Multiprocess

from connectors.connector import ConfigurationError
from server.closing import Closing
from server.front import Front
from server.heap import keep_heap

WAITING = 2_048
"""How many connections may wait to be accepted."""

AT_ONCE = 4_096
"""How many connections one process has at the same time; others are told to come again (503)."""

IDLE_S = 75
"""How long a connection is kept that nobody uses: longer than proxies keep theirs, so that they are who closes it."""

STUCK_S = 60
"""A worker that does not say for so long that it lives is replaced; to load all it needs takes it a few seconds."""

GRACE_S = 10
"""How long what is in flight may still take once we are asked to stop."""

CLOSING_S = 10
"""How long it may take after that to give back what outlives a request. A database that hangs would take for ever."""

MESSAGE_BYTES = 16_777_216
"""How large a message of a WebSocket may be at all. (What GraphQL takes is bounded where it is read.)"""

GARBAGE = (30_000, 5, 2)
"""When the collector looks for cycles. 64 requests in flight that read 100 objects each have 20,000 which are in use:
to go over these took 5 % of the time with a threshold of 10,000, and found nothing. The last two bring forward the look
at everything: trees of documents that are not kept any more are cycles, and grew to 500 MB with 10 and 10."""

log = structlog.get_logger("punnet.serving")


def serve(
    create_app: Callable[[], ASGIApp], *, host: str, port: int, workers: int = 1, closing_s: float = CLOSING_S
) -> None:
    """Serve until we are interrupted or terminated; what is in flight then has `GRACE_S` to end.

    An app that has a `stop` is told. One that has a `shortcut` is asked there first. One that has a `closing` has
    `closing_s` for it; then the process ends without, with status 1.

    Several workers are processes with an app of their own each; `create_app` is then a function of some module.
    Raises `ConfigurationError` where there is no listening, and whatever `create_app` raises.
    """
    with bound(host, port) as listener:
        app = create_app()
        log.info("serving", host=host, port=listener.getsockname()[1], workers=workers)
        _settle(app, closing_s)
        if workers == 1:
            Terminable(configured(app)).run([listener])
        else:
            config = configured(partial(_worker, create_app, closing_s), factory=True, workers=workers)
            Multiprocess(config, [listener]).run()


def configured(app: Callable[..., Any], workers: int = 1, **more: Any) -> Config:
    """What uvicorn is told."""
    return Config(
        app,
        workers=workers,
        loop="server.loop:Loop" if workers == 1 else "uvloop",
        http=Front,
        ws="websockets-sansio",
        ws_max_size=MESSAGE_BYTES,
        ws_per_message_deflate=False,
        proxy_headers=False,
        server_header=False,
        backlog=WAITING,
        limit_concurrency=AT_ONCE,
        timeout_keep_alive=IDLE_S,
        timeout_graceful_shutdown=GRACE_S,
        timeout_worker_healthcheck=STUCK_S,
        access_log=False,
        log_config=None,
        **more,
    )


def bound(host: str, port: int) -> socket.socket:
    """A socket at an address and a port that nobody else listens on.

    It does not listen yet: who comes before there is an app is to be told so.
    """
    with ExitStack() as stack:
        try:
            family, _, _, _, where = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
            listener = stack.enter_context(socket.socket(family, socket.SOCK_STREAM))
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(where[:2])
        except OSError as error:
            reason = (error.strerror or "").partition(" (")[0]
            raise ConfigurationError(f"cannot listen on {host}, port {port}: {reason}") from error
        stack.pop_all()
    listener.set_inheritable(True)
    return listener


class Terminable(Server):
    """Uvicorn's server, for which to be interrupted or terminated is a good end."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        if threading.current_thread() is threading.main_thread():
            loop = asyncio.get_running_loop()
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.add_signal_handler(number, self.handle_exit, number, None)
        yield


def _worker(create_app: Callable[[], ASGIApp], closing_s: float) -> ASGIApp:
    app = create_app()
    _settle(app, closing_s)
    return app


def _settle(app: ASGIApp, closing_s: float) -> None:
    """The last thing before the first request."""
    closing: Closing | None = getattr(app, "closing", None)
    if closing:
        closing.begun = partial(_bound, closing, closing_s)
    for handler in logging.root.handlers:
        handler.addFilter(_is_news)
    keep_heap()
    gc.freeze()
    gc.set_threshold(*GARBAGE)
    gc.enable()


def _bound(closing: Closing, closing_s: float) -> None:
    """Have this process end in time, whatever then still runs, in threads too."""

    def end() -> None:
        log.error("not everything could be closed in time: ending without", waited_for=closing.at or "threads")
        sys.stderr.flush()
        os._exit(1)

    timer = threading.Timer(closing_s, end)
    timer.daemon = True
    timer.start()


def _is_news(record: logging.LogRecord) -> bool:
    """Whether it is more than that a connection was cut off, which is what we do to those left when we stop."""
    return not (record.exc_info and isinstance(record.exc_info[1], asyncio.CancelledError))
