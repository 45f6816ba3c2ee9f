"""What can be read: single objects, lists, and the links between objects."""

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any

import strawberry

from connectors.providers.stripe.client import StripeClient
from resolvers.batching import Batch, required
from resolvers.connections import Pages
from resolvers.context import Info
from resolvers.providers.stripe.convert import (
    to_balance,
    to_balance_transaction,
    to_charge,
    to_customer,
    to_dispute,
    to_invoice,
    to_payment_intent,
    to_payment_method,
    to_payout,
    to_price,
    to_product,
    to_refund,
    to_subscription,
)
from resolvers.providers.stripe.fetching import (
    REFERENCES,
    balance_transactions_by_id,
    charges_by_id,
    customers_by_id,
    disputes_by_id,
    expanded_here,
    invoices_by_id,
    payment_intents_by_id,
    payment_methods_by_id,
    payouts_by_id,
    prices_by_id,
    products_by_id,
    refunds_by_id,
    subscriptions_by_id,
)
from schema.fields import Calls, Fields
from schema.providers.stripe.billing import (
    StripeInvoice,
    StripeInvoiceStatusFilter,
    StripePrice,
    StripeProduct,
    StripeSubscription,
    StripeSubscriptionStatusFilter,
)
from schema.providers.stripe.common import StripeQuery
from schema.providers.stripe.customers import StripeCustomer
from schema.providers.stripe.disputes import StripeDispute
from schema.providers.stripe.funds import (
    StripeBalance,
    StripeBalanceTransaction,
    StripePayout,
    StripePayoutStatusFilter,
)
from schema.providers.stripe.methods import StripePaymentMethod
from schema.providers.stripe.payments import StripeCharge, StripePaymentIntent
from schema.providers.stripe.refunds import StripeRefund
from schema.relay import Node, bounded

Currency = Annotated[str | None, strawberry.argument(description="Only those in this ISO 4217 currency.")]
Id = Annotated[strawberry.ID, strawberry.argument(description="Stripe's own id, or the global one.")]

fields = Fields("stripe")
fields.group("stripe", StripeQuery)
fields.node(StripeCustomer, via=customers_by_id)
fields.node(StripeCharge, via=charges_by_id)
fields.node(StripePaymentIntent, via=payment_intents_by_id)
fields.node(StripeRefund, via=refunds_by_id)
fields.node(StripePaymentMethod, via=payment_methods_by_id)
fields.node(StripeDispute, via=disputes_by_id)
fields.node(StripeBalanceTransaction, via=balance_transactions_by_id)
fields.node(StripePayout, via=payouts_by_id)
fields.node(StripeProduct, via=products_by_id)
fields.node(StripePrice, via=prices_by_id)
fields.node(StripeInvoice, via=invoices_by_id)
fields.node(StripeSubscription, via=subscriptions_by_id)


def refer(type_: type, name: str, via: Batch[Any], description: str, *, key: str | None = None) -> None:
    """A field for the object that `<name>_ref`, or `key`, refers to, brought along by the payload or fetched."""
    fields.link(
        type_,
        name,
        via=required(via),
        key=key or f"{name}_ref",
        brought_by=REFERENCES,
        description=description,
    )


refer(StripeCharge, "customer", customers_by_id, "Who paid, where Stripe was told.")
refer(StripeCharge, "payment_intent", payment_intents_by_id, "The payment it is an attempt of.")
refer(StripeCharge, "balance_transaction", balance_transactions_by_id, "What it did to the merchant's funds, if taken.")
refer(StripePaymentIntent, "customer", customers_by_id, "Who pays, where Stripe was told.")
refer(StripePaymentIntent, "latest_charge", charges_by_id, "The latest attempt to take the money.")
refer(StripePaymentIntent, "payment_method", payment_methods_by_id, "What is to pay.")
refer(StripePaymentMethod, "customer", customers_by_id, "Who pays with it, if it is kept for anyone.")
refer(StripeDispute, "charge", charges_by_id, "What is disputed.")
refer(StripeDispute, "payment_intent", payment_intents_by_id, "The payment that the charge was an attempt of.")
refer(StripePayout, "balance_transaction", balance_transactions_by_id, "What it did to the merchant's funds.")
refer(
    StripePayout,
    "failure_balance_transaction",
    balance_transactions_by_id,
    "The money's return, where it failed or was canceled.",
)
refer(StripeRefund, "balance_transaction", balance_transactions_by_id, "What it did to the merchant's funds.")
refer(StripeRefund, "charge", charges_by_id, "What is given back, all of it or a part.")
refer(StripeRefund, "payment_intent", payment_intents_by_id, "The payment that the charge was an attempt of.")
refer(StripeInvoice, "customer", customers_by_id, "Who is billed.")
refer(StripeInvoice, "subscription", subscriptions_by_id, "What made it, if a subscription did.")
refer(StripeInvoice, "default_payment_method", payment_methods_by_id, "What pays it, where the invoice says so.")
refer(StripeSubscription, "default_payment_method", payment_methods_by_id, "What pays, where the subscription says so.")
refer(
    StripeCustomer,
    "default_payment_method",
    payment_methods_by_id,
    "What pays invoices and subscriptions that say nothing else.",
    key="invoices_payment_method_ref",
)
refer(StripeSubscription, "customer", customers_by_id, "Who subscribed.")
refer(StripeSubscription, "latest_invoice", invoices_by_id, "Its newest invoice.")


# A subscription's items bring their prices, and these no products.
fields.link(
    StripePrice,
    "product",
    via=required(products_by_id),
    key="product_ref",
    description="What is sold.",
)


SOURCES: tuple[tuple[type[Node], str, Batch[Any], tuple[str, ...]], ...] = (
    (StripeCharge, "charge", charges_by_id, ("ch_", "py_")),
    (StripeRefund, "refund", refunds_by_id, ("re_", "pyr_")),
    (StripeDispute, "dispute", disputes_by_id, ("du_", "dp_")),
    (StripePayout, "payout", payouts_by_id, ("po_",)),
)
"""What moves money, and how the ids of each kind begin."""


def source_of(type_: type[Node], prefixes: tuple[str, ...]) -> Callable[[StripeBalanceTransaction], object]:
    """The reference to what moved the money, if it is of one kind."""

    def source(root: StripeBalanceTransaction) -> object:
        value = root.source_ref
        known = value.startswith(prefixes) if isinstance(value, str) else isinstance(value, (type_, Exception))
        return value if known else None

    return source


for type_, name, via, prefixes in SOURCES:
    fields.link(
        StripeBalanceTransaction,
        name,
        via=required(via),
        key=source_of(type_, prefixes),
        needs=("source_ref",),
        brought_by=REFERENCES,
        description=f"The {name} that moved the money, if one did.",
    )


@fields.on(StripeQuery, calls=customers_by_id.calls)
async def customer(info: Info, id: Id) -> StripeCustomer | None:
    """One customer; null where there is none (any more)."""
    return await customers_by_id.find(info, id)


@fields.on(StripeQuery, calls=charges_by_id.calls)
async def charge(info: Info, id: Id) -> StripeCharge | None:
    """One charge; null where there is none."""
    return await charges_by_id.find(info, id)


@fields.on(StripeQuery, calls=payment_intents_by_id.calls)
async def payment_intent(info: Info, id: Id) -> StripePaymentIntent | None:
    """One payment intent; null where there is none."""
    return await payment_intents_by_id.find(info, id)


@fields.on(StripeQuery, calls=refunds_by_id.calls)
async def refund(info: Info, id: Id) -> StripeRefund | None:
    """One refund; null where there is none."""
    return await refunds_by_id.find(info, id)


@fields.on(StripeQuery, calls=payment_methods_by_id.calls)
async def payment_method(info: Info, id: Id) -> StripePaymentMethod | None:
    """One payment method; null where there is none."""
    return await payment_methods_by_id.find(info, id)


@fields.on(StripeQuery, calls=disputes_by_id.calls)
async def dispute(info: Info, id: Id) -> StripeDispute | None:
    """One dispute; null where there is none."""
    return await disputes_by_id.find(info, id)


@fields.on(StripeQuery, calls=balance_transactions_by_id.calls)
async def balance_transaction(info: Info, id: Id) -> StripeBalanceTransaction | None:
    """One movement of the merchant's funds; null where there is none."""
    return await balance_transactions_by_id.find(info, id)


@fields.on(StripeQuery, calls=payouts_by_id.calls)
async def payout(info: Info, id: Id) -> StripePayout | None:
    """One payout; null where there is none."""
    return await payouts_by_id.find(info, id)


@fields.on(StripeQuery, calls=products_by_id.calls)
async def product(info: Info, id: Id) -> StripeProduct | None:
    """One product; null where there is none (any more)."""
    return await products_by_id.find(info, id)


@fields.on(StripeQuery, calls=prices_by_id.calls)
async def price(info: Info, id: Id) -> StripePrice | None:
    """One price; null where there is none."""
    return await prices_by_id.find(info, id)


@fields.on(StripeQuery, calls=invoices_by_id.calls)
async def invoice(info: Info, id: Id) -> StripeInvoice | None:
    """One invoice; null where there is none."""
    return await invoices_by_id.find(info, id)


@fields.on(StripeQuery, calls=subscriptions_by_id.calls)
async def subscription(info: Info, id: Id) -> StripeSubscription | None:
    """One subscription, ended ones too; null where there is none."""
    return await subscriptions_by_id.find(info, id)


@fields.on(StripeQuery, calls=Calls(upstream="stripe", operation="balance.get"))
async def balance(info: Info) -> StripeBalance | None:
    """The merchant's own funds at Stripe."""
    return to_balance(await info.context.client(StripeClient).get_balance())


pages = partial(Pages, StripeClient, select=expanded_here, brings=REFERENCES)
CHARGES = pages(StripeClient.list_charges, to_charge)
PAYMENT_INTENTS = pages(StripeClient.list_payment_intents, to_payment_intent)
REFUNDS = pages(StripeClient.list_refunds, to_refund)
PAYMENT_METHODS = pages(StripeClient.list_payment_methods, to_payment_method)
DISPUTES = pages(StripeClient.list_disputes, to_dispute)
BALANCE_TRANSACTIONS = pages(StripeClient.list_balance_transactions, to_balance_transaction)
PAYOUTS = pages(StripeClient.list_payouts, to_payout)
PRICES = pages(StripeClient.list_prices, to_price)
INVOICES = pages(StripeClient.list_invoices, to_invoice)
SUBSCRIPTIONS = pages(StripeClient.list_subscriptions, to_subscription)


FILTERS: tuple[tuple[type[Node], str], ...] = (
    (StripeCustomer, "customer"),
    (StripeSubscription, "subscription"),
    (StripeCharge, "charge"),
    (StripeProduct, "product"),
    (StripePaymentIntent, "payment_intent"),
    (StripePayout, "payout"),
)


def belonging_to(root: object) -> dict[str, str]:
    """The filter for what belongs to an object; none for the root."""
    return {name: root.upstream_id for type_, name in FILTERS if isinstance(root, type_)}


@fields.connection(StripeQuery, pages(StripeClient.list_customers, to_customer))
def customers(
    root: StripeQuery,
    email: Annotated[
        str | None, strawberry.argument(description="Only those with exactly this email address, case included.")
    ] = None,
) -> dict[str, Any]:
    """Customers, newest first."""
    return {"email": email and bounded(email, "email")}


@fields.connection(StripeQuery, pages(StripeClient.search_customers, to_customer))
def search_customers(
    root: StripeQuery,
    query: Annotated[
        str,
        strawberry.argument(
            description="In Stripe's search language, by `email`, `name`, `phone`, `metadata` or `created`: "
            '`email~"tern.example" AND created>1750000000`.'
        ),
    ],
) -> dict[str, Any]:
    """Customers that a query is true of. What was written within the last minute may not be found yet."""
    return {"query": bounded(query, "query")}


@fields.connection(StripeQuery, CHARGES)
@fields.connection(StripeCustomer, CHARGES, needs=("upstream_id",))
def charges(root: StripeQuery | StripeCustomer) -> dict[str, Any]:
    """Charges, newest first, failed ones too."""
    return belonging_to(root)


@fields.connection(StripeQuery, PAYMENT_INTENTS)
@fields.connection(StripeCustomer, PAYMENT_INTENTS, needs=("upstream_id",))
def payment_intents(root: StripeQuery | StripeCustomer) -> dict[str, Any]:
    """Payments, newest first, whether or not money was taken."""
    return belonging_to(root)


@fields.connection(StripeQuery, REFUNDS)
@fields.connection(StripeCharge, REFUNDS, needs=("upstream_id",))
@fields.connection(StripePaymentIntent, REFUNDS, needs=("upstream_id",))
def refunds(root: StripeQuery | StripeCharge | StripePaymentIntent) -> dict[str, Any]:
    """Refunds, newest first, failed ones too."""
    return belonging_to(root)


@fields.connection(StripeCustomer, PAYMENT_METHODS, needs=("upstream_id",))
def payment_methods(
    root: StripeCustomer,
    type: Annotated[
        str | None, strawberry.argument(description="Only those of this type: `card`, `sepa_debit` ...")
    ] = None,
) -> dict[str, Any]:
    """What the customer can pay with, newest first."""
    return {**belonging_to(root), "type": type and bounded(type, "type")}


@fields.connection(StripeQuery, DISPUTES)
@fields.connection(StripeCharge, DISPUTES, needs=("upstream_id",))
@fields.connection(StripePaymentIntent, DISPUTES, needs=("upstream_id",))
def disputes(root: StripeQuery | StripeCharge | StripePaymentIntent) -> dict[str, Any]:
    """Disputes, newest first, decided ones too."""
    return belonging_to(root)


@fields.connection(StripeQuery, BALANCE_TRANSACTIONS)
@fields.connection(StripePayout, BALANCE_TRANSACTIONS, needs=("upstream_id",))
def balance_transactions(
    root: StripeQuery | StripePayout,
    source: Annotated[
        strawberry.ID | None, strawberry.argument(description="Only those that this moved, by its id at Stripe.")
    ] = None,
    type: Annotated[
        str | None, strawberry.argument(description="Only those of this type: `charge`, `refund`, `payout` ...")
    ] = None,
    currency: Currency = None,
) -> dict[str, Any]:
    """Movements of the merchant's funds, newest first. Of a payout: what it pays, which is known of automatic ones."""
    return {
        **belonging_to(root),
        "source": source and bounded(source, "source"),
        "type": type and bounded(type, "type"),
        "currency": currency and bounded(currency, "currency").lower(),
    }


@fields.connection(StripeQuery, PAYOUTS)
def payouts(
    root: StripeQuery,
    status: Annotated[
        StripePayoutStatusFilter | None, strawberry.argument(description="Only those that stand there.")
    ] = None,
) -> dict[str, Any]:
    """Payouts to the merchant's bank, newest first."""
    return {"status": status.value if status else None}


Active = Annotated[
    bool | None, strawberry.argument(description="Only those that can be bought, or only those that cannot.")
]


@fields.connection(StripeQuery, pages(StripeClient.list_products, to_product))
def products(root: StripeQuery, active: Active = None) -> dict[str, Any]:
    """Products, newest first."""
    return {"active": active}


@fields.connection(StripeQuery, PRICES)
@fields.connection(StripeProduct, PRICES, needs=("upstream_id",))
def prices(
    root: StripeQuery | StripeProduct,
    active: Active = None,
    currency: Currency = None,
) -> dict[str, Any]:
    """Prices, newest first."""
    return {**belonging_to(root), "active": active, "currency": currency and bounded(currency, "currency").lower()}


@fields.connection(StripeQuery, INVOICES)
@fields.connection(StripeCustomer, INVOICES, needs=("upstream_id",))
@fields.connection(StripeSubscription, INVOICES, needs=("upstream_id",))
def invoices(
    root: StripeQuery | StripeCustomer | StripeSubscription,
    status: Annotated[
        StripeInvoiceStatusFilter | None, strawberry.argument(description="Only those that stand there.")
    ] = None,
) -> dict[str, Any]:
    """Invoices, newest first."""
    return {**belonging_to(root), "status": status.value if status else None}


@fields.connection(StripeQuery, SUBSCRIPTIONS)
@fields.connection(StripeCustomer, SUBSCRIPTIONS, needs=("upstream_id",))
def subscriptions(
    root: StripeQuery | StripeCustomer,
    status: Annotated[
        StripeSubscriptionStatusFilter | None,
        strawberry.argument(description="Only those that stand there. Without it, all but canceled ones."),
    ] = None,
) -> dict[str, Any]:
    """Subscriptions, newest first."""
    return {**belonging_to(root), "status": status.value if status else None}
