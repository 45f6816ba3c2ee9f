"""What can be changed: money is asked for, taken, held and given back, each by a key, so that nothing is done twice."""

from typing import Annotated, Any, cast

import strawberry

from connectors.providers.paypal.client import PayPalClient, refused
from connectors.providers.paypal.payloads import (
    AuthorizationPayload,
    CapturePayload,
    ErrorPayload,
    OrderPayload,
    RefundPayload,
)
from resolvers.context import Info
from resolvers.idempotency import sent_key
from resolvers.providers.paypal import reads
from resolvers.providers.paypal.convert import (
    to_authorization,
    to_capture,
    to_order,
    to_refund,
    to_refusal,
    written,
)
from schema.fields import Calls
from schema.problems import BadInput
from schema.providers.paypal import (
    PayPalAmountInput,
    PayPalAuthorizationCaptured,
    PayPalAuthorizationVoided,
    PayPalAuthorizeOrderResult,
    PayPalCancelSubscriptionResult,
    PayPalCaptureAuthorizationResult,
    PayPalCaptureOrderResult,
    PayPalCaptureRefunded,
    PayPalCreateOrderResult,
    PayPalOrderAuthorized,
    PayPalOrderCaptured,
    PayPalOrderCreated,
    PayPalOrderInput,
    PayPalPaymentDeclined,
    PayPalPurchaseUnitInput,
    PayPalRefundCaptureResult,
    PayPalSubscriptionCancelled,
    PayPalUnprocessable,
    PayPalVoidAuthorizationResult,
)
from schema.relay import bounded, upstream_id_of

MAX_KEY_CHARACTERS = 108
"""Source: https://developer.paypal.com/api/rest/requests/"""

MOST_UNITS = 10

fields = reads.fields

IdempotencyKey = Annotated[
    str | None,
    strawberry.argument(
        description="Up to 108 characters that name this one wish. Sent again with the same key, it is not done again."
    ),
]
Amount = Annotated[
    PayPalAmountInput | None, strawberry.argument(description="How much. Without it, all that there is.")
]


@fields.mutation(calls=Calls(upstream="paypal", operation="orders.create"))
async def paypal_create_order(
    info: Info,
    input: Annotated[PayPalOrderInput, strawberry.argument(description="The order.")],
    idempotency_key: IdempotencyKey = None,
) -> PayPalCreateOrderResult | None:
    """Begin an order. Its payer approves it at `approveUrl`; then it can be captured or authorized."""
    if not 1 <= len(input.purchase_units) <= MOST_UNITS:
        raise BadInput(f"`purchaseUnits` takes 1 to {MOST_UNITS} entries")
    urls = {"return_url": input.return_url, "cancel_url": input.cancel_url}
    order: dict[str, Any] = {
        "intent": str(input.intent.value),
        "purchase_units": [_unit(unit) for unit in input.purchase_units],
    }
    if any(urls.values()):
        order["payment_source"] = {"paypal": {"experience_context": {k: v for k, v in urls.items() if v}}}
    client = info.context.client(PayPalClient)
    answer = await client.create_order(order, idempotency_key=sent_key(idempotency_key, MAX_KEY_CHARACTERS))
    if refused(answer):
        return _unprocessable(answer)
    return PayPalOrderCreated(order=to_order(cast(OrderPayload, answer)))


@fields.mutation(calls=Calls(upstream="paypal", operation="orders.capture"))
async def paypal_capture_order(
    info: Info, id: reads.Id, idempotency_key: IdempotencyKey = None
) -> PayPalCaptureOrderResult | None:
    """Take the money of an order that its payer approved."""
    answer = await info.context.client(PayPalClient).capture_order(
        upstream_id_of(id, "PayPalOrder"), idempotency_key=sent_key(idempotency_key, MAX_KEY_CHARACTERS)
    )
    if refused(answer):
        return to_refusal(cast(ErrorPayload, answer))
    return PayPalOrderCaptured(order=to_order(cast(OrderPayload, answer)))


@fields.mutation(calls=Calls(upstream="paypal", operation="orders.authorize"))
async def paypal_authorize_order(
    info: Info, id: reads.Id, idempotency_key: IdempotencyKey = None
) -> PayPalAuthorizeOrderResult | None:
    """Hold the money of an order that its payer approved."""
    answer = await info.context.client(PayPalClient).authorize_order(
        upstream_id_of(id, "PayPalOrder"), idempotency_key=sent_key(idempotency_key, MAX_KEY_CHARACTERS)
    )
    if refused(answer):
        return to_refusal(cast(ErrorPayload, answer))
    return PayPalOrderAuthorized(order=to_order(cast(OrderPayload, answer)))


@fields.mutation(calls=Calls(upstream="paypal", operation="authorizations.capture"))
async def paypal_capture_authorization(
    info: Info,
    id: reads.Id,
    amount: Amount = None,
    final: Annotated[
        bool, strawberry.argument(description="Let go of what remains. It is, where all of it is taken.")
    ] = False,
    idempotency_key: IdempotencyKey = None,
) -> PayPalCaptureAuthorizationResult | None:
    """Take money that is held."""
    body = {**_given(amount), **({"final_capture": True} if final else {})}
    answer = await info.context.client(PayPalClient).capture_authorization(
        upstream_id_of(id, "PayPalAuthorization"), body, idempotency_key=sent_key(idempotency_key, MAX_KEY_CHARACTERS)
    )
    if refused(answer):
        return to_refusal(cast(ErrorPayload, answer))
    return PayPalAuthorizationCaptured(capture=to_capture(cast(CapturePayload, answer)))


@fields.mutation(calls=Calls(upstream="paypal", operation="authorizations.void"))
async def paypal_void_authorization(
    info: Info, id: reads.Id, idempotency_key: IdempotencyKey = None
) -> PayPalVoidAuthorizationResult | None:
    """Let go of money that is held."""
    answer = await info.context.client(PayPalClient).void_authorization(
        upstream_id_of(id, "PayPalAuthorization"), idempotency_key=sent_key(idempotency_key, MAX_KEY_CHARACTERS)
    )
    if refused(answer):
        return _unprocessable(answer)
    return PayPalAuthorizationVoided(authorization=to_authorization(cast(AuthorizationPayload, answer)))


@fields.mutation(calls=Calls(upstream="paypal", operation="captures.refund"))
async def paypal_refund_capture(
    info: Info,
    id: reads.Id,
    amount: Amount = None,
    note: Annotated[str | None, strawberry.argument(description="What the payer is told.")] = None,
    idempotency_key: IdempotencyKey = None,
) -> PayPalRefundCaptureResult | None:
    """Give money back that was taken, all that is left of it or a part."""
    body = {**_given(amount), **({"note_to_payer": note} if note else {})}
    answer = await info.context.client(PayPalClient).refund_capture(
        upstream_id_of(id, "PayPalCapture"), body, idempotency_key=sent_key(idempotency_key, MAX_KEY_CHARACTERS)
    )
    if refused(answer):
        return _unprocessable(answer)
    return PayPalCaptureRefunded(refund=to_refund(cast(RefundPayload, answer)))


@fields.mutation(calls=Calls(upstream="paypal", operation="subscriptions.cancel"))
async def paypal_cancel_subscription(
    info: Info, id: reads.Id, reason: Annotated[str, strawberry.argument(description="Why, up to 128 characters.")]
) -> PayPalCancelSubscriptionResult | None:
    """End a subscription for good."""
    subscription = upstream_id_of(id, "PayPalSubscription")
    answer = await info.context.client(PayPalClient).cancel_subscription(subscription, bounded(reason, "reason"))
    if answer is not None and refused(answer):
        return _unprocessable(answer)
    return PayPalSubscriptionCancelled(subscription_id=strawberry.ID(subscription))


def _unprocessable(answer: Any) -> PayPalUnprocessable:
    """A refusal where no payer has a part in it."""
    refusal = to_refusal(answer)
    if isinstance(refusal, PayPalPaymentDeclined):
        return PayPalUnprocessable(issue=refusal.issue, message=refusal.message, field=None)
    return refusal


def _given(amount: PayPalAmountInput | None) -> dict[str, Any]:
    return {} if amount is None else {"amount": written(amount.amount, amount.currency)}


def _unit(unit: PayPalPurchaseUnitInput) -> dict[str, Any]:
    values = {
        "amount": written(unit.amount.amount, unit.amount.currency),
        "reference_id": unit.reference_id,
        "description": unit.description,
        "custom_id": unit.custom_id,
        "invoice_id": unit.invoice_id,
    }
    return {name: value for name, value in values.items() if value is not None}
