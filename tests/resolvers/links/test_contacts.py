"""One person in two CRMs as one list."""

import asyncio
from typing import Any

import pytest
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

PEOPLE = population(60)
PERSON = PEOPLE[3]
UPSTREAMS = {name: upstream for name, upstream in discover().items() if name in ("hubspot", "salesforce")}
GRAPH = compose(discover_fields(), UPSTREAMS)
CONTACTS = """query($email: String!) { person(email: $email) { contacts { __typename firstName lastName email
  ... on HubSpotContact { jobTitle } ... on SalesforceContact { account { name } } } } }"""


class World:
    def __init__(self) -> None:
        made = {name: connect(one, {}, people=PEOPLE, clock=FakeClock()) for name, one in UPSTREAMS.items()}
        self.connectors = {name: one for name, one in made.items() if one}

    def sandbox(self, name: str) -> Any:
        return self.connectors[name].sandbox

    def ask(self, email: str, query: str = CONTACTS) -> ExecutionResult:
        clients = {UPSTREAMS[name].client: connector for name, connector in self.connectors.items()}
        context = Context(clients, Scope(), CursorCodec(b"test"))
        result = asyncio.run(GRAPH.execute(query, variable_values={"email": email}, context_value=context))
        assert isinstance(result, ExecutionResult)
        return result

    def contacts(self, email: str) -> Any:
        result = self.ask(email)
        assert result.errors is None, result.errors
        assert result.data
        return result.data["person"]["contacts"]


@pytest.fixture
def world() -> World:
    return World()


def test_all_who_have_the_address_are_there_whichever_crm_knows_them(world: World) -> None:
    store = world.sandbox("salesforce").org.store
    twin = {"LastName": "Twin", "Email": PERSON.email}
    store.create("Contact", twin, world.sandbox("salesforce").org.now())

    found = world.contacts(PERSON.email.upper())

    assert [(one["__typename"], one["lastName"], one["email"]) for one in found] == [
        ("HubSpotContact", PERSON.last_name, PERSON.email),
        ("SalesforceContact", PERSON.last_name, PERSON.email),
        ("SalesforceContact", "Twin", PERSON.email),
    ]
    assert found[0]["jobTitle"] == PERSON.title
    assert found[1]["account"] == {"name": PERSON.company.name}


def test_nobody_has_no_contacts(world: World) -> None:
    assert world.contacts("nobody@nowhere.example") == []


@pytest.mark.parametrize(
    ("dead", "place", "alive"), [("hubspot", 0, "SalesforceContact"), ("salesforce", 1, "HubSpotContact")]
)
def test_where_one_fails_the_contacts_of_the_other_are_there_with_the_error(
    world: World, dead: str, place: int, alive: str
) -> None:
    world.sandbox(dead).faults.add(Fault(status=400, times=None))

    result = world.ask(PERSON.email)

    assert result.data
    found = result.data["person"]["contacts"]
    assert found[place] is None
    assert found[1 - place]["__typename"] == alive
    assert [error.path for error in result.errors or []] == [["person", "contacts", place]]


def test_only_what_is_selected_of_the_interface_is_asked_for(world: World) -> None:
    world.ask(PERSON.email, "query($email: String!) { person(email: $email) { contacts { phone } } }")

    assert b'"properties":["email","phone"]' in world.sandbox("hubspot").calls[-1].body
    assert b"SELECT Id, Email, Phone FROM Contact" in world.sandbox("salesforce").calls[-1].body
