"""From manifests and the environment to connectors: what is there to talk to, and how."""

import importlib
import pkgutil
import unicodedata
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, cast

import httpx2

from connectors import providers
from connectors.auth.auth import Auth
from connectors.auth.connected import ConnectedOrApp
from connectors.auth.passed import PassedThrough
from connectors.auth.store.memory import MemoryTokens
from connectors.auth.store.store import TokenStore
from connectors.auth.stored import StoredAuth
from connectors.call import Scope, Send
from connectors.clock import Clock, SystemClock
from connectors.pipeline import pipeline
from connectors.pipeline.answers import Answers
from connectors.pipeline.setup import Setup
from connectors.pipeline.vitals import Vitals
from connectors.sandbox.base import Sandbox
from connectors.sandbox.emulator import Emulator
from connectors.sandbox.people import Person
from connectors.shared import Shared
from connectors.upstream import Endpoint, Given, Upstream, no_store
from connectors.wires import NetworkWire, sandbox_wire
from connectors.wires.dialing import LOOPBACK
from connectors.wires.proxied import proxy_for
from connectors.wires.tls import ClientCertificate

if TYPE_CHECKING:
    from connectors.spans import Spans

CONNECTIONS = 500
"""To one host: a bound against accidents. How many calls are in flight is the throttle's to say, by bucket."""


class ConfigurationError(Exception):
    """The environment does not say what we must know; the message names the variable."""


@dataclass(frozen=True)
class Connector:
    """An upstream we can talk to. `client` makes a client for one scope; clients are cheap, the connector is kept.

    `answers` are those that its pipeline keeps, `vitals` is its state by `clock`. `emulator` stands in for the
    real upstream, where it does. `users` keeps the tokens of users, where each has their own. `passes` is the header of
    a client's request whose value is sent on, in lower case.
    """

    upstream: Upstream[Any]
    base_url: str
    send: Send
    close: Callable[[], Awaitable[None]]
    answers: Answers
    vitals: Vitals
    clock: Clock
    emulator: Emulator | None = None
    users: StoredAuth | None = None
    passes: str | None = None

    def client(self, scope: Scope) -> Any:
        return self.upstream.client(Endpoint(self.upstream.name, self.base_url, self.send, scope))

    @property
    def sandbox(self) -> Sandbox | None:
        """What the emulator shows; it is there from now on."""
        return self.emulator.sandbox if self.emulator else None


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
    shared: Shared | None = None,
    spans: "Spans | None" = None,
    tokens: Callable[[], TokenStore] = no_store,
) -> Connector | None:
    """A connector with the credentials in `environment`, else to a sandbox among `people`, else `None`.

    `shared` is what its pipeline has in common with those of other replicas, `tokens` opens the store of users' tokens;
    closing them is not the connector's. `spans`, where calls are traced, makes their spans.

    Raises `ConfigurationError` for credentials that are there in part or not written cleanly, and for a base URL that
    is not safe to use, or that would not be used, for a proxy that is none, and for a client certificate that cannot be
    read.
    """
    clock = clock or SystemClock()
    base_url = checked_url(upstream.base_url_variable, environment.get(upstream.base_url_variable) or upstream.base_url)
    auth = auth_from(upstream, environment, base_url=base_url, clock=clock, tokens=tokens)
    answers = Answers(upstream.name, clock, upstream.policy.cache.max_bytes, shared)
    if auth is not None:
        wire = _network_wire(upstream, base_url, environment)
        setup = _setup(upstream, account_of(upstream, environment), auth, clock, answers, shared, spans)
        stored = auth if isinstance(auth, StoredAuth) else None
        passes = auth.source if isinstance(auth, PassedThrough) else None

        async def close() -> None:
            if stored:
                await stored.settle()
            await answers.close()
            await wire.close()

        send = _pipeline(setup, upstream, wire.send)
        return Connector(upstream, base_url, send, close, answers, setup.vitals, clock, users=stored, passes=passes)
    if environment.get(upstream.base_url_variable):
        wanted = wanted_variables(upstream)
        instead = "" if people is None else ", and the sandbox would answer instead"
        raise ConfigurationError(f"{upstream.base_url_variable} is set without credentials ({wanted}){instead}")
    if people is None:
        return None
    emulator = Emulator(upstream.sandbox, people)
    auth = auth_from(upstream, upstream.sandbox_environment, clock=clock)
    if auth is None:
        raise ConfigurationError(f"{upstream.name}: sandbox_environment lacks the credentials that the manifest names")
    kept = MemoryTokens()
    users = auth_from(upstream, upstream.sandbox_users, clock=clock, tokens=lambda: kept)
    connected = users if isinstance(users, StoredAuth) else None
    auth = ConnectedOrApp(upstream.name, connected, kept, auth) if connected else auth
    setup = _setup(upstream, "sandbox", auth, clock, answers, shared, spans)
    send, close = _pipeline(setup, upstream, sandbox_wire(emulator)), answers.close
    return Connector(upstream, upstream.base_url, send, close, answers, setup.vitals, clock, emulator, connected)


def auth_from(
    upstream: Upstream[Any],
    environment: Mapping[str, str],
    *,
    base_url: str | None = None,
    clock: Clock | None = None,
    tokens: Callable[[], TokenStore] = no_store,
) -> Auth | None:
    """The first complete set of credentials in `environment`; `None` without any, an error for a part of one.

    `base_url` is the manifest's unless it is given.
    """
    partial: list[str] = []
    for choice in upstream.credentials:
        values = {name: environment[name] for name in (*choice.variables, *choice.optional) if environment.get(name)}
        missing = [name for name in choice.variables if name not in values]
        if not missing:
            values = {name: clean(name, value) for name, value in values.items()}
            return choice.make(
                Given(
                    values,
                    upstream=upstream,
                    base_url=base_url or upstream.base_url,
                    clock=clock or SystemClock(),
                    tokens=tokens,
                )
            )
        if values.keys() - set(choice.elsewhere):
            partial.append(f"{' and '.join(values)} needs {' and '.join(missing)} beside it")
    if partial:
        raise ConfigurationError(f"{upstream.title}: {'; '.join(partial)}")
    return None


def client_certificate(upstream: Upstream[Any], environment: Mapping[str, str]) -> ClientCertificate | None:
    """Our certificate for an upstream: PEM files named by `<PROVIDER>_CLIENT_CERTIFICATE` and `..._CLIENT_KEY`.

    The key may be in the certificate's file. `..._CLIENT_KEY_PASSWORD` opens an encrypted one.
    """
    prefix = upstream.base_url_variable.removesuffix("BASE_URL") + "CLIENT_"
    found = {name: environment.get(prefix + name) for name in ("CERTIFICATE", "KEY", "KEY_PASSWORD")}
    if found["CERTIFICATE"]:
        return ClientCertificate(
            certificate=found["CERTIFICATE"], key=found["KEY"] or None, password=found["KEY_PASSWORD"] or None
        )
    if found["KEY"] or found["KEY_PASSWORD"]:
        raise ConfigurationError(f"{upstream.title}: {prefix}CERTIFICATE is missing beside the key")
    return None


def wanted_variables(upstream: Upstream[Any]) -> str:
    """What to set for an upstream, for a message: `STRIPE_API_KEY`, or the alternatives joined by "or"."""
    return ", or ".join(" + ".join(choice.variables) for choice in upstream.credentials)


def clean(variable: str, value: str) -> str:
    """A value as it is, without white space around it and control characters in it: these come from copying badly."""
    if value != value.strip() or any(unicodedata.category(letter) == "Cc" for letter in value):
        raise ConfigurationError(f"{variable} has white space around it, or a control character in it")
    return value


def checked_url(variable: str, value: str) -> str:
    """A base URL without trailing slash. HTTPS only, but for this machine's own addresses.

    Messages hold no more of it than the host: someone may have put a password in.
    """
    try:
        url = httpx2.URL(clean(variable, value))
    except httpx2.InvalidURL:
        raise ConfigurationError(f"{variable} is not a URL") from None
    if url.scheme not in ("https", "http") or not url.host:
        raise ConfigurationError(f"{variable} must be an absolute https:// address")
    if "@" in value or "?" in value or "#" in value:
        raise ConfigurationError(f"{variable} must be without user name, password, query and fragment")
    if url.scheme == "http" and url.host not in LOOPBACK:
        raise ConfigurationError(
            f"{variable} must use https:// for {url.host}: credentials would be readable on the way"
        )
    return value.rstrip("/")


def _network_wire(upstream: Upstream[Any], base_url: str, environment: Mapping[str, str]) -> NetworkWire:
    certificate = client_certificate(upstream, environment)
    try:
        proxy_for(httpx2.URL(base_url))
    except ValueError as error:
        raise ConfigurationError(str(error)) from error
    try:
        return NetworkWire(
            answer_bytes=upstream.policy.answer_bytes,
            connections=CONNECTIONS,
            certificate=certificate,
            http2=upstream.policy.http2,
        )
    except OSError as error:
        raise ConfigurationError(
            f"{upstream.title}: the client certificate cannot be read: {error.strerror or 'not a certificate'}"
        ) from error


def account_of(upstream: Upstream[Any], environment: Mapping[str, str]) -> str:
    """A name for whom an upstream knows us as, that tells nothing of the credentials it comes from.

    Gateways that share a Redis, but not their credentials, must not be given each other's answers.
    """
    choices = (variable for choice in upstream.credentials for variable in (*choice.variables, *choice.optional))
    given = [(name, environment[name]) for name in sorted(set(choices)) if environment.get(name)]
    return blake2b(repr(given).encode(), digest_size=16).hexdigest()


def _setup(
    upstream: Upstream[Any],
    account: str,
    auth: Auth,
    clock: Clock,
    answers: Answers,
    shared: Shared | None,
    spans: "Spans | None",
) -> Setup:
    return Setup(
        upstream=upstream.name,
        account=account,
        auth=auth,
        identify=auth.identify if isinstance(auth, StoredAuth | ConnectedOrApp) else None,
        judge=upstream.judge,
        policy=upstream.policy,
        clock=clock,
        answers=answers,
        shared=shared,
        spans=spans,
    )


def _pipeline(setup: Setup, upstream: Upstream[Any], wire: Send) -> Send:
    return pipeline(setup, setup.spans.passing_on(wire) if setup.spans and upstream.propagate else wire)
