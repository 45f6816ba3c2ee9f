"""The executor over the whole schema of all providers, and their sandboxes: graphql-core answers the same.

Documents are drawn by hypothesis-graphql, which knows nothing of us: any fields, arguments that mostly make no sense,
and our own grammar beside it, for aliases, fragments and conditions. Values in the sandboxes' payloads are spoiled,
the same ones each time. `PUNNET_EXAMPLES` sets how many documents are drawn for each test (100 by default).
"""

import asyncio
import gc
import json
import os
import warnings
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, is_dataclass, replace
from hashlib import blake2b
from typing import Any

import pytest
from graphql import (
    REMOVE,
    ArgumentNode,
    DocumentNode,
    ExecutionResult,
    IntValueNode,
    StringValueNode,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    get_named_type,
    parse,
    visit,
)
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from hypothesis_graphql import queries
from hypothesis_graphql.nodes import Int, String

from connectors.call import Scope
from connectors.connector import Connector, connect, discover
from connectors.paging import Page
from connectors.policy import BreakerPolicy, Policy, RetryPolicy, ThrottlePolicy
from connectors.sandbox.people import population
from resolvers.context import Context
from resolvers.cursors import CursorCodec
from resolvers.discovery import discover as discover_fields
from schema.compose import compose
from tests.clock import FakeClock
from tests.providers.worlds import listings
from tests.schema.execution.documents import documents
from tests.schema.execution.oracle import by_graphql_core, settled

MANY = settings(
    max_examples=int(os.environ.get("PUNNET_EXAMPLES", "100")),
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
PATIENT = Policy(
    retry=RetryPolicy(attempts=1),
    breaker=BreakerPolicy(volume=10**9),
    throttle=ThrottlePolicy(per_second=1e9, burst=10**9, concurrency=10**6),
)
SPOILED = 60
"""One value in so many."""

PEOPLE = population(60)
GRAPH = compose(discover_fields(), discover())
SCALARS = {
    "Date": st.dates().map(lambda day: String(day.isoformat())),
    "DateTime": st.datetimes().map(lambda time: String(f"{time.isoformat()}Z")),
    "Decimal": st.decimals(allow_nan=False, allow_infinity=False).map(lambda number: String(str(number))),
    "JSON": st.text(max_size=5).map(String),
    "Long": st.integers(-(2**53), 2**53).map(lambda number: Int(number)),
}
BY_HYPOTHESIS_GRAPHQL = queries(GRAPH._schema, custom_scalars=SCALARS, allow_x00=False)
"""Queries of any fields with any arguments."""


class Tamed(Visitor):
    """Small pages from the start, and what the upstreams know: most of what is drawn asks for neither.

    `ids` are known ones, by type.
    """

    def __init__(self, types: TypeInfo, ids: Mapping[str, Sequence[str]]) -> None:
        super().__init__()
        self._types = types
        self._ids = ids

    def enter_argument(self, node: ArgumentNode, *_: Any) -> Any:
        match node.name.value, node.value:
            case (("last" | "after" | "before"), _):
                return REMOVE
            case "first", IntValueNode(value=number):
                return ArgumentNode(name=node.name, value=IntValueNode(value=str(int(number) % 4)))
            case "email", StringValueNode(value=text):
                person = PEOPLE[len(text) % len(PEOPLE)]
                return ArgumentNode(name=node.name, value=StringValueNode(value=person.email))
            case "id", _:
                field = self._types.get_field_def()
                known = self._ids.get(get_named_type(field.type).name) if field else None
                if known:
                    return ArgumentNode(name=node.name, value=StringValueNode(value=known[len(known) // 2]))
        return None


def spoiled(value: Any, name: str = "", within: str = "") -> Any:
    """A payload with something else in place of some values: of what depends on the object around them alone."""
    if isinstance(value, Page):
        return replace(value, items=[spoiled(item) for item in value.items])
    if isinstance(value, dict):
        about = json.dumps(value, default=str, sort_keys=True)
        return {key: spoiled(inner, key, about) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(spoiled(item) for item in value)
    if not within or is_dataclass(value) or "id" in name.lower() or "email" in name.lower():
        return value
    dice = int.from_bytes(blake2b(f"{name}/{within}".encode(), digest_size=4).digest()) % (SPOILED * 3)
    return {0: None, 1: {"odd": name}, 2: 2**70}.get(dice, value)


@dataclass
class Spoiling:
    """A connector whose clients' answers are spoiled."""

    connector: Connector

    def __getattr__(self, name: str) -> Any:
        return getattr(self.connector, name)

    def client(self, scope: Scope) -> Any:
        client = self.connector.client(scope)
        kind = type(type(client).__name__, (type(client),), {})
        made: Any = object.__new__(kind)
        made.__dict__.update(client.__dict__)
        for attribute in dir(client):
            method = getattr(client, attribute)
            if not attribute.startswith("_") and asyncio.iscoroutinefunction(method):
                setattr(kind, attribute, spoiling(getattr(type(client), attribute)))
        return made


def spoiling(method: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    async def spoil(*arguments: Any, **named: Any) -> Any:
        return spoiled(await method(*arguments, **named))

    spoil.__dict__.update(vars(method))
    return spoil


async def known_ids(contexts: Callable[[], Context]) -> dict[str, list[str]]:
    """Ids of what the sandboxes have in lists, by type."""
    ids: dict[str, list[str]] = {}
    for listing in [listing for name in discover() for listing in listings(name) if "id" in listing.node.fields]:
        result = await GRAPH.run(parse(listing.query("id")), {"first": 3}, contexts(), None)
        assert isinstance(result, ExecutionResult)
        nodes = (listing.page(result.data) or {"nodes": []})["nodes"]
        ids.setdefault(listing.node.name, []).extend(node["id"] for node in nodes)
    return ids


@pytest.fixture(scope="module")
def ids(contexts: Callable[[], Context]) -> dict[str, list[str]]:
    return asyncio.run(known_ids(contexts))


@pytest.fixture(scope="module")
def contexts() -> Callable[[], Context]:
    """A context for each execution, over sandboxes that all of them share."""
    clock = FakeClock()
    found = [connect(replace(one, policy=PATIENT), {}, people=PEOPLE, clock=clock) for one in discover().values()]
    connectors: dict[Any, Any] = {one.upstream.client: Spoiling(one) for one in found if one}

    def made() -> Context:
        return Context(connectors, Scope(began=clock.now(), deadline=clock.now() + 1e6), CursorCodec(b"test"))

    return made


def answers(document: DocumentNode, contexts: Callable[[], Context]) -> tuple[ExecutionResult, ExecutionResult]:
    """Ours and graphql-core's. That leaves coroutines behind where a sibling fails, which is not what is tested."""

    async def both() -> tuple[ExecutionResult, ExecutionResult]:
        ours = await GRAPH.run(document, {"yes": True}, contexts(), None)
        theirs = await by_graphql_core(GRAPH, document, {"yes": True}, contexts())
        left_behind = asyncio.all_tasks() - {asyncio.current_task()}
        await asyncio.gather(*left_behind, return_exceptions=True)
        assert isinstance(ours, ExecutionResult)
        return ours, theirs

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        results = asyncio.run(both())
        gc.collect(1)
    return results


@given(text=BY_HYPOTHESIS_GRAPHQL | documents(GRAPH._schema, depth=5))
@MANY
def test_the_whole_schema_is_answered_as_by_graphql_core(
    text: str, contexts: Callable[[], Context], ids: dict[str, list[str]]
) -> None:
    types = TypeInfo(GRAPH._schema)
    document = visit(parse(text), TypeInfoVisitor(types, Tamed(types, ids)))
    assume(not GRAPH.faults_of(document))

    ours, theirs = answers(document, contexts)

    assert json.dumps(ours.data, default=str) == json.dumps(theirs.data, default=str)
    assert settled(ours) == settled(theirs)
