"""The command `punnet`: serve the gateway, print its schema, explain a query, or run the sandboxes by themselves."""

import asyncio
import gc
import os
import sys
from collections.abc import Callable, Mapping
from shlex import quote
from typing import Annotated, Any

import orjson
import typer
from graphql import GraphQLError
from httpx2 import URL
from starlette.types import ASGIApp

from connectors.auth.store.opening import opened
from connectors.auth.store.store import StoreUnavailable
from connectors.clock import SystemClock
from connectors.connector import ConfigurationError, discover
from connectors.database import Database
from connectors.sandbox.people import population
from connectors.sandbox.standalone import standalone
from connectors.upstream import Upstream
from resolvers.discovery import discover as discover_fields
from schema.compose import compose
from schema.execution.cost import Estimate
from schema.execution.explain import written
from schema.execution.limits import Limits, beyond
from server import logs, serving
from server.documents import Documents
from server.mistakes import explaining
from server.settings import PREFIX, Settings, read_settings
from server.webhook_commands import webhook_commands

HOST = typer.Option(help="The address to listen on.")
PORT = typer.Option(help="The port to listen on.", min=0, max=65535)
WORKERS = typer.Option(help="How many processes serve.", min=1, max=256)

CreateApp = Callable[[], ASGIApp]


def commands(create_app: CreateApp) -> typer.Typer:
    """The commands, for an app that `create_app` makes. What the operator got wrong ends in a message and status 2."""
    cli = typer.Typer(
        help="One typed GraphQL endpoint in front of third-party APIs.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )

    @cli.command()
    def serve(
        host: Annotated[str | None, HOST] = None,
        port: Annotated[int | None, PORT] = None,
        workers: Annotated[int | None, WORKERS] = None,
    ) -> None:
        """Serve the gateway. PUNNET_HOST, PUNNET_PORT and PUNNET_WORKERS say how, unless the options do."""
        with explaining():
            for name, value in (("HOST", host), ("PORT", port), ("WORKERS", workers)):
                if value is not None:
                    os.environ[PREFIX + name] = str(value)
            settings = read_settings(os.environ)
            if settings.workers > 1:  # each takes the cursors that another gave
                os.environ[PREFIX + "CURSOR_SECRET"] = settings.cursor_secret.get_secret_value()
            gc.disable()  # until the server has settled
            serving.serve(create_app, host=settings.host, port=settings.port, workers=settings.workers)

    @cli.command()
    def schema() -> None:
        """Print the schema with every provider in it, in GraphQL's own language."""
        typer.echo(compose(discover_fields(), discover()).as_str())

    @cli.command()
    def explain(
        file: Annotated[
            typer.FileText, typer.Argument(help="A document; - reads it from the standard input.", encoding="utf-8")
        ],
        variables: Annotated[str, typer.Option(help="The values of its variables, as JSON.")] = "{}",
        operation: Annotated[str | None, typer.Option(help="Which of its operations, where it has several.")] = None,
    ) -> None:
        """Print what an operation asks of the upstreams, level by level, at most. Nothing is called."""
        with explaining():
            limits = read_settings(os.environ).limits
            estimate = _estimated(_text_in(file), _parsed(variables), operation, limits)
        typer.echo(written(estimate))
        excess = beyond(estimate.total, limits.calls)
        if excess:
            typer.echo(f"punnet: {excess.message}", err=True)
            raise typer.Exit(1)

    @cli.command()
    def reseal() -> None:
        """Encrypt all stored secrets with the first key in PUNNET_ENCRYPTION_KEY, so that the others can be dropped."""
        with explaining():
            try:
                resealed = asyncio.run(_resealed(read_settings(os.environ)))
            except StoreUnavailable as error:
                raise ConfigurationError(str(error)) from error
        typer.echo(f"{resealed} resealed")

    @cli.command()
    def sandbox(
        host: Annotated[str, HOST] = "127.0.0.1",
        port: Annotated[int, PORT] = 9000,
        only: Annotated[list[str] | None, typer.Option(help="A provider to run; may be given several times.")] = None,
    ) -> None:
        """Serve the sandboxes, to stand in for the real upstreams of any program."""
        with explaining():
            upstreams = _chosen(discover(), only or [])
        logs.configure(None)
        people = population()
        for name, upstream in upstreams.items():
            typer.echo(_usage(upstream, f"http://{host}:{port}/{name}"))
        sys.stdout.flush()
        app = standalone({name: upstream.sandbox(people) for name, upstream in upstreams.items()})
        with explaining():
            serving.serve(lambda: app, host=host, port=port)

    cli.add_typer(webhook_commands(), name="webhooks")
    return cli


async def _resealed(settings: Settings) -> int:
    """How many tokens of users and secrets of webhooks have been encrypted anew."""
    database = Database(settings.database_url.get_secret_value())
    keys = settings.encryption_key.get_secret_value()
    tokens = opened(database, keys)
    from connectors.auth.seal import Seal  # loads Cryptography
    from connectors.webhooks.outbox.endpoints import Endpoints  # loads SQLAlchemy

    try:
        return await tokens.reseal() + await Endpoints(database, Seal(keys), SystemClock()).reseal()
    finally:
        await database.close()


def _estimated(text: str, variables: dict[str, Any], operation: str | None, limits: Limits) -> Estimate:
    """The estimate, in the graph of all providers. What is wrong with the document ends in messages and status 1."""
    graph = compose(discover_fields(), discover())
    prepared = Documents(limits).prepare(graph, text)
    errors = list(prepared.errors)
    if prepared.document is not None:
        try:
            return graph.estimate(prepared.document, variables, operation)
        except GraphQLError as error:
            errors = [error.formatted]
    for wrong in errors:
        places = "".join(f" (line {at['line']}, column {at['column']})" for at in wrong.get("locations", ()))
        typer.echo(f"punnet: {wrong['message']}{places}", err=True)
    raise typer.Exit(1)


def _text_in(file: typer.FileText) -> str:
    try:
        return file.read()
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{file.name} is not text in UTF-8 (byte {error.start + 1})") from error


def _parsed(variables: str) -> dict[str, Any]:
    try:
        values = orjson.loads(variables)
    except orjson.JSONDecodeError as error:
        raise ConfigurationError(f"--variables is not JSON: {error}") from error
    if not isinstance(values, dict):
        raise ConfigurationError("--variables must be an object")
    return values


def _chosen(upstreams: Mapping[str, Upstream[Any]], names: list[str]) -> dict[str, Upstream[Any]]:
    unknown = [name for name in names if name not in upstreams]
    if unknown:
        raise ConfigurationError(f"there is no provider {', '.join(unknown)}, only {', '.join(upstreams)}")
    return {name: upstream for name, upstream in upstreams.items() if name in names or not names}


def _usage(upstream: Upstream[Any], root: str) -> str:
    """The variables that make a gateway use this sandbox, as an assignment for a shell."""
    variables = {upstream.base_url_variable: root + URL(upstream.base_url).path.rstrip("/")}
    return " ".join(f"{name}={quote(value)}" for name, value in {**variables, **upstream.sandbox_environment}.items())
