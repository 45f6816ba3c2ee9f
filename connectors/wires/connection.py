"""One HTTP/1.1 connection (RFC 9112): a request at a time, its answer parsed by llhttp."""

import asyncio
from typing import cast

import httptools
import httpx2

from connectors.call import AnswerTooLarge
from connectors.headers import Pairs
from connectors.wires.message import Exchanged, Unheard, message_of

HEAD_BYTES = 256 * 1024
"""More than this before an answer's content begins is no answer."""


class Connection(asyncio.Protocol):
    """Once it is broken, cancelled or told to close, it takes no more requests: `reusable` says so.

    Content beyond `answer_bytes` is cut off. `lost` is done when the connection is closed.
    """

    shared = False

    def __init__(self, answer_bytes: int) -> None:
        self.reusable = False
        self.idle_since = 0.0
        self.lost = asyncio.get_running_loop().create_future()
        self._answer_bytes = answer_bytes
        self._parser = httptools.HttpResponseParser(self)
        self._transport: asyncio.Transport
        self._waiter: asyncio.Future[Exchanged] | None = None
        self._begin("GET")

    async def exchange(self, request: httpx2.Request) -> Exchanged:
        """Send a whole request and receive its answer. Cancelled, it closes the connection.

        Raises `httpx2.LocalProtocolError` for a request that is not HTTP, before anything is sent; then
        `Unheard`, or `httpx2.RemoteProtocolError` where the upstream hung up meanwhile or does not talk HTTP.
        """
        message = message_of(request)
        self._begin(request.method)
        self.reusable = False
        self._waiter = asyncio.get_running_loop().create_future()
        request.extensions["sent"] = True
        self._transport.write(message)
        try:
            return await self._waiter
        finally:
            self._waiter = None
            if not self.reusable:
                self._transport.abort()

    def close(self) -> None:
        """Close it; an answer under way is lost."""
        self.reusable = False
        self._transport.close()

    def abort(self) -> None:
        """Close it without a farewell."""
        self.reusable = False
        self._transport.abort()

    def _begin(self, method: str) -> None:
        self._bodiless = method == "HEAD"
        self._status = 0
        self._headers: Pairs = []
        self._head: Pairs | None = None
        self._head_bytes = 0
        self._content: list[bytes] = []
        self._content_bytes = 0

    def _complete(self) -> None:
        assert self._waiter is not None
        assert self._head is not None
        self._waiter.set_result((self._status, self._head, b"".join(self._content)))
        self._content = []

    def _fail(self, error: Exception) -> None:
        self.reusable = False
        if self._waiter and not self._waiter.done():
            self._waiter.set_exception(error)

    def _ends_with_the_connection(self) -> bool:
        """Whether the content of the answer under way goes on until the upstream hangs up (RFC 9112, 6.3, rule 8)."""
        if self._head is None:
            return False
        framing = {name: value.lower() for name, value in self._head}
        return b"content-length" not in framing and not framing.get(b"transfer-encoding", b"").endswith(b"chunked")

    # asyncio calls these

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self.reusable = True

    def data_received(self, data: bytes) -> None:
        if self._waiter is None or self._waiter.done():
            self.abort()
            return
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self._fail(httpx2.RemoteProtocolError("the upstream's answer is not HTTP/1.1"))
        if self._head is None:
            self._head_bytes += len(data)
            if self._head_bytes > HEAD_BYTES:
                self._fail(httpx2.RemoteProtocolError(f"the answer's headers are larger than {HEAD_BYTES} bytes"))

    def eof_received(self) -> None:
        self.reusable = False

    def connection_lost(self, exc: Exception | None) -> None:
        self.reusable = False
        if self._waiter and not self._waiter.done():
            if self._head is None and not self._head_bytes:
                self._fail(Unheard("the connection broke before the answer"))
            elif exc is not None:
                self._fail(httpx2.ReadError("the connection broke"))
            elif self._ends_with_the_connection():
                self._complete()
            else:
                self._fail(httpx2.RemoteProtocolError("the upstream hung up before its answer was complete"))
        if not self.lost.done():
            self.lost.set_result(None)

    # the parser calls these

    def on_message_begin(self) -> None:
        if self._waiter is None or self._waiter.done():
            self.reusable = False

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        self._status = self._parser.get_status_code()
        if self._status >= 200:
            self._head = self._headers
            if self._bodiless and self._waiter and not self._waiter.done():
                self._complete()
        self._headers = []

    def on_body(self, chunk: bytes) -> None:
        self._content_bytes += len(chunk)
        if self._content_bytes <= self._answer_bytes:
            self._content.append(chunk)
        else:
            self._fail(AnswerTooLarge(f"at most {self._answer_bytes} bytes"))

    def on_message_complete(self) -> None:
        if self._head is None or self._waiter is None or self._waiter.done():
            return
        self.reusable = self._parser.should_keep_alive() and not self._transport.get_write_buffer_size()
        self._complete()
