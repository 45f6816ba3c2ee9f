"""The part of GitHub's schema that we wrote down, against the whole that GitHub publishes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from graphql import (
    EnumTypeDefinitionNode,
    InputObjectTypeDefinitionNode,
    InterfaceTypeDefinitionNode,
    ObjectTypeDefinitionNode,
    TypeDefinitionNode,
    is_abstract_type,
    parse,
    print_ast,
)

from connectors.providers.github.client import SCHEMA, SDL

PUBLISHED = Path(__file__).parents[3] / "node/node_modules/@octokit/graphql-schema/schema.graphql"

Composite = ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode | InputObjectTypeDefinitionNode


def definitions(text: str) -> dict[str, TypeDefinitionNode]:
    return {d.name.value: d for d in parse(text, no_location=True).definitions if isinstance(d, TypeDefinitionNode)}


@pytest.fixture(scope="module")
def published() -> dict[str, TypeDefinitionNode]:
    assert PUBLISHED.exists(), "GitHub's published schema is missing: run `npm ci` in tests/node"
    return definitions(PUBLISHED.read_text())


def facts(definition: TypeDefinitionNode) -> Iterator[str]:
    """All that one type says, a line each, but for descriptions and default values."""
    name = definition.name.value
    yield f"{definition.kind} {name}"
    if isinstance(definition, EnumTypeDefinitionNode):
        yield from (f"{name}.{value.name.value}" for value in definition.values or ())
    if isinstance(definition, Composite):
        for interface in getattr(definition, "interfaces", None) or ():
            yield f"{name} implements {interface.name.value}"
        for field in cast(Any, definition).fields or ():
            yield f"{name}.{field.name.value}: {print_ast(field.type)}"
            for argument in getattr(field, "arguments", None) or ():
                yield f"{name}.{field.name.value}({argument.name.value}: {print_ast(argument.type)})"


def test_all_that_we_know_of_github_is_so(published: dict[str, TypeDefinitionNode]) -> None:
    ours = definitions(SDL)

    assert len(ours) > 40
    assert set(ours) <= set(published)
    wrong = {name: set(facts(ours[name])) - set(facts(published[name])) for name in ours}
    assert {name: lines for name, lines in wrong.items() if lines} == {}


def test_our_enums_have_all_the_members_that_github_has(published: dict[str, TypeDefinitionNode]) -> None:
    ours = {name: d for name, d in definitions(SDL).items() if isinstance(d, EnumTypeDefinitionNode)}

    assert {name: set(facts(d)) for name, d in ours.items()} == {name: set(facts(published[name])) for name in ours}


def test_one_name_means_one_type_wherever_types_meet() -> None:
    """What makes it safe to ask for fields of several types, each in its own fragment, without renaming them.

    Of `nodes` one type is asked for; what mutations change, issue or pull request, is renamed.
    """
    for abstract in SCHEMA.type_map.values():
        if is_abstract_type(abstract) and abstract.name not in ("Node", "Labelable", "Assignable"):
            kinds: dict[str, set[str]] = {}
            for type_ in SCHEMA.get_possible_types(abstract):
                for name, field in type_.fields.items():
                    kinds.setdefault(name, set()).add(str(field.type))
            assert {name: types for name, types in kinds.items() if len(types) > 1} == {}
