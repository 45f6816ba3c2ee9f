"""Links between people: whoever one provider knows by an address, the others do too."""

import asyncio
from collections.abc import Iterator
from itertools import permutations
from typing import Any

import pytest
from strawberry.types import ExecutionResult

from connectors.call import Scope
from connectors.connector import Connector, connect, discover
from connectors.sandbox.people import population
from resolvers.context import Context
from resolvers.cursors import CursorCodec
from resolvers.discovery import discover as discover_fields
from schema.compose import Graph, compose
from tests.clock import FakeClock

PERSON = population(120)[9]

PLACES = {
    "hubspot": 'hubspot { contactByEmail(email: "%s") { ... } }',
    "salesforce": 'salesforce { contacts(email: "%s", first: 1) { nodes { ... } } }',
    "slack": 'slack { userByEmail(email: "%s") { ... } }',
    "stripe": 'stripe { customers(email: "%s", first: 1) { nodes { ... } } }',
}
"""How a person is found in each provider."""

LINKS = {
    "hubspot": "hubspotContact { email }",
    "salesforce": "salesforceContact { email }",
    "slack": "slackUser { email }",
    "stripe": "stripeCustomers { email }",
}
"""The field for a person of each provider, wherever else the person is found."""


@pytest.fixture(scope="module")
def graph() -> Graph:
    return compose(discover_fields(), PLACES)


@pytest.fixture(scope="module")
def connectors() -> dict[Any, Connector]:
    upstreams = {name: upstream for name, upstream in discover().items() if name in PLACES}
    made = {name: connect(one, {}, people=population(120), clock=FakeClock()) for name, one in upstreams.items()}
    return {upstreams[name].client: connector for name, connector in made.items() if connector}


def found(value: Any) -> Iterator[str]:
    """Every address in an answer."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if name == "email":
                yield inner
            else:
                yield from found(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from found(inner)


@pytest.mark.parametrize(("here", "there"), list(permutations(PLACES, 2)))
def test_a_person_is_found_from_everywhere(
    graph: Graph, connectors: dict[Any, Connector], here: str, there: str
) -> None:
    query = PLACES[here].replace("...", LINKS[there]) % PERSON.email
    context = Context(connectors, Scope(), CursorCodec(b"test"))
    result = asyncio.run(graph.execute(f"{{ {query} }}", context_value=context))
    assert isinstance(result, ExecutionResult)

    assert result.errors is None
    assert set(found(result.data)) == {PERSON.email}
