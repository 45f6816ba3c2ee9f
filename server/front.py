"""HTTP/1.1 as uvicorn has it, with a shorter way for most requests, and with bounds on slow and endless ones.

ASGI takes a task, two dictionaries and five messages for a request, which is more than all else where the answer is
known. So a request for GraphQL that came whole is offered to the app's `shortcut` first; what that does not take goes
the way of ASGI, as if nothing had been.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, cast

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from server.replies import Headers, Response

PATH = b"/graphql"

SHORT_BYTES = 65_536
"""A request with a larger body does not take the shortcut."""

MAX_HEAD_BYTES = 65_536
"""How large the head of a request may be, and so a URL."""

PATIENCE_S = 30.0
"""How long a client may take for the head of a request, and for each part of a body."""


@dataclass(slots=True)
class Pending:
    """A response that takes time: what `respond` makes of `work` when that is done, or cancelled.

    `abandoned` says that nobody needs it once the client is gone: then the work is cancelled.
    """

    work: asyncio.Future[Any]
    respond: Callable[[asyncio.Future[Any]], Response | None]
    abandoned: bool


class Shortcut(Protocol):
    """Answers a POST for GraphQL, given its header fields and its body, or leaves it to the app. It does not raise."""

    def __call__(self, headers: Headers, body: bytes, /) -> Response | Pending | None: ...


class Exchange:
    """A request whose response is pending: to uvicorn what a request on its way through ASGI is."""

    message_event = asyncio.Event()  # which nobody waits for

    __slots__ = ("disconnected", "keep_alive", "pending", "response_complete")

    def __init__(self, pending: Pending) -> None:
        self.pending = pending
        self.keep_alive = True
        self.response_complete = self.disconnected = False


class Front(HttpToolsProtocol):
    """One connection to an app, which may have a `shortcut`, and a `stop` to end what would go on for ever."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._shortcut: Shortcut | None = getattr(self.app, "shortcut", None)
        self._exchange: Exchange | None = None
        self._short = False
        self._body = b""
        self._open = self._in_head = False
        self._head_bytes = 0
        self._patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(cast(asyncio.Transport, transport))
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        self._wait_no_longer()
        super().connection_lost(exc)
        if self._exchange:
            self._exchange.disconnected = True
            if self._exchange.pending.abandoned:
                self._exchange.pending.work.cancel()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._in_head:
            self._head_bytes += len(data)
        if self._in_head and self._head_bytes > MAX_HEAD_BYTES:
            self._refuse(431)
        elif not self._open:
            self._wait_no_longer()
        elif self._patience is None or not self._in_head:
            self._wait()

    def on_message_begin(self) -> None:
        self._open = self._in_head = True
        self._head_bytes = 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._in_head = False
        self._short = self._is_short()
        if self._short:
            self._body = b""
        else:
            super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        if not self._short:
            super().on_body(body)
            return
        self._body += body
        if len(self._body) > SHORT_BYTES:
            self._leave_to_app()

    def on_message_complete(self) -> None:
        self._open = False
        if not self._short:
            super().on_message_complete()
            return
        assert self._shortcut is not None
        answer = self._shortcut(self.headers, self._body)
        if answer is None:
            self._leave_to_app()
            super().on_message_complete()
        elif isinstance(answer, Pending):
            self._begin(answer)
        else:
            self._send(answer)
            self.on_response_complete()

    def shutdown(self) -> None:
        super().shutdown()
        stop = getattr(self.app, "stop", None)
        if stop:
            stop()

    def _is_short(self) -> bool:
        return (
            self._shortcut is not None
            and self.url == PATH
            and self.parser.get_method() == b"POST"
            and self.parser.should_keep_alive()
            and not self.parser.should_upgrade()
            and not self.expect_100_continue
            and not self.flow.write_paused
            and (self.cycle is None or self.cycle.response_complete)
            and not self._is_crowded()
        )

    def _is_crowded(self) -> bool:
        """Whether uvicorn would turn a request away."""
        most = self.limit_concurrency
        return most is not None and (len(self.connections) >= most or len(self.tasks) >= most)

    def _leave_to_app(self) -> None:
        self._short = False
        super().on_headers_complete()
        if self._body:
            super().on_body(self._body)

    def _begin(self, pending: Pending) -> None:
        exchange = self._exchange = Exchange(pending)
        self.cycle = cast(Any, exchange)  # so what comes meanwhile waits for its turn
        self.tasks.add(cast(Any, pending.work))
        pending.work.add_done_callback(self._end)

    def _end(self, work: asyncio.Future[Any]) -> None:
        self.tasks.discard(cast(Any, work))
        exchange, self._exchange = self._exchange, None
        assert exchange is not None
        response = exchange.pending.respond(work)
        if exchange.disconnected:
            return
        exchange.response_complete = True
        if response is None:
            self.transport.close()
        else:
            self._send(response, keep_alive=exchange.keep_alive)
            self.on_response_complete()

    def _send(self, response: Response, *, keep_alive: bool = True) -> None:
        parts = [STATUS_LINE[response.status]]
        for name, value in (*self.server_state.default_headers, *response.headers):
            parts += (name, b": ", value, b"\r\n")
        parts += (b"\r\n" if keep_alive else b"connection: close\r\n\r\n", response.body)
        self.transport.write(b"".join(parts))
        if not keep_alive:
            self.transport.close()

    def _wait(self) -> None:
        self._wait_no_longer()
        self._patience = self.loop.call_later(PATIENCE_S, self._lose_patience)

    def _wait_no_longer(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _lose_patience(self) -> None:
        self._patience = None
        if self.flow.read_paused:
            self._wait()
        else:
            self._refuse(408)

    def _refuse(self, status: int) -> None:
        """End the connection, with a word if it is the turn of a request that nobody has begun to answer."""
        if self.transport.is_closing():
            return
        unread = self._open and (self._in_head or self._short)
        if unread and (self.cycle is None or self.cycle.response_complete):
            self._send(Response(status, ((b"content-length", b"0"),), b""), keep_alive=False)
        self.transport.close()
