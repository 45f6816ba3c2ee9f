import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import httpx2
import orjson
import pytest
from graphql import build_schema, graphql_sync

from connectors.call import Scope, call_of
from connectors.errors import NotFound, PayloadMismatch, UpstreamRejected, UpstreamUnavailable
from connectors.judgement import by_status
from connectors.protocols.graphql.ask import Ask
from connectors.protocols.graphql.client import GraphQL, is_whole
from connectors.upstream import Endpoint

SCHEMA = build_schema("""
    type Query { ship(id: ID!): Ship  fleet: [Ship] }
    type Mutation { rename(id: ID!, name: String!): Ship }
    type Ship { id: ID!  name: String  twin: Ship }
""")


class Upstream:
    """Ships named after their ids, but for `lost`; `requests` lists what came in."""

    def __init__(self, answer: Callable[[httpx2.Request], httpx2.Response] | None = None) -> None:
        self.requests: list[httpx2.Request] = []
        self._answer = answer or self._executed
        self.gate = asyncio.Event()
        self.gate.set()

    async def send(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        await self.gate.wait()
        response = self._answer(request)
        response.extensions["verdict"] = by_status(response, 0.0)
        return response

    def client(self, **options: Any) -> GraphQL:
        endpoint = Endpoint("demo", "https://api.demo.example/v1", self.send, Scope(principal="ada"))
        return GraphQL(endpoint, SCHEMA, **options)

    def documents(self) -> list[str]:
        return [orjson.loads(request.content)["query"] for request in self.requests]

    @staticmethod
    def _executed(request: httpx2.Request) -> httpx2.Response:
        body = orjson.loads(request.content)
        roots = {
            "ship": lambda info, id: {"id": id, "name": f"Ship {id}", "twin": _lost},
            "rename": lambda info, id, name: {"id": id, "name": name},
        }
        result = graphql_sync(SCHEMA, body["query"], roots, variable_values=body["variables"])
        return httpx2.Response(200, content=orjson.dumps(result.formatted))


def _lost(info: Any) -> None:
    raise LookupError("a message that is not to be seen")


def ship(id: str, *fields: str) -> Ask:
    return Ask("ship", {"id": id}, tuple(Ask(name) for name in fields or ("name",)))


def answering(status: int, content: bytes) -> Upstream:
    return Upstream(lambda request: httpx2.Response(status, content=content))


def run(work: Callable[[GraphQL], Awaitable[Any]], upstream: Upstream, **options: Any) -> Any:
    async def go() -> Any:
        return await work(upstream.client(**options))

    return asyncio.run(go())


def test_what_is_asked_in_one_turn_goes_as_one_document() -> None:
    upstream = Upstream()

    async def work(graphql: GraphQL) -> Any:
        return await asyncio.gather(graphql.ask(ship("1")), graphql.ask(ship("2", "id")))

    assert run(work, upstream) == [{"name": "Ship 1"}, {"id": "2"}]
    assert upstream.documents() == [
        "query ($v0: ID!, $v1: ID!) { q0: ship(id: $v0) { name } q1: ship(id: $v1) { id } }"
    ]
    (request,) = upstream.requests
    assert (request.method, str(request.url)) == ("POST", "https://api.demo.example/v1/graphql")
    assert (call_of(request).operation, call_of(request).safe) == ("ship", True)
    assert call_of(request).scope.principal == "ada"


def test_a_document_costs_what_all_its_fields_cost() -> None:
    upstream = Upstream()

    async def work(graphql: GraphQL) -> Any:
        return await asyncio.gather(graphql.ask(ship("1")), graphql.ask(ship("2")))

    run(work, upstream, cost=lambda asks: 7.0 * len(asks))
    assert [call_of(request).cost for request in upstream.requests] == [14.0]


def test_what_comes_a_few_turns_later_still_goes_along() -> None:
    upstream = Upstream()

    async def late(graphql: GraphQL) -> Any:
        for _ in range(3):
            await asyncio.sleep(0)
        return await graphql.ask(ship("2"))

    async def work(graphql: GraphQL) -> Any:
        return await asyncio.gather(graphql.ask(ship("1")), late(graphql))

    run(work, upstream)

    assert len(upstream.requests) == 1


def test_what_is_asked_after_an_answer_goes_as_a_document_of_its_own() -> None:
    upstream = Upstream()

    async def work(graphql: GraphQL) -> None:
        await graphql.ask(ship("1"))
        await graphql.ask(ship("1"))

    run(work, upstream)

    assert len(upstream.requests) == 2


def test_the_same_ask_twice_is_one_field() -> None:
    upstream = Upstream()

    async def work(graphql: GraphQL) -> Any:
        return await asyncio.gather(graphql.ask(ship("1")), graphql.ask(ship("1")))

    assert run(work, upstream) == [{"name": "Ship 1"}] * 2
    assert upstream.documents() == ["query ($v0: ID!) { q0: ship(id: $v0) { name } }"]


def test_a_document_holds_no_more_roots_than_it_may() -> None:
    upstream = Upstream()

    async def work(graphql: GraphQL) -> Any:
        return await asyncio.gather(*(graphql.ask(ship(str(n))) for n in range(5)))

    assert run(work, upstream, roots=2) == [{"name": f"Ship {n}"} for n in range(5)]
    assert [text.count("ship(") for text in upstream.documents()] == [2, 2, 1]


def test_a_failed_part_is_an_error_value_in_its_place() -> None:
    asked = Ask("ship", {"id": "1"}, (Ask("name"), Ask("twin", fields=(Ask("name"),))))

    answer = run(lambda graphql: graphql.ask(asked), Upstream())

    assert answer["name"] == "Ship 1"
    assert isinstance(answer["twin"], UpstreamRejected)
    assert "not to be seen" not in str(answer["twin"])


def test_an_error_of_one_root_is_raised_for_its_caller_only() -> None:
    body = {
        "data": {"q0": None, "q1": {"name": "Two"}},
        "errors": [{"type": "NOT_FOUND", "path": ["q0"], "message": "no"}],
    }

    async def work(graphql: GraphQL) -> Any:
        return await asyncio.gather(graphql.ask(ship("1")), graphql.ask(ship("2")), return_exceptions=True)

    lost, found = run(work, answering(200, orjson.dumps(body)))

    assert isinstance(lost, NotFound)
    assert found == {"name": "Two"}


def test_an_error_without_data_is_raised_for_everybody() -> None:
    body = b'{"errors": [{"message": "broken", "extensions": {"code": "BROKEN"}}]}'

    async def work(graphql: GraphQL) -> Any:
        return await asyncio.gather(graphql.ask(ship("1")), graphql.ask(ship("2")), return_exceptions=True)

    for error in run(work, answering(200, body)):
        assert isinstance(error, UpstreamRejected)
        assert error.reason == "BROKEN"


@pytest.mark.parametrize("content", [b"<html>", b"[]", b"{}", b'{"data": null}', b""])
def test_an_answer_that_is_not_graphql_is_a_mismatch(content: bytes) -> None:
    with pytest.raises(PayloadMismatch):
        run(lambda graphql: graphql.ask(ship("1")), answering(200, content))


def test_a_failed_request_is_raised_as_for_every_protocol() -> None:
    with pytest.raises(UpstreamUnavailable):
        run(lambda graphql: graphql.ask(ship("1")), answering(502, b"{}"))


def test_a_mutation_goes_alone_and_is_no_read() -> None:
    upstream = Upstream()
    rename = Ask("rename", {"id": "1", "name": "Falcon"}, (Ask("name"),))

    async def work(graphql: GraphQL) -> Any:
        return await asyncio.gather(graphql.ask(ship("1")), graphql.mutate(rename, idempotency_key="k1"))

    assert run(work, upstream)[1] == {"name": "Falcon"}
    calls = {call_of(request).operation: call_of(request) for request in upstream.requests}
    assert set(calls) == {"ship", "rename"}
    assert (calls["rename"].safe, calls["rename"].idempotency_key) == (False, "k1")


def test_the_last_caller_to_go_away_cancels_the_call() -> None:
    async def go() -> tuple[bool, list[bool]]:
        upstream = Upstream()
        upstream.gate.clear()
        graphql = upstream.client()
        first, second = (asyncio.ensure_future(graphql.ask(ship(id))) for id in "12")
        for _ in range(20):
            await asyncio.sleep(0)
        assert len(upstream.requests) == 1
        first.cancel()
        await asyncio.sleep(0)
        upstream.gate.set()
        survived = await second == {"name": "Ship 2"}

        upstream.gate.clear()
        both = [asyncio.ensure_future(graphql.ask(ship(id))) for id in "34"]
        for _ in range(20):
            await asyncio.sleep(0)
        for task in both:
            task.cancel()
        await asyncio.gather(*both, return_exceptions=True)
        await asyncio.sleep(0)
        left = asyncio.all_tasks() - {asyncio.current_task()}
        return survived, [task.done() for task in left]

    assert asyncio.run(go()) == (True, [])


@pytest.mark.parametrize(
    ("content", "whole"),
    [
        (b'{"data": {"q0": null}}', True),
        (b'{"data": {"q0": null}, "errors": []}', True),
        (b'{"data": {"q0": null}, "errors": [{"message": "later"}]}', False),
        (b'{"data": null}', False),
        (b"[]", False),
        (b"<html>", False),
    ],
)
def test_an_answer_with_errors_is_not_worth_keeping(content: bytes, whole: bool) -> None:
    assert is_whole(content) is whole
