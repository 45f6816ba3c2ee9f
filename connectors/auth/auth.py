"""The seam between the authorize stage and the schemes."""

from typing import Protocol

import httpx2

from connectors.call import Scope, Send


class Auth(Protocol):
    """Adds credentials to requests, and gets new ones when the upstream no longer takes the old.

    `send` is the whole pipeline: calls that fetch credentials go through it too, marked `anonymous`.
    """

    async def authorize(self, request: httpx2.Request, send: Send) -> httpx2.Request:
        """A copy of `request` with credentials. Raises `NotAuthorized` where there are none to be had."""

    async def renew(self, refused: httpx2.Request, send: Send) -> bool:
        """After the upstream refused `refused` (as `authorize` made it): whether newer credentials are there now.

        Any number of callers may ask at once; the credentials are renewed once. `refused.extensions["reason"]`
        is the upstream's own code for the refusal.
        """

    def credential(self, scope: Scope) -> str:
        """Names the credentials that calls of a scope go out with (a name, not a secret).

        What an upstream counts and refuses, it does by credential: limits and circuits are kept apart by this name.
        """
