"""HTTP/1.1 as uvicorn has it, with a shorter way for most requests, and with bounds on slow and endless ones.

ASGI takes a task, two dictionaries and five messages for a request, which is more than all else where the answer is
known. So a request for GraphQL that came whole is offered to the app's `shortcut` first; what that does not take goes
the way of ASGI, as if nothing had been.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, cast

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from server.replies import Headers, Response

PATH = b"/graphql"
HEAD_END = b"\r\n\r\n"

SHORT_BYTES = 65_536
"""A request with a larger body does not take the shortcut."""

MAX_HEAD_BYTES = 65_536
"""How large the head of a request may be, and so a URL."""

PATIENCE_S = 30.0
"""How long a client may take for the head of a request, and for each part of a body."""


@dataclass(slots=True)
class Pending:
    """A response that takes time: what `respond` makes of `work` when that is done, or cancelled.

    `abandoned` says that nobody needs it once the client is gone: then the work is cancelled. The rest is what uvicorn
    asks of a request on its way through ASGI.
    """

    work: asyncio.Future[Any]
    respond: Callable[[asyncio.Future[Any]], Response | None]
    abandoned: bool
    keep_alive: bool = True
    response_complete: bool = False
    disconnected: bool = False
    message_event: ClassVar = asyncio.Event()  # which nobody waits for


Taker = Callable[[bytes], Response | Pending | None]
"""Answers a request, given its body, or leaves it to the app. It does not raise."""

Shortcut = Callable[[Headers], Taker | None]
"""What takes a POST for GraphQL with these header fields; `None` leaves it to the app. It does not raise.

Requests with the same head are taken by the same.
"""


@dataclass(slots=True)
class _Whole:
    """The latest request that came in one piece of `size` bytes: its head, and what took it.

    Clients that keep a connection mostly send the same head again, which then need not be read.
    """

    head: bytes
    size: int
    take: Taker


class Front(HttpToolsProtocol):
    """One connection to an app, which may have a `shortcut`, and a `stop` to end what would go on for ever."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._shortcut: Shortcut | None = getattr(self.app, "shortcut", None)
        self._pending: Pending | None = None
        self._take: Taker | None = None
        self._body = b""
        self._piece = b""
        self._latest: _Whole | None = None
        self._answered_at = 0.0
        self._idling: asyncio.TimerHandle | None = None
        self._open = self._in_head = False
        self._head_bytes = 0
        self._patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(cast(asyncio.Transport, transport))
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        self._wait_no_longer()
        self._idle_no_longer()
        super().connection_lost(exc)
        if self._pending:
            self._pending.disconnected = True
            if self._pending.abandoned:
                self._pending.work.cancel()

    def data_received(self, data: bytes) -> None:
        latest = self._latest
        if latest is not None and len(data) == latest.size and data.startswith(latest.head) and self._is_free():
            answer = latest.take(data[len(latest.head) :])
            if answer is not None:
                self._give(answer)
                return
        self._piece = b"" if self._open else data
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
        self._take = self._shortcut(self.headers) if self._shortcut and self._may_be_short() else None
        if self._take:
            self._body = b""
        else:
            super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        if not self._take:
            super().on_body(body)
            return
        self._body += body
        if len(self._body) > SHORT_BYTES:
            self._leave_to_app()

    def on_message_complete(self) -> None:
        self._open = False
        answer = None
        if self._take:
            answer = self._take(self._body)
            if answer is None:
                self._leave_to_app()
            else:
                self._remember(self._take)
        if answer is None:
            super().on_message_complete()
        else:
            self._give(answer)

    def on_response_complete(self) -> None:
        """As uvicorn has it, but for its timer: ours is put off, not made anew for each response."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            cycle, app = self.pipeline.pop()
            self._start_asgi_task(cycle, app)
        else:
            self._answered_at = self.loop.time()
            if self._idling is None:
                self._idling = self.loop.call_later(self.timeout_keep_alive, self._close_if_idle)

    def handle_websocket_upgrade(self) -> None:
        self._idle_no_longer()
        super().handle_websocket_upgrade()

    def shutdown(self) -> None:
        super().shutdown()
        stop = getattr(self.app, "stop", None)
        if stop:
            stop()

    def _may_be_short(self) -> bool:
        return (
            self.url == PATH
            and self.parser.get_method() == b"POST"
            and self.parser.should_keep_alive()
            and not self.parser.should_upgrade()
            and not self.expect_100_continue
            and self._is_its_turn()
        )

    def _is_free(self) -> bool:
        """Whether what comes now is a new request, to be answered at once."""
        return not self._open and self._is_its_turn() and not self.transport.is_closing()

    def _is_its_turn(self) -> bool:
        return not self.flow.write_paused and self._all_is_answered() and not self._is_crowded()

    def _all_is_answered(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _is_crowded(self) -> bool:
        """Whether uvicorn would turn a request away."""
        most = self.limit_concurrency
        return most is not None and (len(self.connections) >= most or len(self.tasks) >= most)

    def _remember(self, take: Taker) -> None:
        """The request that has just been read, if it is all that came."""
        size, body = len(self._piece), self._body
        head = self._piece[: size - len(body)]
        alone = head.endswith(HEAD_END) and head.count(HEAD_END) == 1 and self._piece.endswith(body)
        self._latest = _Whole(head, size, take) if alone and _length(self.headers) == b"%d" % len(body) else None

    def _leave_to_app(self) -> None:
        self._take = None
        super().on_headers_complete()
        if self._body:
            super().on_body(self._body)

    def _give(self, answer: Response | Pending) -> None:
        if isinstance(answer, Pending):
            self._begin(answer)
        else:
            self._send(answer)
            self.on_response_complete()

    def _begin(self, pending: Pending) -> None:
        self._pending = pending
        self.cycle = cast(Any, pending)  # so what comes meanwhile waits for its turn
        self.tasks.add(cast(Any, pending.work))
        pending.work.add_done_callback(self._end)

    def _end(self, work: asyncio.Future[Any]) -> None:
        self.tasks.discard(cast(Any, work))
        pending, self._pending = self._pending, None
        assert pending is not None
        response = pending.respond(work)
        if pending.disconnected:
            return
        pending.response_complete = True
        if response is None:
            self.transport.close()
        else:
            self._send(response, keep_alive=pending.keep_alive)
            self.on_response_complete()

    def _send(self, response: Response, *, keep_alive: bool = True) -> None:
        parts = [STATUS_LINE[response.status]]
        for name, value in (*self.server_state.default_headers, *response.headers):
            parts += (name, b": ", value, b"\r\n")
        parts += (b"\r\n" if keep_alive else b"connection: close\r\n\r\n", response.body)
        self.transport.write(b"".join(parts))
        if not keep_alive:
            self.transport.close()

    def _close_if_idle(self) -> None:
        idle_s = 0.0 if self._open or not self._all_is_answered() else self.loop.time() - self._answered_at
        if idle_s >= self.timeout_keep_alive:
            self._idling = None
            self.timeout_keep_alive_handler()
        else:
            self._idling = self.loop.call_later(self.timeout_keep_alive - idle_s, self._close_if_idle)

    def _idle_no_longer(self) -> None:
        if self._idling is not None:
            self._idling.cancel()
            self._idling = None

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
        unread = self._open and (self._in_head or self._take)
        if unread and self._all_is_answered():
            self._send(Response(status, ((b"content-length", b"0"),), b""), keep_alive=False)
        self.transport.close()


def _length(headers: Headers) -> bytes | None:
    """What a request says of the length of its body."""
    return next((value for name, value in headers if name == b"content-length"), None)
