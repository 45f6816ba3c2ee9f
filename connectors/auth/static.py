"""Credentials that do not change while we run: bearer tokens, API keys, HTTP Basic."""

from base64 import b64encode

import httpx2

from connectors.call import Scope, Send, rebuilt


class StaticHeader:
    """One header with a fixed value. Refused once, it is refused for good."""

    def __init__(self, name: str, value: str) -> None:
        self._headers = {name: value}

    async def authorize(self, request: httpx2.Request, send: Send) -> httpx2.Request:
        return rebuilt(request, headers=self._headers)

    async def renew(self, refused: httpx2.Request, send: Send) -> bool:
        return False

    def credential(self, scope: Scope) -> str:
        return "app"


def bearer(token: str) -> StaticHeader:
    """`Authorization: Bearer` (RFC 6750)."""
    return StaticHeader("Authorization", f"Bearer {token}")


def basic(user: str, password: str) -> StaticHeader:
    """`Authorization: Basic` (RFC 7617), UTF-8."""
    return StaticHeader("Authorization", f"Basic {b64encode(f'{user}:{password}'.encode()).decode()}")
