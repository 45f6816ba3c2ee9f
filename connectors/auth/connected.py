"""A user's own token where they have connected an account, the app's credentials where they have not.

For sandboxes, where everything works before anybody connects anything. With a real upstream nobody acts as somebody
else: there it is one or the other.
"""

from collections.abc import Container

import httpx2

from connectors.auth.auth import Auth
from connectors.auth.store.store import Account
from connectors.auth.stored import StoredAuth
from connectors.call import Scope, Send, call_of


class ConnectedOrApp:
    """`connected` are those who have connected an account."""

    def __init__(self, provider: str, users: StoredAuth, connected: Container[Account], app: Auth) -> None:
        self._provider = provider
        self._users = users
        self._connected = connected
        self._app = app

    async def authorize(self, request: httpx2.Request, send: Send) -> httpx2.Request:
        signer = self._signer(call_of(request).scope)
        signed = await signer.authorize(request, send)
        signed.extensions["signer"] = signer
        return signed

    async def renew(self, refused: httpx2.Request, send: Send) -> bool:
        signer: Auth = refused.extensions["signer"]
        return await signer.renew(refused, send)

    def credential(self, scope: Scope) -> str:
        return self._signer(scope).credential(scope)

    async def identify(self, scope: Scope) -> str:
        """As `StoredAuth.identify`, for those who have connected an account."""
        signer = self._signer(scope)
        return await self._users.identify(scope) if signer is self._users else signer.credential(scope)

    def _signer(self, scope: Scope) -> Auth:
        return self._users if Account(self._provider, scope.user) in self._connected else self._app
