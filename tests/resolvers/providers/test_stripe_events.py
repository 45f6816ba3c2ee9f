"""Stripe's events as subscriptions, with the sandbox's objects in them."""

import importlib
import inspect
from functools import cache
from typing import Any

import pytest

from connectors.connector import Connector, connect
from connectors.providers.stripe.client import StripeClient
from connectors.providers.stripe.manifest import UPSTREAM
from connectors.providers.stripe.sandbox import StripeSandbox
from connectors.sandbox.people import population
from connectors.webhooks.delivery import Event
from resolvers import nodes
from resolvers.providers.stripe import fields
from schema.compose import compose
from schema.relay import global_id
from tests.clock import FakeClock
from tests.resolvers.following import followed

GRAPH = compose([nodes.fields, fields], ["stripe"])

KINDS = {
    "PaymentIntent": ("payment_intents", "status amount { minorUnits } customer { upstreamId }"),
    "Charge": ("charges", "status amount { minorUnits } customer { upstreamId }"),
    "Refund": ("refunds", "status amount { minorUnits } charge { upstreamId }"),
    "Dispute": ("disputes", "status amount { minorUnits } charge { upstreamId }"),
    "Payout": ("payouts", "status amount { minorUnits }"),
    "Invoice": ("invoices", "status total { minorUnits } customer { upstreamId } lines { description }"),
    "Subscription": ("subscriptions", "status customer { upstreamId } items { quantity }"),
    "Customer": ("customers", "email name"),
}
EVENTS = [
    ("stripePaymentIntentSucceeded", "payment_intent.succeeded"),
    ("stripePaymentIntentFailed", "payment_intent.payment_failed"),
    ("stripePaymentIntentRequiresAction", "payment_intent.requires_action"),
    ("stripePaymentIntentCanceled", "payment_intent.canceled"),
    ("stripeChargeSucceeded", "charge.succeeded"),
    ("stripeChargeFailed", "charge.failed"),
    ("stripeChargeRefunded", "charge.refunded"),
    ("stripeRefundCreated", "refund.created"),
    ("stripeRefundUpdated", "refund.updated"),
    ("stripeRefundFailed", "refund.failed"),
    ("stripeDisputeCreated", "charge.dispute.created"),
    ("stripeDisputeUpdated", "charge.dispute.updated"),
    ("stripeDisputeUpdated", "charge.dispute.funds_withdrawn"),
    ("stripeDisputeUpdated", "charge.dispute.funds_reinstated"),
    ("stripeDisputeClosed", "charge.dispute.closed"),
    ("stripePayoutCreated", "payout.created"),
    ("stripePayoutPaid", "payout.paid"),
    ("stripePayoutFailed", "payout.failed"),
    ("stripePayoutCanceled", "payout.canceled"),
    ("stripeInvoiceFinalized", "invoice.finalized"),
    ("stripeInvoicePaid", "invoice.paid"),
    ("stripeInvoicePaymentFailed", "invoice.payment_failed"),
    ("stripeSubscriptionCreated", "customer.subscription.created"),
    ("stripeSubscriptionUpdated", "customer.subscription.updated"),
    ("stripeSubscriptionDeleted", "customer.subscription.deleted"),
    ("stripeCustomerCreated", "customer.created"),
    ("stripeCustomerUpdated", "customer.updated"),
    ("stripeCustomerDeleted", "customer.deleted"),
]


@cache
def connected() -> Connector:
    connector = connect(UPSTREAM, {}, people=population(120), clock=FakeClock())
    assert connector
    return connector


def rows(kind: str) -> list[dict[str, Any]]:
    sandbox = connected().sandbox
    assert isinstance(sandbox, StripeSandbox)
    table: list[dict[str, Any]] = getattr(sandbox.ledger, KINDS[kind][0]).rows
    return [row for row in table if "deleted" not in row]


def event(type: str, thing: dict[str, Any]) -> Event:
    payload = {"id": "evt_1", "object": "event", "type": type, "data": {"object": thing}}
    return Event(provider="stripe", id="evt_1", type=type, payload=payload, object=thing["id"])


def ids(query: str, events: list[Event], count: int, **variables: Any) -> list[str]:
    """The upstream ids of what a subscription to one field gives."""
    results = followed(GRAPH, {StripeClient: connected()}, query, events, count, variables)
    assert [result.errors for result in results] == [None] * count
    return [found["upstreamId"] for result in results if result.data for found in result.data.values()]


def test_the_types_are_those_that_stripes_own_library_knows() -> None:
    subscription = GRAPH._schema.subscription_type
    known = inspect.getsource(importlib.import_module("stripe.params._webhook_endpoint_create_params"))
    assert subscription

    assert set(subscription.fields) == {field for field, _ in EVENTS}
    assert [type for _, type in EVENTS if f'"{type}"' not in known] == []


@pytest.mark.parametrize(("field", "type"), EVENTS)
def test_each_event_gives_its_object_and_what_belongs_to_it(field: str, type: str) -> None:
    subscription = GRAPH._schema.subscription_type
    assert subscription
    kind = str(subscription.fields[field].type).removeprefix("Stripe")
    thing = rows(kind)[-1]

    found = ids(f"subscription {{ {field} {{ upstreamId {KINDS[kind][1]} }} }}", [event(type, thing)], 1)

    assert found == [thing["id"]]


def test_arguments_leave_out_what_is_not_asked_for() -> None:
    first, second, *_ = (row for row in rows("Charge") if row["customer"] != rows("Charge")[-1]["customer"])
    other = rows("Charge")[-1]
    events = [event("charge.succeeded", thing) for thing in (first, other, second)]
    by_customer = "subscription($c: ID) { stripeChargeSucceeded(customer: $c) { upstreamId } }"
    by_id = "subscription($id: ID) { stripeChargeSucceeded(id: $id) { upstreamId } }"

    assert ids(by_customer, events, 1, c=other["customer"]) == [other["id"]]
    assert ids(by_customer, events, 1, c=global_id("StripeCustomer", other["customer"])) == [other["id"]]
    assert ids(by_id, events, 1, id=second["id"]) == [second["id"]]


def test_the_id_of_something_else_is_refused() -> None:
    query = "subscription($id: ID) { stripeChargeSucceeded(id: $id) { upstreamId } }"

    with pytest.raises(Exception, match="is the id of a StripeCustomer, not of a StripeCharge"):
        ids(query, [], 1, id=global_id("StripeCustomer", "cus_1"))
