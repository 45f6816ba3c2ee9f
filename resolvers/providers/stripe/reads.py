"""What can be read: single objects, lists, and the links between objects."""

from functools import partial
from typing import Annotated, Any

import strawberry

from connectors.providers.stripe.client import StripeClient
from resolvers.batching import Batch, required
from resolvers.connections import Pages
from resolvers.context import Info
from resolvers.providers.stripe.convert import (
    to_balance,
    to_charge,
    to_customer,
    to_invoice,
    to_payment_intent,
    to_price,
    to_product,
    to_refund,
    to_subscription,
)
from resolvers.providers.stripe.fetching import (
    REFERENCES,
    charges_by_id,
    customers_by_id,
    expanded_here,
    invoices_by_id,
    payment_intents_by_id,
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
from schema.providers.stripe.funds import StripeBalance
from schema.providers.stripe.payments import StripeCharge, StripePaymentIntent
from schema.providers.stripe.refunds import StripeRefund
from schema.relay import Node, bounded, upstream_id_of

Id = Annotated[strawberry.ID, strawberry.argument(description="Stripe's own id, or the global one.")]

fields = Fields("stripe")
fields.group("stripe", StripeQuery)
fields.node(StripeCustomer, via=customers_by_id)
fields.node(StripeCharge, via=charges_by_id)
fields.node(StripePaymentIntent, via=payment_intents_by_id)
fields.node(StripeRefund, via=refunds_by_id)
fields.node(StripeProduct, via=products_by_id)
fields.node(StripePrice, via=prices_by_id)
fields.node(StripeInvoice, via=invoices_by_id)
fields.node(StripeSubscription, via=subscriptions_by_id)


def refer(type_: type, name: str, via: Batch[Any], description: str) -> None:
    """A field for the object that `<name>_ref` refers to, brought along by the payload or fetched."""
    fields.link(
        type_,
        name,
        via=required(via, "stripe", via.calls.operation),
        key=f"{name}_ref",
        brought_by=REFERENCES,
        description=description,
    )


refer(StripeCharge, "customer", customers_by_id, "Who paid, where Stripe was told.")
refer(StripeCharge, "payment_intent", payment_intents_by_id, "The payment it is an attempt of.")
refer(StripePaymentIntent, "customer", customers_by_id, "Who pays, where Stripe was told.")
refer(StripePaymentIntent, "latest_charge", charges_by_id, "The latest attempt to take the money.")
refer(StripeRefund, "charge", charges_by_id, "What is given back, all of it or a part.")
refer(StripeRefund, "payment_intent", payment_intents_by_id, "The payment that the charge was an attempt of.")
refer(StripeInvoice, "customer", customers_by_id, "Who is billed.")
refer(StripeInvoice, "subscription", subscriptions_by_id, "What made it, if a subscription did.")
refer(StripeSubscription, "customer", customers_by_id, "Who subscribed.")
refer(StripeSubscription, "latest_invoice", invoices_by_id, "Its newest invoice.")


# A subscription's items bring their prices, and these no products.
fields.link(
    StripePrice,
    "product",
    via=required(products_by_id, "stripe", products_by_id.calls.operation),
    key="product_ref",
    description="What is sold.",
)


@fields.on(StripeQuery, calls=customers_by_id.calls)
async def customer(info: Info, id: Id) -> StripeCustomer | None:
    """One customer; null where there is none (any more)."""
    return await customers_by_id.load(info, upstream_id_of(id, "StripeCustomer"))


@fields.on(StripeQuery, calls=charges_by_id.calls)
async def charge(info: Info, id: Id) -> StripeCharge | None:
    """One charge; null where there is none."""
    return await charges_by_id.load(info, upstream_id_of(id, "StripeCharge"))


@fields.on(StripeQuery, calls=payment_intents_by_id.calls)
async def payment_intent(info: Info, id: Id) -> StripePaymentIntent | None:
    """One payment intent; null where there is none."""
    return await payment_intents_by_id.load(info, upstream_id_of(id, "StripePaymentIntent"))


@fields.on(StripeQuery, calls=refunds_by_id.calls)
async def refund(info: Info, id: Id) -> StripeRefund | None:
    """One refund; null where there is none."""
    return await refunds_by_id.load(info, upstream_id_of(id, "StripeRefund"))


@fields.on(StripeQuery, calls=products_by_id.calls)
async def product(info: Info, id: Id) -> StripeProduct | None:
    """One product; null where there is none (any more)."""
    return await products_by_id.load(info, upstream_id_of(id, "StripeProduct"))


@fields.on(StripeQuery, calls=prices_by_id.calls)
async def price(info: Info, id: Id) -> StripePrice | None:
    """One price; null where there is none."""
    return await prices_by_id.load(info, upstream_id_of(id, "StripePrice"))


@fields.on(StripeQuery, calls=invoices_by_id.calls)
async def invoice(info: Info, id: Id) -> StripeInvoice | None:
    """One invoice; null where there is none."""
    return await invoices_by_id.load(info, upstream_id_of(id, "StripeInvoice"))


@fields.on(StripeQuery, calls=subscriptions_by_id.calls)
async def subscription(info: Info, id: Id) -> StripeSubscription | None:
    """One subscription, ended ones too; null where there is none."""
    return await subscriptions_by_id.load(info, upstream_id_of(id, "StripeSubscription"))


@fields.on(StripeQuery, calls=Calls(upstream="stripe", operation="balance.get"))
async def balance(info: Info) -> StripeBalance | None:
    """The merchant's own funds at Stripe."""
    return to_balance(await info.context.client(StripeClient).get_balance())


pages = partial(Pages, StripeClient, select=expanded_here, brings=REFERENCES)
CHARGES = pages(StripeClient.list_charges, to_charge)
PAYMENT_INTENTS = pages(StripeClient.list_payment_intents, to_payment_intent)
REFUNDS = pages(StripeClient.list_refunds, to_refund)
PRICES = pages(StripeClient.list_prices, to_price)
INVOICES = pages(StripeClient.list_invoices, to_invoice)
SUBSCRIPTIONS = pages(StripeClient.list_subscriptions, to_subscription)


FILTERS: tuple[tuple[type[Node], str], ...] = (
    (StripeCustomer, "customer"),
    (StripeSubscription, "subscription"),
    (StripeCharge, "charge"),
    (StripeProduct, "product"),
    (StripePaymentIntent, "payment_intent"),
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
    currency: Annotated[str | None, strawberry.argument(description="Only those in this ISO 4217 currency.")] = None,
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
