"""Any provider, found by discovery: its sandbox, the graph in front of it, and queries worked out from the schema."""

import asyncio
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, cast

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLScalarType,
    get_named_type,
    is_required_argument,
)
from starlette.types import Message, Receive, Scope, Send
from strawberry.types import ExecutionResult

from connectors import call
from connectors.connector import connect
from connectors.sandbox.base import Sandbox
from connectors.sandbox.people import population
from connectors.upstream import Upstream
from resolvers.context import Context
from resolvers.cursors import CursorCodec
from resolvers.discovery import discover as discover_fields
from schema.compose import Graph, compose
from tests.clock import FakeClock

PEOPLE = population(60)
Tamper = Callable[[bytes], bytes]
MISSING = object()


@dataclass(frozen=True)
class Exchange:
    """A request as it was sent, and the sandbox's own answer to it. `query` is raw."""

    operation: str
    method: str
    path: str
    query: str
    content_type: str
    body: bytes
    status: int
    answer: bytes


class Tampered:
    """A sandbox whose answers can be changed on their way out. All else is the sandbox's own."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.tamper: Tamper | None = None
        self.exchanges: list[Exchange] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        got: list[Message] = []
        sent: list[Message] = []

        async def hear() -> Message:
            got.append(await receive())
            return got[-1]

        async def keep(message: Message) -> None:
            sent.append(message)

        await self.sandbox(scope, hear, keep)
        start, body = sent[0], body_of(sent)
        self.exchanges.append(
            Exchange(
                self.sandbox.calls[-1].operation,
                scope["method"],
                scope["raw_path"].decode(),
                scope["query_string"].decode(),
                dict(scope["headers"]).get(b"content-type", b"").decode(),
                body_of(got),
                start["status"],
                body,
            )
        )
        if self.tamper:
            body = self.tamper(body)
        headers = [(name, value) for name, value in start["headers"] if name.lower() != b"content-length"]
        await send({**start, "headers": [*headers, (b"content-length", str(len(body)).encode())]})
        await send({"type": "http.response.body", "body": body})


def body_of(messages: list[Message]) -> bytes:
    return b"".join(message.get("body", b"") for message in messages)


class World:
    """One provider with its sandbox, alone in a graph."""

    def __init__(self, upstream: Upstream[Any]) -> None:
        self.name = upstream.name
        self.clock = FakeClock()
        self.tampered = Tampered(upstream.sandbox(PEOPLE))
        tampered = replace(upstream, sandbox=lambda people: cast(Sandbox, self.tampered))
        connector = connect(tampered, {}, people=PEOPLE, clock=self.clock)
        assert connector
        self.connector = connector
        self.sandbox = self.tampered.sandbox
        self.sandbox.time = self.clock.time
        self.graph = graph_of(upstream.name)

    def ask(self, query: str, **variables: Any) -> ExecutionResult:
        context = Context({self.connector.upstream.client: self.connector}, call.Scope(), CursorCodec(b"test"))
        result = asyncio.run(self.graph.execute(query, variable_values=variables, context_value=context))
        assert isinstance(result, ExecutionResult)
        return result

    def data(self, query: str, **variables: Any) -> Any:
        """The data of an answer that must have no errors."""
        result = self.ask(query, **variables)
        assert result.errors is None, (query, result.errors)
        return result.data

    def calls(self, operation: str) -> int:
        """How many calls of an operation the sandbox has seen."""
        return self.sandbox.seen(operation)


@cache
def graph_of(name: str) -> Graph:
    """The graph of one provider alone."""
    return compose(discover_fields(), [name])


@dataclass(frozen=True)
class Listing:
    """A list that can be asked for without arguments: the fields that lead to it, and the type of its nodes."""

    path: tuple[str, ...]
    node: GraphQLObjectType

    def query(self, selection: str) -> str:
        """One page of it, with `selection` of each node."""
        *above, name = self.path
        page = (
            f"{name}(first: $first, after: $after) {{ nodes {{ {selection} }} pageInfo {{ hasNextPage endCursor }} }}"
        )
        return f"query($first: Int, $after: String) {{ {' { '.join([*above, page])} {'} ' * len(self.path)}"

    def page(self, data: Any) -> Any:
        """The page in the data of its query."""
        for name in self.path:
            data = data[name]
        return data


def listings(name: str) -> list[Listing]:
    """The lists of a provider, at most one object below its root field."""
    query = graph_of(name)._schema.query_type
    assert query is not None
    roots = [(root, get_named_type(field.type)) for root, field in query.fields.items() if not field.args]
    groups = [((root,), type_) for root, type_ in roots if isinstance(type_, GraphQLObjectType)]
    below = [
        ((*path, name), inner)
        for path, type_ in groups
        for name, field in type_.fields.items()
        if isinstance(inner := get_named_type(field.type), GraphQLObjectType) and not field.args
    ]
    return [
        Listing((*path, name), cast(GraphQLObjectType, get_named_type(connection.fields["nodes"].type)))
        for path, type_ in [*groups, *below]
        for name, field in type_.fields.items()
        if isinstance(connection := get_named_type(field.type), GraphQLObjectType)
        and "pageInfo" in connection.fields
        and not any(map(is_required_argument, field.args.values()))
    ]


def leaves(type_: GraphQLObjectType) -> list[str]:
    """The fields of a type that are leaves and need no arguments."""
    return [name for name, field in type_.fields.items() if not field.args and _is_leaf(field)]


def _is_leaf(field: GraphQLField) -> bool:
    return isinstance(get_named_type(field.type), GraphQLScalarType | GraphQLEnumType)


def is_required(type_: GraphQLObjectType, name: str) -> bool:
    return isinstance(type_.fields[name].type, GraphQLNonNull)


def mutations_of(answer: bytes) -> Iterator[tuple[str, Tamper]]:
    """Ways to get the first object of a JSON list wrong: each of its values missing, null, or of another kind.

    Its id is left alone: without one it cannot be told from others. Of an object inside it, the values count.
    """
    try:
        whole = json.loads(answer)
    except ValueError:
        return
    first = next(_first_objects(whole), None) or {}
    paths: list[tuple[str, ...]] = []
    for key, value in first.items():
        paths += [(key, inner) for inner in value] if isinstance(value, dict) and value else [(key,)]
    for path in paths:
        if path[-1].lower() in ("id", "cursor") or path[0].startswith("_"):
            continue
        value = first
        for key in path:
            value = value[key]
        odd = "no_such_word" if isinstance(value, str) else {"odd": 1}
        for what, instead in (("missing", MISSING), ("null", None), ("odd", odd)):
            yield f"{'.'.join(path)} is {what}", _changed(path, instead)


def _changed(path: tuple[str, ...], value: Any) -> Tamper:
    def tamper(answer: bytes) -> bytes:
        try:
            whole = json.loads(answer)
        except ValueError:
            return answer
        place = next(_first_objects(whole), None)
        for key in path[:-1]:
            place = place and place.get(key)
        if place is not None and value is MISSING:
            place.pop(path[-1], None)
        elif place is not None:
            place[path[-1]] = value
        return json.dumps(whole).encode()

    return tamper


def _first_objects(value: Any) -> Iterator[dict[str, Any]]:
    """The first object of each list of objects, outermost first; what a GraphQL edge holds, not the edge."""
    if isinstance(value, list) and value and isinstance(value[0], dict):
        node = value[0].get("node")
        yield node if isinstance(node, dict) else value[0]
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _first_objects(inner)
