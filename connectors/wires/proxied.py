"""The way through an HTTP proxy: httpx2's own transport, which is slower than ours and knows how to ask one."""

from urllib.request import getproxies, proxy_bypass

import httpx2

from connectors.call import AnswerTooLarge
from connectors.wires.dialing import LOOPBACK
from connectors.wires.message import DEFAULTS, Exchanged, answer_of
from connectors.wires.tls import ClientCertificate, tls_context


def proxy_for(url: httpx2.URL) -> str | None:
    """The proxy that the environment names for an address (`HTTPS_PROXY`, `ALL_PROXY`, `NO_PROXY`, ...).

    `host:port` is `http://host:port`, as it is for curl. This machine's own addresses need none.
    Raises `ValueError` for what is not the address of an HTTP proxy; it may hold a password and is not shown.
    """
    if url.host in LOOPBACK or proxy_bypass(url.host):
        return None
    proxies = getproxies()
    name = url.scheme if proxies.get(url.scheme) else "all"
    value = proxies.get(name)
    return checked_proxy(f"{name.upper()}_PROXY", value) if value else None


def checked_proxy(variable: str, value: str) -> str:
    """The address of an HTTP proxy, whole. Raises `ValueError`."""
    whole = value if "://" in value else f"http://{value}"
    try:
        url = httpx2.URL(whole)
    except httpx2.InvalidURL:
        url = httpx2.URL()
    if url.scheme not in ("http", "https") or not url.host:
        raise ValueError(f"{variable} must be the address of an HTTP proxy: http://host:port")
    return whole


class ProxiedWire:
    """Pooled connections through one proxy."""

    def __init__(
        self,
        proxy: str,
        *,
        answer_bytes: int,
        connections: int,
        timeouts: dict[str, float],
        certificate: ClientCertificate | None,
    ) -> None:
        limits = httpx2.Limits(max_connections=connections, max_keepalive_connections=connections)
        tls = tls_context(certificate, ["http/1.1"])
        self._transport = httpx2.AsyncHTTPTransport(verify=tls, limits=limits, proxy=httpx2.Proxy(proxy))
        self._answer_bytes = answer_bytes
        self._timeouts = timeouts

    async def send(self, request: httpx2.Request) -> httpx2.Response:
        request.extensions["timeout"] = self._timeouts
        for name, value in DEFAULTS.items():
            request.headers.setdefault(name, value)
        try:
            status, pairs, content = await self._exchanged(request)
        except httpx2.ProxyError as error:  # it let us through to nobody
            raise httpx2.ConnectError(str(error), request=request) from error
        except httpx2.RemoteProtocolError as error:  # its text may quote what came
            message = "the upstream hung up, or its answer is not HTTP/1.1"
            raise httpx2.RemoteProtocolError(message, request=request) from error
        return answer_of(request, status, pairs, content, self._answer_bytes)

    async def close(self) -> None:
        await self._transport.aclose()

    async def _exchanged(self, request: httpx2.Request) -> Exchanged:
        response = await self._transport.handle_async_request(request)
        response.request = request
        content = bytearray()
        try:
            async for chunk in response.aiter_raw():
                content += chunk
                if len(content) > self._answer_bytes:
                    raise AnswerTooLarge(f"at most {self._answer_bytes} bytes", request=request)
        finally:
            await response.aclose()
        pairs = [(name.lower(), value) for name, value in response.headers.raw]
        return response.status_code, pairs, bytes(content)
