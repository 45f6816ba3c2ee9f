"""The whole schema, as its users see it."""

from collections.abc import Iterator
from pathlib import Path

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    build_schema,
)

from connectors.connector import discover as discover_upstreams
from resolvers.discovery import discover
from schema.compose import compose

SNAPSHOT = Path(__file__).parent / "schema.graphql"


def sdl() -> str:
    return compose(discover(), discover_upstreams()).as_str() + "\n"


def test_the_schema_is_the_one_that_was_reviewed() -> None:
    assert sdl() == SNAPSHOT.read_text(), "the schema changed: look at `make schema && git diff tests/schema.graphql`"


def test_everything_is_described() -> None:
    assert sorted(undescribed(build_schema(sdl()))) == []


def test_what_is_not_described_is_found() -> None:
    schema = build_schema('type Query { a(b: E): Int } enum E { C } input I { d: Int } "known" scalar S')

    assert sorted(undescribed(schema)) == ["E", "E.C", "I", "I.d", "Query", "Query.a", "Query.a(b:)"]


def undescribed(schema: GraphQLSchema) -> Iterator[str]:
    """The types, fields, arguments, input fields and enum values without a description."""
    for name, kind in schema.type_map.items():
        if name.startswith("__") or name in ("String", "Int", "Float", "Boolean", "ID"):
            continue
        if not kind.description:
            yield name
        if isinstance(kind, GraphQLEnumType):
            yield from (f"{name}.{key}" for key, value in kind.values.items() if not value.description)
        if isinstance(kind, GraphQLInputObjectType):
            yield from (f"{name}.{key}" for key, field in kind.fields.items() if not field.description)
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
            for key, output in kind.fields.items():
                if not output.description:
                    yield f"{name}.{key}"
                yield from (f"{name}.{key}({arg}:)" for arg, value in output.args.items() if not value.description)
