"""The executor's oracle: graphql-core itself, over the same schema and the same resolvers."""

import json
from typing import Any

from graphql import DocumentNode, ExecutionResult, experimental_execute_incrementally
from strawberry.execution import optimized_is_awaitable
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from schema.compose import Graph


async def by_graphql_core(graph: Graph, document: DocumentNode, variables: dict[str, Any], context: object) -> Any:
    """What graphql-core answers."""
    result: Any = experimental_execute_incrementally(
        graph._schema,
        document,
        context_value=context,
        variable_values=variables,
        executor_class=StrawberryGraphQLCoreExecutionContext,
        is_awaitable=optimized_is_awaitable,  # type: ignore[arg-type]
    )
    return await result if optimized_is_awaitable(result) else result


def written(error: Any) -> tuple[str, str, str]:
    """An error as it goes out: path, message, locations."""
    return json.dumps(error.path), error.message, str(error.locations)


def settled(result: ExecutionResult) -> set[tuple[str, ...]]:
    """The errors; those below a position that is null only because of them are told by that position alone."""
    told: set[tuple[str, ...]] = set()
    for error in result.errors or []:
        value: Any = result.data
        path = list(error.path or [])
        depth = 0
        while value is not None and depth < len(path):
            value = value[path[depth]]
            depth += 1
        told.add(written(error) if depth == len(path) else ("below", json.dumps(path[:depth])))
    return told
