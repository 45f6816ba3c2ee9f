"""Stripe's objects by id, and what Stripe is asked to send along with an object.

Stripe reads one object a call: so a key is a call, and the throttle bounds how many are in flight.
"""

from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import TypeVar

from connectors.paging import Window
from connectors.providers.stripe.client import StripeClient
from resolvers.batching import Batch, Loaded, batch, found
from resolvers.context import Info
from resolvers.providers.stripe.convert import (
    to_balance_transaction,
    to_charge,
    to_customer,
    to_customer_if_there,
    to_dispute,
    to_invoice,
    to_payment_intent,
    to_payment_method,
    to_payout,
    to_price,
    to_product_if_there,
    to_refund,
    to_subscription,
)
from schema.compose import attributes_anywhere, selected_attributes
from schema.providers.stripe.billing import StripeInvoice, StripePrice, StripeProduct, StripeSubscription
from schema.providers.stripe.customers import StripeCustomer
from schema.providers.stripe.disputes import StripeDispute
from schema.providers.stripe.funds import StripeBalanceTransaction, StripePayout
from schema.providers.stripe.methods import StripePaymentMethod
from schema.providers.stripe.payments import StripeCharge, StripePaymentIntent
from schema.providers.stripe.refunds import StripeRefund

T = TypeVar("T")

MOST_CUSTOMERS = 100
"""Stripe lets several customers have one address; more of them than one page holds are not looked for."""

USUAL_CUSTOMERS = 1
"""How many customers a planner expects behind one address."""

EXPANSIONS = {
    "customer_ref": "customer",
    "charge_ref": "charge",
    "payment_intent_ref": "payment_intent",
    "product_ref": "product",
    "latest_charge_ref": "latest_charge",
    "latest_invoice_ref": "latest_invoice",
    "subscription_ref": "parent.subscription_details.subscription",
    "payment_method_ref": "payment_method",
    "default_payment_method_ref": "default_payment_method",
    "invoices_payment_method_ref": "invoice_settings.default_payment_method",
    "balance_transaction_ref": "balance_transaction",
    "failure_balance_transaction_ref": "failure_balance_transaction",
    "source_ref": "source",
}
"""Where Stripe sends the object that an attribute refers to, if it is asked to."""


REFERENCES = "references"
"""What comes along with an object that is read with expansions; not with the objects that come along themselves."""


def expanded(attributes: Collection[str]) -> tuple[str, ...]:
    """The paths to expand so that Stripe sends along what these attributes refer to."""
    return tuple(sorted(EXPANSIONS[name] for name in EXPANSIONS.keys() & attributes))


def expanded_here(info: Info) -> tuple[str, ...]:
    """For the objects of the current field."""
    return expanded(selected_attributes(info))


def expanded_anywhere(type_: type) -> Callable[[Info], tuple[str, ...]]:
    """For every object of one type in the operation."""
    return lambda info: expanded(attributes_anywhere(info, type_))


def reads(operation: str, type_: type) -> Callable[[Callable[..., Awaitable[Loaded[T]]]], Batch[T]]:
    """A batch of objects that are read one a call, with what they refer to."""
    return batch(StripeClient, max_keys=1, operation=operation, select=expanded_anywhere(type_), brings=REFERENCES)


@reads("customers.get", StripeCustomer)
async def customers_by_id(stripe: StripeClient, ids: Sequence[str], select: Collection[str]) -> Loaded[StripeCustomer]:
    return [await found(stripe.get_customer(id, select), to_customer_if_there) for id in ids]


@batch(StripeClient, max_keys=1, operation="customers.list", items=USUAL_CUSTOMERS)
async def customers_by_email(stripe: StripeClient, emails: Sequence[str]) -> Loaded[list[StripeCustomer]]:
    """Up to 100 customers with an address, newest first; Stripe compares case as well."""
    pages = [await stripe.list_customers(Window(MOST_CUSTOMERS), email=email) for email in emails]
    return [[to_customer(payload) for payload in page.items] for page in pages]


@reads("charges.get", StripeCharge)
async def charges_by_id(stripe: StripeClient, ids: Sequence[str], select: Collection[str]) -> Loaded[StripeCharge]:
    return [await found(stripe.get_charge(id, select), to_charge) for id in ids]


@reads("payment_intents.get", StripePaymentIntent)
async def payment_intents_by_id(
    stripe: StripeClient, ids: Sequence[str], select: Collection[str]
) -> Loaded[StripePaymentIntent]:
    return [await found(stripe.get_payment_intent(id, select), to_payment_intent) for id in ids]


@reads("refunds.get", StripeRefund)
async def refunds_by_id(stripe: StripeClient, ids: Sequence[str], select: Collection[str]) -> Loaded[StripeRefund]:
    return [await found(stripe.get_refund(id, select), to_refund) for id in ids]


@reads("payment_methods.get", StripePaymentMethod)
async def payment_methods_by_id(
    stripe: StripeClient, ids: Sequence[str], select: Collection[str]
) -> Loaded[StripePaymentMethod]:
    return [await found(stripe.get_payment_method(id, select), to_payment_method) for id in ids]


@reads("disputes.get", StripeDispute)
async def disputes_by_id(stripe: StripeClient, ids: Sequence[str], select: Collection[str]) -> Loaded[StripeDispute]:
    return [await found(stripe.get_dispute(id, select), to_dispute) for id in ids]


@reads("balance_transactions.get", StripeBalanceTransaction)
async def balance_transactions_by_id(
    stripe: StripeClient, ids: Sequence[str], select: Collection[str]
) -> Loaded[StripeBalanceTransaction]:
    return [await found(stripe.get_balance_transaction(id, select), to_balance_transaction) for id in ids]


@reads("payouts.get", StripePayout)
async def payouts_by_id(stripe: StripeClient, ids: Sequence[str], select: Collection[str]) -> Loaded[StripePayout]:
    return [await found(stripe.get_payout(id, select), to_payout) for id in ids]


@batch(StripeClient, max_keys=1, operation="products.get")
async def products_by_id(stripe: StripeClient, ids: Sequence[str]) -> Loaded[StripeProduct]:
    return [await found(stripe.get_product(id), to_product_if_there) for id in ids]


@reads("prices.get", StripePrice)
async def prices_by_id(stripe: StripeClient, ids: Sequence[str], select: Collection[str]) -> Loaded[StripePrice]:
    return [await found(stripe.get_price(id, select), to_price) for id in ids]


@reads("invoices.get", StripeInvoice)
async def invoices_by_id(stripe: StripeClient, ids: Sequence[str], select: Collection[str]) -> Loaded[StripeInvoice]:
    return [await found(stripe.get_invoice(id, select), to_invoice) for id in ids]


@reads("subscriptions.get", StripeSubscription)
async def subscriptions_by_id(
    stripe: StripeClient, ids: Sequence[str], select: Collection[str]
) -> Loaded[StripeSubscription]:
    return [await found(stripe.get_subscription(id, select), to_subscription) for id in ids]
