"""Everything about a person and a company, from all sandboxes at once."""

import asyncio
from typing import Any

import pytest
from strawberry.types import ExecutionResult

from connectors.call import Scope
from connectors.connector import Connector, connect, discover
from connectors.sandbox.faults import Fault
from connectors.sandbox.people import population
from resolvers.context import Context
from resolvers.cursors import CursorCodec
from resolvers.discovery import discover as discover_fields
from schema.compose import Graph, compose
from tests.clock import FakeClock

PEOPLE = population(120)
PERSON = PEOPLE[9]
UPSTREAMS = discover()
PARTS = {
    "stripe": ("stripeCustomers", "{ email }"),
    "hubspot": ("hubspotContact", "{ email }"),
    "salesforce": ("salesforceContact", "{ email }"),
    "slack": ("slackUser", "{ email }"),
    "sendgrid": ("sendgridContact", "{ email }"),
    "github": ("githubUser", "{ login }"),
    "paypal": ("paypalInvoices", "(first: 2) { nodes { recipientEmails } }"),
    "google_calendar": ("googleCalendarEvents", "(first: 1) { nodes { attendees { email } } }"),
}
"""The field of each provider and what is selected on it."""

SELECTED = " ".join(field + selection for field, selection in PARTS.values())
EVERYTHING = f"query($email: String!) {{ person(email: $email) {{ email {SELECTED} }} }}"


@pytest.fixture(scope="module")
def graph() -> Graph:
    return compose(discover_fields(), UPSTREAMS)


class World:
    """All sandboxes, and the graph in front of them."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        made = {name: connect(one, {}, people=PEOPLE, clock=FakeClock()) for name, one in UPSTREAMS.items()}
        self.connectors: dict[str, Connector] = {name: one for name, one in made.items() if one}

    def ask(self, query: str, **variables: Any) -> ExecutionResult:
        clients = {UPSTREAMS[name].client: connector for name, connector in self.connectors.items()}
        context = Context(clients, Scope(), CursorCodec(b"test"))
        result = asyncio.run(self._graph.execute(query, variable_values=variables, context_value=context))
        assert isinstance(result, ExecutionResult)
        return result

    def sandbox(self, name: str) -> Any:
        return self.connectors[name].sandbox


@pytest.fixture
def world(graph: Graph) -> World:
    return World(graph)


def test_every_provider_knows_the_person(world: World) -> None:
    result = world.ask(EVERYTHING, email=PERSON.email)

    assert result.errors is None
    assert result.data
    person = result.data["person"]
    assert person["email"] == PERSON.email
    assert person["stripeCustomers"] == [{"email": PERSON.email}]
    for part in ("hubspotContact", "salesforceContact", "slackUser", "sendgridContact"):
        assert person[part] == {"email": PERSON.email}
    assert person["githubUser"] == {"login": PERSON.login}
    assert all(PERSON.email in invoice["recipientEmails"] for invoice in person["paypalInvoices"]["nodes"])


def test_the_person_alone_asks_nobody(world: World) -> None:
    result = world.ask('{ person(email: " nobody@nowhere.example ") { email } }')

    assert result.data == {"person": {"email": "nobody@nowhere.example"}}
    assert [name for name in world.connectors if world.sandbox(name).calls] == []


def test_nobody_is_nobody_everywhere(world: World) -> None:
    result = world.ask(EVERYTHING, email="nobody@nowhere.example")

    assert result.errors is None
    assert result.data
    assert {part for part in result.data["person"].values() if isinstance(part, str)} == {"nobody@nowhere.example"}
    assert result.data["person"]["stripeCustomers"] == []
    assert result.data["person"]["paypalInvoices"] == {"nodes": []}
    assert result.data["person"]["hubspotContact"] is None


@pytest.mark.parametrize("dead", PARTS)
def test_a_dead_provider_nulls_its_own_part_alone(world: World, dead: str) -> None:
    world.sandbox(dead).faults.add(Fault(status=400, times=None))

    result = world.ask(EVERYTHING, email=PERSON.email)

    assert result.data
    parts = {name: result.data["person"][field] for name, (field, _) in PARTS.items()}
    missing = {name for name, value in parts.items() if value is None}
    assert missing == ({"salesforce", "github"} if dead == "salesforce" else {dead})
    assert {error.path[1] for error in result.errors or [] if error.path} == {PARTS[name][0] for name in missing}


@pytest.mark.parametrize("name", PARTS)
def test_without_a_provider_there_is_a_person_without_its_part(name: str) -> None:
    text = compose(discover_fields(), UPSTREAMS.keys() - {name}).as_str()

    person = text[text.index("type Person {") :].partition("\n}")[0]
    assert "email: String!" in person
    assert f"  {PARTS[name][0]}" not in person


def test_an_address_is_needed(world: World) -> None:
    result = world.ask('{ person(email: " ") { email } }')

    assert [str(error.original_error) for error in result.errors or []] == ["`email` cannot be empty"]


def test_a_company_is_found_by_its_domain_with_its_people(world: World) -> None:
    query = """query($domain: String!) { company(domain: $domain) { domain
      hubspotCompany { domain contacts { contact { email } } }
      salesforceAccounts { nodes { name website contacts(first: 100) { nodes { email } } } } } }"""
    company = PERSON.company

    result = world.ask(query, domain=company.domain.upper())

    assert result.errors is None
    assert result.data
    found = result.data["company"]
    (account,) = found["salesforceAccounts"]["nodes"]
    assert (found["domain"], found["hubspotCompany"]["domain"]) == (company.domain, company.domain)
    assert (account["name"], account["website"]) == (company.name, f"https://{company.domain}")
    staff = {person.email for person in PEOPLE if person.company == company}
    assert {contact["email"] for contact in account["contacts"]["nodes"]} == staff
    assert {one["contact"]["email"] for one in found["hubspotCompany"]["contacts"]} == staff
