"""Subscriptions of a provider's part of the graph, without a server around them."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from typing import Any

from graphql import ExecutionResult, parse

from connectors.call import Scope
from connectors.connector import Connector
from connectors.webhooks.delivery import Event
from connectors.webhooks.hub import Hub
from resolvers.context import Context
from resolvers.cursors import CursorCodec
from schema.compose import Graph


def followed(
    graph: Graph,
    connectors: Mapping[Any, Connector],
    query: str,
    events: Sequence[Event],
    count: int,
    variables: dict[str, Any] | None = None,
) -> list[ExecutionResult]:
    """The first `count` results of a subscription while these events happen."""
    hub = Hub()

    def context() -> Context:
        return Context(connectors, Scope(), CursorCodec(b"test"), hub=hub)

    async def go() -> list[ExecutionResult]:
        document = parse(query)
        stream: Any = await graph.events(document, variables or {}, context(), None)
        results = []
        async with aclosing(stream):
            coming = asyncio.ensure_future(anext(stream))
            await asyncio.sleep(0)
            for event in events:
                await hub.publish(event)
            for n in range(count):
                happened = await (anext(stream) if n else coming)
                result = await graph.run(document, variables or {}, context(), None, happened)
                assert isinstance(result, ExecutionResult)
                results.append(result)
        assert hub.subscribers == {}
        return results

    return asyncio.run(go())
