"""A small graph over an upstream of numbers, for tests of what all providers share."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import strawberry
from strawberry.types import ExecutionResult

from connectors.call import Scope
from connectors.errors import CursorExpired, UpstreamUnavailable
from connectors.paging import Page, Window, paged
from resolvers import nodes
from resolvers.batching import Loaded, align, batch, required
from resolvers.connections import Pages
from resolvers.context import Context
from resolvers.cursors import CursorCodec
from schema.compose import attributes_anywhere, compose, selected_attributes
from schema.fields import Fields
from schema.relay import Node

SIZE = 100


@dataclass
class NumbersClient:
    """Numbers below `SIZE`; `calls` lists every call as (operation, what it was asked for)."""

    upstream = "numbers"
    calls: list[tuple[str, Any]] = field(default_factory=list)

    @paged("numbers.list", max_limit=30, counts=True)
    async def list_numbers(self, window: Window, *, odd: bool | None, select: frozenset[str]) -> Page[dict[str, Any]]:
        self.calls.append(("numbers.list", (window, select)))
        if window.after == "gone":
            raise CursorExpired("numbers", "numbers.list")
        all_of_them = [n for n in range(SIZE) if odd is None or n % 2 == odd]
        start = int(window.after or 0)
        end = start + 10
        items = [{"n": n} for n in all_of_them[start:end]]
        total = len(all_of_them) if window.count else None
        return Page(items, next_cursor=str(end) if end < len(all_of_them) else None, total=total)

    async def get_numbers(self, ids: Sequence[str], select: frozenset[str]) -> list[dict[str, Any]]:
        self.calls.append(("numbers.get", (tuple(ids), select)))
        if "13" in ids:
            raise UpstreamUnavailable("numbers", "numbers.get", "the connection broke")
        return [{"n": int(one)} for one in reversed(ids) if int(one) < SIZE]


@strawberry.type(description="Numbers.")
class NumbersQuery:
    pass


@strawberry.type(description="A number.")
class Number(Node):
    value: int = strawberry.field(description="The number itself.")
    half_id: strawberry.Private[str | None]
    far_id: strawberry.Private[str]


def to_number(payload: dict[str, Any]) -> Number:
    n = payload["n"]
    half = str(n // 2) if n else None
    return Number(upstream_id=strawberry.ID(str(n)), value=n, half_id=half, far_id=str(n + 90))


fields = Fields("numbers")
fields.group("numbers", NumbersQuery)


@batch(NumbersClient, max_keys=20, select=lambda info: attributes_anywhere(info, Number))
async def numbers(client: NumbersClient, ids: Sequence[str], select: frozenset[str]) -> Loaded[Number]:
    return align(ids, await client.get_numbers(ids, select), key=lambda p: str(p["n"]), make=to_number)


@fields.connection(
    NumbersQuery, Pages(NumbersClient, NumbersClient.list_numbers, to_number, select=selected_attributes)
)
def all(root: NumbersQuery, odd: bool | None = None) -> dict[str, Any]:
    """Numbers, smallest first."""
    return {"odd": odd}


fields.link(Number, "half", via=numbers, key="half_id", description="Half of it.")
fields.link(
    Number,
    "far",
    via=required(numbers),
    key="far_id",
    description="Ninety more, if the upstream has that.",
)
fields.node(Number, via=numbers)

GRAPH = compose([nodes.fields, fields], ["numbers"])


@dataclass
class _Fixed:
    made: Any

    def client(self, scope: Scope) -> Any:
        return self.made


def context_of(client: NumbersClient) -> Context:
    """The context of one request."""
    connectors: Any = {NumbersClient: _Fixed(client)}
    return Context(connectors, Scope(), CursorCodec(b"test"))


async def run(query: str, client: NumbersClient | None = None, **variables: Any) -> ExecutionResult:
    """Run `query` on the graph of numbers."""
    result = await GRAPH.execute(query, variable_values=variables, context_value=context_of(client or NumbersClient()))
    assert isinstance(result, ExecutionResult)
    return result
