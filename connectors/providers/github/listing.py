"""Lists as GitHub gives them: connections with opaque cursors, and its refusals of windows it does not serve."""

from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from graphql import FieldNode, GraphQLResolveInfo

Node = dict[str, Any]
"""An object in GitHub's field names. `databaseId` is its number; a callable is a field with arguments."""

MAX_RECORDS = 100
MARK = b"cursor:v2:\x91\xce"


class Refused(Exception):
    """An entry of `errors` with its `type`."""

    def __init__(self, type_: str, message: str) -> None:
        super().__init__(message)
        self.type = type_


def cursor_of(node: Node) -> str:
    """A cursor as GitHub forms it: a MessagePack array with the object's number."""
    return b64encode(MARK + node["databaseId"].to_bytes(4, "big")).decode()


def place_of(cursor: str, nodes: list[Node]) -> int:
    """Where in `nodes` the object is that a cursor stands for."""
    try:
        raw = b64decode(cursor, validate=True)
    except ValueError:
        raw = b""
    number = int.from_bytes(raw[len(MARK) :], "big") if raw.startswith(MARK) else None
    for place, node in enumerate(nodes):
        if node["databaseId"] == number:
            return place
    raise Refused("INVALID_CURSOR_ARGUMENTS", f"`{cursor}` does not appear to be a valid cursor.")


def connection(nodes_for: Callable[[Mapping[str, Any]], Iterable[Node]]) -> Callable[..., Node]:
    """A connection over what `nodes_for` gives for the field's own arguments."""

    def resolve(
        info: GraphQLResolveInfo[Any],
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
        **arguments: Any,
    ) -> Node:
        _check(info, first, last)
        nodes = list(nodes_for(arguments))
        start = place_of(after, nodes) + 1 if after else 0
        end = place_of(before, nodes) if before else len(nodes)
        end = end if first is None else min(end, start + first)
        start = start if last is None else max(start, end - last)
        page = nodes[start:end]
        cursors = [cursor_of(node) for node in page]
        return {
            "nodes": page,
            "edges": [{"cursor": cursor, "node": node} for cursor, node in zip(cursors, page, strict=True)],
            "totalCount": len(nodes),
            "pageInfo": {
                "hasNextPage": end < len(nodes),
                "hasPreviousPage": start > 0,
                "startCursor": cursors[0] if cursors else None,
                "endCursor": cursors[-1] if cursors else None,
            },
        }

    return resolve


def _check(info: GraphQLResolveInfo[Any], first: int | None, last: int | None) -> None:
    """GitHub wants to know how many, unless only the number of all is asked for."""
    field = info.field_name
    selections = [s for node in info.field_nodes if node.selection_set for s in node.selection_set.selections]
    if first is None and last is None and any(not _counts(selection) for selection in selections):
        message = f"You must provide a `first` or `last` value to properly paginate the `{field}` connection."
        raise Refused("MISSING_PAGINATION_BOUNDARIES", message)
    for name, value in (("first", first), ("last", last)):
        if value is not None and value < 0:
            message = f"`{name}` on the `{field}` connection cannot be less than zero."
            raise Refused("INVALID_PAGINATION_BOUNDARIES", message)
        if value is not None and value > MAX_RECORDS:
            limit = f"exceeds the `{name}` limit of {MAX_RECORDS} records."
            raise Refused("EXCESSIVE_PAGINATION", f"Requesting {value} records on the `{field}` connection {limit}")


def _counts(selection: Any) -> bool:
    return isinstance(selection, FieldNode) and selection.name.value == "totalCount"


SORTED_BY: Mapping[str, Callable[[Node], Any]] = {
    "CREATED_AT": lambda node: node["createdAt"],
    "UPDATED_AT": lambda node: node["updatedAt"],
    "PUSHED_AT": lambda node: node["pushedAt"],
    "NAME": lambda node: node["name"],
    "STARGAZERS": lambda node: node["stargazerCount"],
    "COMMENTS": lambda node: len(node["commentNodes"]),
}


def ordered(nodes: Iterable[Node], order: Mapping[str, str] | None) -> list[Node]:
    """By `order` (`field` and `direction`), equals by number; without it as they come."""
    if order is None:
        return list(nodes)
    by = SORTED_BY[order["field"]]
    return sorted(nodes, key=lambda node: (by(node), node["databaseId"]), reverse=order["direction"] == "DESC")
