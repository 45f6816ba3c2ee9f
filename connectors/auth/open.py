"""No credentials at all: for an API that is open to everyone."""

import httpx2

from connectors.call import Scope, Send


class Open:
    """Sends requests as they are. An upstream that refuses them all the same wants credentials after all."""

    async def authorize(self, request: httpx2.Request, send: Send) -> httpx2.Request:
        return request

    async def renew(self, refused: httpx2.Request, send: Send) -> bool:
        return False

    def credential(self, scope: Scope) -> str:
        return "app"
