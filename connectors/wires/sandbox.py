"""Calls that do not leave this process."""

import httpx2
from starlette.types import ASGIApp

from connectors.call import Send
from connectors.sandbox.base import ConnectionDropped


def sandbox_wire(sandbox: ASGIApp) -> Send:
    """Calls a sandbox directly; its hanging up looks like a broken connection."""
    transport = httpx2.ASGITransport(app=sandbox)

    async def send(request: httpx2.Request) -> httpx2.Response:
        try:
            response = await transport.handle_async_request(request)
        except ConnectionDropped as error:
            raise httpx2.RemoteProtocolError("the server hung up", request=request) from error
        response.request = request
        await response.aread()
        return response

    return send
