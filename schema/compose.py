"""From the providers' types and fields to one schema."""

from collections.abc import AsyncGenerator, Callable, Iterable
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any, cast
from weakref import finalize, ref

import strawberry
from graphql import (
    ASTValidationRule,
    DefinitionNode,
    DocumentNode,
    ExecutionResult,
    ExperimentalIncrementalExecutionResults,
    GraphQLError,
    GraphQLField,
    GraphQLResolveInfo,
    OperationDefinitionNode,
    specified_rules,
    validate,
)
from graphql.execution import create_source_event_stream
from strawberry.execution import optimized_is_awaitable
from strawberry.extensions import SchemaExtension
from strawberry.schema.config import StrawberryConfig
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule
from strawberry.types import Info
from strawberry.types.base import StrawberryObjectDefinition
from strawberry.types.execution import ExecutionContext
from strawberry.types.field import StrawberryField
from strawberry.types.scalar import ScalarDefinition

from schema.execution.cost import Estimate, estimated
from schema.execution.executor import Executors, breadth_first
from schema.execution.limits import beyond
from schema.execution.plan import Plans, of_event
from schema.execution.sources import Source, source_of
from schema.fields import Addition, Fields, Refetch
from schema.scalars import DATE, DATE_TIME, DECIMAL, LONG, Long
from schema.selection import Outlines, everywhere, node_fields, selected

SCALARS: dict[object, ScalarDefinition] = {Long: LONG, Decimal: DECIMAL, date: DATE, datetime: DATE_TIME}
MOST_FAULTS = 20
"""What a document has more is not looked for: nobody reads it."""

ROOTS = {
    "Query": "Everything that can be read. Each upstream has a field of its own; `node` finds anything by its id.",
    "Mutation": "Everything that can be changed. The fields of one request run one after another.",
    "Subscription": "What can be listened to.",
}


class Graph(strawberry.Schema):
    """A Strawberry schema whose types got fields from elsewhere. `refetches` are by GraphQL type name."""

    def __init__(
        self,
        modules: Iterable[Fields],
        extensions: Iterable[type[SchemaExtension]] = (),
        max_calls: int | None = None,
    ) -> None:
        modules = list(modules)
        additions = [addition for module in modules for addition in module.additions]
        refetches = [refetch for module in modules for refetch in module.refetches]
        self.refetches: dict[str, Refetch] = {refetch.type.__name__: refetch for refetch in refetches}
        self._extra: dict[str, list[Addition]] = {}
        for addition in additions:
            parent = addition.parent if isinstance(addition.parent, str) else addition.parent.__name__
            self._extra.setdefault(parent, []).append(addition)
        self.outlines = Outlines()
        self._plans = Plans(self.outlines.forget)
        self._attended: set[int] = set()
        self._max_calls = max_calls
        roots = {name: _root(name, text) for name, text in ROOTS.items() if name in self._extra}
        config = StrawberryConfig(scalar_map=SCALARS, enable_experimental_incremental_execution=True)
        super().__init__(
            query=roots["Query"],
            mutation=roots.get("Mutation"),
            subscription=roots.get("Subscription"),
            types=[refetch.type for refetch in refetches],
            config=config,
            extensions=extensions,
            execution_context_class=breadth_first(self._plans, config.info_class, max_calls),
        )
        self._executors = Executors(self._schema, self.execution_context_class, self._plans, self._attend)
        if self._schema.subscription_type:
            for field in self._schema.subscription_type.fields.values():
                field.resolve = _of_event(field, config.info_class)

    def get_fields(self, type_definition: StrawberryObjectDefinition) -> list[StrawberryField]:
        """A type's own fields, then what the modules add to it."""
        added = [addition.field for addition in self._extra.get(type_definition.origin.__name__, ())]
        return [*type_definition.fields, *added]

    def faults_of(
        self, document: DocumentNode, rules: tuple[type[ASTValidationRule], ...] = tuple(specified_rules)
    ) -> list[GraphQLError]:
        """What is wrong with a parsed document, by the rules of GraphQL and of Strawberry; empty for a valid one.

        Behind `MOST_FAULTS` of them is one that says that there are more. Raises `RecursionError` where fragments are
        too deep inside one another.
        """
        ours = (*rules, MaybeNullValidationRule, OneOfInputValidationRule)
        faults = validate(self._schema, document, ours, max_errors=MOST_FAULTS)
        if faults and faults[-1].message == "Validation aborted.":  # which is all that graphql-core says of it
            raise RecursionError
        return faults

    async def events(
        self, document: DocumentNode, variables: dict[str, Any], context: object, operation_name: str | None
    ) -> AsyncGenerator[Any, None] | ExecutionResult:
        """The events of a subscription whose document has no faults: each is to be `run` with as `root`.

        The errors where there are to be none, because of its arguments or of what each event would cost.
        """
        built = self.execution_context_class.build(
            self._schema, document, context_value=context, raw_variable_values=variables, operation_name=operation_name
        )
        if isinstance(built, list):
            return ExecutionResult(None, built)
        self._attend(document)
        calls = estimated(self._plans.plan(built), built).total
        excess = None if self._max_calls is None else beyond(calls, self._max_calls)
        if excess:
            return ExecutionResult(None, [excess])
        stream: Any = create_source_event_stream(built)
        return cast(AsyncGenerator[Any, None], await stream if optimized_is_awaitable(stream) else stream)

    async def run(
        self,
        document: DocumentNode,
        variables: dict[str, Any],
        context: object,
        operation_name: str | None,
        root: object = None,
    ) -> ExecutionResult | ExperimentalIncrementalExecutionResults:
        """The result of a document that has no faults, as `execute` gives it where there are no extensions.

        `root` is the event, where it is a subscription's. Raises what goes wrong before execution begins.
        """
        executor = self._executors.made(document, variables, operation_name, context, root)
        if isinstance(executor, list):
            return ExecutionResult(None, executor)
        result = executor.execute_operation()
        if isinstance(result, ExecutionResult | ExperimentalIncrementalExecutionResults):
            return result
        return await result

    def estimate(
        self, document: DocumentNode, variables: dict[str, Any] | None = None, operation_name: str | None = None
    ) -> Estimate:
        """What an operation of a document without faults would ask of the upstreams.

        Raises `GraphQLError` where the variables are wrong or the name is.
        """
        built = self.execution_context_class.build(
            self._schema, document, raw_variable_values=variables, operation_name=operation_name
        )
        if isinstance(built, list):
            raise built[0]
        self._attend(document)
        return estimated(self._plans.plan(built), built)

    def source_of(self, document: DocumentNode) -> Source:
        """What the answers to a document without faults are made of."""
        return source_of(self._schema, document)

    def _attend(self, document: DocumentNode) -> None:
        """Have all that is kept for a document's operations go when nobody has the document any more."""
        if id(document) not in self._attended:
            self._attended.add(id(document))
            finalize(document, _forget, ref(self), id(document), document.definitions).atexit = False

    def forget(self, document: int, definitions: Iterable[DefinitionNode]) -> None:
        """Drop what is kept for the operations of a document, of which `document` is the identity."""
        self._attended.discard(document)
        for node in definitions:
            if isinstance(node, OperationDefinitionNode):
                self._plans.forget(node)
                self._executors.forget(document, node)

    def process_errors(self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None:
        """Nothing: errors are logged where they are presented, an upstream's without a traceback."""

    @cached_property
    def _needs(self) -> dict[tuple[str, str], frozenset[str]]:
        """What each field reads from its parent, by GraphQL type and field name."""
        name_of = self.config.name_converter.get_graphql_name
        needs: dict[tuple[str, str], frozenset[str]] = {}
        for name in self._schema.type_map:
            definition = self.get_type_by_name(name)
            if not isinstance(definition, StrawberryObjectDefinition):
                continue
            for field in definition.fields:
                own = field.metadata.get("needs", ()) if field.base_resolver else (field.python_name,)
                needs[name, name_of(field)] = frozenset(own)
        for parent, additions in self._extra.items():
            for addition in additions:
                needs[parent, name_of(addition.field)] = addition.needs
        return needs

    def needs(self, type_name: str, field_name: str) -> frozenset[str]:
        """The attributes that a GraphQL field reads from the object it is selected on."""
        return self._needs.get((type_name, field_name), frozenset())


def compose(
    modules: Iterable[Fields],
    providers: Iterable[str],
    extensions: Iterable[type[SchemaExtension]] = (),
    *,
    max_calls: int | None = None,
) -> Graph:
    """The schema of those modules whose providers are all there.

    It refuses operations that would make more than `max_calls` calls to upstreams.
    """
    there = frozenset(providers)
    return Graph((module for module in modules if module.providers <= there), extensions, max_calls)


def selected_attributes(info: Info) -> frozenset[str]:
    """The attributes that the current field's selection reads from the objects it gives (a connection's: its nodes)."""
    field = selected(info)
    children = field.children
    is_connection = any(child.name in ("edges", "nodes", "pageInfo") for child in children)
    return _attributes(info, node_fields(field) if is_connection else children)


def attributes_anywhere(info: Info, type_: type) -> frozenset[str]:
    """The attributes of `type_` that the whole operation reads: a batch fetches these, so that one call serves all."""
    return _attributes(info, everywhere(info, type_.__name__))


def _attributes(info: Info, fields: Iterable[Any]) -> frozenset[str]:
    graph = info.schema
    assert isinstance(graph, Graph)
    return frozenset().union(*(graph.needs(field.parent.name, field.name) for field in fields))


def _forget(graph: "ref[Graph]", document: int, definitions: Iterable[DefinitionNode]) -> None:
    """Tell a graph, if it is still there: to wait for a document keeps nobody, least of all who keeps the document."""
    there = graph()
    if there:
        there.forget(document, definitions)


def _of_event(field: GraphQLField, info_class: type[Info]) -> Callable[..., Any]:
    """How a subscription's field resolves, where that is done one field at a time: Strawberry has the event itself."""
    source: StrawberryField = field.extensions["strawberry-definition"]
    link, value = source.metadata.get("link"), of_event(source)

    def resolve(event: Any, info: GraphQLResolveInfo[Any], **_: Any) -> Any:
        return link.follow(event, info_class(_raw_info=info, _field=source)) if link else value(event)

    return resolve


def _root(name: str, description: str) -> type:
    return strawberry.type(type(name, (), {"__annotations__": {}}), name=name, description=description)
