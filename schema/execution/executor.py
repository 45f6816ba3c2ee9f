"""The seam to Strawberry and graphql-core: operations with a plan run breadth first, all others as ever."""

from typing import Any

from graphql import ExecutionResult
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext
from strawberry.types import Info

from schema.execution.cost import Estimator
from schema.execution.limits import beyond
from schema.execution.plan import Plans
from schema.execution.run import Run


def breadth_first(
    plans: Plans, estimator: Estimator, info_class: type[Info], max_calls: int | None
) -> type[StrawberryGraphQLCoreExecutionContext]:
    """The executor class for a `strawberry.Schema`, with a memory for plans.

    It refuses what would make more than `max_calls` calls to upstreams. It steps aside for graphql-core where an
    operation is incremental, and where extensions want to see every single field being resolved. An event of a
    subscription is executed like a query.
    """

    class BreadthFirst(StrawberryGraphQLCoreExecutionContext):
        def execute_operation(self, serially: bool | None = None) -> Any:
            plan = plans.plan(self)
            if max_calls is not None:
                error = beyond(estimator.estimate(plan, self).total, max_calls)
                if error:
                    return ExecutionResult(None, [error])
            if not plan.breadth_first or (self.middleware_manager and self.middleware_manager.middlewares):
                return super().execute_operation(serially)
            return Run(self, info_class).operation(plan.root)

    return BreadthFirst
