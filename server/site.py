"""Everything at its address: the ASGI app that clients, browsers and orchestrators see."""

import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from functools import cache
from os import getpid
from typing import TYPE_CHECKING, Literal

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from connectors.clock import Clock
from connectors.connector import Connector
from connectors.webhooks.hub import Hub
from connectors.webhooks.office import Office
from server.callers import Callers, shows
from server.closing import Closing
from server.connect import Connecting
from server.doors import Doors
from server.front import Shortcut
from server.http import GraphQLOverHttp
from server.known import Known
from server.logs import Journal
from server.operations import Operations
from server.pages import GRAPHIQL, OPERATORS, Assets, page
from server.post import GraphQLByPost
from server.service import Service
from server.settings import Settings
from server.tally import RequestTally
from server.webhooks import Webhooks
from server.websocket import GraphQLOverWebSocket

if TYPE_CHECKING:
    from connectors.webhooks.outbox.outbox import Outbox
    from server.metrics import Metrics
    from server.spans import Tracing

Standing = Literal["real", "sandbox", "left out"]
"""What stands behind a provider of the graph, or that it is not in it."""


class Site(FastAPI):
    """A FastAPI app that gives requests for `/graphql` straight to `graphql`.

    Their way through FastAPI would take longer than a small query. Middleware of FastAPI does not see them; what
    `doors` say goes for every request. `shortcut`, where there is one, answers most requests without ASGI. `stop`,
    where there is one, ends what would go on for ever. `closing` is for the end.
    """

    def __init__(
        self,
        graphql: ASGIApp,
        opening: Iterable[Callable[[], Awaitable[None]]],
        closing: Closing,
        doors: Doors,
        shortcut: Shortcut | None,
        stop: Callable[[], None] | None,
    ) -> None:
        @asynccontextmanager
        async def lifespan(app: FastAPI) -> AsyncIterator[None]:
            async with closing:
                for open in opening:
                    await open()
                yield

        super().__init__(title="Punnet", lifespan=lifespan, openapi_url=None, docs_url=None, redoc_url=None)
        self.closing = closing
        self.stop = stop
        self.shortcut = shortcut
        self._graphql = graphql
        self.router.routes.append(Route("/graphql", graphql, include_in_schema=False))

        self._entrance = doors.around(self._inside)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._entrance(scope, receive, send)

    async def _inside(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] == "/graphql" and not scope.get("root_path"):
            await self._graphql(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


def site(
    settings: Settings,
    operations: Operations,
    sdl: Callable[[], str],
    providers: Mapping[str, Standing],
    closing: Iterable[Callable[[], Awaitable[None]]],
    clock: Clock,
    connectors: Mapping[str, Connector],
    callers: Callers,
    tracing: "Tracing | None" = None,
    hub: Hub | None = None,
    *,
    opening: Iterable[Callable[[], Awaitable[None]]] = (),
    outbox: "Outbox | None" = None,
    office: Office | None = None,
    connecting: Connecting | None = None,
) -> FastAPI:
    """The app. `sdl` prints the schema; `opening` takes what outlives a request, and `closing` gives it back.

    `connectors` are those of the upstreams, for metrics; `callers` tells who sent a request; `tracing`, where it is
    given, makes spans of operations. `hub` has the events that subscriptions follow, and `outbox` sends webhooks: both
    for metrics. `office`, where there is one, takes webhooks. `connecting` has the pages by which users
    connect accounts.
    """
    tallies = {"http": RequestTally(), "websocket": RequestTally()}
    doors = Doors(settings.host, settings.allowed_hosts, settings.allowed_origins)
    service = Service(
        operations=operations,
        clock=clock,
        max_body_bytes=settings.max_body_bytes,
        callers=callers,
        known=Known(operations),
        journal=Journal("http", tallies["http"], tracing),
    )
    graphql: ASGIApp = GraphQLOverHttp(
        service,
        page=page(GRAPHIQL) if settings.graphiql else None,
        explain=settings.explain,
        trace=settings.trace,
    )
    stop = hub.stop if hub else None
    if tracing:  # whose spans are around ASGI
        app = Site(tracing.around(graphql), opening, Closing(closing), doors, None, stop)
    else:
        app = Site(graphql, opening, Closing(closing), doors, GraphQLByPost(service, doors), stop)
    sockets = GraphQLOverWebSocket(
        operations,
        clock,
        callers=callers,
        tally=tallies["websocket"],
        tracing=tracing,
        max_message_bytes=settings.max_body_bytes,
        allowed_origins=doors.origins,
    )
    app.router.routes.append(WebSocketRoute("/graphql", sockets))
    if settings.graphiql:
        app.mount("/graphiql", Assets(directory=GRAPHIQL))
    if callers.operator_token:
        app.router.routes.append(Route("/operators", page(OPERATORS), include_in_schema=False))
        app.mount("/operators", Assets(directory=OPERATORS))
    if office:
        app.router.routes.append(Route("/webhooks/{provider}", _webhooks(office, settings, clock)))
    _add_pages(app, sdl, providers)
    if connecting:
        connecting.add_to(app)
    if settings.metrics_open or callers.operator_token:
        worker = str(getpid()) if settings.workers > 1 else None
        token = None if settings.metrics_open else callers.operator_token
        _add_metrics(app, tallies, connectors, token, worker, hub, outbox, office)
    return app


def _webhooks(office: Office, settings: Settings, clock: Clock) -> ASGIApp:
    return Webhooks(
        office,
        clock,
        max_body_bytes=settings.webhook_max_body_bytes,
        tolerance_s=settings.webhook_tolerance_s,
        public_url=settings.public_url and settings.public_url.rstrip("/"),
    )


def _add_pages(app: FastAPI, sdl: Callable[[], str], providers: Mapping[str, Standing]) -> None:
    @cache
    def printed() -> tuple[str, str]:
        """The schema's text and its tag: who starts the server need not wait for it."""
        text = sdl()
        return text, f'"{hashlib.blake2b(text.encode(), digest_size=16).hexdigest()}"'

    @app.get("/", include_in_schema=False)
    async def root() -> Response:
        return RedirectResponse("/graphql")

    @app.get("/schema.graphql")
    async def schema(request: Request) -> Response:
        text, etag = printed()
        headers = {"ETag": etag, "Cache-Control": "no-cache"}
        known = [tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")]
        if etag in known or "*" in known:
            return Response(status_code=304, headers=headers)
        return PlainTextResponse(text, headers=headers)

    @app.get("/healthz")
    async def alive() -> Response:
        return JSONResponse({"status": "alive"})

    @app.get("/readyz")
    async def ready() -> Response:
        return JSONResponse({"status": "ready", "providers": dict(providers)})


def _add_metrics(
    app: FastAPI,
    tallies: Mapping[str, RequestTally],
    connectors: Mapping[str, Connector],
    token: bytes | None,
    worker: str | None,
    hub: Hub | None,
    outbox: "Outbox | None",
    office: Office | None,
) -> None:
    """Metrics, for everyone or for who shows `token`."""

    @cache
    def metrics() -> "Metrics":
        from server.metrics import Metrics  # takes a tenth of the whole start to import

        sent, received = outbox.tally if outbox else None, office.tally if office else None
        return Metrics(tallies, connectors, worker, hub, sent, received)

    @app.get("/metrics")
    async def page(request: Request) -> Response:
        if token and not shows(request.headers.get("authorization", "").encode("latin-1"), token):
            return PlainTextResponse("the operator's token, please\n", 401, headers={"WWW-Authenticate": "Bearer"})
        if outbox:
            await outbox.count()
        content, media_type = metrics().page(request.headers.get("accept", ""))
        return Response(content, media_type=media_type)
