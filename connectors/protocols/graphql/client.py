"""Asks to one GraphQL upstream: gathered, sent through gql and our pipeline, and handed out again."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from typing import Any

import httpx2
import orjson
from gql import Client, GraphQLRequest
from gql.client import AsyncClientSession
from gql.transport.async_transport import AsyncTransport
from gql.transport.exceptions import TransportQueryError
from graphql import (
    ExecutionResult,
    GraphQLList,
    GraphQLNonNull,
    GraphQLOutputType,
    GraphQLSchema,
    OperationType,
    Undefined,
    is_leaf_type,
)

from connectors.call import ALL, Call
from connectors.errors import PayloadMismatch, UpstreamError
from connectors.protocols.answers import accepted
from connectors.protocols.graphql.answer import Refusal, by_code, placed
from connectors.protocols.graphql.ask import Ask
from connectors.protocols.graphql.document import Kind, validated, written
from connectors.upstream import Endpoint

QUIET_TURNS = 4
"""Turns of the event loop without a new Ask before a document goes out: a DataLoader takes three to begin fetching."""


class GraphQL:
    """One scope's view of a GraphQL upstream at `path`. `headers` go with every request.

    A document holds at most `roots` root fields, and `cost` says what it draws from the upstream's budget. A call is
    named after its root fields (`operation_name`). Every method raises the errors of `accepted`, what `refusal` makes
    of the upstream's own errors, and `PayloadMismatch` for an answer that is not GraphQL's.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        schema: GraphQLSchema,
        *,
        path: str = "/graphql",
        headers: Mapping[str, str] | None = None,
        refusal: Refusal = by_code,
        cost: Callable[[Sequence[Ask]], float] = lambda _: 1.0,
        roots: int = 100,
    ) -> None:
        transport = PipelineTransport(endpoint, path, headers or {})
        self._session = AsyncClientSession(client=Client(transport=transport, execute_timeout=None))
        self._endpoint = endpoint
        self._schema = schema
        self._refusal = refusal
        self._cost = cost
        self._roots = roots
        self._open: _Shared | None = None

    async def ask(self, ask: Ask) -> Any:
        """Read one root field. What is asked while the event loop comes to rest goes out as one document.

        Places below it that the upstream could not fill hold an `UpstreamError`; one for the field itself is raised.
        Who asks the same shares the payload, so it is not to be changed. The last one to go away cancels the call.
        """
        shared = self._open
        if shared is None or len(shared.asks) >= self._roots:
            shared = self._open = _Shared()
            shared.task = asyncio.ensure_future(self._gather(shared))
        place = shared.place_of(ask)
        shared.waiting += 1
        try:
            data = await asyncio.shield(shared.task)
        finally:
            shared.waiting -= 1
            if not shared.waiting:
                self._close(shared)
                shared.task.cancel()
        return self._value(data, place, ask, "query")

    async def mutate(
        self,
        ask: Ask,
        *,
        idempotent: bool = False,
        idempotency_key: str | None = None,
        bucket: str = "default",
        evicts: tuple[str, ...] = ALL,
    ) -> Any:
        """Write by one root field of the mutation type, in a document of its own.

        `idempotency_key` says that `ask` carries what lets the upstream recognise repetitions, `idempotent` that they
        do no harm; `evicts` which answers the write makes untrue, by the root fields that read them (see `Call`).
        """
        data = await self._send(
            [ask],
            "mutation",
            safe=False,
            idempotent=idempotent,
            idempotency_key=idempotency_key,
            bucket=bucket,
            evicts=evicts,
        )
        return self._value(data, 0, ask, "mutation")

    async def _gather(self, shared: "_Shared") -> dict[str, Any]:
        seen = 0
        while seen < len(shared.asks):
            seen = len(shared.asks)
            for _ in range(QUIET_TURNS):
                await asyncio.sleep(0)
        self._close(shared)
        return await self._send(shared.asks, "query", safe=True)

    def _close(self, shared: "_Shared") -> None:
        if self._open is shared:
            self._open = None

    async def _send(
        self,
        asks: list[Ask],
        kind: Kind,
        *,
        safe: bool,
        idempotent: bool = False,
        idempotency_key: str | None = None,
        bucket: str = "default",
        evicts: tuple[str, ...] = ALL,
    ) -> dict[str, Any]:
        document = written(self._schema, kind, asks)
        scope, upstream = self._endpoint.scope, self._endpoint.upstream
        call = Call(
            operation=document.operation,
            safe=safe,
            scope=scope,
            idempotent=idempotent,
            idempotency_key=idempotency_key,
            bucket=bucket,
            cost=self._cost(asks),
            evicts=evicts,
            sound=is_whole,
        )
        request = GraphQLRequest(validated(self._schema, document.text), variable_values=document.variables)
        data: Any
        errors: list[Any]
        try:
            data, errors = await self._session.execute(request, text=document.text, call=call), []
        except TransportQueryError as refused:
            data, errors = refused.data, refused.errors or []
        return placed(data, errors, upstream=upstream, operation=document.operation, refusal=self._refusal)

    def _value(self, data: dict[str, Any], place: int, ask: Ask, kind: Kind) -> Any:
        """What the answer has for one root field: an object, a list or null only where the schema allows it."""
        value = data.get(f"q{place}", Undefined)
        if isinstance(value, UpstreamError):
            raise value
        root = self._schema.get_root_type(OperationType(kind))
        assert root is not None
        expected = root.fields[ask.name].type
        if not _fits(expected, value):
            raise PayloadMismatch(self._endpoint.upstream, ask.name, path=ask.name, expected=str(expected))
        return value


def is_whole(content: bytes) -> bool:
    """Whether an answer has data and no errors: the next one might have none either."""
    try:
        answer = orjson.loads(content)
    except orjson.JSONDecodeError:
        return False
    return isinstance(answer, dict) and bool(answer.get("data")) and not answer.get("errors")


class _Shared:
    """A document that is being put together, or on its way. `waiting` counts who waits for its answer."""

    task: "asyncio.Task[dict[str, Any]]"

    def __init__(self) -> None:
        self.asks: list[Ask] = []
        self.waiting = 0

    def place_of(self, ask: Ask) -> int:
        """Where the document has `ask`; it is added unless it is there already."""
        if ask not in self.asks:
            self.asks.append(ask)
        return self.asks.index(ask)


def _fits(expected: GraphQLOutputType, value: Any) -> bool:
    """Whether a value has the outer shape that its type says."""
    if isinstance(expected, GraphQLNonNull):
        return value is not None and _fits(expected.of_type, value)
    if isinstance(expected, GraphQLList):
        return value is None or isinstance(value, list)
    return value is not Undefined and (is_leaf_type(expected) or isinstance(value, dict | None))


class PipelineTransport(AsyncTransport):
    """gql's way to an upstream, through our pipeline."""

    def __init__(self, endpoint: Endpoint, path: str, headers: Mapping[str, str]) -> None:
        self._endpoint = endpoint
        self._url = f"{endpoint.base_url}{path}"
        self._headers = {"Accept": "application/json", "Content-Type": "application/json", **headers}

    async def connect(self) -> None:
        """The pipeline keeps the connections."""

    async def close(self) -> None:
        """The pipeline keeps the connections."""

    async def execute(  # type: ignore[override]  # gql hands on what its session is given
        self, request: GraphQLRequest, *, text: str, call: Call
    ) -> ExecutionResult:
        """Send `text`, which is `request`'s document, as `call`."""
        content = orjson.dumps({"query": text, "variables": request.variable_values})
        sent = httpx2.Request("POST", self._url, headers=self._headers, content=content, extensions={"call": call})
        upstream = self._endpoint.upstream
        response = accepted(upstream, sent, await self._endpoint.send(sent))
        try:
            answer = orjson.loads(response.content)
        except orjson.JSONDecodeError as error:
            raise PayloadMismatch(upstream, call.operation, path="body", expected="JSON") from error
        if not isinstance(answer, dict) or not (answer.get("data") or answer.get("errors")):
            raise PayloadMismatch(upstream, call.operation, path="body", expected="`data` or `errors`")
        return ExecutionResult(answer.get("data"), answer.get("errors"), answer.get("extensions"))

    def subscribe(self, request: GraphQLRequest) -> AsyncGenerator[ExecutionResult, None]:
        raise NotImplementedError("documents come and go over HTTP: there are no subscriptions")
