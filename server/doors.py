"""Who may come in by the way of a browser: pages of other sites may not, unless the operator lets them.

A browser sends the cookies and reaches the networks of its user wherever a page asks it to. A page whose host name is
made to point at this machine (DNS rebinding) shows in the `Host` header; one that asks across origins is held back by
the browser itself, unless told otherwise here.
"""

from collections.abc import Callable
from functools import lru_cache
from urllib.parse import urlsplit

import orjson
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from connectors.wires.dialing import LOOPBACK
from server.operations import error

ANY_ADDRESS = frozenset(("0.0.0.0", "::", ""))  # noqa: S104  # compared with, not bound to


def names_of(host: str, allowed: str | None) -> frozenset[str] | None:
    """The host names that requests may be for: those allowed, or what `host`, where we listen, suggests.

    `None` stands for any: whoever listens on all addresses has opened the door on purpose.
    """
    if allowed:
        return frozenset(name.strip().lower() for name in allowed.split(","))
    return None if host in ANY_ADDRESS else LOOPBACK | {host.lower()}


class HostCheck:
    """Refuses requests for host names that are not ours, with status 421 (RFC 9110, section 15.5.20).

    And with 400 those by HTTP/1.1 that name none (RFC 9112, section 3.2).
    """

    def __init__(self, app: ASGIApp, is_ours: Callable[[bytes], bool]) -> None:
        self._app = app
        self._is_ours = is_ours

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        host = _host(scope) if scope["type"] in ("http", "websocket") else None
        if scope["type"] == "http" and host is None and scope.get("http_version") == "1.1":
            await _refuse(send, 400, "BAD_REQUEST", "The request says no `Host`, which HTTP/1.1 asks for.")
        elif host is None or self._is_ours(host):
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": "not a host name of this gateway"})
        else:
            message = "This is not a host name of this gateway: PUNNET_ALLOWED_HOSTS lists them."
            await _refuse(send, 421, "HOST_NOT_ALLOWED", message)


async def _refuse(send: Send, status: int, code: str, message: str) -> None:
    body = orjson.dumps({"errors": [error(code, message)]})
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _host(scope: Scope) -> bytes | None:
    for name, value in scope["headers"]:
        if name == b"host":
            return bytes(value)
    return None


def origins_in(allowed: str | None) -> list[str]:
    """The sites whose pages may ask, as the settings have them."""
    return [origin.strip() for origin in allowed.split(",")] if allowed else []


class Doors:
    """What the settings say of hosts and origins: `host` is where we listen."""

    def __init__(self, host: str, allowed_hosts: str | None, allowed_origins: str | None) -> None:
        self.origins = origins_in(allowed_origins)
        self._names = names_of(host, allowed_hosts)
        self._is_ours = lru_cache(maxsize=32)(self._is_among_ours)

    def around(self, app: ASGIApp) -> ASGIApp:
        """`app` behind them."""
        if self.origins:
            app = CORSMiddleware(app, allow_origins=self.origins, allow_methods=["GET", "POST"], allow_headers=["*"])
        return HostCheck(app, self._is_ours)

    def are_open(self, host: bytes | None, origin: bytes | None) -> bool:
        """Whether they have nothing to say of a request with these header fields, nor of its response."""
        return host is not None and self._is_ours(host) and (origin is None or not self.origins)

    def _is_among_ours(self, host: bytes) -> bool:
        if self._names is None:
            return True
        try:
            return (urlsplit(f"//{host.decode('latin-1')}").hostname or "") in self._names
        except ValueError:
            return False
