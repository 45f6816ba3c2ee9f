"""Running GraphQL operations, whatever brought them here."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Hashable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from functools import cached_property, partial
from math import inf
from typing import Any, Literal

import orjson
from graphql import (
    DocumentNode,
    ExperimentalIncrementalExecutionResults,
    GraphQLError,
    GraphQLFormattedError,
    OperationDefinitionNode,
    OperationType,
    print_ast,
)
from graphql import ExecutionResult as CoreResult
from strawberry.types.execution import ExecutionResult

from connectors.call import Scope
from connectors.clock import Clock, SystemClock
from resolvers.context import Context
from resolvers.errors import cause_of, incident, presented
from schema.compose import Graph
from schema.execution.explain import described
from schema.execution.sources import Source
from server.callers import ANYONE, Caller
from server.documents import Documents
from server.flights import Flights
from server.freshness import staleness
from server.incremental import errors_of, part_of
from server.memory import Memory
from server.persisted import Persisted, Unknown
from server.requests import GraphQLRequest

Execution = Literal["own", "shared", "remembered"]
"""Whose execution an answer is from: one for this request, one for another in flight, or one of some time before."""


class Unexecutable(Exception):
    """A GraphQL request that fails before anything runs; `errors` are ready to go out."""

    def __init__(self, errors: Sequence[GraphQLFormattedError]) -> None:
        super().__init__(errors[0]["message"])
        self.errors = list(errors)


@dataclass(frozen=True)
class Operation:
    """The one operation of a request that is to run: `document` as it is written, `whole` without parts.

    `source` says what its answers are made of.
    """

    request: GraphQLRequest
    kind: OperationType
    name: str | None
    document: DocumentNode
    whole: DocumentNode
    source: Source

    @property
    def in_parts(self) -> bool:
        """Whether the document has `@defer` or `@stream`."""
        return self.document is not self.whole

    @cached_property
    def type(self) -> str:
        """The word for its kind: `query`, `mutation`, `subscription`."""
        return self.kind.value

    @cached_property
    def identity(self) -> Hashable:
        """Equal for operations with equal answers, if the same principal asks."""
        request = self.request
        variables = orjson.dumps(request.variables).decode() if request.variables else ""
        return request.query, self.name, variables


@dataclass(frozen=True, slots=True)
class Answer:
    """A GraphQL response, or one part of it, as JSON; `more` says that another part follows.

    `status` is 200 once execution began, 400 if the request was at fault, 500 if we were. `errors` are those of the
    whole response, or all those in the part. `scope` is that of the execution, with the calls that it made.
    """

    status: int
    body: bytes
    errors: Sequence[GraphQLFormattedError] = ()
    more: bool = False
    scope: Scope | None = None

    @property
    def result(self) -> dict[str, Any]:
        """What `body` says."""
        result: dict[str, Any] = orjson.loads(self.body)
        return result

    def extended(self, **extensions: Any) -> "Answer":
        """The answer with more `extensions`."""
        if not extensions:
            return self
        result = self.result
        told = {**result.get("extensions", {}), **extensions}
        return written(self.status, {**result, "extensions": told}, more=self.more, scope=self.scope)


class Operations:
    """Runs operations of one graph, each with a context of its own.

    Identical queries in flight share one execution where `share` is set: of the same principal, unless a mutation has
    ended since, and unless there are Strawberry extensions, which may see every request. An answer that is made of
    nothing but its document and upstreams' answers which the pipeline keeps is remembered for as long as these are kept
    and fresh, in `memory_bytes` at most: executing again would ask nobody and say the same.
    """

    def __init__(
        self,
        graph: Graph,
        documents: Documents,
        context: Callable[[Caller], Context],
        *,
        deadline: Callable[[Caller], float] = lambda caller: inf,
        share: bool = True,
        memory_bytes: int = 0,
        persisted: Persisted | None = None,
        clock: Clock | None = None,
    ) -> None:
        """`deadline` says until when who asks now waits: the same as the `context` they would get."""
        self._graph = graph
        self._documents = documents
        self._context = context
        self._deadline = deadline
        self._persisted = persisted or Persisted()
        self._clock = clock or SystemClock()
        self._extended = not set(graph.extensions) <= {documents.extension}
        self._share = share
        self._flights: Flights[Answer] = Flights()
        self._memory: Memory[Answer] = Memory(memory_bytes)

    def find(self, request: GraphQLRequest) -> Operation:
        """What a request asks to run. Raises `Unexecutable` for a document or an operation name that is wrong."""
        try:
            text = self._persisted.text_of(request)
        except Unknown as unknown:
            raise Unexecutable([error(unknown.code, str(unknown))]) from unknown
        prepared = self._documents.prepare(self._graph, text)
        if prepared.document is None:
            raise Unexecutable(prepared.errors)
        if text is request.query:
            self._persisted.keep(request)
        else:
            request = replace(request, query=text)
        node = _operation(prepared.document, request.operation_name)
        name = node.name.value if node.name else None
        whole = prepared.whole or prepared.document
        return Operation(request, node.operation, name, prepared.document, whole, prepared.source)

    def recall(self, operation: Operation, caller: Caller = ANYONE) -> Answer | None:
        """The answer that running an operation would give without asking anybody, if that is known."""
        return self._memory.recall(_key(operation, caller))

    def join(self, operation: Operation, caller: Caller = ANYONE) -> asyncio.Future[Answer] | None:
        """The answer to come of an execution in flight that `run` would share. To cancel it is not to want it."""
        if not self._shares(operation):
            return None
        flight = self._flights.find(_key(operation, caller), self._deadline(caller))
        return flight.waiter() if flight else None

    def begin(self, operation: Operation, caller: Caller = ANYONE) -> asyncio.Future[Answer] | None:
        """The answer to come of an execution that others can join from now on; `None` where `run` would share none."""
        if not self._shares(operation):
            return None
        context, key = self._context(caller), _key(operation, caller)
        execute = partial(self._remembered, key, operation, context)
        return self._flights.begin(key, context.scope.deadline, execute).waiter()

    async def run(self, operation: Operation, caller: Caller = ANYONE) -> tuple[Answer, Execution]:
        """Run a query or a mutation to its end: the answer in one piece, and whose execution it is from.

        Cancelled, it ends its upstream calls, unless others wait for them.
        """
        context = self._context(caller)
        if operation.kind is OperationType.QUERY and not self._extended:
            return await self._query(operation, context)
        try:
            return await self._answer(operation, context), "own"
        finally:
            if operation.kind is OperationType.MUTATION:
                self._flights.seal()

    async def deliver(self, operation: Operation, caller: Caller = ANYONE) -> AsyncGenerator[Answer, None]:
        """Run a query or a mutation: the answer in the parts that its document asks for."""
        context = self._context(caller)
        try:
            result = await self._execute(operation, operation.document, context)
            if not isinstance(result, ExperimentalIncrementalExecutionResults):
                yield answer_of(result, self._clock, context.scope)
                return
            async with aclosing(result.subsequent_results) as parts:
                yield written(200, part_of(result.initial_result, self._clock), more=True, scope=context.scope)
                async for part in parts:
                    answer = written(200, part_of(part, self._clock), more=part.has_next, scope=context.scope)
                    if not answer.more:
                        answer = answer.extended(**staleness(context.scope.calls))
                    if answer.status == 500:
                        yield written(500, {**answer.result, "hasNext": False})
                        return
                    yield answer
        finally:
            context.close()
            if operation.kind is OperationType.MUTATION:
                self._flights.seal()

    def explained(self, operation: Operation, answer: Answer) -> Answer:
        """The answer with what its operation asks of the upstreams at most, as `extensions.plan`."""
        try:
            estimate = self._graph.estimate(operation.whole, operation.request.variables, operation.name)
        except GraphQLError:
            return answer
        return answer.extended(plan=described(estimate))

    async def follow(self, operation: Operation, caller: Caller = ANYONE) -> AsyncGenerator[Answer, None]:
        """Run a subscription: an answer for each of its events, and a last one where something ends it.

        Each event has a context of its own, and with it a deadline and dataloaders: to be executed like a query.
        """
        listening = self._context(caller)
        try:
            events = await self._graph.events(operation.whole, operation.request.variables, listening, operation.name)
            if isinstance(events, CoreResult):
                yield answer_of(events, self._clock)
                return
            async with aclosing(events):
                async for event in events:
                    yield await self._told(operation, self._context(caller), event)
        except Exception as error:
            yield answer_of(CoreResult(None, [_located(error)]), self._clock)
        finally:
            listening.close()

    async def _told(self, operation: Operation, context: Context, event: object) -> Answer:
        """The answer for an event: one execution for all who ask the same of the same event at the same time."""
        if not self._share or self._extended:
            return await self._answer(operation, context, event)
        key = id(event), operation.identity, context.scope.principal, context.operator
        execute = partial(self._answer, operation, context, event)
        answer, _ = await self._flights.join(key, context.scope.deadline, execute)
        return answer

    async def _query(self, operation: Operation, context: Context) -> tuple[Answer, Execution]:
        key = operation.identity, context.scope.principal, context.operator
        if not self._share:
            return await self._remembered(key, operation, context), "own"
        execute = partial(self._remembered, key, operation, context)
        answer, there = await self._flights.join(key, context.scope.deadline, execute)
        return answer, "shared" if there else "own"

    def _shares(self, operation: Operation) -> bool:
        return self._share and not self._extended and operation.kind is OperationType.QUERY

    async def _remembered(self, key: Hashable, operation: Operation, context: Context) -> Answer:
        answer = await self._answer(operation, context)
        self._remember(key, operation, answer, context.scope)
        return answer

    def _remember(self, key: Hashable, operation: Operation, answer: Answer, scope: Scope) -> None:
        """Keep an answer without errors for as long as all that it is made of is kept as well."""
        conditions = [call.holds for call in scope.calls if call.holds is not None]
        known = operation.source == "document" or (operation.source == "upstreams" and conditions)
        if known and len(conditions) == len(scope.calls) and answer.status == 200 and not answer.errors:
            kept = replace(answer, body=bytes(memoryview(answer.body)), scope=None)  # orjson's own has much room behind
            self._memory.keep(key, kept, len(kept.body) + len(operation.request.query), conditions)

    async def _answer(self, operation: Operation, context: Context, root: object = None) -> Answer:
        try:
            result = await self._execute(operation, operation.whole, context, root)
        finally:
            context.close()
        assert not isinstance(result, ExperimentalIncrementalExecutionResults)
        return answer_of(result, self._clock, context.scope)

    async def _execute(
        self, operation: Operation, document: DocumentNode, context: Context, root: object = None
    ) -> CoreResult | ExecutionResult | ExperimentalIncrementalExecutionResults:
        request = operation.request
        if self._extended:
            text = request.query if document is operation.document else print_ast(document)
            return await self._graph.execute(
                text,
                variable_values=request.variables,
                context_value=context,
                root_value=root,
                operation_name=operation.name,
            )
        try:
            return await self._graph.run(document, request.variables, context, operation.name, root)
        except Exception as error:
            return CoreResult(None, [_located(error)])
        except asyncio.CancelledError as lost:
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise
            failure = RuntimeError("what the operation waited for was cancelled, and not the operation")
            return CoreResult(None, [_located(failure.with_traceback(lost.__traceback__))])


def _key(operation: Operation, caller: Caller) -> Hashable:
    """Equal for those who get equal answers at the same time."""
    return operation.identity, caller.principal, caller.operator


def answer_of(result: CoreResult | ExecutionResult, clock: Clock, scope: Scope | None = None) -> Answer:
    """The response to an execution; `data` is there (perhaps null) if and only if execution began."""
    faults = result.errors or []
    began = result.data is not None or any(fault.path for fault in faults)
    answer: dict[str, Any] = {"errors": [presented(fault, clock) for fault in faults]} if faults else {}
    if began:
        answer["data"] = result.data
    extensions = {**(result.extensions or {}), **(staleness(scope.calls) if scope else {})}
    if extensions:
        answer["extensions"] = extensions
    ours = any(cause_of(fault) is not None for fault in faults)
    return written(200 if began else 500 if ours else 400, answer, scope=scope)


def written(status: int, result: dict[str, Any], *, more: bool = False, scope: Scope | None = None) -> Answer:
    """The answer that says `result`; an error of ours, behind which nothing follows, where JSON cannot say it."""
    try:
        return Answer(status, orjson.dumps(result), errors_of(result), more, scope)
    except TypeError as failure:
        return unforeseen(failure)


def unforeseen(failure: Exception) -> Answer:
    """The answer to a request, or the last part of one, that went wrong on our side."""
    return written(500, {"errors": [incident(GraphQLError(""), failure)]})


def error(code: str, message: str) -> GraphQLFormattedError:
    """An error of the request as a whole, as it goes out."""
    return {"message": message, "extensions": {"code": code}}


def _located(error: Exception) -> GraphQLError:
    return error if isinstance(error, GraphQLError) else GraphQLError(str(error), original_error=error)


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
