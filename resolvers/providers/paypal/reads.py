"""What can be read: single objects, lists, and the links between objects."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, TypeVar

import strawberry

from connectors.providers.paypal.client import PayPalClient
from resolvers.batching import Batch, Loaded, batch, found, required
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
from schema.relay import bounded, upstream_id_of

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


def refer(type_: type, name: str, via: Batch[Any], description: str) -> None:
    """A field for the object that `<name>_id` refers to."""
    attribute = f"{name}_id"
    strict = required(via, "paypal", via.calls.operation)
    fields.link(type_, name, via=strict, key=attribute, description=description)


refer(PayPalCapture, "order", orders_by_id, "The order that it was taken for.")
refer(PayPalAuthorization, "order", orders_by_id, "The order that it is held for.")
refer(PayPalRefund, "capture", captures_by_id, "What was taken before.")
refer(PayPalDispute, "capture", captures_by_id, "The first payment that it is about.")


@fields.on(PayPalQuery, calls=orders_by_id.calls)
async def order(info: Info, id: Id) -> PayPalOrder | None:
    """One order; null where there is none."""
    return await by_id(orders_by_id, info, id, PayPalOrder)


@fields.on(PayPalQuery, calls=captures_by_id.calls)
async def capture(info: Info, id: Id) -> PayPalCapture | None:
    """Money that was taken; null where there is none."""
    return await by_id(captures_by_id, info, id, PayPalCapture)


@fields.on(PayPalQuery, calls=authorizations_by_id.calls)
async def authorization(info: Info, id: Id) -> PayPalAuthorization | None:
    """Money that is held; null where there is none."""
    return await by_id(authorizations_by_id, info, id, PayPalAuthorization)


@fields.on(PayPalQuery, calls=refunds_by_id.calls)
async def refund(info: Info, id: Id) -> PayPalRefund | None:
    """Money that was given back; null where there is none."""
    return await by_id(refunds_by_id, info, id, PayPalRefund)


@fields.on(PayPalQuery, calls=invoices_by_id.calls)
async def invoice(info: Info, id: Id) -> PayPalInvoice | None:
    """One invoice; null where there is none."""
    return await by_id(invoices_by_id, info, id, PayPalInvoice)


@fields.on(PayPalQuery, calls=subscriptions_by_id.calls)
async def subscription(info: Info, id: Id) -> PayPalSubscription | None:
    """One subscription; null where there is none."""
    return await by_id(subscriptions_by_id, info, id, PayPalSubscription)


@fields.on(PayPalQuery, calls=disputes_by_id.calls)
async def dispute(info: Info, id: Id) -> PayPalDispute | None:
    """One dispute; null where there is none."""
    return await by_id(disputes_by_id, info, id, PayPalDispute)


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


async def by_id(via: Batch[T], info: Info, value: str, type_: type[T]) -> T | None:
    """One object by what a client may call its id."""
    return await via.load(info, upstream_id_of(value, type_.__name__))
