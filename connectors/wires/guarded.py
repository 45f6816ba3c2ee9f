"""The wire to addresses that users gave us: webhook targets, and descriptions to import."""

import asyncio

import httpx2

from connectors.address import origin_of
from connectors.wires.dialing import Resolve
from connectors.wires.guard import AddressRefused, checked, guarded
from connectors.wires.network import NetworkWire
from connectors.wires.resolver import Resolver

REDIRECTS = (301, 302, 303, 307, 308)


class GuardedWire:
    """Calls what is on the public internet, over HTTPS, and nothing else; see `guard`.

    No proxy is used: it would look up names for itself. Each call has `timeout_s`, each host `connections` at a time;
    an answer larger than `answer_bytes` is cut off with `AnswerTooLarge`. With `allow_private`, for development,
    private networks may be called too, and this machine over plain HTTP.

    Raises `AddressRefused` where an address is not one to call, `TimeoutError`, and `httpx2.TransportError`s as
    `NetworkWire` does.
    """

    def __init__(
        self,
        *,
        answer_bytes: int,
        timeout_s: float = 10.0,
        connections: int = 8,
        allow_private: bool = False,
        resolve: Resolve | None = None,
    ) -> None:
        self._allow_private = allow_private
        self._timeout_s = timeout_s
        self._resolve = guarded(resolve or Resolver(), allow_private=allow_private)
        self._wire = NetworkWire(answer_bytes=answer_bytes, connections=connections, resolve=self._resolve)

    async def check(self, url: str) -> httpx2.URL:
        """The address, parsed, if it is one to call now. Nothing is sent. Raises `OSError` where nobody knows the host.

        It says nothing of later, when the host may have another address: each call looks again.
        """
        parsed = checked(url, allow_private=self._allow_private)
        async with asyncio.timeout(self._timeout_s):
            await self._resolve(origin_of(parsed))
        return parsed

    async def send(self, request: httpx2.Request) -> httpx2.Response:
        """One request, one answer; a redirect is an answer."""
        checked(request.url, allow_private=self._allow_private)
        async with asyncio.timeout(self._timeout_s):
            return await self._wire.send(request)

    async def get(self, url: str, *, redirects: int = 5) -> httpx2.Response:
        """What is at an address, `redirects` further on at most; each address on the way is checked like the first.

        Nothing that belongs to one address (a cookie, credentials) goes along to the next.
        """
        target: httpx2.URL | str = url
        for _ in range(redirects + 1):
            here = checked(target, allow_private=self._allow_private)
            response = await self.send(httpx2.Request("GET", here))
            location = response.headers.get("location")
            if response.status_code not in REDIRECTS or location is None:
                return response
            try:
                target = here.join(location)
            except httpx2.InvalidURL:
                raise AddressRefused("the address leads to what is no URL") from None
        raise AddressRefused(f"the address leads on more than {redirects} times")

    async def close(self) -> None:
        await self._wire.close()
