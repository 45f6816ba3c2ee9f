"""The manifest: all that tells one upstream from another before the first call."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import httpx2

from connectors.auth.auth import Auth
from connectors.auth.store.store import TokenStore
from connectors.call import Scope, Send
from connectors.clock import Clock
from connectors.judgement import Judge, by_status
from connectors.policy import Policy
from connectors.sandbox.base import Sandbox
from connectors.sandbox.people import Person

C = TypeVar("C")


@dataclass(frozen=True)
class Endpoint:
    """What a client is made from: where its upstream is, how to send, and on whose behalf.

    `base_url` has no trailing slash.
    """

    upstream: str
    base_url: str
    send: Send
    scope: Scope

    def in_doubt(self) -> bool:
        """Whether the call that has just ended may have been done by an attempt before the one that was answered.

        That is so where the answer to that one was lost, or left it open. For a client that asks as soon as it has the
        answer: other calls of the scope end too.
        """
        calls = self.scope.calls
        return bool(calls) and calls[-1].unanswered > 0


def no_store() -> TokenStore:
    """There is none."""
    raise RuntimeError("a scheme that keeps tokens was made without a store")


class Given(Mapping[str, str]):
    """What an auth scheme is made from: the values of its variables, which upstream it is for, the clock, and a store.

    `tokens` opens the store; it raises `ConfigurationError` where there can be none.
    """

    def __init__(
        self,
        values: Mapping[str, str],
        *,
        upstream: "Upstream[Any]",
        base_url: str,
        clock: Clock,
        tokens: Callable[[], TokenStore] = no_store,
    ) -> None:
        """`base_url` is where the upstream is, perhaps not where its manifest says."""
        self._values = values
        self._base_url = base_url
        self.upstream = upstream
        self.clock = clock
        self.tokens = tokens

    def moved(self, url: str) -> str:
        """An address of the upstream's beside its base URL (its token endpoint), where the base URL is.

        Where the base URL has been pointed elsewhere, it is the same path under that one: what stands in for an
        upstream stands in for all of it, and credentials for a stand-in must not reach the real one.
        """
        if self._base_url == self.upstream.base_url:
            return url
        return self._base_url + httpx2.URL(url).raw_path.decode("ascii")

    def __getitem__(self, name: str) -> str:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """One way to authenticate, and the environment variables it takes; `make` gets the values of those that are set.

    Those in `elsewhere` are of use without the others (a client's secret that signs webhooks too), so that they alone
    do not ask for this way. `make` may raise `ConfigurationError`.
    """

    variables: tuple[str, ...]
    make: Callable[[Given], Auth]
    optional: tuple[str, ...] = ()
    elsewhere: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Upstream(Generic[C]):
    """One third-party API.

    `name` is the provider's in every layer. `base_url` has no trailing slash and can be overridden by the environment
    variable `base_url_variable`. `credentials` are alternatives, the first complete one counts.
    `sandbox` builds the emulator, which takes the credentials in `sandbox_environment`; those in `sandbox_users` are of
    an app to which its users connect accounts of their own, where there can be one.
    `docs_url` is where the manual starts. `propagate` says that it is told which trace a request belongs to, where
    there is one: for upstreams of one's own, as it tells others what belongs together.
    """

    name: str
    title: str
    base_url: str
    base_url_variable: str
    docs_url: str
    client: Callable[[Endpoint], C]
    credentials: tuple[Credentials, ...]
    sandbox: Callable[[tuple[Person, ...]], Sandbox]
    sandbox_environment: Mapping[str, str]
    sandbox_users: Mapping[str, str] = field(default_factory=dict)
    judge: Judge = by_status
    policy: Policy = field(default_factory=Policy)
    propagate: bool = False
