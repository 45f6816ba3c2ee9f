"""What an operation selects: the fields below one field, with fragments and `@skip`/`@include` worked in.

Upstreams that can select (columns, expansions, selection sets) are asked for these and no others.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, cast

from graphql import (
    FieldNode,
    FragmentSpreadNode,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLUnionType,
    InlineFragmentNode,
    SelectionNode,
    get_argument_values,
    get_directive_values,
    get_named_type,
)
from graphql.execution.values import VariableValues
from graphql.type import GraphQLIncludeDirective, GraphQLSkipDirective
from strawberry.types import Info

Composite = GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType


@dataclass
class Selected:
    """One selected field: its name, the key it is answered under, and where in the operation it stands.

    `parent` is the type it was selected on, which may be an object type narrower than the field's own.
    """

    name: str
    key: str
    parent: Composite
    raw: GraphQLResolveInfo[Any]
    nodes: list[FieldNode] = field(default_factory=list)

    @property
    def arguments(self) -> dict[str, Any]:
        """Argument values under their GraphQL names, defaults filled in."""
        assert not isinstance(self.parent, GraphQLUnionType)
        return get_argument_values(self.parent.fields[self.name], self.nodes[0], _variables(self.raw))

    @property
    def type(self) -> GraphQLNamedType | None:
        """The named type behind lists and non-null; `None` for `__typename`."""
        if self.name.startswith("__") or isinstance(self.parent, GraphQLUnionType):
            return None
        return cast(GraphQLNamedType, get_named_type(self.parent.fields[self.name].type))

    def children(self) -> "list[Selected]":
        """The fields selected below this one, in order; those of fragments on narrower types come with that type."""
        own_type = self.type
        if not isinstance(own_type, Composite):
            return []
        found: dict[tuple[str, str], Selected] = {}
        for node in self.nodes:
            if node.selection_set is None:
                continue
            for parent, child in _fields(node.selection_set.selections, own_type, self.raw):
                key = child.alias.value if child.alias else child.name.value
                place = (parent.name, key)
                found.setdefault(place, Selected(child.name.value, key, parent, self.raw)).nodes.append(child)
        return list(found.values())


def selected(info: Info) -> Selected:
    """The field that is being resolved."""
    raw = info._raw_info
    nodes = list(raw.field_nodes)
    return Selected(raw.field_name, str(raw.path.key), raw.parent_type, raw, nodes)


def node_fields(field: Selected) -> list[Selected]:
    """The fields selected on the nodes of a connection."""
    children = field.children()
    nodes = [child for child in children if child.name == "nodes"]
    nodes += [child for edge in children if edge.name == "edges" for child in edge.children() if child.name == "node"]
    return [selection for node in nodes for selection in node.children()]


def everywhere(info: Info, type_name: str) -> Iterator[Selected]:
    """Every selection on one type in the whole operation: what a batch asks for, so that one call serves all places."""
    raw = info._raw_info
    root_type = raw.schema.get_root_type(raw.operation.operation)
    assert root_type is not None
    open_list = [
        Selected(node.name.value, "", parent, raw, [node])
        for parent, node in _fields(raw.operation.selection_set.selections, root_type, raw)
    ]
    while open_list:
        current = open_list.pop()
        if current.parent.name == type_name or _is_abstract_of(raw, current.parent, type_name):
            yield current
        open_list += current.children()


def _is_abstract_of(raw: GraphQLResolveInfo[Any], parent: Composite, type_name: str) -> bool:
    object_type = raw.schema.get_type(type_name)
    return (
        isinstance(parent, GraphQLInterfaceType | GraphQLUnionType)
        and isinstance(object_type, GraphQLObjectType)
        and raw.schema.is_sub_type(parent, object_type)
    )


def _fields(
    selections: Iterable[SelectionNode], parent: Composite, raw: GraphQLResolveInfo[Any]
) -> Iterator[tuple[Composite, FieldNode]]:
    for selection in selections:
        if _left_out(selection, raw):
            continue
        if isinstance(selection, FieldNode):
            yield parent, selection
        elif isinstance(selection, InlineFragmentNode):
            condition = selection.type_condition
            narrowed = raw.schema.get_type(condition.name.value) if condition else parent
            yield from _fields(selection.selection_set.selections, cast(Composite, narrowed), raw)
        elif isinstance(selection, FragmentSpreadNode):
            fragment = raw.fragments[selection.name.value]
            narrowed = raw.schema.get_type(fragment.type_condition.name.value)
            yield from _fields(fragment.selection_set.selections, cast(Composite, narrowed), raw)


def _left_out(selection: SelectionNode, raw: GraphQLResolveInfo[Any]) -> bool:
    if not selection.directives:
        return False
    node = cast(FieldNode, selection)
    skip = get_directive_values(GraphQLSkipDirective, node, _variables(raw))
    include = get_directive_values(GraphQLIncludeDirective, node, _variables(raw))
    return bool(skip and skip["if"]) or bool(include and not include["if"])


def _variables(raw: GraphQLResolveInfo[Any]) -> VariableValues:
    return VariableValues(sources={}, coerced=cast(dict[str, Any], raw.variable_values))
