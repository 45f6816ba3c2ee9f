"""A provider's part of the graph, used from one end to the other: what it is asked is worked out from its schema.

First each list is read, with all that its items have and lead to; then the documents of the provider's page are asked;
then the operations of `<provider>.graphql`, in their order. A variable there has the value that an earlier answer had
under its name: whoever asks for `nodes { charge: id }` can use `$charge` from then on.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from graphql import (
    GraphQLInterfaceType,
    GraphQLObjectType,
    OperationDefinitionNode,
    get_named_type,
    is_required_argument,
    parse,
    print_ast,
    validate,
)

from connectors.errors import UpstreamRejected
from tests.providers.worlds import World, leaves, listings
from tests.test_docs import EXAMPLES

HERE = Path(__file__).parent
DEPTH = 2


def drive(world: World) -> None:
    """Fails where an answer has errors, but for what an upstream may rightly refuse in a list of all sorts."""
    for listing in listings(world.name):
        errors = world.ask(listing.query(selection(listing.node, DEPTH)), first=3).errors or []
        assert all(isinstance(error.original_error, UpstreamRejected) for error in errors), errors
    for page, query, _ in EXAMPLES:
        if page == world.name and not validate(world.graph._schema, parse(query)):  # some join other providers
            world.data(query)
    known: dict[str, Any] = {}
    for operation in operations(HERE / f"{world.name}.graphql"):
        names = [variable.variable.name.value for variable in operation.variable_definitions or ()]
        known |= named(world.data(print_ast(operation), **{name: known[name] for name in names}))


def operations(path: Path) -> list[OperationDefinitionNode]:
    definitions = parse(path.read_text()).definitions if path.exists() else ()
    return [one for one in definitions if isinstance(one, OperationDefinitionNode)]


def selection(type_: GraphQLObjectType, depth: int) -> str:
    """All leaves of a type and, so many levels deep, of what its fields give that need no arguments."""
    return " ".join([*leaves(type_), *(_below(type_, depth) if depth else ())]) or "__typename"


def _below(type_: GraphQLObjectType, depth: int) -> Iterator[str]:
    for name, field in type_.fields.items():
        inner = get_named_type(field.type)
        if any(map(is_required_argument, field.args.values())):
            continue
        if isinstance(inner, GraphQLInterfaceType):
            yield f"{name} {{ __typename }}"
        elif isinstance(inner, GraphQLObjectType) and "pageInfo" in inner.fields:
            node = get_named_type(inner.fields["nodes"].type)
            if isinstance(node, GraphQLObjectType):
                yield f"{name}(first: 1) {{ nodes {{ {selection(node, depth - 1)} }} }}"
        elif isinstance(inner, GraphQLObjectType):
            yield f"{name} {{ {selection(inner, depth - 1)} }}"


def named(value: Any) -> dict[str, Any]:
    """The values in an answer by their names, the last of each name."""
    found: dict[str, Any] = {}
    for name, inner in value.items() if isinstance(value, dict) else ():
        if isinstance(inner, str | int):
            found[name] = inner
        found |= named(inner)
    for inner in value if isinstance(value, list) else ():
        found |= named(inner)
    return found
