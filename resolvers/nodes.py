"""Relay's `node` and `nodes`: anything in the graph, by its id."""

import asyncio
from typing import Annotated

import strawberry

from resolvers.context import Info
from schema.compose import Graph
from schema.fields import Fields
from schema.problems import BadInput
from schema.relay import Node, parse_global_id

MAX_NODES = 100

fields = Fields()


@fields.query
async def node(
    info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="A global id, as in `Node.id`.")]
) -> Node | None:
    """Anything with an id, wherever it comes from. Null if it does not exist (any more)."""
    type_name, upstream_id = parse_global_id(id)
    graph = info.schema
    assert isinstance(graph, Graph)
    refetch = graph.refetches.get(type_name)
    if refetch is None:
        raise BadInput(f"there is no node of type {type_name!r} in this graph")
    found = await refetch.loader.load(info, upstream_id)
    assert found is None or isinstance(found, Node)
    return found


@fields.query
async def nodes(
    info: Info,
    ids: Annotated[list[strawberry.ID], strawberry.argument(description="Up to 100 global ids.")],
) -> list[Node | None]:
    """Several nodes, in the order of their ids; null for each that does not exist."""
    if len(ids) > MAX_NODES:
        raise BadInput(f"`ids` takes {MAX_NODES} ids at most, not {len(ids)}")
    found = await asyncio.gather(*(node(info, one) for one in ids), return_exceptions=True)
    return found  # type: ignore[return-value]  # an error value nulls its own place, with its own path
