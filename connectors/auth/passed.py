"""The client's own credentials, sent on: for gateways whose users have accounts at the upstream themselves."""

import httpx2

from connectors.call import Scope, Send, call_of
from connectors.errors import NotAuthorized
from connectors.request import rebuilt
from connectors.upstream import Given


class PassedThrough:
    """What the client's request has in the header `source`, sent as the header `target`. Refused, it is the client's.

    A value without `scheme` in front (`Bearer`) is given it. `source` is in lower case.
    """

    def __init__(self, upstream: str, source: str, *, target: str, scheme: str) -> None:
        self.source = source
        self._upstream = upstream
        self._target = target
        self._scheme = scheme

    async def authorize(self, request: httpx2.Request, send: Send) -> httpx2.Request:
        call = call_of(request)
        value = call.scope.headers.get(self.source)
        if not value:
            raise NotAuthorized(self._upstream, call.operation, f"the request must have the header {self.source}")
        named = not self._scheme or value.lower().startswith(f"{self._scheme.lower()} ")
        return rebuilt(request, headers={self._target: value if named else f"{self._scheme} {value}"})

    async def renew(self, refused: httpx2.Request, send: Send) -> bool:
        return False

    def credential(self, scope: Scope) -> str:
        return scope.principal


def passed_through(
    given: Given, variable: str, *, target: str = "Authorization", scheme: str = "Bearer"
) -> PassedThrough:
    """The client's token from the header that `variable` names, such as `X-GitHub-Token`."""
    return PassedThrough(given.upstream.name, given[variable].lower(), target=target, scheme=scheme)
