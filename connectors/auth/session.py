"""Sessions: log in once, name the session in every request, log in again when the upstream has forgotten it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from math import inf

import httpx2

from connectors.call import Scope, Send


@dataclass(frozen=True)
class Session:
    """What a login gives: the secret `id`, and the address that the user's requests go to. It ends when it is refused.

    `FetchedAuth` keeps sessions of our own.
    """

    id: str = field(repr=False)
    url: str
    issued_at: float = 0.0
    expires_at: float = inf


class FixedSession:
    """A session that somebody else began. Refused once, it is refused for good."""

    def __init__(self, session: Session, sign: Callable[[httpx2.Request, Session], httpx2.Request]) -> None:
        self._session = session
        self._sign = sign

    async def authorize(self, request: httpx2.Request, send: Send) -> httpx2.Request:
        return self._sign(request, self._session)

    async def renew(self, refused: httpx2.Request, send: Send) -> bool:
        return False

    def credential(self, scope: Scope) -> str:
        return "app"
