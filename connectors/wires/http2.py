"""One HTTP/2 connection (RFC 9113): many requests at a time, framed by h2.

h2 is written in Python and costs several times what llhttp does: it is for upstreams that want few connections.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from math import inf
from typing import cast

import h2.config
import h2.connection
import h2.errors
import h2.events
import h2.exceptions
import h2.settings
import httpx2
from hyperframe.frame import Frame, GoAwayFrame

from connectors.call import AnswerTooLarge
from connectors.headers import Pairs
from connectors.wires.message import Exchanged, Refused, Unheard, head_of

WINDOW = 16 * 1024 * 1024
"""How many bytes of answers the upstream may have under way to us."""

LARGEST_WINDOW = 2**31 - 1


class _Framing(h2.connection.H2Connection):
    """h2, which takes the upstream's wish to end the connection for its end: answers under way still come."""

    def _receive_goaway_frame(self, frame: GoAwayFrame) -> tuple[list[Frame], list[h2.events.Event]]:
        frames, events = super()._receive_goaway_frame(frame)
        self.state_machine.state = h2.connection.ConnectionState.CLIENT_OPEN
        return frames, events


@dataclass
class _Stream:
    """One request and what has come of its answer."""

    number: int
    began: float
    answer: asyncio.Future[Exchanged]
    status: int = 0
    headers: Pairs | None = None
    content: list[bytes] = field(default_factory=list)
    content_bytes: int = 0

    def fail(self, error: Exception) -> None:
        if not self.answer.done():
            self.answer.set_exception(error)


class Http2Connection(asyncio.Protocol):
    """Takes requests while it is `reusable`, as many at a time as the upstream allows; the others wait for their turn.

    Content beyond `answer_bytes` is cut off. `idle_since` is infinite while there are requests. `lost` is done when
    the connection is closed.
    """

    shared = True

    def __init__(self, answer_bytes: int) -> None:
        loop = asyncio.get_running_loop()
        self.reusable = False
        self.idle_since = loop.time()
        self.lost = loop.create_future()
        self._time = loop.time
        self._heard_at = loop.time()
        self._answer_bytes = answer_bytes
        self._framing = _Framing(h2.config.H2Configuration(header_encoding=None))
        self._framing.local_settings = h2.settings.Settings(
            client=True,
            initial_values={
                h2.settings.SettingCodes.ENABLE_PUSH: 0,
                h2.settings.SettingCodes.INITIAL_WINDOW_SIZE: min(answer_bytes + 1, LARGEST_WINDOW),
            },
        )
        self._streams: dict[int, _Stream] = {}
        self._consumed = 0
        self._changed = asyncio.Event()
        self._transport: asyncio.Transport

    async def exchange(self, request: httpx2.Request) -> Exchanged:
        """Send a whole request and receive its answer. Cancelled, it gives up that request only.

        Raises `httpx2.LocalProtocolError` for a request that is not HTTP, `Refused` where the upstream did not take it,
        before anything of it was done; then `Unheard`, or `httpx2.RemoteProtocolError` where the upstream hung up, gave
        the request up or does not talk HTTP/2.
        """
        headers = head_of(request)
        await self._until(lambda: not self.reusable or len(self._streams) < self._most())
        stream = self._begun()
        try:
            self._framing.send_headers(stream.number, headers, end_stream=not request.content)
            request.extensions["sent"] = True
            self._flush()
            await self._send(stream, request.content)
            return await stream.answer
        except h2.exceptions.ProtocolError as error:
            raise httpx2.LocalProtocolError("the request is not HTTP/2", request=request) from error
        except Refused:
            request.extensions["sent"] = False
            raise
        finally:
            self._end(stream)

    def close(self) -> None:
        """Take no more requests, and close when those under way are over."""
        self.reusable = False
        self._changed.set()
        if not self._streams:
            self._transport.close()

    def abort(self) -> None:
        """Close it without a farewell."""
        self.reusable = False
        self._transport.abort()

    def _most(self) -> int:
        return self._framing.remote_settings.max_concurrent_streams

    async def _until(self, ready: Callable[[], bool]) -> None:
        while not ready():
            self._changed.clear()
            await self._changed.wait()

    def _begun(self) -> _Stream:
        if not self.reusable:
            raise Refused("the connection is at its end")
        try:
            number = self._framing.get_next_available_stream_id()
        except h2.exceptions.NoAvailableStreamIDError:
            self.reusable = False
            raise Refused("the connection is at its end") from None
        stream = _Stream(number, self._time(), asyncio.get_running_loop().create_future())
        self._streams[number] = stream
        self.idle_since = inf
        return stream

    async def _send(self, stream: _Stream, content: bytes) -> None:
        """The content, as far and as fast as the upstream wants it."""
        left = memoryview(content)
        while left:
            await self._until(lambda: stream.answer.done() or self._window(stream) > 0)
            if stream.answer.done():
                return
            size = min(self._window(stream), self._framing.max_outbound_frame_size, len(left))
            self._framing.send_data(stream.number, bytes(left[:size]), end_stream=size == len(left))
            self._flush()
            left = left[size:]

    def _window(self, stream: _Stream) -> int:
        return self._framing.local_flow_control_window(stream.number)

    def _end(self, stream: _Stream) -> None:
        """Give a stream back. One that was given up while nothing came at all takes the connection with it."""
        del self._streams[stream.number]
        if not stream.answer.done() or stream.answer.cancelled() or stream.answer.exception():
            self._give_up(stream)
        if not self._streams:
            self.idle_since = self._time()
            if not self.reusable:
                self._transport.close()
        self._changed.set()

    def _give_up(self, stream: _Stream) -> None:
        if self._heard_at < stream.began:
            self.reusable = False
        if self._transport.is_closing():
            return
        try:
            self._framing.reset_stream(stream.number, h2.errors.ErrorCodes.CANCEL)
        except h2.exceptions.ProtocolError:  # it is over already
            return
        self._flush()

    def _flush(self) -> None:
        data = self._framing.data_to_send()
        if data and not self._transport.is_closing():
            self._transport.write(data)

    def _is_over(self, error_of: Callable[[_Stream], Exception]) -> None:
        self.reusable = False
        self._changed.set()
        for stream in self._streams.values():
            stream.fail(error_of(stream))

    # asyncio calls these

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._framing.initiate_connection()
        self._framing.increment_flow_control_window(WINDOW)
        self._flush()
        self.reusable = True

    def data_received(self, data: bytes) -> None:
        self._heard_at = self._time()
        try:
            for event in self._framing.receive_data(data):
                self._take(event)
        except h2.exceptions.ProtocolError:
            self._is_over(lambda _: httpx2.RemoteProtocolError("the upstream's answer is not HTTP/2"))
            self._flush()
            self._transport.close()
            return
        if self._consumed > WINDOW // 2:
            self._framing.increment_flow_control_window(self._consumed)
            self._consumed = 0
        self._flush()

    def eof_received(self) -> None:
        self.reusable = False

    def connection_lost(self, exc: Exception | None) -> None:
        self._is_over(
            lambda stream: (
                Unheard("the connection broke before the answer")
                if stream.headers is None
                else httpx2.RemoteProtocolError("the upstream hung up before its answer was complete")
            )
        )
        if not self.lost.done():
            self.lost.set_result(None)

    def _take(self, event: h2.events.Event) -> None:
        match event:
            case h2.events.DataReceived(stream_id=number, data=data, flow_controlled_length=length):
                self._consumed += length
                stream = self._streams.get(number)
                if stream and data:
                    self._take_content(stream, data)
            case h2.events.ResponseReceived(stream_id=number, headers=headers):
                stream = self._streams.get(number)
                if stream:
                    stream.status = int(dict(headers)[b":status"])
                    stream.headers = [each for each in headers if not each[0].startswith(b":")]
            case h2.events.StreamEnded(stream_id=number):
                stream = self._streams.get(number)
                if stream and not stream.answer.done():
                    stream.answer.set_result((stream.status, stream.headers or [], b"".join(stream.content)))
                    self._changed.set()
            case h2.events.StreamReset(stream_id=number, error_code=code):
                stream = self._streams.get(number)
                if stream and code == h2.errors.ErrorCodes.REFUSED_STREAM:
                    stream.fail(Refused("the upstream did not take the request"))
                elif stream:
                    stream.fail(httpx2.RemoteProtocolError("the upstream gave the request up"))
                self._changed.set()
            case h2.events.ConnectionTerminated(last_stream_id=last):
                self.reusable = False
                for stream in self._streams.values():
                    if stream.number > (last or 0):
                        stream.fail(Refused("the upstream is ending the connection"))
                self._changed.set()
            case h2.events.WindowUpdated() | h2.events.RemoteSettingsChanged():
                self._changed.set()

    def _take_content(self, stream: _Stream, data: bytes) -> None:
        stream.content_bytes += len(data)
        if stream.content_bytes <= self._answer_bytes:
            stream.content.append(data)
        else:
            stream.fail(AnswerTooLarge(f"at most {self._answer_bytes} bytes"))
            self._changed.set()
