"""GraphQL over a WebSocket, protocol `graphql-transport-ws`: Strawberry's handler, with our way to run an operation.

Source: https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md
"""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing, nullcontext
from dataclasses import dataclass, field
from datetime import timedelta
from math import inf
from typing import TYPE_CHECKING, Any, cast

import orjson
from graphql import GraphQLError, GraphQLFormattedError, OperationType
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.exceptions import ConnectionRejectionError
from strawberry.schema import BaseSchema
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.types.execution import ExecutionResult, PreExecutionError
from strawberry.types.unset import UnsetType

from connectors.clock import Clock
from server import logs
from server.callers import ANYONE, Caller, Callers
from server.operations import Answer, Execution, Operation, Operations, Unexecutable, error, written
from server.requests import Refused, from_parameters, header_fields
from server.tally import RequestTally
from server.transport import Adapter, Handler

if TYPE_CHECKING:
    from server.spans import Tracing

INIT_TIMEOUT = timedelta(seconds=10)
MAX_OPERATIONS = 100
"""How many operations one connection may have open."""

TOO_BIG, FORBIDDEN = 1009, 4403
"""Codes to close with (RFC 6455, section 7.4.1, and the protocol)."""


@dataclass
class Visitor:
    """The other end of a connection: the `headers` it was opened with, and `connection_params` beside them.

    Browsers cannot set header fields: what the first message says goes over what they say.
    """

    headers: Sequence[tuple[bytes, bytes]]
    connection_params: Mapping[str, object] = field(default_factory=dict)
    caller: Caller = ANYONE

    @property
    def told(self) -> dict[bytes, bytes]:
        """What `connection_params` say, as header fields."""
        texts = {name: value for name, value in self.connection_params.items() if isinstance(value, str)}
        return {
            name.lower().encode("utf-8", "replace"): value.encode("utf-8", "replace") for name, value in texts.items()
        }


class GraphQLOverWebSocket(GraphQL[Visitor, None]):
    """Queries, mutations and subscriptions, each answer in one piece. A mutation is not cancelled once it has begun.

    Pages of other sites than `allowed_origins` may not connect (their Origin tells them). A connection ends with the
    token that its user showed when it was opened.
    """

    graphql_transport_ws_handler_class = Handler
    websocket_adapter_class = Adapter

    def __init__(
        self,
        operations: Operations,
        clock: Clock,
        *,
        callers: Callers,
        tally: RequestTally,
        tracing: "Tracing | None" = None,
        max_message_bytes: int,
        allowed_origins: Sequence[str] = (),
    ) -> None:
        super().__init__(
            cast(BaseSchema, _Streams(operations, clock, tally, tracing)),
            graphql_ide=None,
            subscription_protocols=(GRAPHQL_TRANSPORT_WS_PROTOCOL,),
            connection_init_wait_timeout=INIT_TIMEOUT,
            max_subscriptions_per_connection=MAX_OPERATIONS,
            allowed_origins=allowed_origins,
        )
        self._clock = clock
        self._callers = callers
        self._max_message_bytes = max_message_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        visitor = scope["visitor"] = Visitor(scope["headers"])

        async def bounded() -> Message:
            expires_at = visitor.caller.expires_at
            try:
                async with asyncio.timeout(None if expires_at == inf else max(0.0, expires_at - self._clock.time())):
                    message = await receive()
            except TimeoutError:
                return await closed(FORBIDDEN)
            if len(message.get("text") or message.get("bytes") or "") <= self._max_message_bytes:
                return message
            return await closed(TOO_BIG)

        async def closed(code: int) -> Message:
            await send({"type": "websocket.close", "code": code})
            return {"type": "websocket.disconnect", "code": code}

        await super().__call__(scope, bounded, send)

    async def get_context(self, request: Request | WebSocket, response: Response | WebSocket) -> "Visitor":
        """Who opened the connection. (Each operation makes a context of its own.)"""
        visitor: Visitor = request.scope["visitor"]
        return visitor

    async def on_ws_connect(self, context: "Visitor") -> UnsetType:
        """Refuses the connection of a user who is none, before anything is run."""
        try:
            fields = header_fields(context.headers, self._callers.fields)
            context.caller = self._callers.of({**fields, **context.told})
        except Refused as refused:
            raise ConnectionRejectionError from refused
        return UnsetType()

    def decode_json(self, data: str | bytes) -> object:
        return orjson.loads(data)  # which takes no text that it could not write, and is not deep without end

    def encode_json(self, data: object) -> str:
        return orjson.dumps(data).decode()


class _Streams:
    """What the handler takes for a schema: `stream` is all that it asks of one."""

    def __init__(self, operations: Operations, clock: Clock, tally: RequestTally, tracing: "Tracing | None") -> None:
        self._operations = operations
        self._clock = clock
        self._journal = logs.Journal("websocket", tally, tracing)
        self._tracing = tracing
        self._changing: set[asyncio.Task[tuple[Answer, Execution]]] = set()

    async def stream(
        self,
        query: Mapping[str, Any],
        variable_values: None = None,
        context_value: Visitor | None = None,
        root_value: None = None,
        operation_name: None = None,
    ) -> AsyncGenerator[ExecutionResult, None]:
        """The results of what `query` asks for, the whole payload of a message, like a request's body over HTTP."""
        assert context_value is not None
        return self._results(query, context_value)

    async def _results(self, parameters: Mapping[str, Any], visitor: Visitor) -> AsyncGenerator[ExecutionResult, None]:
        """The results of one operation, and its line in the log once it is over."""
        operation = None
        answered: tuple[Answer, Execution] = written(499, {}), "own"
        began = self._clock.now()
        self._journal.tally.in_flight += 1
        with (
            self._tracing.serving([*visitor.headers, *visitor.told.items()]) if self._tracing else nullcontext(),
            logs.Answering(logs.request_id("")),
        ):
            try:
                operation = self._operations.find(from_parameters(parameters))
                async with aclosing(self._answers(operation, visitor.caller)) as answers:
                    async for answered in answers:
                        yield _result(answered[0])
            except Refused as refused:
                answered = written(refused.status, {"errors": [error(refused.code, str(refused))]}), "own"
                yield _result(answered[0])
            except Unexecutable as fault:
                answered = written(400, {"errors": fault.errors}), "own"
                yield _result(answered[0])
            finally:
                self._journal.tally.in_flight -= 1
                answer, execution = answered
                self._journal.note(answer.status, self._clock.now() - began, answer.errors, operation, execution)

    async def _answers(self, operation: Operation, caller: Caller) -> AsyncGenerator[tuple[Answer, Execution], None]:
        if operation.kind is OperationType.SUBSCRIPTION:
            async with aclosing(self._operations.follow(operation, caller)) as answers:
                async for answer in answers:
                    yield answer, "own"
        elif operation.kind is OperationType.MUTATION:
            changing = asyncio.ensure_future(self._operations.run(operation, caller))
            self._changing.add(changing)
            changing.add_done_callback(self._changing.discard)
            yield await asyncio.shield(changing)
        elif remembered := self._operations.recall(operation, caller):
            yield remembered, "remembered"
        else:
            yield await self._operations.run(operation, caller)


def _result(answer: Answer) -> ExecutionResult:
    errors: list[GraphQLError] = [_Formatted(one) for one in answer.errors]
    result = answer.result
    if "data" not in result:
        return PreExecutionError(data=None, errors=errors)
    return ExecutionResult(result["data"], errors or None, result.get("extensions"))


class _Formatted(GraphQLError):
    """An error that is formatted already."""

    def __init__(self, formatted: GraphQLFormattedError) -> None:
        super().__init__(formatted["message"])
        self._formatted = formatted

    @property
    def formatted(self) -> GraphQLFormattedError:
        return self._formatted
