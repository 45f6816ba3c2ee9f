"""The composition root: from the environment to the running app. What outlives a request is built here."""

import os
from collections.abc import Iterable, Mapping
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from server.collector import at_rest

with at_rest(for_good=True):
    import structlog
    from fastapi import FastAPI

    from connectors import connector
    from connectors.auth.store.opening import opened
    from connectors.call import APP
    from connectors.clock import Clock, SystemClock
    from connectors.connector import ConfigurationError, Connector, account_of, connect, wanted_variables
    from connectors.database import Database
    from connectors.rules import ruled
    from connectors.sandbox.people import population
    from connectors.shared import Shared
    from connectors.upstream import Upstream
    from connectors.webhooks.hub import Hub
    from connectors.webhooks.office import Office
    from connectors.webhooks.sender import senders_in, unheard
    from resolvers import discovery
    from resolvers.context import Context
    from resolvers.cursors import CursorCodec
    from resolvers.inbox import INBOX
    from resolvers.outbox import OUTBOX
    from resolvers.upstreams import OPERATORS
    from resolvers.users import USERS
    from schema.compose import compose
    from schema.fields import Fields
    from server import logs
    from server.callers import Caller, callers_from
    from server.cli import commands
    from server.connect import Connecting, consent_from
    from server.documents import Documents
    from server.operations import Operations
    from server.persisted import persisted
    from server.settings import Settings, read_settings
    from server.site import Standing, site
    from server.tracing import tracing_from
    from server.users import may_connect

if TYPE_CHECKING:
    from connectors.webhooks.durable import Durable
    from connectors.webhooks.outbox.outbox import Outbox

log = structlog.get_logger("punnet.app")


@at_rest()
def create_app(
    environment: Mapping[str, str] = os.environ,
    *,
    upstreams: Mapping[str, Upstream[Any]] | None = None,
    modules: Iterable[Fields] | None = None,
) -> FastAPI:
    """The app that `environment` asks for. Raises `ConfigurationError` where it asks for what makes no sense.

    `upstreams` by name, and the `modules` of the graph, are those that discovery finds unless they are given.
    """
    settings = read_settings(environment)
    if not structlog.is_configured():
        logs.configure(settings.log_format, settings.log_level)
    clock = SystemClock()
    upstreams = connector.discover() if upstreams is None else upstreams
    if settings.cache_rules:
        upstreams = ruled(upstreams, "PUNNET_CACHE_RULES", settings.cache_rules)
    modules = discovery.discover() if modules is None else modules
    people = population() if settings.sandbox else None
    shared = Shared(settings.redis_url.get_secret_value(), clock) if settings.redis_url else None
    tracing = tracing_from(environment)
    spans = tracing.calls if tracing else None
    database = Database(settings.database_url.get_secret_value())
    tokens = cache(partial(opened, database, settings.encryption_key.get_secret_value()))
    found = {
        name: connect(upstream, environment, people=people, shared=shared, spans=spans, tokens=tokens)
        for name, upstream in upstreams.items()
    }
    connectors = {name: there for name, there in found.items() if there}
    if not connectors:
        raise ConfigurationError(nothing_to_serve(upstreams))
    standings = {name: standing(there) for name, there in found.items()}
    for name, where in standings.items():
        wanted = {"wants": wanted_variables(upstreams[name])} if where == "left out" else {}
        log.info("provider", provider=name, standing=where, **wanted)
    if settings.workers > 1 and "sandbox" in standings.values():
        log.warning("each worker has sandboxes of its own: what is changed in one is not changed in the others")

    consent = consent_from(settings, connectors, database, clock)
    accounts = {name: account_of(upstreams[name], environment) for name in connectors}
    personal = {name for name, there in connectors.items() if (there.users and not there.emulator) or there.passes}
    senders = senders_in(environment, connectors)
    if settings.workers > 1 and shared is None and not all(sender.invented for sender in senders.values()):
        log.warning("a webhook reaches the cache and the subscribers of one worker only: set PUNNET_REDIS_URL")
    hub = Hub(shared, accounts, private=personal, unheard={} if shared else unheard(senders))
    durable = durable_in(database, clock) if settings.sends_webhooks else None
    outbox = outbox_of(durable, settings) if durable else None
    forward = outbox.forward if outbox else None
    office = Office(database, clock, senders, hub.publish, durable, forward) if senders else None
    documents = Documents(settings.limits)
    beside = {
        OPERATORS: settings.operator_token,
        INBOX: office and settings.operator_token,
        OUTBOX: outbox,
        USERS: consent,
    }
    providers = [*connectors, *(name for name, there in beside.items() if there)]
    graph = compose(modules, providers, [documents.extension], max_calls=settings.max_upstream_calls)
    by_client = {there.upstream.client: there for there in connectors.values()}
    cursors = CursorCodec(settings.cursor_secret.get_secret_value().encode())

    def deadline(caller: Caller) -> float:
        return clock.now() + min(settings.request_timeout_s, caller.timeout_s)

    def context(caller: Caller) -> Context:
        scope = caller.scope(began=clock.now(), deadline=deadline(caller))
        may = may_connect(caller.user, operator=caller.operator, private=settings.private)
        return Context(
            by_client,
            scope,
            cursors,
            operator=caller.operator,
            hub=hub,
            outbox=outbox,
            office=office,
            consent=consent if may else None,
            public_url=settings.public_url,
        )

    operations = Operations(
        graph,
        documents,
        context,
        deadline=deadline,
        share=settings.share_queries,
        memory_bytes=settings.memory_bytes,
        persisted=persisted(settings),
        clock=clock,
    )
    closes = (tracing, shared, database, outbox, *connectors.values(), durable, office)
    closing = [there.close for there in closes if there] + ([outbox.rest] if outbox else [])  # the last one is first
    callers = callers_from(settings, connectors.values(), clock)
    one_user = APP if settings.private and not callers.users else None
    connecting = Connecting(consent, public_url=settings.public_url, user=one_user) if consent else None
    return site(
        settings,
        operations,
        graph.as_str,
        standings,
        closing,
        clock,
        connectors,
        callers,
        tracing,
        hub,
        opening=[there.open for there in (outbox, office) if there],
        outbox=outbox,
        office=office,
        connecting=connecting,
    )


def durable_in(database: Database, clock: Clock) -> "Durable":
    """Work that outlives the process, in its database."""
    from connectors.webhooks.durable import Durable  # loads SQLAlchemy

    return Durable(database, clock)


def outbox_of(durable: "Durable", settings: Settings) -> "Outbox":
    """Webhooks that go out, as the operator wants them."""
    from connectors.webhooks.outbox.opening import opened as opened_outbox  # loads SQLAlchemy

    return opened_outbox(durable, settings.encryption_key.get_secret_value(), settings.outbox)


def standing(connector: Connector | None) -> Standing:
    """What is behind a provider."""
    if connector is None:
        return "left out"
    return "sandbox" if connector.emulator else "real"


def nothing_to_serve(upstreams: Mapping[str, Upstream[Any]]) -> str:
    """What to do when no upstream can be talked to."""
    choices = "".join(f"\n  {upstream.title}: {wanted_variables(upstream)}" for upstream in upstreams.values())
    return (
        "There is no upstream to serve. Set PUNNET_SANDBOX=1 for invented data, "
        f"or the credentials of at least one upstream:{choices}"
    )


def main() -> None:
    """The command `punnet`."""
    commands(create_app)()
