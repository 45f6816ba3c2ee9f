"""Connections over the network: kept, counted, and checked.

The client is our own because the pipeline cannot be cheaper than what is below it: `python -m benchmarks.wire` has it
beside the kept libraries. What is hard about HTTP is done by others: llhttp parses, OpenSSL verifies, aiohappyeyeballs
connects, and httpx2 talks to proxies.
"""

import asyncio
from dataclasses import dataclass, field

import httpx2

from connectors.address import Origin
from connectors.call import Call
from connectors.request import address_of
from connectors.wires.dialing import FAREWELL_S, AnyConnection, Dialer, Resolve
from connectors.wires.message import Exchanged, Unheard, answer_of
from connectors.wires.places import Places
from connectors.wires.proxied import ProxiedWire, proxy_for
from connectors.wires.resolver import Resolver
from connectors.wires.tls import ClientCertificate

IDLE_S = 4.0
"""How long a connection is kept unused: less than the 5 s after which common servers (Node, uvicorn) hang up, because
a request that crosses with their hanging up is lost."""


@dataclass
class _Host:
    """What there is for one origin: places for requests, idle connections, the way through a proxy.

    `calls` counts the requests that have a place or wait for one. An HTTP/2 connection stays among the idle ones while
    it is used, as it takes more requests.
    """

    places: Places
    proxied: ProxiedWire | None
    dialing: asyncio.Lock = field(default_factory=asyncio.Lock)
    idle: list[AnyConnection] = field(default_factory=list)
    calls: int = 0
    speaks_http1: bool = False


class NetworkWire:
    """At most `connections` requests at a time to one host, each on an HTTP/1.1 connection of its own.

    With `http2`, requests share a connection to a host that offers HTTP/2; through a proxy they do not.
    Certificates are always verified; `certificate` is ours, for upstreams that ask for one. Connections that lie idle
    are closed after `idle_s`. `resolve` says which addresses a host has; where it is given, no proxy is used, as a
    proxy would look for itself.

    Raises `httpx2.ConnectError`, `ConnectTimeout` and `PoolTimeout` where the request was not sent, other
    `httpx2.TransportError`s where it may have been; `request.extensions["sent"]` says so of a call that is cancelled.
    Redirects are not followed. Nothing is repeated but what crossed with the upstream's hanging up, once, where
    repeating it is safe. How long an answer may take is the judge stage's to say. An answer larger than `answer_bytes`,
    unpacked, is cut off with `AnswerTooLarge`. Use it and close it in one event loop.
    """

    def __init__(
        self,
        *,
        answer_bytes: int,
        connections: int,
        connect_timeout_s: float = 5.0,
        pool_timeout_s: float = 5.0,
        idle_s: float = IDLE_S,
        certificate: ClientCertificate | None = None,
        resolve: Resolve | None = None,
        http2: bool = False,
    ) -> None:
        self._answer_bytes = answer_bytes
        self._connections = connections
        self._connect_timeout_s = connect_timeout_s
        self._pool_timeout_s = pool_timeout_s
        self._idle_s = idle_s
        self._certificate = certificate
        self._direct = resolve is not None
        self._http2 = http2
        self._dialer = Dialer(
            answer_bytes=answer_bytes,
            timeout_s=connect_timeout_s,
            certificate=certificate,
            resolve=resolve or Resolver(),
            http2=http2,
        )
        self._hosts: dict[Origin, _Host] = {}
        self._open: set[AnyConnection] = set()
        self._sweeping: asyncio.TimerHandle | None = None

    @property
    def connected(self) -> int:
        """How many connections are open, in use or not; those through a proxy are not counted."""
        return len(self._open)

    async def send(self, request: httpx2.Request) -> httpx2.Response:
        request.extensions["sent"] = False
        origin = address_of(request).origin
        host = self._hosts.get(origin) or self._host(origin, request.url)
        if host.proxied:
            request.extensions["sent"] = True
            return await host.proxied.send(request)
        host.calls += 1
        try:
            if not host.places.take():
                await self._wait_for_place(host)
            try:
                status, headers, content = await self._exchanged(origin, host, request)
            finally:
                host.places.give_back()
        finally:
            host.calls -= 1
        return answer_of(request, status, headers, content, self._answer_bytes)

    async def close(self) -> None:
        """Close all connections; answers under way are lost."""
        if self._sweeping:
            self._sweeping.cancel()
        for proxied in [host.proxied for host in self._hosts.values() if host.proxied]:
            await proxied.close()
        closing = list(self._open)
        for connection in closing:
            connection.close()
        if closing:
            await asyncio.wait([connection.lost for connection in closing], timeout=FAREWELL_S)
        for connection in closing:
            connection.abort()

    def _host(self, origin: Origin, url: httpx2.URL) -> _Host:
        host = _Host(Places(self._connections), None if self._direct else self._through_proxy(url))
        self._hosts[origin] = host
        self._sweep_later()
        return host

    def _through_proxy(self, url: httpx2.URL) -> ProxiedWire | None:
        proxy = proxy_for(url)
        if proxy is None:
            return None
        return ProxiedWire(
            proxy,
            answer_bytes=self._answer_bytes,
            connections=self._connections,
            timeouts={"connect": self._connect_timeout_s, "pool": self._pool_timeout_s},
            certificate=self._certificate,
        )

    async def _wait_for_place(self, host: _Host) -> None:
        try:
            async with asyncio.timeout(self._pool_timeout_s):
                await host.places.wait()
        except TimeoutError as error:
            raise httpx2.PoolTimeout(f"all {self._connections} connections are in use") from error

    async def _exchanged(self, origin: Origin, host: _Host, request: httpx2.Request) -> Exchanged:
        """Over a kept connection; over a new one where that broke before anything of the answer came.

        A request that was sent is in doubt from then on, even where no new connection comes about.
        """
        lost: Unheard | None = None
        connection = self._kept(host)
        if connection:
            try:
                return await self._over(connection, host, request)
            except Unheard as error:
                if request.extensions["sent"]:
                    if not _repeatable(request):
                        raise
                    lost = error
        try:
            connection = await self._connected(origin, host)
        except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
            if lost:
                raise lost from error
            raise
        return await self._over(connection, host, request)

    async def _over(self, connection: AnyConnection, host: _Host, request: httpx2.Request) -> Exchanged:
        try:
            return await connection.exchange(request)
        finally:
            if connection.reusable and not connection.shared:
                connection.idle_since = asyncio.get_running_loop().time()
                host.idle.append(connection)

    def _kept(self, host: _Host) -> AnyConnection | None:
        """The connection used last, as it is the one most likely to be still good."""
        while host.idle:
            connection = host.idle.pop()
            if connection.reusable and connection.idle_since + self._idle_s > asyncio.get_running_loop().time():
                if connection.shared:
                    host.idle.append(connection)
                return connection
            connection.close()
        return None

    async def _connected(self, origin: Origin, host: _Host) -> AnyConnection:
        """A new connection, or the one that another request has opened meanwhile where it can be shared."""
        if self._http2 and not host.speaks_http1:
            async with host.dialing:
                connection = self._kept(host)
                if connection is None and not host.speaks_http1:
                    connection = await self._opened(origin)
                    host.speaks_http1 = not connection.shared
                    if connection.shared:
                        host.idle.append(connection)
                if connection:
                    return connection
        return await self._opened(origin)

    async def _opened(self, origin: Origin) -> AnyConnection:
        connection = await self._dialer.connect(origin)
        self._open.add(connection)
        connection.lost.add_done_callback(lambda _: self._open.discard(connection))
        return connection

    def _sweep_later(self) -> None:
        if self._sweeping is None:
            self._sweeping = asyncio.get_running_loop().call_later(self._idle_s, self._sweep)

    def _sweep(self) -> None:
        """Close what has been idle for long, and forget hosts that are not talked to."""
        self._sweeping = None
        now = asyncio.get_running_loop().time()
        for origin, host in list(self._hosts.items()):
            for connection in host.idle:
                if connection.idle_since + self._idle_s <= now:
                    connection.close()
            host.idle = [connection for connection in host.idle if connection.reusable]
            if not (host.idle or host.calls or host.proxied):
                del self._hosts[origin]
        if self._hosts:
            self._sweep_later()


def _repeatable(request: httpx2.Request) -> bool:
    """Whether sending a request twice has the effect of sending it once: its call knows, else its method says."""
    call: Call | None = request.extensions.get("call")
    return call.repeatable if call else request.method in ("GET", "HEAD")
