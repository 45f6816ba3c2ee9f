"""Relay's words: Node, Connection, Edge, PageInfo, and the opaque id and cursor.

Source: https://relay.dev/graphql/connections.htm and https://relay.dev/graphql/objectidentification.htm
"""

from base64 import b64decode, b64encode
from typing import Any, Generic, TypeVar

import strawberry

from schema.problems import BadInput

T = TypeVar("T")

MAX_ID_CHARACTERS = 1000
"""Far more than any upstream's ids have; what is longer may not even fit into an address."""


def _id(root: strawberry.Parent["Node"]) -> strawberry.ID:
    if isinstance(root.upstream_id, Exception):
        raise root.upstream_id
    return global_id(type(root).__name__, root.upstream_id)


@strawberry.interface(description="Something that `node(id:)` can fetch again.")
class Node:
    id: strawberry.ID = strawberry.field(
        resolver=_id, description="The id that is unique in the whole graph. Opaque: pass it on as it is."
    )
    upstream_id: strawberry.ID = strawberry.field(description="The id its upstream knows it by.")


@strawberry.type(description="Where a page lies in its list.")
class PageInfo:
    has_next_page: bool = strawberry.field(description="Whether the list goes on behind the last edge.")
    has_previous_page: bool = strawberry.field(
        description="Whether the list goes on before the first edge, as far as known."
    )
    start_cursor: str | None = strawberry.field(description="The cursor of the first edge.")
    end_cursor: str | None = strawberry.field(description="The cursor of the last edge.")


@strawberry.type(description="A node and its place in the list.")
class Edge(Generic[T]):
    cursor: str = strawberry.field(description="Pass it as `after` or `before` to go on from here.")
    node: T | None = strawberry.field(description="The node itself.")


def _nodes(root: Any) -> list[T | None]:  # a `Parent` would be worked out again for each type of node
    nodes: list[T | None] = root.listed()
    return nodes


@strawberry.type(description="A part of a list.")
class Connection(Generic[T]):
    edges: list[Edge[T]] = strawberry.field(description="The nodes with their places.")
    page_info: PageInfo = strawberry.field(description="Where this part lies in the list.")
    total_count: int | None = strawberry.field(description="How long the whole list is, where the upstream knows.")
    nodes: list[T | None] = strawberry.field(resolver=_nodes, description="The nodes alone.")

    def listed(self) -> list[T | None]:
        """What `nodes` gives."""
        return [edge.node for edge in self.edges]


def global_id(type_name: str, upstream_id: str) -> strawberry.ID:
    """The opaque id of one node."""
    return strawberry.ID(b64encode(f"{type_name}:{upstream_id}".encode()).decode())


def parse_global_id(value: str) -> tuple[str, str]:
    """Type name and upstream id of a global id. Raises `BadInput` for anything that `global_id` did not make."""
    bounded(value, "id")
    try:
        type_name, separator, upstream_id = b64decode(value, validate=True).decode().partition(":")
    except ValueError:
        type_name = separator = upstream_id = ""
    if not (type_name.isidentifier() and separator and upstream_id):
        raise BadInput(f"{value[:80]!r} is not an id of this graph")
    return type_name, upstream_id


def upstream_id_of(value: str, type_name: str) -> str:
    """The upstream's id, given either that or a global id of `type_name`.

    Raises `BadInput` for a global id of another type, and for what is empty or too long to be an id of anything.
    """
    if not bounded(value, "id"):
        raise BadInput("an id cannot be empty")
    try:
        named, upstream_id = parse_global_id(value)
    except BadInput:
        return value
    if named != type_name:
        raise BadInput(f"{value[:80]!r} is the id of a {named[:80]}, not of a {type_name}")
    return upstream_id


def bounded(value: str, name: str) -> str:
    """A value as it is, which the client gave as `name`: an id or a word to look for. Raises `BadInput` if too long."""
    if len(value) > MAX_ID_CHARACTERS:
        raise BadInput(f"`{name}` takes {MAX_ID_CHARACTERS:,} characters at most, not {len(value):,}")
    return value
