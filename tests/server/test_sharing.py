"""Identical queries in flight: one execution, many answers, and nobody gets what was not theirs."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from itertools import cycle
from typing import Any

import httpx2
import orjson
import pytest
from fastapi import FastAPI
from starlette.types import Message
from strawberry.extensions import SchemaExtension
from structlog.testing import capture_logs

from connectors.call import Scope
from resolvers.context import Context
from resolvers.cursors import CursorCodec
from schema.compose import compose
from server.documents import Documents
from server.operations import Execution, Operations
from server.requests import GraphQLRequest
from tests.server.toy import WAY, ToyClient, fields, toy_app

pytestmark = pytest.mark.usefixtures("way")


def ask_together(app: FastAPI, requests: list[dict[str, Any]]) -> list[httpx2.Response]:
    """The responses to requests that are all sent at once."""

    async def send() -> list[httpx2.Response]:
        transport = WAY.get()(app=app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await asyncio.gather(*(client.post("/graphql", json=request) for request in requests))

    return asyncio.run(send())


def operations_over(client: ToyClient, principals: Iterator[str], *extensions: type[SchemaExtension]) -> Operations:
    """Operations of the toy graph, each for the next principal."""
    documents = Documents()
    graph = compose([fields], ["toy"], [documents.extension, *extensions])
    connectors: Any = {ToyClient: client}
    return Operations(
        graph, documents, lambda _: Context(connectors, Scope(principal=next(principals)), CursorCodec(b"test"))
    )


def run_twice(operations: Operations, query: str) -> list[Execution]:
    """Run a query twice at the same time: for each run, whose execution it was."""
    operation = operations.find(GraphQLRequest(query))

    async def both() -> list[Execution]:
        runs = await asyncio.gather(operations.run(operation), operations.run(operation))
        return [execution for _, execution in runs]

    return asyncio.run(both())


def test_200_identical_queries_at_once_are_one_execution_and_200_answers() -> None:
    client = ToyClient()

    with capture_logs() as lines:
        responses = ask_together(toy_app(client), [{"query": "{ slow }"}] * 200)

    assert client.calls == ["slow"]
    assert {response.text for response in responses} == {'{"data":{"slow":"slow"}}'}
    assert len({response.headers["x-request-id"] for response in responses}) == 200
    assert Counter(line["execution"] for line in lines) == {"own": 1, "shared": 199}


def test_queries_with_different_variables_operations_or_texts_are_different_executions() -> None:
    client = ToyClient()
    query = "query A($name: String!) { slow(name: $name) } query B($name: String!) { slow(name: $name) }"
    requests = [
        {"query": query, "operationName": "A", "variables": {"name": "1"}},
        {"query": query, "operationName": "A", "variables": {"name": "2"}},
        {"query": query, "operationName": "B", "variables": {"name": "1"}},
        {"query": query + " ", "operationName": "A", "variables": {"name": "1"}},
    ]

    responses = ask_together(toy_app(client), requests)

    assert sorted(client.calls) == ["1", "1", "1", "2"]
    assert [response.json()["data"]["slow"] for response in responses] == ["1", "2", "1", "1"]


def test_mutations_are_never_shared() -> None:
    client = ToyClient()

    ask_together(toy_app(client), [{"query": "mutation { change }"}] * 3)

    assert client.calls == ["change"] * 3


def test_nothing_is_shared_where_the_operator_does_not_want_it() -> None:
    client = ToyClient()

    ask_together(toy_app(client, share_queries=False), [{"query": "{ slow }"}] * 3)

    assert client.calls == ["slow"] * 3


def test_errors_are_shared_as_well_and_an_incident_is_one() -> None:
    responses = ask_together(toy_app(), [{"query": "{ slow broken }"}] * 3)

    assert len({response.json()["errors"][0]["extensions"]["incident"] for response in responses}) == 1


def test_principals_do_not_share() -> None:
    client = ToyClient()

    executions = run_twice(operations_over(client, iter(["one", "other"])), "{ slow }")

    assert (executions, client.calls) == (["own", "own"], ["slow", "slow"])


def test_an_extension_of_strawberry_sees_every_query() -> None:
    seen: list[str] = []

    class Watching(SchemaExtension):
        def on_execute(self) -> Iterator[None]:
            seen.append("before")
            yield
            seen.append("after")

    executions = run_twice(operations_over(ToyClient(), cycle(["app"]), Watching), "{ slow }")

    assert executions == ["own", "own"]
    assert sorted(seen) == ["after", "after", "before", "before"]


def test_a_query_that_comes_after_a_change_does_not_join_one_from_before() -> None:
    client = ToyClient()
    operations = operations_over(client, cycle(["app"]))
    query, change = (operations.find(GraphQLRequest(text)) for text in ("{ slow }", "mutation { change }"))

    async def scenario() -> list[Execution]:
        changing = asyncio.create_task(operations.run(change))
        await client.slow.wait()
        before = asyncio.create_task(operations.run(query))
        joining = asyncio.create_task(operations.run(query))
        await changing
        after = asyncio.create_task(operations.run(query))
        return [execution for _, execution in await asyncio.gather(before, joining, after)]

    assert asyncio.run(scenario()) == ["own", "shared", "own"]


@pytest.mark.parametrize(("leaving", "events"), [(1, ["slow done"]), (2, ["slow cancelled"])])
def test_an_execution_outlives_one_client_but_not_the_last(leaving: int, events: list[str]) -> None:
    client = ToyClient()
    app = toy_app(client)

    async def hang_up_or_wait(hangs_up: bool) -> list[Message]:
        sent: list[Message] = []
        messages = [{"type": "http.request", "body": orjson.dumps({"query": "{ slow }"})}]
        headers = [(b"content-type", b"application/json"), (b"host", b"localhost")]
        scope = {"type": "http", "method": "POST", "path": "/graphql", "query_string": b"", "headers": headers}

        async def receive() -> Message:
            if messages:
                return messages.pop()
            await (client.slow if hangs_up else asyncio.Event()).wait()
            return {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            sent.append(message)

        await app({**scope, "root_path": ""}, receive, send)
        return sent

    async def scenario() -> tuple[list[Message], list[Message]]:
        return await asyncio.gather(hang_up_or_wait(True), hang_up_or_wait(leaving == 2))

    first, second = asyncio.run(scenario())

    assert client.events == events
    assert first == []
    assert [message.get("body") for message in second] == ([None, b'{"data":{"slow":"slow"}}'] if leaving == 1 else [])
