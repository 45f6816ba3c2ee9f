"""Stripe's and PayPal's payments of one person as one list."""

import asyncio
from typing import Any

import pytest
from graphql import parse
from strawberry.types import ExecutionResult

from connectors.call import Scope
from connectors.connector import connect, discover
from connectors.sandbox.faults import Fault
from connectors.sandbox.people import population
from resolvers.context import Context
from resolvers.cursors import CursorCodec
from resolvers.discovery import discover as discover_fields
from schema.compose import compose
from tests.clock import FakeClock

PEOPLE = population(120)
UPSTREAMS = {name: upstream for name, upstream in discover().items() if name in ("paypal", "stripe")}
GRAPH = compose(discover_fields(), UPSTREAMS)
PAYMENTS = """query($email: String!, $first: Int, $after: String) { person(email: $email) {
  payments(first: $first, after: $after, paypalUntil: "2026-01-01T00:00:00Z") {
    edges { cursor node { __typename upstreamId createdAt amount { amount currency } } }
    pageInfo { hasNextPage endCursor } } } }"""
KINDS = {"stripe": "StripeCharge", "paypal": "PayPalTransaction"}


class World:
    def __init__(self) -> None:
        made = {name: connect(one, {}, people=PEOPLE, clock=FakeClock()) for name, one in UPSTREAMS.items()}
        self.connectors = {name: one for name, one in made.items() if one}

    def ask(self, **variables: Any) -> ExecutionResult:
        clients = {UPSTREAMS[name].client: connector for name, connector in self.connectors.items()}
        context = Context(clients, Scope(), CursorCodec(b"test"))
        result = asyncio.run(GRAPH.execute(PAYMENTS, variable_values=variables, context_value=context))
        assert isinstance(result, ExecutionResult)
        return result

    def page(self, **variables: Any) -> Any:
        result = self.ask(**variables)
        assert result.errors is None, result.errors
        assert result.data
        return result.data["person"]["payments"]

    def spoil(self, name: str) -> None:
        sandbox: Any = self.connectors[name].sandbox
        sandbox.faults.add(Fault(operation="[!o]*", status=400, times=None))

    def mend(self, name: str) -> None:
        sandbox: Any = self.connectors[name].sandbox
        sandbox.faults.clear()


def payer() -> str:
    """Somebody who paid through both."""
    world = World()
    for person in PEOPLE:
        nodes = [edge["node"] for edge in world.page(email=person.email, first=1000)["edges"]]
        if {node["__typename"] for node in nodes} == set(KINDS.values()) and len(nodes) > 4:
            return person.email
    raise AssertionError("nobody paid through both")


@pytest.fixture(scope="module")
def email() -> str:
    return payer()


@pytest.fixture
def world() -> World:
    return World()


def test_payments_of_both_come_newest_first(world: World, email: str) -> None:
    nodes = [edge["node"] for edge in world.page(email=email, first=1000)["edges"]]

    times = [node["createdAt"] for node in nodes]
    assert times == sorted(times, reverse=True)
    assert {node["__typename"] for node in nodes} == set(KINDS.values())


@pytest.mark.parametrize("first", [1, 2, 3])
def test_small_pages_give_what_one_large_page_gives(world: World, email: str, first: int) -> None:
    whole = [edge["node"] for edge in world.page(email=email, first=1000)["edges"]]

    pages: list[Any] = [world.page(email=email, first=first)]
    while pages[-1]["pageInfo"]["hasNextPage"]:
        pages.append(world.page(email=email, first=first, after=pages[-1]["pageInfo"]["endCursor"]))

    assert [edge["node"] for page in pages for edge in page["edges"]] == whole
    assert all(0 < len(page["edges"]) <= first for page in pages)


@pytest.mark.parametrize(("dead", "alive"), [("stripe", "paypal"), ("paypal", "stripe")])
def test_where_one_fails_the_payments_of_the_other_are_there_with_the_error(
    world: World, email: str, dead: str, alive: str
) -> None:
    whole = [edge["node"] for edge in world.page(email=email, first=1000)["edges"]]
    world.spoil(dead)

    result = world.ask(email=email, first=1000)
    assert result.data
    payments = result.data["person"]["payments"]
    world.mend(dead)
    rest = world.page(email=email, first=1000, after=payments["pageInfo"]["endCursor"])

    theirs = {kind: [node for node in whole if node["__typename"] == KINDS[kind]] for kind in KINDS}
    assert [edge["node"] for edge in payments["edges"]] == [None, *theirs[alive]]
    assert [error.path for error in result.errors or []] == [["person", "payments", "edges", 0, "node"]]
    assert payments["pageInfo"]["hasNextPage"]
    assert [edge["node"] for edge in rest["edges"]] == theirs[dead]


def test_as_many_transactions_as_can_be_read_take_the_calls_that_are_predicted(world: World, email: str) -> None:
    paypal: Any = world.connectors["paypal"].sandbox
    some, *_ = paypal.account.transactions
    for month in ("10-15", "11-15", "12-15"):  # one in each of the three searches
        facts = {**some["transaction_info"], "transaction_initiation_date": f"2025-{month}T00:00:00+0000"}
        paypal.account.transactions += [{**some, "transaction_info": facts}] * 4_900
    variables = {"email": email, "first": 5}

    world.page(**variables)

    predicted = GRAPH.estimate(parse(PAYMENTS), variables).calls["paypal"]
    assert predicted == paypal.seen("transactions.list") == 30


def test_a_cursor_is_good_for_its_own_list_only(world: World, email: str) -> None:
    cursor = world.page(email=email, first=1)["pageInfo"]["endCursor"]

    other = world.ask(email=PEOPLE[0].email, first=1, after=cursor)
    tampered = world.ask(email=email, first=1, after="A" + cursor[1:] if cursor[0] != "A" else "B" + cursor[1:])

    for result in (other, tampered):
        (error,) = result.errors or []
        assert type(error.original_error).__name__ == "InvalidCursor"
