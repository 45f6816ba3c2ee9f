"""Credentials that do not change while we run: bearer tokens, API keys, HTTP Basic."""

from base64 import b64encode

import httpx2

from connectors.call import Scope, Send
from connectors.headers import written
from connectors.request import rebuilt


class StaticHeader:
    """One header with a fixed value. Refused once, it is refused for good."""

    def __init__(self, name: str, value: str) -> None:
        self._fields = written({name: value})

    async def authorize(self, request: httpx2.Request, send: Send) -> httpx2.Request:
        return rebuilt(request, fields=self._fields)

    async def renew(self, refused: httpx2.Request, send: Send) -> bool:
        return False

    def credential(self, scope: Scope) -> str:
        return "app"


class StaticParameter:
    """One query parameter with a fixed value, for APIs that want their key in the address. Logs of theirs hold it."""

    def __init__(self, name: str, value: str) -> None:
        self._parameter = {name: value}

    async def authorize(self, request: httpx2.Request, send: Send) -> httpx2.Request:
        return rebuilt(request, url=request.url.copy_merge_params(self._parameter))

    async def renew(self, refused: httpx2.Request, send: Send) -> bool:
        return False

    def credential(self, scope: Scope) -> str:
        return "app"


def api_key(name: str, value: str) -> StaticHeader:
    """A key in a header of the upstream's own, such as `X-API-Key`."""
    return StaticHeader(name, value)


def query_parameter(name: str, value: str) -> StaticParameter:
    """A key in the query of every address."""
    return StaticParameter(name, value)


def bearer(token: str) -> StaticHeader:
    """`Authorization: Bearer` (RFC 6750)."""
    return StaticHeader("Authorization", f"Bearer {token}")


def basic(user: str, password: str) -> StaticHeader:
    """`Authorization: Basic` (RFC 7617), UTF-8."""
    return StaticHeader("Authorization", basic_value(user, password))


def basic_value(user: str, password: str) -> str:
    """The value of that header."""
    return f"Basic {b64encode(f'{user}:{password}'.encode()).decode()}"
