"""The manifest: all that tells one upstream from another before the first call."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from connectors.auth.auth import Auth
from connectors.call import Scope, Send
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


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """One way to authenticate, and the environment variables it takes; `make` gets the values of those that are set."""

    variables: tuple[str, ...]
    make: Callable[[Mapping[str, str]], Auth]
    optional: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Upstream(Generic[C]):
    """One third-party API.

    `name` is the provider's in every layer. `base_url` has no trailing slash and can be overridden by the environment
    variable `base_url_variable`. `credentials` are alternatives, the first complete one counts.
    `sandbox` builds the emulator, which takes the credentials in `sandbox_environment`.
    `docs_url` is where the manual starts.
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
    judge: Judge = by_status
    policy: Policy = field(default_factory=Policy)
