"""What customers pay with, and how they are searched for, from a document to its answer."""

from typing import Any, cast

import pytest

from connectors.errors import CursorExpired, NotFound, UpstreamRejected
from connectors.sandbox.faults import Fault
from schema.problems import BackwardPaginationUnsupported
from tests.resolvers.providers.stripe.world import StripeWorld
from tests.resolvers.providers.world import PEOPLE

SEARCH = """query($wanted: String!, $first: Int, $after: String, $last: Int) {
  stripe { searchCustomers(query: $wanted, first: $first, after: $after, last: $last) {
    totalCount nodes { email } pageInfo { hasNextPage endCursor } } } }"""
ATTACH = """mutation($id: ID!, $customer: ID!) { stripeAttachPaymentMethod(id: $id, customer: $customer) { __typename
  ... on StripePaymentMethodAttached { paymentMethod { upstreamId type card { brand last4 } customer { upstreamId } } }
  ... on StripeCardDeclined { code declineCode } ... on StripePaymentMethodUnusable { message } } }"""
DETACH = """mutation($id: ID!) { stripeDetachPaymentMethod(id: $id) { __typename
  ... on StripePaymentMethodDetached { paymentMethod { customer { upstreamId } } }
  ... on StripePaymentMethodUnusable { message } } }"""


def a_customer(world: StripeWorld) -> str:
    return cast(str, world.sandbox.ledger.customers.rows[-1]["id"])


def test_a_search_reads_page_by_page_and_tells_the_total(world: StripeWorld) -> None:
    expected = [person.email for person in reversed(PEOPLE) if person.company.domain == "quartz.example"]
    met: list[str] = []
    after = None
    while True:
        page = world.data(SEARCH, wanted='email~"quartz.example"', first=4, after=after)["stripe"]["searchCustomers"]
        met += [node["email"] for node in page["nodes"]]
        assert page["totalCount"] == len(expected)
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]

    assert met == expected
    assert set(world.operations()) == {"customers.search"}


def test_the_total_is_not_asked_for_in_vain(world: StripeWorld) -> None:
    world.data('{ stripe { searchCustomers(query: "created>0", first: 2) { nodes { email } } } }')

    assert "total_count" not in world.sandbox.calls[-1].query


def test_a_query_that_stripe_does_not_understand_is_its_refusal(world: StripeWorld) -> None:
    assert isinstance(world.error(SEARCH, wanted="what?"), UpstreamRejected)


def test_a_search_goes_forward_only(world: StripeWorld) -> None:
    assert isinstance(world.error(SEARCH, wanted="created>0", last=2), BackwardPaginationUnsupported)


def test_a_page_that_the_search_does_not_know_any_more_has_expired(world: StripeWorld) -> None:
    page = world.data(SEARCH, wanted="created>0", first=2)["stripe"]["searchCustomers"]
    world.sandbox.faults.add(Fault(operation="customers.search", status=400))

    error = world.error(SEARCH, wanted="created>0", first=2, after=page["pageInfo"]["endCursor"])
    assert isinstance(error, CursorExpired)


def test_a_card_is_kept_for_a_customer_and_listed_there(world: StripeWorld) -> None:
    query = """query($id: ID!) { stripe { customer(id: $id) {
      paymentMethods(first: 1, type: "card") { nodes { upstreamId } } } } }"""
    customer = a_customer(world)
    attached = world.data(ATTACH, id="pm_card_mastercard", customer=customer)["stripeAttachPaymentMethod"]
    method = attached["paymentMethod"]

    assert (method["type"], method["card"]) == ("card", {"brand": "mastercard", "last4": "4444"})
    assert method["customer"] == {"upstreamId": customer}
    newest = world.data(query, id=customer)["stripe"]["customer"]["paymentMethods"]["nodes"]
    assert newest == [{"upstreamId": method["upstreamId"]}]


@pytest.mark.parametrize(
    ("id", "result"),
    [
        (
            "pm_card_chargeDeclined",
            {"__typename": "StripeCardDeclined", "code": "card_declined", "declineCode": "generic_decline"},
        ),
        (
            "attached",
            {
                "__typename": "StripePaymentMethodUnusable",
                "message": "This payment method is attached to a customer already.",
            },
        ),
    ],
)
def test_what_cannot_be_kept_is_a_result(world: StripeWorld, id: str, result: dict[str, Any]) -> None:
    methods = world.sandbox.ledger.payment_methods.rows
    wanted = next(row["id"] for row in methods if row["customer"]) if id == "attached" else id

    assert world.data(ATTACH, id=wanted, customer=a_customer(world)) == {"stripeAttachPaymentMethod": result}


def test_a_payment_method_that_there_is_not_is_an_error(world: StripeWorld) -> None:
    assert isinstance(world.error(ATTACH, id="pm_nothing", customer=a_customer(world)), NotFound)


def test_a_payment_method_is_detached_once(world: StripeWorld) -> None:
    id = next(row["id"] for row in world.sandbox.ledger.payment_methods.rows if row["customer"])

    assert world.data(DETACH, id=id)["stripeDetachPaymentMethod"] == {
        "__typename": "StripePaymentMethodDetached",
        "paymentMethod": {"customer": None},
    }
    assert world.data(DETACH, id=id)["stripeDetachPaymentMethod"]["__typename"] == "StripePaymentMethodUnusable"


def test_defaults_come_along_with_what_they_are_the_defaults_of(world: StripeWorld) -> None:
    query = """{ stripe { subscriptions(first: 20) { nodes { defaultPaymentMethod { upstreamId card { last4 } }
      customer { defaultPaymentMethod { upstreamId } } } } } }"""
    nodes = [n for n in world.data(query)["stripe"]["subscriptions"]["nodes"] if n["defaultPaymentMethod"]]

    assert nodes
    assert all(node["defaultPaymentMethod"]["card"]["last4"] for node in nodes)
    assert all(
        node["customer"]["defaultPaymentMethod"]["upstreamId"] == node["defaultPaymentMethod"]["upstreamId"]
        for node in nodes
    )


def test_a_payment_leads_to_what_paid_it(world: StripeWorld) -> None:
    query = """{ stripe { paymentIntents(first: 10) { nodes { paymentMethod { upstreamId customer { email } }
      latestCharge { paymentMethodId } } } } }"""
    nodes = [node for node in world.data(query)["stripe"]["paymentIntents"]["nodes"] if node["latestCharge"]]

    assert nodes
    for node in nodes:
        if node["paymentMethod"]:
            assert node["paymentMethod"]["upstreamId"] == node["latestCharge"]["paymentMethodId"]
