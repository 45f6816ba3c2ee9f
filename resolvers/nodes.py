"""Relay's `node` and `nodes`: anything in the graph, by its id."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Annotated, Any

import strawberry

from resolvers.context import Info
from schema.compose import Graph
from schema.fields import Fields, Wanted
from schema.problems import BadInput
from schema.relay import Node, parse_global_id

MAX_NODES = 100

fields = Fields()


def one_wanted(graph: Graph, given: Mapping[str, Any]) -> list[Wanted]:
    """What `node` fetches."""
    return _wanted(graph, [given["id"]])


def all_wanted(graph: Graph, given: Mapping[str, Any]) -> list[Wanted]:
    """What `nodes` fetches: nothing where there are too many."""
    return _wanted(graph, given["ids"]) if len(given["ids"]) <= MAX_NODES else []


def _wanted(graph: Graph, ids: Iterable[str]) -> list[Wanted]:
    types = Counter(name for name in map(_type_name, ids) if name in graph.refetches)
    return [Wanted(graph.refetches[name].loader.calls, keys, gives=name) for name, keys in types.items()]


def _type_name(id: str) -> str:
    try:
        return parse_global_id(id)[0]
    except BadInput:
        return ""


@fields.query(calls=one_wanted)
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


@fields.query(calls=all_wanted)
async def nodes(
    info: Info,
    ids: Annotated[list[strawberry.ID], strawberry.argument(description="Up to 100 global ids.")],
) -> list[Node | None]:
    """Several nodes, in the order of their ids; null for each that does not exist."""
    if len(ids) > MAX_NODES:
        raise BadInput(f"`ids` takes {MAX_NODES} ids at most, not {len(ids)}")
    found = await asyncio.gather(*(node(info, one) for one in ids), return_exceptions=True)
    return found  # type: ignore[return-value]  # an error value nulls its own place, with its own path
