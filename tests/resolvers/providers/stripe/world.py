"""Stripe's part of the graph with its sandbox, in this process."""

import asyncio
from typing import Any

from strawberry.types import ExecutionResult

from connectors.call import Scope
from connectors.connector import connect
from connectors.providers.stripe.client import StripeClient
from connectors.providers.stripe.manifest import UPSTREAM
from connectors.providers.stripe.sandbox import StripeSandbox
from connectors.sandbox.people import population
from resolvers import nodes
from resolvers.context import Context
from resolvers.cursors import CursorCodec
from resolvers.providers.stripe import fields
from schema.compose import compose
from tests.clock import FakeClock

PEOPLE = population(120)
GRAPH = compose([nodes.fields, fields], ["stripe"])


class World:
    """A sandbox, and the graph in front of it."""

    def __init__(self) -> None:
        connector = connect(UPSTREAM, {}, people=PEOPLE, clock=FakeClock())
        assert connector
        assert isinstance(connector.sandbox, StripeSandbox)
        self._connector = connector
        self.sandbox = connector.sandbox

    def ask(self, query: str, **variables: Any) -> ExecutionResult:
        context = Context({StripeClient: self._connector}, Scope(), CursorCodec(b"test"))
        result = asyncio.run(GRAPH.execute(query, variable_values=variables, context_value=context))
        assert isinstance(result, ExecutionResult)
        return result

    def data(self, query: str, **variables: Any) -> Any:
        """The data of an answer that must have no errors."""
        result = self.ask(query, **variables)
        assert result.errors is None, result.errors
        return result.data

    def error(self, query: str, **variables: Any) -> Exception:
        """What the answer's only error came from."""
        (error,) = self.ask(query, **variables).errors or []
        assert error.original_error
        return error.original_error

    def operations(self) -> list[str]:
        return [call.operation for call in self.sandbox.calls]
