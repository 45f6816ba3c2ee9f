"""The seam to Strawberry and graphql-core: operations with a plan run breadth first, all others as ever."""

from typing import Any

from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext
from strawberry.types import Info

from schema.execution.plan import Plans
from schema.execution.run import Run


def breadth_first(plans: Plans, info_class: type[Info]) -> type[StrawberryGraphQLCoreExecutionContext]:
    """The executor class for a `strawberry.Schema`, with a memory for plans.

    It steps aside for graphql-core where an operation is incremental or a subscription, and where extensions want to
    see every single field being resolved.
    """

    class BreadthFirst(StrawberryGraphQLCoreExecutionContext):
        def execute_operation(self, serially: bool | None = None) -> Any:
            if self.middleware_manager and self.middleware_manager.middlewares:
                return super().execute_operation(serially)
            plan = plans.plan(self)
            if plan is None:
                return super().execute_operation(serially)
            return Run(self, info_class).operation(plan)

    return BreadthFirst
