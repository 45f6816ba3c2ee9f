"""From Asks to the text of a document. Values never stand in it, so equal shapes give equal texts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import Any, Literal

from gql import Client, GraphQLRequest, gql
from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    get_named_type,
)

from connectors.protocols.graphql.ask import Ask

Kind = Literal["query", "mutation"]

KEPT_DOCUMENTS = 1000


@dataclass(frozen=True)
class Document:
    """The text of one operation and the values of its variables. The root fields are answered as `q0`, `q1` ..."""

    text: str
    variables: dict[str, Any]
    operation: str


def written(schema: GraphQLSchema, kind: Kind, asks: Sequence[Ask]) -> Document:
    """One document for all `asks`, which are root fields. Raises `TypeError` for what the schema does not know."""
    root = schema.get_root_type(OperationType(kind))
    if root is None:
        raise TypeError(f"the upstream has no {kind} type")
    writer = _Writer(schema)
    body = " ".join(f"q{place}: {writer.field(root, ask)}" for place, ask in enumerate(asks))
    head = f"{kind} ({', '.join(writer.declarations)})" if writer.declarations else kind
    return Document(f"{head} {{ {body} }}", writer.variables, operation_name(ask.name for ask in asks))


def operation_name(roots: Iterable[str]) -> str:
    """What we call a document: its root fields, each once, sorted and joined (`node+viewer`)."""
    return "+".join(sorted(set(roots)))


def roots_of(document: DocumentNode) -> list[str]:
    """The names of the root fields that a document with one operation selects."""
    fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
    open_list: list[SelectionSetNode | None] = [
        d.selection_set for d in document.definitions if isinstance(d, OperationDefinitionNode)
    ]
    names: list[str] = []
    while open_list:
        selections = open_list.pop()
        for selection in selections.selections if selections else ():
            if isinstance(selection, FieldNode):
                names.append(selection.name.value)
            elif isinstance(selection, InlineFragmentNode):
                open_list.append(selection.selection_set)
            elif isinstance(selection, FragmentSpreadNode) and (found := fragments.pop(selection.name.value, None)):
                open_list.append(found.selection_set)
    return names


@lru_cache(maxsize=KEPT_DOCUMENTS)
def validated(schema: GraphQLSchema, text: str) -> DocumentNode:
    """The parsed document. Raises `GraphQLError` where the upstream's schema does not allow it."""
    request: GraphQLRequest = gql(text)
    Client(schema=schema).validate(request)
    return request.document


class _Writer:
    """Writes fields, and notes the variables that they need."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema
        self.declarations: list[str] = []
        self.variables: dict[str, Any] = {}

    def field(self, parent: GraphQLNamedType | None, ask: Ask) -> str:
        """A field without its key."""
        if ask.name == "__typename":
            return ask.name
        if not isinstance(parent, GraphQLObjectType | GraphQLInterfaceType) or ask.name not in parent.fields:
            raise TypeError(f"the upstream's {parent} has no field {ask.name!r}")
        known = parent.fields[ask.name]
        given = []
        for name, value in ask.arguments.items():
            if name not in known.args:
                raise TypeError(f"the upstream's {parent}.{ask.name} has no argument {name!r}")
            given.append(f"{name}: ${self._variable(str(known.args[name].type), value)}")
        arguments = f"({', '.join(given)})" if given else ""
        return f"{ask.name}{arguments}{self._below(get_named_type(known.type), ask.fields)}"

    def _below(self, parent: GraphQLNamedType, asks: Sequence[Ask]) -> str:
        if not asks:
            return ""
        parts = []
        for on, group in groupby(sorted(asks, key=lambda ask: ask.on), key=lambda ask: ask.on):
            narrowed = self._schema.get_type(on) if on else parent
            inner = " ".join(
                f"{ask.key}: {self.field(narrowed, ask)}" if ask.key else self.field(narrowed, ask) for ask in group
            )
            parts.append(f"... on {on} {{ {inner} }}" if on else inner)
        return f" {{ {' '.join(parts)} }}"

    def _variable(self, type_: str, value: Any) -> str:
        name = f"v{len(self.declarations)}"
        self.declarations.append(f"${name}: {type_}")
        self.variables[name] = value
        return name
