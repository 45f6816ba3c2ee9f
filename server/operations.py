"""Running GraphQL operations, whatever brought them here."""

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from graphql import DocumentNode, GraphQLFormattedError, OperationDefinitionNode, OperationType
from strawberry.types.execution import ExecutionResult

from resolvers.context import Context
from resolvers.errors import cause_of, presented
from schema.compose import Graph
from server.documents import Documents
from server.requests import GraphQLRequest


class Unexecutable(Exception):
    """A GraphQL request that fails before anything runs; `errors` are ready to go out."""

    def __init__(self, errors: Sequence[GraphQLFormattedError]) -> None:
        super().__init__(errors[0]["message"])
        self.errors = list(errors)


@dataclass(frozen=True)
class Operation:
    """The one operation of a request that is to run."""

    request: GraphQLRequest
    kind: OperationType
    name: str | None


@dataclass(frozen=True)
class Answer:
    """A GraphQL response. `status` is 200 once execution began, 400 if the request was at fault, 500 if we were."""

    status: int
    result: dict[str, Any]

    @property
    def errors(self) -> list[GraphQLFormattedError]:
        errors: list[GraphQLFormattedError] = self.result.get("errors", [])
        return errors


class Operations:
    """Runs operations of one graph, each with a context of its own."""

    def __init__(self, graph: Graph, documents: Documents, context: Callable[[], Context]) -> None:
        self._graph = graph
        self._documents = documents
        self._context = context

    def find(self, request: GraphQLRequest) -> Operation:
        """What a request asks to run. Raises `Unexecutable` for a document or an operation name that is wrong."""
        prepared = self._documents.prepare(self._graph, request.query)
        if prepared.document is None:
            raise Unexecutable(prepared.errors)
        node = _operation(prepared.document, request.operation_name)
        return Operation(request, node.operation, node.name.value if node.name else None)

    async def run(self, operation: Operation) -> Answer:
        """Run a query or a mutation to its end. Cancelled, it ends its upstream calls."""
        context = self._context()
        try:
            result = await self._graph.execute(
                operation.request.query,
                variable_values=operation.request.variables,
                context_value=context,
                operation_name=operation.name,
            )
        finally:
            context.close()
        return answer_of(result)

    async def follow(self, operation: Operation) -> AsyncGenerator[Answer, None]:
        """Run a subscription; an answer for each of its events."""
        context = self._context()
        results = await self._graph.subscribe(
            operation.request.query,
            variable_values=operation.request.variables,
            context_value=context,
            operation_name=operation.name,
        )
        try:
            async with aclosing(results):
                async for result in results:
                    yield answer_of(result)
        finally:
            context.close()


def answer_of(result: ExecutionResult) -> Answer:
    """The response to an execution; `data` is there (perhaps null) if and only if execution began."""
    faults = result.errors or []
    began = result.data is not None or any(fault.path for fault in faults)
    answer: dict[str, Any] = {"errors": [presented(fault) for fault in faults]} if faults else {}
    if began:
        answer["data"] = result.data
    if result.extensions:
        answer["extensions"] = result.extensions
    ours = any(cause_of(fault) is not None for fault in faults)
    return Answer(200 if began else 500 if ours else 400, answer)


def error(code: str, message: str) -> GraphQLFormattedError:
    """An error of the request as a whole, as it goes out."""
    return {"message": message, "extensions": {"code": code}}


def _operation(document: DocumentNode, name: str | None) -> OperationDefinitionNode:
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    if name is not None:
        operations = [node for node in operations if node.name and node.name.value == name]
    if len(operations) == 1:
        return operations[0]
    if operations:
        message = "The document has several operations: say which one to run in `operationName`."
    elif name is not None:
        message = f"The document has no operation named {name[:100]!r}."
    else:
        message = "The document has no operation to run."
    raise Unexecutable([error("OPERATION_RESOLUTION_FAILURE", message)])
