"""How commands end where the operator got something wrong: with a message, and status 2."""

from collections.abc import Iterator
from contextlib import contextmanager

import typer

from connectors.connector import ConfigurationError


@contextmanager
def explaining() -> Iterator[None]:
    """A block in which a `ConfigurationError` ends the program."""
    try:
        yield
    except ConfigurationError as error:
        typer.echo(f"punnet: {error}", err=True)
        raise typer.Exit(2) from error
