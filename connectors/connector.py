"""From manifests and the environment to connectors: what is there to talk to, and how."""

import importlib
import pkgutil
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

import httpx2

from connectors import providers
from connectors.auth.auth import Auth
from connectors.call import Scope, Send
from connectors.clock import Clock, SystemClock
from connectors.pipeline import pipeline
from connectors.pipeline.setup import Setup
from connectors.sandbox.base import Sandbox
from connectors.sandbox.people import Person
from connectors.upstream import Endpoint, Upstream
from connectors.wires import NetworkWire, sandbox_wire

LOOPBACK = ("localhost", "127.0.0.1", "::1")


class ConfigurationError(Exception):
    """The environment does not say what we must know; the message names the variable."""


@dataclass(frozen=True)
class Connector:
    """An upstream we can talk to. `client` makes a client for one scope; clients are cheap, the connector is kept.

    `sandbox` is the emulator behind it, `None` for the real upstream.
    """

    upstream: Upstream[Any]
    base_url: str
    send: Send
    close: Callable[[], Awaitable[None]]
    sandbox: Sandbox | None = None

    def client(self, scope: Scope) -> Any:
        return self.upstream.client(Endpoint(self.upstream.name, self.base_url, self.send, scope))


def discover() -> dict[str, Upstream[Any]]:
    """Every provider's manifest, by name: `connectors/providers/<name>/manifest.py` has it as `UPSTREAM`."""
    names = sorted(module.name for module in pkgutil.iter_modules(providers.__path__))
    manifests = [importlib.import_module(f"{providers.__name__}.{name}.manifest") for name in names]
    return {upstream.name: upstream for upstream in (cast(Upstream[Any], m.UPSTREAM) for m in manifests)}


def connect(
    upstream: Upstream[Any],
    environment: Mapping[str, str],
    *,
    people: tuple[Person, ...] | None = None,
    clock: Clock | None = None,
) -> Connector | None:
    """A connector with the credentials in `environment`, else to a sandbox among `people`, else `None`.

    Raises `ConfigurationError` for credentials that are there in part and for a base URL that is not safe to use.
    """
    clock = clock or SystemClock()
    auth = auth_from(upstream, environment)
    if auth is not None:
        base_url = checked_url(
            upstream.base_url_variable, environment.get(upstream.base_url_variable) or upstream.base_url
        )
        policy = upstream.policy
        wire = NetworkWire(answer_bytes=policy.answer_bytes, connections=policy.throttle.concurrency)
        return Connector(upstream, base_url, _pipeline(upstream, auth, clock, wire.send), wire.close)
    if people is None:
        return None
    sandbox = upstream.sandbox(people)
    auth = auth_from(upstream, upstream.sandbox_environment)
    if auth is None:
        raise ConfigurationError(f"{upstream.name}: sandbox_environment lacks the credentials that the manifest names")
    send = _pipeline(upstream, auth, clock, sandbox_wire(sandbox))
    return Connector(upstream, upstream.base_url, send, _nothing_to_close, sandbox)


def auth_from(upstream: Upstream[Any], environment: Mapping[str, str]) -> Auth | None:
    """The first complete set of credentials in `environment`; `None` without any, an error for half of one."""
    partial: list[str] = []
    for choice in upstream.credentials:
        there = [name for name in choice.variables if environment.get(name)]
        if len(there) == len(choice.variables):
            wanted = (*choice.variables, *choice.optional)
            return choice.make({name: environment[name] for name in wanted if environment.get(name)})
        missing = [name for name in choice.variables if name not in there]
        if there:
            partial.append(f"{' and '.join(there)} needs {' and '.join(missing)} beside it")
    if partial:
        raise ConfigurationError(f"{upstream.title}: {'; '.join(partial)}")
    return None


def wanted_variables(upstream: Upstream[Any]) -> str:
    """What to set for an upstream, for a message: `STRIPE_API_KEY`, or the alternatives joined by "or"."""
    return ", or ".join(" + ".join(choice.variables) for choice in upstream.credentials)


def checked_url(variable: str, value: str) -> str:
    """A base URL without trailing slash. HTTPS only, but for this machine's own addresses."""
    try:
        url = httpx2.URL(value)
    except httpx2.InvalidURL as error:
        raise ConfigurationError(f"{variable} is not a URL: {error}") from error
    if url.scheme not in ("https", "http") or not url.host:
        raise ConfigurationError(f"{variable} must be an absolute https:// address")
    if url.scheme == "http" and url.host not in LOOPBACK:
        raise ConfigurationError(
            f"{variable} must use https:// for {url.host}: credentials would be readable on the way"
        )
    return value.rstrip("/")


def _pipeline(upstream: Upstream[Any], auth: Auth, clock: Clock, wire: Send) -> Send:
    setup = Setup(upstream=upstream.name, auth=auth, judge=upstream.judge, policy=upstream.policy, clock=clock)
    return pipeline(setup, wire)


async def _nothing_to_close() -> None:
    """A sandbox in this process holds nothing that must be given back."""
