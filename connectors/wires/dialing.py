"""How a connection comes about: a name becomes addresses, the first one that answers is taken, TLS checks who it is."""

import asyncio
import ssl
from collections.abc import Callable, Coroutine, Sequence
from typing import TYPE_CHECKING, Any, Union

import aiohappyeyeballs
import httpx2
from aiohappyeyeballs import AddrInfoType

from connectors.address import Origin
from connectors.wires.connection import Connection
from connectors.wires.tls import ClientCertificate, tls_context

if TYPE_CHECKING:
    from connectors.wires.http2 import Http2Connection

NEXT_ADDRESS_S = 0.25
"""When to try a host's next address beside the one that does not answer (RFC 8305, section 5)."""

FAREWELL_S = 1.0
"""How long closing TLS properly may take."""

LOOPBACK = frozenset(("localhost", "127.0.0.1", "::1"))
"""The names of this machine, for itself."""

AnyConnection = Union[Connection, "Http2Connection"]

Resolve = Callable[[Origin], Coroutine[Any, Any, Sequence[AddrInfoType]]]
"""The addresses of a host, `OSError` where it has none."""


class _Agreed(asyncio.Protocol):
    """Hands a new connection to what was agreed on (ALPN, RFC 7301), before anything comes in."""

    def __init__(self, answer_bytes: int) -> None:
        self._answer_bytes = answer_bytes
        self.connection: AnyConnection

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        tls = transport.get_extra_info("ssl_object")
        if tls and tls.selected_alpn_protocol() == "h2":
            from connectors.wires.http2 import Http2Connection  # loads h2

            self.connection = Http2Connection(self._answer_bytes)
        else:
            self.connection = Connection(self._answer_bytes)
        transport.set_protocol(self.connection)
        self.connection.connection_made(transport)


class Dialer:
    """Opens connections, each within `timeout_s`, with `http2` where the upstream offers that over TLS.

    `certificate` is read at once; `OSError` where it is none.
    """

    def __init__(
        self,
        *,
        answer_bytes: int,
        timeout_s: float,
        certificate: ClientCertificate | None = None,
        resolve: Resolve,
        http2: bool = False,
    ) -> None:
        self._answer_bytes = answer_bytes
        self._timeout_s = timeout_s
        self._certificate = certificate
        self._resolve = resolve
        self._protocols = ["h2", "http/1.1"] if http2 else ["http/1.1"]
        self._tls = self._tls_context() if certificate else None

    async def connect(self, origin: Origin) -> AnyConnection:
        """Raises `httpx2.ConnectError` and `ConnectTimeout`."""
        scheme, host, _ = origin
        try:
            async with asyncio.timeout(self._timeout_s):
                addresses = await self._resolve(origin)
                connected = await aiohappyeyeballs.start_connection(
                    addresses, happy_eyeballs_delay=NEXT_ADDRESS_S, interleave=1
                )
                if scheme == "https" and self._tls is None:
                    self._tls = self._tls_context()
                tls = self._tls if scheme == "https" else None
                _, agreed = await asyncio.get_running_loop().create_connection(
                    lambda: _Agreed(self._answer_bytes),
                    sock=connected,
                    ssl=tls,
                    server_hostname=host if tls else None,
                    ssl_shutdown_timeout=FAREWELL_S if tls else None,
                )
        except TimeoutError as error:
            raise httpx2.ConnectTimeout(f"no connection within {self._timeout_s:.1f} s") from error
        except (OSError, UnicodeError) as error:
            raise httpx2.ConnectError("no connection came about") from error
        return agreed.connection

    def _tls_context(self) -> ssl.SSLContext:
        return tls_context(self._certificate, self._protocols)
