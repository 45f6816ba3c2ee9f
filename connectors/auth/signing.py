"""Requests signed with a secret that both sides know (HMAC, RFC 2104). What is signed, and where, a manifest says."""

import hashlib
import hmac
from collections.abc import Callable, Mapping
from typing import Literal

import httpx2

from connectors.call import Scope, Send
from connectors.clock import Clock
from connectors.request import rebuilt

Canonical = Callable[[httpx2.Request, int], bytes]
"""What is signed, from a request and the Unix time in whole seconds."""

Headers = Callable[[bytes, int], Mapping[str, str]]
"""The headers that carry a signature, as raw bytes, and that time."""


class HmacAuth:
    """Signs each attempt anew, so that no signature is older than its attempt."""

    def __init__(
        self,
        secret: bytes,
        *,
        canonical: Canonical,
        headers: Headers,
        clock: Clock,
        algorithm: Literal["sha256", "sha384", "sha512"] = "sha256",
    ) -> None:
        self._secret = secret
        self._canonical = canonical
        self._headers = headers
        self._clock = clock
        self._algorithm = algorithm

    async def authorize(self, request: httpx2.Request, send: Send) -> httpx2.Request:
        time = int(self._clock.time())
        signature = hmac.digest(self._secret, self._canonical(request, time), self._algorithm)
        return rebuilt(request, headers=self._headers(signature, time))

    async def renew(self, refused: httpx2.Request, send: Send) -> bool:
        return False

    def credential(self, scope: Scope) -> str:
        return "app"


def request_lines(request: httpx2.Request, time: int) -> bytes:
    """A usual canonical string: the method, the path with its query, the time and the body's SHA-256, line by line."""
    digest = hashlib.sha256(request.content).hexdigest()
    return b"\n".join((request.method.encode(), request.url.raw_path, str(time).encode(), digest.encode()))
