"""Credentials of the app that are fetched: a session by logging in, a token from a token endpoint, a JWT we sign."""

import random
import time
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

import httpx2

from connectors.auth.lifetime import RENEWAL_PAUSE_S, Credential, renewal_at, usable
from connectors.auth.single_flight import SingleFlight
from connectors.call import Scope, Send
from connectors.errors import NotAuthorized, UpstreamError

REFUSAL_HOLDS_S = 300.0
"""For how long a refused login is not tried again: wrong passwords in a row lock the user out."""

RENEWALS, RENEWALS_WINDOW_S = 5, 60.0
"""How many refusals are answered with new credentials in that time: what is refused more often is no older for it."""


C = TypeVar("C", bound=Credential)

Fetch = Callable[[httpx2.Request, Send], Awaitable[C]]
"""Gets a credential for a request that waits for it, through the whole pipeline. Raises `NotAuthorized`."""

Sign = Callable[[httpx2.Request, C], httpx2.Request]
"""A copy of a request with the credential on it."""


class Renewals:
    """Keeps a refusal that no new credentials can help from fetching new ones for every request."""

    def __init__(self) -> None:
        self._times: deque[float] = deque(maxlen=RENEWALS)

    def allow(self, now: float) -> bool:
        """Whether one more is in order; counts it if so."""
        if len(self._times) == RENEWALS and now < self._times[0] + RENEWALS_WINDOW_S:
            return False
        self._times.append(now)
        return True


class FetchedAuth(Generic[C]):
    """One credential for every request. It is fetched when first needed, ahead of its end, and when it is refused.

    Whoever needs one while a fetch is under way waits for that fetch; one that is still good is used meanwhile.
    """

    def __init__(
        self,
        fetch: Fetch[C],
        sign: Sign[C],
        *,
        now: Callable[[], float] = time.time,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._fetch = fetch
        self._sign = sign
        self._now = now
        self._chance = chance
        self._held: C | None = None
        self._refused: C | None = None
        self._renewal_at = 0.0
        self._flight: SingleFlight[None, C] = SingleFlight()
        self._renewals = Renewals()
        self._refusal: tuple[float, NotAuthorized] | None = None

    async def authorize(self, request: httpx2.Request, send: Send) -> httpx2.Request:
        held, now = self._held, self._now()
        if held is None or not usable(held, now):
            refusal = self._standing_refusal(now)
            if refusal:
                raise refusal.with_traceback(None)
            held = await self._flight.join(None, lambda: self._fetched(request, send))
        elif now >= self._renewal_at and not self._standing_refusal(now):
            self._renewal_at = now + RENEWAL_PAUSE_S
            self._flight.begin(None, lambda: self._fetched(request, send))
        signed = self._sign(request, held)
        signed.extensions["credential"] = held
        return signed

    async def renew(self, refused: httpx2.Request, send: Send) -> bool:
        """Lay the refused credential aside, unless it has been replaced since; the next `authorize` fetches another."""
        if self._held is refused.extensions["credential"]:
            if not self._renewals.allow(self._now()):
                return False
            self._held, self._refused = None, self._held
        return True

    def credential(self, scope: Scope) -> str:
        return "app"

    def _standing_refusal(self, now: float) -> NotAuthorized | None:
        return self._refusal[1] if self._refusal and now < self._refusal[0] + REFUSAL_HOLDS_S else None

    async def _fetched(self, request: httpx2.Request, send: Send) -> C:
        try:
            held = self._held = await self._fetch(request, send)
        except NotAuthorized as error:
            self._refusal = (self._now(), error)
            raise
        except UpstreamError:
            self._held = self._held or self._refused  # one call's refusal may have had another reason
            raise
        self._refusal = None
        self._renewal_at = renewal_at(held, self._chance())
        return held
