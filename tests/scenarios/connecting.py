"""What the tests of users' consent have in common: a gateway to connect accounts at, and users with browsers."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
from joserfc import jwt
from joserfc.jwk import OctKey

from connectors.clock import SystemClock
from connectors.connector import discover
from connectors.sandbox.authorization import AuthorizationServer
from tests.gateway import Gateway, running
from tests.providers.worlds import leaves, listings

SECRET = "a secret that is shared with the application"
KEY = "Y29ubmVjdGluZyBrZXkgY29ubmVjdGluZyBrZXkgISE="
RETURN = "https://app.example/settings"
UPSTREAMS = {name: upstream for name, upstream in discover().items() if upstream.sandbox_users}
"""Those at which users can connect accounts."""


@contextmanager
def connecting(folder: Path, **more: str) -> Iterator[Gateway]:
    """A gateway whose users connect accounts of their own at every provider that has that."""
    settings = {
        "PUNNET_DATABASE_URL": f"sqlite:///{folder / 'punnet.sqlite3'}",
        "PUNNET_ENCRYPTION_KEY": KEY,
        "PUNNET_USERS_SECRET": SECRET,
        "PUNNET_RETURN_URLS": RETURN,
        "GOOGLE_REFRESH_TOKEN": "",
    }
    for upstream in UPSTREAMS.values():
        settings |= upstream.sandbox_users
    with running({**settings, **more}) as gateway:
        yield gateway


def server_of(gateway: Gateway, provider: str) -> AuthorizationServer:
    server = gateway.sandboxes[provider].authorization
    assert server
    return server


def some_query(provider: str) -> str:
    """A query of the provider's first list."""
    (listing, *_) = listings(provider)
    return listing.query(leaves(listing.node)[0])


@dataclass
class User:
    """A user of the gateway, with a browser that has cookies and follows nothing by itself."""

    gateway: Gateway
    name: str
    browser: httpx2.Client

    @property
    def headers(self) -> dict[str, str]:
        claims = {"sub": self.name, "exp": int(SystemClock().time()) + 600}
        return {"Authorization": f"Bearer {jwt.encode({'alg': 'HS256'}, claims, OctKey.import_key(SECRET))}"}

    def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        body = {"query": query, "variables": variables}
        answer = self.browser.post(f"{self.gateway.url}/graphql", json=body, headers=self.headers)
        found: dict[str, Any] = answer.json()
        return found

    def code(self, query: str) -> str | None:
        """The code of the first error of a query, if it has one."""
        errors = self.ask(query).get("errors")
        return errors[0]["extensions"]["code"] if errors else None

    def ticket_link(self, provider: str, return_to: str | None = None) -> str:
        query = "mutation($p: String!, $r: String) { connectProvider(provider: $p, returnTo: $r) { url expiresAt } }"
        answer = self.ask(query, p=provider, r=return_to)
        return self.gateway.url + str(answer["data"]["connectProvider"]["url"])

    def depart(self, provider: str, return_to: str | None = None) -> str:
        """Ask for a link, open it and go on: the provider's address that the browser is sent to."""
        link = self.ticket_link(provider, return_to)
        assert self.browser.get(link).status_code == 200
        gone = self.browser.post(link, headers={"Origin": self.gateway.url})
        assert gone.status_code == 303, gone.text
        return gone.headers["location"]

    def agree(self, address: str, decision: str = "allow", person: str = "") -> str:
        """Decide at the provider, as who has an e-mail address there: the address that the browser is sent back to."""
        page = self.browser.get(address)
        assert page.status_code == 200, page.text
        answer = self.browser.post(address, data={"decision": decision, "person": person})
        assert answer.status_code == 302, answer.text
        return answer.headers["location"]

    def connect(self, provider: str, return_to: str | None = None, person: str = "") -> httpx2.Response:
        """All of it: the last page."""
        return self.browser.get(self.agree(self.depart(provider, return_to), person=person))

    def connection(self, provider: str) -> Any:
        query = "{ connections { provider connected reauthorizationRequired account scopes expiresAt } }"
        (found,) = [one for one in self.ask(query)["data"]["connections"] if one["provider"] == provider]
        return found

    def disconnect(self, provider: str) -> Any:
        query = "mutation($p: String!) { disconnect(provider: $p) { provider revoked problem } }"
        return self.ask(query, p=provider)["data"]["disconnect"]


@contextmanager
def users_of(gateway: Gateway) -> Iterator[Callable[[str], User]]:
    """Makes users by name, each with a browser of their own."""
    with ExitStack() as browsers:
        yield lambda name: User(gateway, name, browsers.enter_context(httpx2.Client(timeout=60)))


def told(address: str) -> dict[str, str]:
    """The query of an address."""
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
