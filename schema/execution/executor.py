"""The seam to Strawberry and graphql-core: operations with a plan run breadth first, all others as ever."""

from collections.abc import Callable
from typing import Any, cast

from graphql import DocumentNode, ExecutionResult, GraphQLError, GraphQLSchema, OperationDefinitionNode
from graphql.execution import Executor
from strawberry.execution import optimized_is_awaitable
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext
from strawberry.types import Info

from schema.execution.cost import estimated
from schema.execution.limits import beyond
from schema.execution.plan import PLANS_KEPT, Plans
from schema.execution.run import Run, at_a_place
from schema.problems import BadInput


def breadth_first(
    plans: Plans, info_class: type[Info], max_calls: int | None
) -> type[StrawberryGraphQLCoreExecutionContext]:
    """The executor class for a `strawberry.Schema`, with a memory for plans.

    It refuses what would make more than `max_calls` calls to upstreams. It steps aside for graphql-core where an
    operation is incremental, and where extensions want to see every single field being resolved. An event of a
    subscription is executed like a query.
    """

    info_class = at_a_place(info_class)

    class BreadthFirst(StrawberryGraphQLCoreExecutionContext):
        def execute_operation(self, serially: bool | None = None) -> Any:
            plan = plans.plan(self)
            if max_calls is not None:
                error = beyond(estimated(plan, self).total, max_calls)
                if error:
                    return ExecutionResult(None, [error])
            if not plan.breadth_first or (self.middleware_manager and self.middleware_manager.middlewares):
                return super().execute_operation(serially)
            return Run(self, info_class).operation(plan.root)

        def get_stream_usage(self, *given: Any) -> Any:
            try:
                return super().get_stream_usage(*given)
            except ValueError as error:
                raise BadInput("`initialCount` of @stream must be 0 or more.") from error

        def __copy__(self) -> "BreadthFirst":
            """What `copy` makes as well, at three times the cost."""
            copied = object.__new__(type(self))
            vars(copied).update(vars(self))
            return copied

    return BreadthFirst


class Executors:
    """Executors of the documents of one schema, made once for those whose operation has no variables.

    What is executed is then a copy, as graphql-core makes one for each event of a subscription. `attend` is called with
    documents for which nothing is kept.
    """

    def __init__(
        self, schema: GraphQLSchema, kind: type[Executor[Any]], plans: Plans, attend: Callable[[DocumentNode], None]
    ) -> None:
        self._schema = schema
        self._kind = kind
        self._plans = plans
        self._attend = attend
        self._kept: dict[tuple[int, str | None], Executor[Any]] = {}

    def made(
        self, document: DocumentNode, variables: dict[str, Any] | None, name: str | None, context: object, root: object
    ) -> Executor[Any] | list[GraphQLError]:
        """An executor of one operation on `root`, or what is wrong with its name or variables."""
        key = id(document), name
        kept = self._kept.pop(key, None)
        if kept is None:
            self._attend(document)
            built = self._kind.build(
                self._schema,
                document,
                root_value=root,
                context_value=context,
                raw_variable_values=variables,
                operation_name=name,
                is_awaitable=cast(Any, optimized_is_awaitable),
            )
            if isinstance(built, list) or built.operation.variable_definitions:
                return built
            if not self._plans.plan(built).breadth_first:
                return built
            built.context_value = built.root_value = None  # of this one request
            built._relevant_sub_fields = {}  # which are in the plan
            kept = built
            if len(self._kept) >= PLANS_KEPT:
                del self._kept[next(iter(self._kept))]
        self._kept[key] = kept
        executor = kept.build_per_event_executor(root)
        executor.context_value = context
        executor._relevant_sub_fields = {}
        return executor

    def forget(self, document: int, node: OperationDefinitionNode) -> None:
        """Drop the executor of an operation, named or not, of the document with this `id`, which is no more."""
        for name in (None, node.name.value if node.name else None):
            self._kept.pop((document, name), None)
