"""Plans: what there is to know about an operation before it runs, worked out once for each document.

A plan mirrors the selection sets. Each field knows how its column of values comes about: read from an attribute,
followed as a link, or asked of a resolver object by object.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from inspect import isasyncgenfunction, isfunction
from typing import Any, cast

from graphql import (
    ArgumentNode,
    DirectiveNode,
    FieldNode,
    GraphQLArgument,
    GraphQLError,
    GraphQLField,
    GraphQLObjectType,
    Node,
    OperationDefinitionNode,
    VariableNode,
    Visitor,
    get_argument_values,
    get_named_type,
    get_nullable_type,
    is_abstract_type,
    is_leaf_type,
    visit,
)
from graphql.execution import Executor
from graphql.execution.collect_fields import FieldDetails, collect_fields
from strawberry.relay import GlobalID
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.field import StrawberryField

from schema.execution.columns import Column, Kinds, passing
from schema.fields import Link

PLANS_KEPT = 1_000
"""How many operations there are plans of, and executors."""

WEIGHT_KEPT, FIELD_WEIGHT = 200_000, 3
"""What these may weigh together, and what a field weighs beside a node of the tree, which takes about 400 bytes. A
document of 300 tokens can stand for 6,000 fields, as each type has its own."""

VARIANTS_KEPT = 8
"""Of one operation: a document with many `@include`s has as many plans as its variables have combinations."""


@dataclass(slots=True, eq=False)
class FieldPlan:
    """One field of a selection set of an `operation`, all its places in the document merged.

    `read` is set where the parent alone gives the value: the name of its attribute, or a function of it. `link` is set
    where the value is fetched by key; else a resolver is asked: by `ask` where nothing has to be done for it, with the
    arguments by the names in `takes`. `passes` tells whether a column is its own answer.
    `shareable` says that no resolver is asked, here or below: what a parent gives is the same wherever it turns up.
    `arguments` are the values where no variable takes part, else `None`. `suspends` says that there may be something to
    wait for, here or below. `selections` are by name of the object type, `types` by class of what is read by column.
    `chain` is how many upstream calls have to wait for one another, here and below. `behind` says that this is a
    connection which may begin after the links beside it, as one of these has a longer chain.
    """

    operation: "Operation"
    index: int
    key: str
    parent: GraphQLObjectType
    definition: GraphQLField
    details: list[FieldDetails]
    nodes: list[FieldNode]
    read: str | Callable[[Any], Any] | None
    passes: Callable[[Column, Kinds], bool] | None
    link: Link | None
    ask: Callable[..., Any] | None
    takes: dict[str, str]
    arguments: dict[str, Any] | None
    selections: "dict[str, Selection]" = field(default_factory=dict)
    types: dict[type, GraphQLObjectType] = field(default_factory=dict)
    suspends: bool = False
    shareable: bool = False
    chain: int = 0
    behind: bool = False


@dataclass(slots=True, eq=False)
class Selection:
    """The fields selected on one object type, in the order of the answer.

    `assemble` makes rows of columns: a dict for each, its keys in order.
    """

    fields: list[FieldPlan]
    assemble: Callable[[Sequence[Column]], Column]


@dataclass(slots=True, eq=False)
class Plan:
    """What is selected at the root of an operation. `breadth_first` is false where the fallback has to run it.

    `costs` is what was found out about what it costs: see `cost`.
    """

    root: Selection
    breadth_first: bool
    costs: Any = None


@dataclass(slots=True)
class Operation:
    """One operation and its plans, by the values of the variables that `@skip` and `@include` read.

    `plannable` is false where the fallback has to run it. `nodes` is how large its tree is with all fragments, and
    `fields` how many its plans have.
    """

    node: OperationDefinitionNode
    plannable: bool
    switches: tuple[str, ...]
    nodes: int
    fields: int = 0
    plans: dict[tuple[Any, ...], Plan] = field(default_factory=dict)

    @property
    def weight(self) -> int:
        return self.nodes + FIELD_WEIGHT * self.fields


class Plans:
    """The plans of one schema, the least recently used operations forgotten first: `let_go` is told of them."""

    def __init__(self, let_go: Callable[[OperationDefinitionNode], None]) -> None:
        self._operations: dict[int, Operation] = {}
        self._let_go = let_go

    def plan(self, executor: Executor[Any]) -> Plan:
        """The plan of what `executor` is to execute. Raises `GraphQLError` where the selection cannot be worked out."""
        node = executor.operation
        operation = self._operations.pop(id(node), None) or _studied(executor, node)
        self._operations[id(node)] = operation
        variables = executor.variable_values.coerced
        switches = tuple(variables.get(name) for name in operation.switches)
        plan = operation.plans.get(switches)
        if plan is None:
            if len(operation.plans) >= VARIANTS_KEPT:
                operation.plans.clear()
                operation.fields = 0
            root = _root(executor, operation)
            plan = operation.plans[switches] = Plan(root, operation.plannable)
            self._make_room()
        return plan

    def forget(self, node: OperationDefinitionNode) -> None:
        """Drop the plans of an operation, if there are any."""
        operation = self._operations.pop(id(node), None)
        if operation:
            operation.plans.clear()  # whose fields refer back to it
            self._let_go(node)

    def _make_room(self) -> None:
        """Drop the least recently used. (What fields of open types select is worked out later, and counts then.)"""
        weight = sum(operation.weight for operation in list(self._operations.values()))
        while len(self._operations) > 1 and (weight > WEIGHT_KEPT or len(self._operations) > PLANS_KEPT):
            oldest = next(iter(self._operations.values()))
            weight -= oldest.weight
            self.forget(oldest.node)


def selection_of(plan: FieldPlan, type_: GraphQLObjectType, executor: Executor[Any]) -> Selection:
    """What `plan` selects on one object type; worked out when such an object first turns up."""
    selection = plan.selections.get(type_.name)
    if selection is None:
        collected = executor.collect_subfields(type_, plan.details)
        selection = plan.selections[type_.name] = _selection(
            executor, plan.operation, type_, collected.grouped_field_set
        )
    return selection


class _Study(Visitor):
    """Finds which variables decide about selections, and what only the fallback can do."""

    def __init__(self) -> None:
        super().__init__()
        self.switches: dict[str, None] = {}
        self.incremental = False
        self.nodes = 0

    def enter(self, *_: Any) -> None:
        self.nodes += 1

    def enter_directive(self, node: DirectiveNode, *_: Any) -> None:
        if node.name.value in ("defer", "stream"):
            self.incremental = True
        if node.name.value in ("skip", "include"):
            values = (argument.value for argument in node.arguments or ())
            self.switches |= dict.fromkeys(value.name.value for value in values if isinstance(value, VariableNode))


def _studied(executor: Executor[Any], node: OperationDefinitionNode) -> Operation:
    study = _Study()
    for tree in (node, *executor.fragment_definitions.values()):
        visit(tree, study)
    return Operation(node, not study.incremental, tuple(study.switches), study.nodes)


def _root(executor: Executor[Any], own: Operation) -> Selection:
    operation = executor.operation
    root_type = executor.schema.get_root_type(operation.operation)
    if root_type is None:
        raise GraphQLError(f"Schema is not configured to execute {operation.operation.value} operation.", operation)
    collected = collect_fields(
        executor.schema,
        executor.fragments,
        executor.variable_values,
        root_type,
        operation,
        executor.hide_suggestions,
    )
    return _selection(executor, own, root_type, collected.grouped_field_set)


def _selection(
    executor: Executor[Any], operation: Operation, type_: GraphQLObjectType, grouped: dict[str, list[FieldDetails]]
) -> Selection:
    operation.fields += len(grouped)
    fields: list[FieldPlan] = []
    for key, details in grouped.items():
        definition = executor.schema.get_field(type_, details[0].node.name.value)
        if definition is not None:
            fields.append(_field(executor, operation, len(fields), key, type_, definition, details))
    longest = max((plan.chain for plan in fields if plan.link), default=0)
    for plan in fields:
        plan.behind = _pages(plan.definition) and plan.chain < longest
    return Selection(fields, _assembler([field.key for field in fields]))


def _field(
    executor: Executor[Any],
    operation: Operation,
    index: int,
    key: str,
    parent: GraphQLObjectType,
    definition: GraphQLField,
    details: list[FieldDetails],
) -> FieldPlan:
    source = definition.extensions.get("strawberry-definition")
    read = link = ask = None
    takes: dict[str, str] = {}
    suspends = False
    if isinstance(source, StrawberryField):
        link = source.metadata.get("link")
        read = None if link else reader(source)
        ask = None if parent is executor.schema.subscription_type else asker(source, definition)
        takes = {name: own.python_name for name, own in zip(definition.args, source.arguments, strict=True)}
        suspends = read is None and source.is_async
        operation.plannable &= not _streams(source)
    plan = FieldPlan(
        operation=operation,
        index=index,
        key=key,
        parent=parent,
        definition=definition,
        details=details,
        nodes=[detail.node for detail in details],
        read=read,
        passes=passing(definition.type),
        link=link,
        ask=ask,
        takes=takes,
        arguments=_constants(definition, details[0].node),
        suspends=suspends,
    )
    named = get_named_type(definition.type)
    plan.shareable = (read is not None or link is not None) and not is_abstract_type(named)
    if isinstance(named, GraphQLObjectType):
        inner = selection_of(plan, named, executor).fields
        plan.suspends = suspends or any(field.suspends for field in inner)
        plan.shareable = plan.shareable and all(field.shareable for field in inner)
        plan.chain = max((field.chain for field in inner), default=0)
    elif is_abstract_type(named):
        plan.suspends = True
    plan.chain += suspends
    return plan


def _pages(definition: GraphQLField) -> bool:
    source = definition.extensions.get("strawberry-definition")
    return isinstance(source, StrawberryField) and source.metadata.get("pager") is not None


def _streams(source: StrawberryField) -> bool:
    """Whether a list comes item by item, which is left to graphql-core."""
    resolver = source.base_resolver
    return resolver is not None and not source.is_subscription and isasyncgenfunction(resolver.wrapped_func)


def reader(source: StrawberryField) -> str | Callable[[Any], Any] | None:
    """How to get the value from the parent alone, where that is possible: an attribute, or a plain function of it.

    The parent of a subscription's field is an event.
    """
    if source.is_subscription:
        return of_event(source)
    if source.is_basic_field:
        return source.python_name
    resolver = source.base_resolver
    if resolver is None or source.is_async or source.extensions or source.permission_classes:
        return None
    parameters = list(resolver.signature.parameters)
    return cast(Callable[[Any], Any], resolver.wrapped_func) if parameters in (["root"], ["self"]) else None


def of_event(source: StrawberryField) -> Callable[[Any], Any]:
    """How a subscription's field gets its value from an event, where it is not linked to it."""
    return source.metadata.get("value") or _itself


def _itself(event: Any) -> Any:
    return event


def asker(source: StrawberryField, definition: GraphQLField) -> Callable[..., Any] | None:
    """A resolver that needs nothing done for it: no argument converted, no extension or permission asked.

    It takes parent, info and arguments under Python's names.
    """
    resolver = source.base_resolver
    if resolver is None or source.extensions or source.permission_classes:
        return None
    if not all(map(_taken_as_it_is, definition.args.values(), source.arguments)):
        return None
    function, parameters = resolver.wrapped_func, list(resolver.signature.parameters)
    if not isfunction(function):
        return None
    own = [name for name in parameters if name in ("root", "self", "info")]
    if own == parameters[:1] == ["info"]:
        return lambda root, info, **given: function(info=info, **given)
    return function if own == parameters[:2] in (["root", "info"], ["self", "info"]) else None


def _taken_as_it_is(argument: GraphQLArgument, source: StrawberryArgument) -> bool:
    """Whether a resolver gets an argument's value as GraphQL has it: Strawberry makes objects of all but leaves."""
    whole: Any = source.type
    is_leaf = is_leaf_type(get_nullable_type(argument.type))
    return is_leaf and not source.is_maybe and getattr(whole, "of_type", whole) is not GlobalID


def _assembler(keys: list[str]) -> Callable[[Sequence[Column]], Column]:
    """A comprehension over a dict display, made for these keys: four times as fast as `dict(zip(keys, row))`.

    Keys are GraphQL names (letters, digits, underscores), so they are safe to write into code.
    """
    if not keys:
        return lambda columns: []
    if not all(key.isidentifier() for key in keys):
        raise ValueError(f"not GraphQL names: {keys}")
    if len(keys) == 1:
        return lambda columns: [{keys[0]: value} for value in columns[0]]
    entries = ", ".join(f"{key!r}: v{n}" for n, key in enumerate(keys))
    values = "".join(f"v{n}, " for n in range(len(keys)))
    code = f"lambda columns: [{{{entries}}} for {values} in zip(*columns)]"
    return cast(Callable[[Sequence[Column]], Column], eval(code, {"zip": zip}))  # noqa: S307


def variables_in(argument: ArgumentNode) -> Iterator[str]:
    """The names of the variables in an argument's value."""
    open_list: list[Node] = [argument.value]
    while open_list:
        value = open_list.pop()
        if isinstance(value, VariableNode):
            yield value.name.value
        open_list += getattr(value, "values", None) or [inner.value for inner in getattr(value, "fields", ())]


def _constants(definition: GraphQLField, node: FieldNode) -> dict[str, Any] | None:
    if not definition.args:
        return {}
    try:
        varies = any(True for argument in node.arguments or () for _ in variables_in(argument))
        return None if varies else get_argument_values(definition, node)
    except GraphQLError:
        return None
