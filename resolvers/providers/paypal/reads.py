"""What can be read: single objects, lists, and the links between objects."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, TypeVar

import strawberry

from connectors.providers.paypal.client import PayPalClient
from resolvers.batching import Loaded, batch, found, required
from resolvers.connections import Pages
from resolvers.context import Info
from resolvers.providers.paypal.convert import (
    to_authorization,
    to_capture,
    to_dispute,
    to_invoice,
    to_order,
    to_plan,
    to_refund,
    to_subscription,
    to_transaction,
)
from schema.fields import Fields
from schema.problems import BadInput
from schema.providers.paypal import (
    PayPalAuthorization,
    PayPalCapture,
    PayPalDispute,
    PayPalDisputeState,
    PayPalInvoice,
    PayPalInvoiceStatusFilter,
    PayPalOrder,
    PayPalQuery,
    PayPalRefund,
    PayPalSubscription,
)
from schema.relay import bounded

T = TypeVar("T")

LONGEST_SEARCH = timedelta(days=31)

Id = Annotated[strawberry.ID, strawberry.argument(description="PayPal's own id, or the global one.")]

fields = Fields("paypal")
fields.group("paypal", PayPalQuery)


@batch(PayPalClient, max_keys=1, operation="orders.get")
async def orders_by_id(client: PayPalClient, ids: Sequence[str]) -> Loaded[PayPalOrder]:
    return [await found(client.get_order(id), to_order) for id in ids]


@batch(PayPalClient, max_keys=1, operation="captures.get")
async def captures_by_id(client: PayPalClient, ids: Sequence[str]) -> Loaded[PayPalCapture]:
    return [await found(client.get_capture(id), to_capture) for id in ids]


@batch(PayPalClient, max_keys=1, operation="authorizations.get")
async def authorizations_by_id(client: PayPalClient, ids: Sequence[str]) -> Loaded[PayPalAuthorization]:
    return [await found(client.get_authorization(id), to_authorization) for id in ids]


@batch(PayPalClient, max_keys=1, operation="refunds.get")
async def refunds_by_id(client: PayPalClient, ids: Sequence[str]) -> Loaded[PayPalRefund]:
    return [await found(client.get_refund(id), to_refund) for id in ids]


@batch(PayPalClient, max_keys=1, operation="invoices.get")
async def invoices_by_id(client: PayPalClient, ids: Sequence[str]) -> Loaded[PayPalInvoice]:
    return [await found(client.get_invoice(id), to_invoice) for id in ids]


@batch(PayPalClient, max_keys=1, operation="subscriptions.get")
async def subscriptions_by_id(client: PayPalClient, ids: Sequence[str]) -> Loaded[PayPalSubscription]:
    return [await found(client.get_subscription(id), to_subscription) for id in ids]


@batch(PayPalClient, max_keys=1, operation="disputes.get")
async def disputes_by_id(client: PayPalClient, ids: Sequence[str]) -> Loaded[PayPalDispute]:
    return [await found(client.get_dispute(id), to_dispute) for id in ids]


fields.node(PayPalOrder, via=orders_by_id)
fields.node(PayPalCapture, via=captures_by_id)
fields.node(PayPalAuthorization, via=authorizations_by_id)
fields.node(PayPalRefund, via=refunds_by_id)
fields.node(PayPalInvoice, via=invoices_by_id)
fields.node(PayPalSubscription, via=subscriptions_by_id)
fields.node(PayPalDispute, via=disputes_by_id)


fields.link(
    PayPalCapture, "order", via=required(orders_by_id), key="order_id", description="The order that it was taken for."
)
fields.link(
    PayPalAuthorization,
    "order",
    via=required(orders_by_id),
    key="order_id",
    description="The order that it is held for.",
)
fields.link(
    PayPalRefund, "capture", via=required(captures_by_id), key="capture_id", description="What was taken before."
)
fields.link(
    PayPalDispute,
    "capture",
    via=required(captures_by_id),
    key="capture_id",
    description="The first payment that it is about.",
)


@fields.on(PayPalQuery, calls=orders_by_id.calls)
async def order(info: Info, id: Id) -> PayPalOrder | None:
    """One order; null where there is none."""
    return await orders_by_id.find(info, id)


@fields.on(PayPalQuery, calls=captures_by_id.calls)
async def capture(info: Info, id: Id) -> PayPalCapture | None:
    """Money that was taken; null where there is none."""
    return await captures_by_id.find(info, id)


@fields.on(PayPalQuery, calls=authorizations_by_id.calls)
async def authorization(info: Info, id: Id) -> PayPalAuthorization | None:
    """Money that is held; null where there is none."""
    return await authorizations_by_id.find(info, id)


@fields.on(PayPalQuery, calls=refunds_by_id.calls)
async def refund(info: Info, id: Id) -> PayPalRefund | None:
    """Money that was given back; null where there is none."""
    return await refunds_by_id.find(info, id)


@fields.on(PayPalQuery, calls=invoices_by_id.calls)
async def invoice(info: Info, id: Id) -> PayPalInvoice | None:
    """One invoice; null where there is none."""
    return await invoices_by_id.find(info, id)


@fields.on(PayPalQuery, calls=subscriptions_by_id.calls)
async def subscription(info: Info, id: Id) -> PayPalSubscription | None:
    """One subscription; null where there is none."""
    return await subscriptions_by_id.find(info, id)


@fields.on(PayPalQuery, calls=disputes_by_id.calls)
async def dispute(info: Info, id: Id) -> PayPalDispute | None:
    """One dispute; null where there is none."""
    return await disputes_by_id.find(info, id)


@fields.connection(PayPalQuery, Pages(PayPalClient, PayPalClient.list_invoices, to_invoice))
def invoices(root: PayPalQuery) -> dict[str, Any]:
    """Invoices, latest first."""
    return {}


FOUND_INVOICES = Pages(PayPalClient, PayPalClient.search_invoices, to_invoice)


@fields.connection(PayPalQuery, FOUND_INVOICES)
def search_invoices(
    root: PayPalQuery,
    recipient_email: Annotated[str | None, strawberry.argument(description="Only those to this address.")] = None,
    status: Annotated[
        list[PayPalInvoiceStatusFilter] | None, strawberry.argument(description="Only those that stand there.")
    ] = None,
) -> dict[str, Any]:
    """Invoices that are looked for, latest first."""
    return {
        "recipient_email": recipient_email and bounded(recipient_email, "recipientEmail"),
        "status": [str(one.value) for one in status] if status else None,
    }


@fields.connection(PayPalQuery, Pages(PayPalClient, PayPalClient.list_plans, to_plan))
def plans(root: PayPalQuery) -> dict[str, Any]:
    """What can be subscribed to."""
    return {}


@fields.connection(PayPalQuery, Pages(PayPalClient, PayPalClient.list_disputes, to_dispute))
def disputes(
    root: PayPalQuery,
    state: Annotated[PayPalDisputeState | None, strawberry.argument(description="Only those that stand there.")] = None,
) -> dict[str, Any]:
    """Disputes, latest first."""
    return {"state": str(state.value) if state else None}


@fields.connection(PayPalQuery, Pages(PayPalClient, PayPalClient.list_transactions, to_transaction))
def transactions(
    root: PayPalQuery,
    since: Annotated[datetime, strawberry.argument(description="From then on; up to three years back.")],
    until: Annotated[datetime, strawberry.argument(description="Up to then; 31 days later at most.")],
) -> dict[str, Any]:
    """What moved money, earliest first. It shows up here within three hours."""
    if not timedelta(0) <= until - since <= LONGEST_SEARCH:
        raise BadInput("`until` must be up to 31 days after `since`")
    return {"start": since.isoformat(timespec="seconds"), "end": until.isoformat(timespec="seconds")}
