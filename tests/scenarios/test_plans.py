"""What a plan predicts is what the upstreams then count."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from connectors.providers.github.sandbox import GitHubSandbox
from connectors.providers.slack.sandbox import SlackSandbox
from schema.relay import global_id
from tests.gateway import Gateway, running

ROOT = Path(__file__).parents[2]
README = re.findall(r"```graphql\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)[0]
WELCOME = (ROOT / "web" / "src" / "example.graphql").read_text()

CUSTOMERS = """query($first: Int) { stripe { customers(first: $first) { nodes { email
  salesforceContact { title account { name } } paymentIntents(first: 5) { nodes { id } } } } } }"""
GITHUB = """query($login: String!) { github {
  viewer { login repositories(first: 10) { nodes { name issues(first: 30) { nodes { title
    labels(first: 5) { nodes { name } } comments(last: 2) { nodes { author { login } } } } } } } }
  user(login: $login) { name followers(first: 100) { nodes { login repositories { nodes { name } } } } }
} }"""
PEOPLE = """{ salesforce { contacts(first: 20) { nodes { email account { name }
  githubUser { login organizations(first: 1) { nodes { login } } repositories(first: 3) { nodes { name } } }
  stripePayments(first: 2) { id customer { email } } } } } }"""
STOCK = """{ depot { stock(first: 150) { nodes { label next { label } } }
  parcelList(first: 25) { totalCount nodes { label nextAlone { label } } } } }"""

FULL = {
    "the README's": README,
    "GraphiQL's first": WELCOME,
    "fifty customers": CUSTOMERS,
    "charges with what comes along": """{ stripe { charges(first: 50) { nodes {
      customer { email } paymentIntent { id } } } } }""",
    "several pages": "{ stripe { customers(first: 250) { nodes { id } } balance { livemode } } }",
    "one by id": '{ stripe { charge(id: "%(charge)s") { customer { email invoices(first: 1) { nodes { id } } } } } }',
    "nodes of three upstreams": """{ nodes(ids: ["%(customer)s", "%(user)s", "%(contact)s"]) { id
      ... on StripeCustomer { charges(first: 1) { nodes { id } } }
      ... on GitHubUser { followers(first: 1) { nodes { id } } }
      ... on SalesforceContact { account { name } } } }""",
    "the same again under aliases": """{ stripe { customers(first: 5) { nodes {
      a: salesforceContact { title } b: salesforceContact { name } } } } }""",
    "GitHub, nested": GITHUB,
    "three upstreams from Salesforce": PEOPLE,
    "lists in lists": """{ salesforce { accounts(first: 5) { nodes { contacts(first: 3) { nodes { cases(first: 2) {
      nodes { subject } } } } } } } }""",
    "pages, a count and reads one by one": STOCK,
    "left out by a switch": """query($no: Boolean = false) { stripe { balance { livemode }
      customers(first: 3) @include(if: $no) { nodes { id } } } }""",
    "contacts of two upstreams as one list": """query($email: String!) { person(email: $email) { contacts {
      firstName ... on SalesforceContact { account { name } } } } }""",
    "messages of two upstreams as one list": """query($talks: String!, $first: Int) { person(email: $talks) {
      messages(first: $first) { nodes { excerpt occurredAt } } } }""",
    "introspection": "{ __schema { types { name fields { name } } } }",
}

CREDENTIALS = ("login", "oauth2.token")
"""Calls that are made once for all operations, by whichever comes first."""


@pytest.fixture(scope="module")
def gateway() -> Iterator[Gateway]:
    with running() as gateway:
        yield gateway


def planned(gateway: Gateway, query: str, variables: dict[str, Any]) -> dict[str, Any]:
    """The plan of a query that is run; afterwards the sandboxes have counted its calls and no others."""
    for sandbox in gateway.sandboxes.values():
        sandbox.calls.clear()
    request = {"query": query, "variables": variables}
    answer = httpx2.post(f"{gateway.url}/graphql", json=request, headers={"X-Punnet-Plan": "1"}, timeout=60).json()
    assert "errors" not in answer, answer["errors"]
    plan: dict[str, Any] = answer["extensions"]["plan"]
    return plan


def predicted(plan: dict[str, Any]) -> Counter[tuple[str, str]]:
    calls: Counter[tuple[str, str]] = Counter()
    for fetch in (fetch for level in plan["levels"] for fetch in level):
        calls[fetch["upstream"], fetch["operation"]] += fetch["calls"]
    return calls


def counted(gateway: Gateway) -> Counter[tuple[str, str]]:
    calls = ((name, operation) for name in gateway.sandboxes for operation in gateway.calls(name))
    return Counter(call for call in calls if call[1] not in CREDENTIALS)


def known(gateway: Gateway) -> dict[str, str]:
    """Ids to ask for."""
    data = gateway.data(
        """query($login: String!) { stripe { customers(first: 1) { nodes { id } } charges(first: 1) { nodes { id } } }
        github { user(login: $login) { id } } salesforce { contacts(first: 1) { nodes { id } } } }""",
        login=gateway.people[0].login,
    )
    return {
        "customer": data["stripe"]["customers"]["nodes"][0]["id"],
        "charge": data["stripe"]["charges"]["nodes"][0]["id"],
        "user": data["github"]["user"]["id"],
        "contact": data["salesforce"]["contacts"]["nodes"][0]["id"],
    }


@pytest.mark.parametrize("name", FULL)
def test_where_lists_are_full_the_calls_are_those_that_were_predicted(gateway: Gateway, name: str) -> None:
    hub = gateway.sandbox("github", GitHubSandbox)
    query = FULL[name] % known(gateway) if "%(" in FULL[name] else FULL[name]
    before = hub.points

    person, slack = gateway.people[0], gateway.sandbox("slack", SlackSandbox).workspace
    direct = next(channel for channel in slack.channels.values() if channel.get("is_im"))
    talks = slack.users[direct["user"]]["profile"]["email"]
    plan = planned(gateway, query, {"first": 50, "login": person.login, "email": person.email, "talks": talks})

    assert predicted(plan) == counted(gateway)
    assert plan["totalCalls"] == sum(counted(gateway).values())
    assert plan["points"].get("github", 0) == before - hub.points


SPARSE = {
    "one payer behind several payments": """{ stripe { charges(first: 50) { nodes { paymentIntent {
      customer { email } } } } } }""",
    "a list shorter than asked for": "{ github { viewer { repositories(first: 150) { nodes { name } } } } }",
    "payments of two upstreams as one list": """query($email: String!) { person(email: $email) {
      payments(first: 50, paypalUntil: "2026-01-01T00:00:00Z") { nodes { createdAt amount { amount } } } } }""",
    "customers behind some of the payments": """query($email: String!) { person(email: $email) {
      payments(first: 5, paypalUntil: "2026-01-01T00:00:00Z") { nodes { ... on StripeCharge { customer { email } }
        ... on PayPalTransaction { payerName } } } } }""",
    "payments beside the person who makes them": """query($email: String!) { person(email: $email) { stripeCustomers {
      id } payments(first: 250, paypalUntil: "2026-01-01T00:00:00Z") { nodes { __typename } } } }""",
    "one id five times": '{ nodes(ids: ["%(id)s", "%(id)s", "%(id)s", "%(id)s", "%(id)s"]) { id } }',
}


@pytest.mark.parametrize("name", SPARSE)
def test_where_they_are_not_the_calls_are_fewer(gateway: Gateway, name: str) -> None:
    one = global_id("StripeCustomer", "cus_nobody")

    query = SPARSE[name] % {"id": one} if "%(" in SPARSE[name] else SPARSE[name]
    plan = planned(gateway, query, {"email": gateway.people[0].email})

    assert counted(gateway).total() < plan["totalCalls"]
    assert all(predicted(plan)[call] >= times for call, times in counted(gateway).items())


def test_going_on_from_a_cursor_takes_no_more_than_predicted(gateway: Gateway) -> None:
    query = """query($after: String) { salesforce { contacts(first: 20, after: $after) {
      pageInfo { endCursor } } } }"""
    cursor = gateway.data(query)["salesforce"]["contacts"]["pageInfo"]["endCursor"]

    first = planned(gateway, query, {})
    second = planned(gateway, query, {"after": cursor})

    assert (first["totalCalls"], second["totalCalls"]) == (1, 2)
    assert counted(gateway).total() <= 2


def test_levels_wait_for_each_other_and_nothing_else_does(gateway: Gateway) -> None:
    plan = planned(gateway, CUSTOMERS, {"first": 50})

    levels = [[(fetch["operation"], fetch["calls"], fetch["keys"]) for fetch in level] for level in plan["levels"]]
    assert levels == [
        [("customers.list", 1, 1)],
        [("query", 1, 50), ("payment_intents.list", 50, 50)],
        [("query", 1, 50)],
    ]
    assert plan["calls"] == {"stripe": 51, "salesforce": 2}
