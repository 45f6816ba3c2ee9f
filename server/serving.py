"""The server in front of the app: granian, in this process, or in several that share a port."""

import asyncio
import gc
import logging
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any, cast

import structlog
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server as Workers
from granian.server.embed import Server
from starlette.types import ASGIApp

from connectors.connector import ConfigurationError

if sys.platform == "win32":
    from asyncio import run
else:
    from uvloop import run

WAITING = 2_048
"""How many connections may wait to be accepted."""

AT_ONCE = 4_096
"""How many requests one process works on at the same time; others wait until some of them are over."""

GRACE_S = 10
"""How long what is in flight may still take once we are asked to stop."""

GARBAGE = (10_000, 10, 10)
"""When the collector looks for cycles. Freezing what stays takes 10 % off a request that reads an upstream, these
thresholds another 3 %; without any collecting it would cost as much and take more memory."""

log = structlog.get_logger("punnet.serving")


def serve(create_app: Callable[[], ASGIApp], *, host: str, port: int, workers: int = 1) -> None:
    """Serve until we are interrupted or terminated; what is in flight then has `GRACE_S` to end.

    An app that has a `stop` is told, unless it is in several workers.

    Several workers are processes with an app of their own each; `create_app` is then a function of some module.
    Raises `ConfigurationError` where there is no listening, and whatever `create_app` raises.
    """
    address, port = claimed(host, port)
    app = create_app()
    told = options(address, port)
    log.info("serving", host=host, port=port, workers=workers)
    if workers == 1:
        _settle()
        run(_until_interrupted(Server(app, **told), getattr(app, "stop", None)))
    else:
        pool = Workers("punnet", workers=workers, respawn_failed_workers=True, workers_kill_timeout=GRACE_S, **told)
        pool.serve(target_loader=partial(_worker, create_app), wrap_loader=False)


def options(address: str, port: int) -> dict[str, Any]:
    """What granian is told, whether in this process or in others."""
    return {
        "address": address,
        "port": port,
        "interface": Interfaces.ASGI,
        "backlog": WAITING,
        "backpressure": AT_ONCE,
        "log_level": LogLevels.error,
        "log_dictconfig": {"handlers": {}, "loggers": {"_granian": {"propagate": True}}},
    }


def claimed(host: str, port: int) -> tuple[str, int]:
    """The address and a port there that nobody else listens on; granian would share it with whoever does."""
    try:
        family, _, _, _, where = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.create_server(where[:2], family=family) as listener:
            bound = listener.getsockname()
            return bound[0], bound[1]
    except OSError as error:
        reason = (error.strerror or "").partition(" (")[0]
        raise ConfigurationError(f"cannot listen on {host}, port {port}: {reason}") from error


def _worker(create_app: Callable[[], ASGIApp]) -> ASGIApp:
    app = create_app()
    _settle()
    return app


def _settle() -> None:
    """The last thing before the first request."""
    for handler in logging.root.handlers:
        handler.addFilter(_is_news)
    gc.freeze()
    gc.set_threshold(*GARBAGE)
    gc.enable()


def _is_news(record: logging.LogRecord) -> bool:
    """Whether it is more than that a connection was cut off, which is what we do to those left when we stop."""
    return not record.getMessage().rstrip().rpartition("\n")[2].startswith("CancelledError")


async def _until_interrupted(server: Server, stop_app: Callable[[], None] | None) -> None:
    loop = asyncio.get_running_loop()
    serving = asyncio.ensure_future(server.serve())

    def stop() -> None:
        cast(Any, server).stop()
        if stop_app:
            stop_app()
        loop.call_later(GRACE_S, serving.cancel)

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop)
    with suppress(asyncio.CancelledError):
        await serving
