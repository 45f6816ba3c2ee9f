"""Salesforce knows people and Stripe knows who pays: joined by email address."""

import asyncio
from collections.abc import Mapping
from typing import Annotated, Any

import strawberry

from connectors.paging import Window
from connectors.providers.stripe.client import StripeClient
from resolvers.context import Info
from resolvers.providers.salesforce.fetching import contacts_by_email
from resolvers.providers.stripe.convert import to_payment_intent
from resolvers.providers.stripe.fetching import REFERENCES, USUAL_CUSTOMERS, customers_by_email, expanded_here
from schema.fields import Calls, Fields, Wanted
from schema.problems import BadInput
from schema.providers.salesforce import SalesforceContact
from schema.providers.stripe.customers import StripeCustomer
from schema.providers.stripe.payments import StripePaymentIntent

MOST_PAYMENTS = 100

fields = Fields("salesforce", "stripe")
fields.link(
    StripeCustomer,
    "salesforce_contact",
    via=contacts_by_email,
    key="email",
    description="The contact in Salesforce with the same email address.",
)
fields.link(
    SalesforceContact,
    "stripe_customers",
    via=customers_by_email,
    key="email",
    description="The customers at Stripe with exactly the same email address, newest first.",
)


def payments_wanted(graph: Any, given: Mapping[str, Any]) -> list[Wanted]:
    """The customers with the address, then the payments of each: one expected, as for the customers."""
    payments = Calls(
        upstream="stripe", operation="payment_intents.list", items=max(0, given["first"]), brings=REFERENCES
    )
    return [Wanted(customers_by_email.calls), Wanted(payments, keys=USUAL_CUSTOMERS)]


@fields.on(SalesforceContact, needs=("email",), calls=payments_wanted)
async def stripe_payments(
    root: strawberry.Parent[SalesforceContact],
    info: Info,
    first: Annotated[int, strawberry.argument(description="How many, 100 at most.")] = 20,
) -> list[StripePaymentIntent] | None:
    """What this person pays through Stripe, newest first, whichever customer of Stripe it runs under."""
    if not 1 <= first <= MOST_PAYMENTS:
        raise BadInput(f"`first` must be from 1 to {MOST_PAYMENTS}, not {first}")
    if root.email is None:
        return []
    customers = await customers_by_email.load(info, root.email) or []
    stripe, select = info.context.client(StripeClient), expanded_here(info)
    lists = await asyncio.gather(
        *(stripe.list_payment_intents(Window(first), customer=one.upstream_id, select=select) for one in customers)
    )
    payments = [to_payment_intent(payload) for page in lists for payload in page.items]
    return sorted(payments, key=lambda payment: payment.created_at, reverse=True)[:first]
