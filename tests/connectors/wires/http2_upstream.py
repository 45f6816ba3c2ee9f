"""An HTTP/2 server on a loopback port that does what a test says, frame by frame; h2 frames for it."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import h2.config
import h2.connection
import h2.events
import h2.settings

Settings = dict[h2.settings.SettingCodes, int]

Script = Callable[["Talk", int], None]
"""What to do when a request on a stream is complete."""


@dataclass
class Http2Upstream:
    """`requests` are the heads that came in, `bodies` what came with them, both in order of their completion."""

    url: str = ""
    requests: list[dict[bytes, bytes]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    resets: list[int] = field(default_factory=list)
    connections: int = 0
    most_at_once: int = 0
    reset: asyncio.Event = field(default_factory=asyncio.Event)
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    asked_twice: asyncio.Event = field(default_factory=asyncio.Event)


class Talk(asyncio.Protocol):
    """One connection. Scripts use `h2`, then `flush`."""

    def __init__(self, upstream: Http2Upstream, scripts: list[Script], settings: Settings) -> None:
        self.h2 = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False, header_encoding=None))
        self.h2.local_settings = h2.settings.Settings(client=False, initial_values=settings)
        self.transport: asyncio.Transport
        self.number = 0
        self._upstream = upstream
        self._scripts = scripts
        self._heads: dict[int, dict[bytes, bytes]] = {}
        self._bodies: dict[int, bytes] = {}

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self._upstream.connections += 1
        self.number = self._upstream.connections
        self.h2.initiate_connection()
        self.flush()

    def data_received(self, data: bytes) -> None:
        for event in self.h2.receive_data(data):
            if isinstance(event, h2.events.RequestReceived):
                self._heads[event.stream_id] = dict(event.headers)
                self._bodies[event.stream_id] = b""
                self._upstream.most_at_once = max(self._upstream.most_at_once, len(self._heads))
            elif isinstance(event, h2.events.DataReceived):
                self._bodies[event.stream_id] += event.data
                self.h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
            elif isinstance(event, h2.events.StreamEnded):
                self._upstream.requests.append(self._heads[event.stream_id])
                self._upstream.bodies.append(self._bodies[event.stream_id])
                self._upstream.asked.set()
                if len(self._upstream.requests) > 1:
                    self._upstream.asked_twice.set()
                script = self._scripts.pop(0) if len(self._scripts) > 1 else self._scripts[0]
                script(self, event.stream_id)
            elif isinstance(event, h2.events.StreamReset):
                self._upstream.resets.append(event.stream_id)
                self._upstream.reset.set()
        self.flush()

    def answer(self, stream: int, content: bytes = b"{}", *headers: tuple[bytes, bytes], end: bool = True) -> None:
        self._heads.pop(stream, None)
        self.h2.send_headers(stream, [(b":status", b"200"), *headers])
        while content:
            self.h2.send_data(stream, content[:16_384])
            content = content[16_384:]
        if end:
            self.h2.end_stream(stream)
        self.flush()

    def flush(self) -> None:
        data = self.h2.data_to_send()
        if data and not self.transport.is_closing():
            self.transport.write(data)


@asynccontextmanager
async def answering_http2(
    *scripts: Script, tls: ssl.SSLContext, settings: Settings | None = None
) -> AsyncIterator[Http2Upstream]:
    """Every request is the next script's, the last one's for ever."""
    upstream, left = Http2Upstream(), list(scripts)
    tls.set_alpn_protocols(["h2"])
    server = await asyncio.get_running_loop().create_server(
        lambda: Talk(upstream, left, settings or {}), "127.0.0.1", 0, ssl=tls
    )
    try:
        upstream.url = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        yield upstream
    finally:
        server.close()
        await server.wait_closed()
