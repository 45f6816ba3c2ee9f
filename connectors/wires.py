"""The last transport: the network, or a sandbox in this process. Every stage runs either way."""

import httpx2

from connectors.call import Send
from connectors.sandbox.base import ConnectionDropped, Sandbox

CONNECT_TIMEOUT_S = 5.0
HEADERS = {"User-Agent": "punnet/0.1", "Accept-Encoding": "gzip, deflate"}
"""GitHub, for one, refuses requests that do not say who sends them."""


class NetworkWire:
    """Pooled HTTP connections to one upstream; TLS certificates are always verified.

    An answer larger than `answer_bytes` is cut off with `httpx2.ReadError`. Build it and close it in the event loop.
    """

    def __init__(self, *, answer_bytes: int, connections: int) -> None:
        limits = httpx2.Limits(max_connections=connections, max_keepalive_connections=connections)
        self._transport = httpx2.AsyncHTTPTransport(limits=limits)
        self._answer_bytes = answer_bytes

    async def send(self, request: httpx2.Request) -> httpx2.Response:
        request.extensions["timeout"] = {"connect": CONNECT_TIMEOUT_S}
        for name, value in HEADERS.items():
            request.headers.setdefault(name, value)
        response = await self._transport.handle_async_request(request)
        response.request = request
        try:
            body = bytearray()
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > self._answer_bytes:
                    raise httpx2.ReadError(f"the answer is larger than {self._answer_bytes} bytes", request=request)
        finally:
            await response.aclose()
        headers = [(k, v) for k, v in response.headers.raw if k.lower() not in (b"content-encoding", b"content-length")]
        return httpx2.Response(response.status_code, headers=headers, content=bytes(body), request=request)

    async def close(self) -> None:
        await self._transport.aclose()


def sandbox_wire(sandbox: Sandbox) -> Send:
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
