"""What can be changed: payments and refunds."""

from typing import Annotated, cast

import strawberry

from connectors.providers.stripe.client import StripeClient
from connectors.providers.stripe.payloads import (
    CardErrorPayload,
    ErrorPayload,
    PaymentIntentPayload,
    RefundPayload,
    StateErrorPayload,
)
from resolvers.context import Info
from resolvers.providers.stripe import reads
from resolvers.providers.stripe.convert import (
    to_declined,
    to_payment_intent,
    to_refund,
    to_refund_rejected,
    to_unexpected_state,
)
from resolvers.providers.stripe.writing import IdempotencyKey, is_object, key_of, sent_metadata
from resolvers.reading import Reading, text
from schema.fields import Calls
from schema.problems import BadInput
from schema.providers.stripe.payments import (
    StripeCancellationRequestReason,
    StripeCancelPaymentIntentResult,
    StripeCapturePaymentIntentResult,
    StripeConfirmPaymentIntentResult,
    StripeCreatePaymentIntentResult,
    StripePaymentIntentCanceled,
    StripePaymentIntentCaptured,
    StripePaymentIntentConfirmed,
    StripePaymentIntentCreated,
    StripePaymentIntentInput,
)
from schema.providers.stripe.refunds import StripeCreateRefundResult, StripeRefundCreated, StripeRefundInput
from schema.relay import upstream_id_of
from schema.scalars import Long

fields = reads.fields


@fields.mutation(calls=Calls(upstream="stripe", operation="payment_intents.create"))
async def stripe_create_payment_intent(
    info: Info,
    input: Annotated[StripePaymentIntentInput, strawberry.argument(description="The payment.")],
    idempotency_key: IdempotencyKey = None,
) -> StripeCreatePaymentIntentResult | None:
    """Plan a payment and, with `confirm`, take it at once."""
    answer = await info.context.client(StripeClient).create_payment_intent(
        amount=input.amount,
        currency=input.currency.lower(),
        customer=None if input.customer is None else upstream_id_of(input.customer, "StripeCustomer"),
        payment_method=input.payment_method,
        confirm=input.confirm,
        capture_method=str(input.capture_method.value) if input.capture_method else None,
        return_url=input.return_url,
        description=input.description,
        receipt_email=input.receipt_email,
        metadata=sent_metadata(input.metadata),
        idempotency_key=key_of(idempotency_key),
    )
    if not is_object(answer):
        return to_declined(cast(CardErrorPayload, answer))
    intent = cast(PaymentIntentPayload, answer)
    secret = Reading("stripe", "payment_intent", intent).maybe("client_secret", text)
    return StripePaymentIntentCreated(payment_intent=to_payment_intent(intent), client_secret=secret)


@fields.mutation(calls=Calls(upstream="stripe", operation="payment_intents.confirm"))
async def stripe_confirm_payment_intent(
    info: Info,
    id: reads.Id,
    payment_method: Annotated[
        str | None, strawberry.argument(description="Stripe's id of what to pay with, where it is not known yet.")
    ] = None,
    return_url: Annotated[
        str | None, strawberry.argument(description="Where payers come back to from their bank.")
    ] = None,
    idempotency_key: IdempotencyKey = None,
) -> StripeConfirmPaymentIntentResult | None:
    """Take a planned payment, or hold it where its `captureMethod` is `MANUAL`."""
    answer = await info.context.client(StripeClient).confirm_payment_intent(
        upstream_id_of(id, "StripePaymentIntent"),
        payment_method=payment_method,
        return_url=return_url,
        idempotency_key=key_of(idempotency_key),
    )
    if not is_object(answer):
        return to_declined(cast(CardErrorPayload, answer))
    return StripePaymentIntentConfirmed(payment_intent=to_payment_intent(cast(PaymentIntentPayload, answer)))


@fields.mutation(calls=Calls(upstream="stripe", operation="payment_intents.cancel"))
async def stripe_cancel_payment_intent(
    info: Info,
    id: reads.Id,
    reason: Annotated[
        StripeCancellationRequestReason | None, strawberry.argument(description="Why, for the records.")
    ] = None,
    idempotency_key: IdempotencyKey = None,
) -> StripeCancelPaymentIntentResult | None:
    """Give up a payment that is not taken yet."""
    answer = await info.context.client(StripeClient).cancel_payment_intent(
        upstream_id_of(id, "StripePaymentIntent"),
        cancellation_reason=str(reason.value) if reason else None,
        idempotency_key=key_of(idempotency_key),
    )
    if not is_object(answer):
        return to_unexpected_state(cast(StateErrorPayload, answer))
    return StripePaymentIntentCanceled(payment_intent=to_payment_intent(cast(PaymentIntentPayload, answer)))


@fields.mutation(calls=Calls(upstream="stripe", operation="payment_intents.capture"))
async def stripe_capture_payment_intent(
    info: Info,
    id: reads.Id,
    amount: Annotated[
        Long | None,
        strawberry.argument(
            description="How much, in the currency's smallest unit; what remains is given back. Without it, all of it."
        ),
    ] = None,
    idempotency_key: IdempotencyKey = None,
) -> StripeCapturePaymentIntentResult | None:
    """Take the money that is held for a payment."""
    answer = await info.context.client(StripeClient).capture_payment_intent(
        upstream_id_of(id, "StripePaymentIntent"),
        amount=amount,
        idempotency_key=key_of(idempotency_key),
    )
    if not is_object(answer):
        return to_unexpected_state(cast(StateErrorPayload, answer))
    return StripePaymentIntentCaptured(payment_intent=to_payment_intent(cast(PaymentIntentPayload, answer)))


@fields.mutation(calls=Calls(upstream="stripe", operation="refunds.create"))
async def stripe_create_refund(
    info: Info,
    input: Annotated[StripeRefundInput, strawberry.argument(description="What to give back.")],
    idempotency_key: IdempotencyKey = None,
) -> StripeCreateRefundResult | None:
    """Give back what was taken, or a part of it."""
    if (input.charge is None) == (input.payment_intent is None):
        raise BadInput("Give one of `charge` and `paymentIntent`")
    answer = await info.context.client(StripeClient).create_refund(
        charge=None if input.charge is None else upstream_id_of(input.charge, "StripeCharge"),
        payment_intent=(
            None if input.payment_intent is None else upstream_id_of(input.payment_intent, "StripePaymentIntent")
        ),
        amount=input.amount,
        reason=str(input.reason.value) if input.reason else None,
        metadata=sent_metadata(input.metadata),
        idempotency_key=key_of(idempotency_key),
    )
    if not is_object(answer):
        return to_refund_rejected(cast(ErrorPayload, answer))
    return StripeRefundCreated(refund=to_refund(cast(RefundPayload, answer)))
