"""Connections over the network: kept, counted, and checked.

The client is our own because the pipeline cannot be cheaper than what is below it: `python -m benchmarks.wire` has it
beside the kept libraries. What is hard about HTTP is done by others: llhttp parses, OpenSSL verifies, aiohappyeyeballs
connects, and httpx2 talks to proxies. HTTP/2 is not offered: calls do not wait for each other on HTTP/1.1 either, each
has a connection to itself.
"""

import asyncio
import socket
import ssl
from collections import defaultdict

import aiohappyeyeballs
import httpx2

from connectors.wires.connection import Connection
from connectors.wires.message import answer_of, message_of
from connectors.wires.proxied import ProxiedWire, proxy_for

IDLE_S = 4.0
"""How long a connection is kept unused: less than the 5 s after which common servers (Node, uvicorn) hang up, because
a request that crosses with their hanging up is lost."""

NEXT_ADDRESS_S = 0.25
"""When to try a host's next address beside the one that does not answer (RFC 8305, section 5)."""

FAREWELL_S = 1.0

Origin = tuple[str, str, int]


class NetworkWire:
    """At most `connections` requests at a time, each on an HTTP/1.1 connection; certificates are always verified.

    Raises `httpx2.ConnectError`, `ConnectTimeout` and `PoolTimeout` where the request was not sent, other
    `httpx2.TransportError`s where it may have been. Redirects are not followed, nothing is repeated, and how long an
    answer may take is the judge stage's to say. An answer larger than `answer_bytes`, unpacked, is cut off with
    `AnswerTooLarge`. Use it and close it in one event loop.
    """

    def __init__(
        self, *, answer_bytes: int, connections: int, connect_timeout_s: float = 5.0, pool_timeout_s: float = 5.0
    ) -> None:
        self._answer_bytes = answer_bytes
        self._connections = connections
        self._connect_timeout_s = connect_timeout_s
        self._pool_timeout_s = pool_timeout_s
        self._places = asyncio.Semaphore(connections)
        self._open: set[Connection] = set()
        self._idle: defaultdict[Origin, list[Connection]] = defaultdict(list)
        self._proxied: dict[Origin, ProxiedWire | None] = {}
        self._tls: ssl.SSLContext | None = None

    async def send(self, request: httpx2.Request) -> httpx2.Response:
        url = request.url
        origin = (url.scheme, url.raw_host.decode("ascii"), url.port or (443 if url.scheme == "https" else 80))
        if origin not in self._proxied:
            self._proxied[origin] = self._through_proxy(url)
        proxied = self._proxied[origin]
        if proxied:
            return await proxied.send(request)
        message = message_of(request)
        await self._take_place()
        try:
            connection = self._kept(origin) or await self._connected(origin)
            status, headers, content = await connection.exchange(request.method, message)
            if connection.reusable:
                connection.idle_since = asyncio.get_running_loop().time()
                self._idle[origin].append(connection)
        finally:
            self._places.release()
        return answer_of(request, status, headers, content, self._answer_bytes)

    async def close(self) -> None:
        """Close all connections; answers under way are lost."""
        for proxied in filter(None, self._proxied.values()):
            await proxied.close()
        closing = list(self._open)
        for connection in closing:
            connection.close()
        if closing:
            await asyncio.wait([connection.lost for connection in closing], timeout=FAREWELL_S)
        for connection in closing:
            connection.abort()

    def _through_proxy(self, url: httpx2.URL) -> ProxiedWire | None:
        proxy = proxy_for(url)
        if proxy is None:
            return None
        timeouts = {"connect": self._connect_timeout_s, "pool": self._pool_timeout_s}
        return ProxiedWire(proxy, answer_bytes=self._answer_bytes, connections=self._connections, timeouts=timeouts)

    async def _take_place(self) -> None:
        if not self._places.locked():
            await self._places.acquire()
            return
        try:
            async with asyncio.timeout(self._pool_timeout_s):
                await self._places.acquire()
        except TimeoutError as error:
            raise httpx2.PoolTimeout(f"all {self._connections} connections are in use") from error

    def _kept(self, origin: Origin) -> Connection | None:
        """The connection used last, as it is the one most likely to be still good; older ones are closed by and by."""
        idle = self._idle[origin]
        while idle:
            connection = idle.pop()
            if connection.reusable and connection.idle_since + IDLE_S > asyncio.get_running_loop().time():
                return connection
            connection.close()
        return None

    async def _connected(self, origin: Origin) -> Connection:
        scheme, host, port = origin
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._connect_timeout_s):
                addresses = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
                connected = await aiohappyeyeballs.start_connection(
                    addresses, happy_eyeballs_delay=NEXT_ADDRESS_S, interleave=1
                )
                tls = self._tls_context() if scheme == "https" else None
                _, connection = await loop.create_connection(
                    lambda: Connection(self._answer_bytes),
                    sock=connected,
                    ssl=tls,
                    server_hostname=host if tls else None,
                    ssl_shutdown_timeout=FAREWELL_S if tls else None,
                )
        except TimeoutError as error:
            raise httpx2.ConnectTimeout(f"no connection within {self._connect_timeout_s:.1f} s") from error
        except (OSError, UnicodeError) as error:
            raise httpx2.ConnectError("no connection came about") from error
        self._open.add(connection)
        connection.lost.add_done_callback(lambda _: self._open.discard(connection))
        return connection

    def _tls_context(self) -> ssl.SSLContext:
        if self._tls is None:
            self._tls = httpx2.create_ssl_context()
            self._tls.set_alpn_protocols(["http/1.1"])
        return self._tls
