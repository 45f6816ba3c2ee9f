"""One provider's part of the graph with its sandbox, in this process."""

import asyncio
from typing import Any, Generic, TypeVar

from strawberry.types import ExecutionResult

from connectors.call import Scope
from connectors.clock import Clock
from connectors.connector import connect
from connectors.sandbox.base import Sandbox
from connectors.sandbox.people import population
from connectors.upstream import Upstream
from resolvers.context import Context
from resolvers.cursors import CursorCodec
from schema.compose import Graph
from tests.clock import FakeClock

PEOPLE = population(120)
CURSORS = CursorCodec(b"test")

S = TypeVar("S", bound=Sandbox)


class World(Generic[S]):
    """The sandbox of an upstream, which is of this `kind`, and the graph in front of it."""

    def __init__(self, upstream: Upstream[Any], kind: type[S], graph: Graph, clock: Clock | None = None) -> None:
        connector = connect(upstream, {}, people=PEOPLE, clock=clock or FakeClock())
        assert connector
        assert isinstance(connector.sandbox, kind)
        self._connector = connector
        self._graph = graph
        self.sandbox = connector.sandbox

    def ask(self, query: str, **variables: Any) -> ExecutionResult:
        context = Context({self._connector.upstream.client: self._connector}, Scope(), CURSORS)
        result = asyncio.run(self._graph.execute(query, variable_values=variables, context_value=context))
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
        """What the sandbox was asked for, in order."""
        return [call.operation for call in self.sandbox.calls]
