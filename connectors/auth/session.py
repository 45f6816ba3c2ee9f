"""Sessions: log in once, name the session in every request, log in again when the upstream has forgotten it."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import httpx2

from connectors.call import Scope, Send
from connectors.errors import NotAuthorized

REFUSAL_HOLDS_S = 300.0
"""For how long a refused login is not tried again: wrong passwords in a row lock the user out."""


@dataclass(frozen=True)
class Session:
    """What a login gives: the secret `id`, and the address that the user's requests go to."""

    id: str = field(repr=False)
    url: str


LogIn = Callable[[httpx2.Request, Send], Awaitable[Session]]
"""Logs in for a request that waits for it, through the whole pipeline. Raises `NotAuthorized`."""

Sign = Callable[[httpx2.Request, Session], httpx2.Request]
"""A copy of a request that names the session and goes to its address."""


class FixedSession:
    """A session that somebody else began. Refused once, it is refused for good."""

    def __init__(self, session: Session, sign: Sign) -> None:
        self._session = session
        self._sign = sign

    async def authorize(self, request: httpx2.Request, send: Send) -> httpx2.Request:
        return self._sign(request, self._session)

    async def renew(self, refused: httpx2.Request, send: Send) -> bool:
        return False

    def credential(self, scope: Scope) -> str:
        return "app"


class SessionAuth:
    """Sessions of our own. Whoever needs one while a login is under way waits for that login."""

    def __init__(self, log_in: LogIn, sign: Sign, now: Callable[[], float] = time.monotonic) -> None:
        self._log_in = log_in
        self._sign = sign
        self._now = now
        self._session: Session | None = None
        self._flight: asyncio.Task[Session] | None = None
        self._refusal: tuple[float, NotAuthorized] | None = None

    async def authorize(self, request: httpx2.Request, send: Send) -> httpx2.Request:
        session = self._session or await self._begun(request, send)
        signed = self._sign(request, session)
        signed.extensions["session"] = session
        return signed

    async def renew(self, refused: httpx2.Request, send: Send) -> bool:
        """Forget the refused session, unless it has been replaced since; the next `authorize` logs in."""
        if self._session is refused.extensions["session"]:
            self._session = None
        return True

    def credential(self, scope: Scope) -> str:
        return "app"

    async def _begun(self, request: httpx2.Request, send: Send) -> Session:
        if self._refusal and self._now() < self._refusal[0] + REFUSAL_HOLDS_S:
            raise self._refusal[1].with_traceback(None)
        if self._flight is None:
            self._flight = asyncio.ensure_future(self._login(request, send))
            self._flight.add_done_callback(_seen)
        return await asyncio.shield(self._flight)

    async def _login(self, request: httpx2.Request, send: Send) -> Session:
        try:
            self._session = await self._log_in(request, send)
            self._refusal = None
            return self._session
        except NotAuthorized as error:
            self._refusal = (self._now(), error)
            raise
        finally:
            self._flight = None


def _seen(flight: "asyncio.Task[Session]") -> None:
    """A login that fails after everyone has gone away is nobody's news."""
    if not flight.cancelled():
        flight.exception()
