"""A user's own token where they have connected an account, the app's credentials where they have not.

For sandboxes, where everything works before anybody connects anything. With a real upstream nobody acts as somebody
else: there it is one or the other.
"""

import httpx2

from connectors.auth.auth import Auth
from connectors.auth.stored import StoredAuth
from connectors.call import Scope, Send
from connectors.errors import ConnectionRequired


class ConnectedOrApp:
    def __init__(self, users: StoredAuth, app: Auth) -> None:
        self.users = users
        self._app = app

    async def authorize(self, request: httpx2.Request, send: Send) -> httpx2.Request:
        signer: Auth = self.users
        try:
            signed = await signer.authorize(request, send)
        except ConnectionRequired:
            signer = self._app
            signed = await signer.authorize(request, send)
        signed.extensions["signer"] = signer
        return signed

    async def renew(self, refused: httpx2.Request, send: Send) -> bool:
        signer: Auth = refused.extensions["signer"]
        return await signer.renew(refused, send)

    def credential(self, scope: Scope) -> str:
        return self.users.credential(scope)
