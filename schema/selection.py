"""What an operation selects: the fields below one field, with fragments and `@skip`/`@include` worked in.

Upstreams that can select (columns, expansions, selection sets) are asked for these and no others. What is found out is
remembered where an operation was given no variables: their values are not to stay when the request is over.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar, cast

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLSchema,
    GraphQLUnionType,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    get_argument_values,
    get_directive_values,
    get_named_type,
)
from graphql.execution.values import VariableValues
from graphql.type import GraphQLIncludeDirective, GraphQLSkipDirective
from strawberry.types import Info

Composite = GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType


A = TypeVar("A")
T = TypeVar("T")

OPERATIONS_KEPT = 1_000


class Remembering:
    """What was worked out about something that does not change."""

    @cached_property
    def _worked_out(self) -> dict[Hashable, Any]:
        return {}

    def once(self, work: Callable[[A], T], given: A) -> T:
        """What `work` makes of `given`, of which it looks at nothing but what is selected here. Asked once."""
        if work not in self._worked_out:
            self._worked_out[work] = work(given)
        return cast(T, self._worked_out[work])


@dataclass(eq=False)
class Selected(Remembering):
    """One selected field: its name, the key it is answered under, and where in the operation it stands.

    `parent` is the type it was selected on, which may be an object type narrower than the field's own.
    """

    name: str
    key: str
    parent: Composite
    outline: "Outline"
    nodes: list[FieldNode] = field(default_factory=list)

    @cached_property
    def arguments(self) -> dict[str, Any]:
        """Argument values under their GraphQL names, defaults filled in."""
        assert not isinstance(self.parent, GraphQLUnionType)
        return get_argument_values(self.parent.fields[self.name], self.nodes[0], self.outline.values)

    @cached_property
    def type(self) -> GraphQLNamedType | None:
        """The named type behind lists and non-null; `None` for `__typename`."""
        if self.name.startswith("__") or isinstance(self.parent, GraphQLUnionType):
            return None
        return cast(GraphQLNamedType, get_named_type(self.parent.fields[self.name].type))

    @cached_property
    def children(self) -> "list[Selected]":
        """The fields selected below this one, in order; those of fragments on narrower types come with that type."""
        own_type = self.type
        if not isinstance(own_type, Composite):
            return []
        found: dict[tuple[str, str], Selected] = {}
        for node in self.nodes:
            if node.selection_set is None:
                continue
            for parent, child in self.outline.fields(node.selection_set.selections, own_type):
                key = child.alias.value if child.alias else child.name.value
                place = (parent.name, key)
                found.setdefault(place, Selected(child.name.value, key, parent, self.outline)).nodes.append(child)
        return list(found.values())


class Outline(Remembering):
    """What one operation selects while its variables have these values."""

    def __init__(self, raw: GraphQLResolveInfo[Any]) -> None:
        self.schema: GraphQLSchema = raw.schema
        self.operation: OperationDefinitionNode = raw.operation
        self.variables = cast(dict[str, Any], raw.variable_values)
        self.values = VariableValues(sources={}, coerced=self.variables)
        self._fragments: dict[str, FragmentDefinitionNode] = raw.fragments
        self._places: dict[tuple[str, tuple[int, ...]], Selected] = {}

    def at(self, raw: GraphQLResolveInfo[Any]) -> Selected:
        """The field that is being resolved."""
        place = raw.parent_type.name, tuple(map(id, raw.field_nodes))
        selected = self._places.get(place)
        if selected is None:
            nodes = list(raw.field_nodes)
            selected = Selected(raw.field_name, str(raw.path.key), raw.parent_type, self, nodes)
            if not self.variables:
                self._places[place] = selected
        return selected

    @property
    def roots(self) -> list[Selected]:
        """The fields selected at the root, as often as they stand there."""
        root_type = self.schema.get_root_type(self.operation.operation)
        assert root_type is not None
        fields = self.fields(self.operation.selection_set.selections, root_type)
        return [Selected(node.name.value, "", parent, self, [node]) for parent, node in fields]

    def fields(self, selections: Iterable[SelectionNode], parent: Composite) -> Iterator[tuple[Composite, FieldNode]]:
        """The fields among `selections` on `parent`, and the types they are selected on."""
        for selection in selections:
            if self._left_out(selection):
                continue
            if isinstance(selection, FieldNode):
                yield parent, selection
            elif isinstance(selection, InlineFragmentNode):
                condition = selection.type_condition
                narrowed = self.schema.get_type(condition.name.value) if condition else parent
                yield from self.fields(selection.selection_set.selections, cast(Composite, narrowed))
            elif isinstance(selection, FragmentSpreadNode):
                fragment = self._fragments[selection.name.value]
                narrowed = self.schema.get_type(fragment.type_condition.name.value)
                yield from self.fields(fragment.selection_set.selections, cast(Composite, narrowed))

    def _left_out(self, selection: SelectionNode) -> bool:
        if not selection.directives:
            return False
        node = cast(FieldNode, selection)
        skip = get_directive_values(GraphQLSkipDirective, node, self.values)
        include = get_directive_values(GraphQLIncludeDirective, node, self.values)
        return bool(skip and skip["if"]) or bool(include and not include["if"])


class Outlines:
    """The outlines of one schema's operations that were given no variables, the least recently used forgotten first."""

    def __init__(self) -> None:
        self._kept: dict[int, Outline] = {}

    def of(self, raw: GraphQLResolveInfo[Any]) -> Outline:
        """The outline of the operation that is being executed."""
        if raw.variable_values:
            return Outline(raw)
        key = id(raw.operation)
        outline = self._kept.pop(key, None) or Outline(raw)
        self._kept[key] = outline
        if len(self._kept) > OPERATIONS_KEPT:
            del self._kept[next(iter(self._kept))]
        return outline

    def forget(self, node: OperationDefinitionNode) -> None:
        """Drop the outline of an operation."""
        self._kept.pop(id(node), None)


def outline(info: Info) -> Outline:
    """The outline of the operation that is being executed."""
    graph: Any = info.schema
    found: Outline = graph.outlines.of(info._raw_info)
    return found


def selected(info: Info) -> Selected:
    """The field that is being resolved."""
    return outline(info).at(info._raw_info)


def node_fields(field: Selected) -> list[Selected]:
    """The fields selected on the nodes of a connection."""
    children = field.children
    nodes = [child for child in children if child.name == "nodes"]
    nodes += [child for edge in children if edge.name == "edges" for child in edge.children if child.name == "node"]
    return [selection for node in nodes for selection in node.children]


def everywhere(info: Info, type_name: str) -> Iterator[Selected]:
    """Every selection on one type in the whole operation: what a batch asks for, so that one call serves all places."""
    whole = outline(info)
    open_list = whole.roots
    while open_list:
        current = open_list.pop()
        if current.parent.name == type_name or _is_abstract_of(whole.schema, current.parent, type_name):
            yield current
        open_list += current.children


def _is_abstract_of(schema: GraphQLSchema, parent: Composite, type_name: str) -> bool:
    object_type = schema.get_type(type_name)
    return (
        isinstance(parent, GraphQLInterfaceType | GraphQLUnionType)
        and isinstance(object_type, GraphQLObjectType)
        and schema.is_sub_type(parent, object_type)
    )
