"""What can be changed: which payment methods customers have."""

from typing import Annotated, cast

import strawberry

from connectors.providers.stripe.client import StripeClient, is_card_error
from connectors.providers.stripe.payloads import CardErrorPayload, PaymentMethodPayload
from resolvers.context import Info
from resolvers.providers.stripe import reads
from resolvers.providers.stripe.convert import message_of, to_declined, to_payment_method
from resolvers.providers.stripe.writing import IdempotencyKey, is_object, key_of
from schema.fields import Calls
from schema.providers.stripe.methods import (
    StripeAttachPaymentMethodResult,
    StripeDetachPaymentMethodResult,
    StripePaymentMethodAttached,
    StripePaymentMethodDetached,
    StripePaymentMethodUnusable,
)
from schema.relay import upstream_id_of

fields = reads.fields


@fields.mutation(calls=Calls(upstream="stripe", operation="payment_methods.attach"))
async def stripe_attach_payment_method(
    info: Info,
    id: reads.Id,
    customer: Annotated[
        strawberry.ID, strawberry.argument(description="Stripe's or the global id of who pays with it.")
    ],
    idempotency_key: IdempotencyKey = None,
) -> StripeAttachPaymentMethodResult | None:
    """Keep a payment method for a customer's later payments."""
    answer = await info.context.client(StripeClient).attach_payment_method(
        upstream_id_of(id, "StripePaymentMethod"),
        customer=upstream_id_of(customer, "StripeCustomer"),
        idempotency_key=key_of(idempotency_key),
    )
    if is_object(answer):
        return StripePaymentMethodAttached(payment_method=to_payment_method(cast(PaymentMethodPayload, answer)))
    if is_card_error(answer):
        return to_declined(cast(CardErrorPayload, answer))
    return StripePaymentMethodUnusable(message=message_of(answer))


@fields.mutation(calls=Calls(upstream="stripe", operation="payment_methods.detach"))
async def stripe_detach_payment_method(
    info: Info, id: reads.Id, idempotency_key: IdempotencyKey = None
) -> StripeDetachPaymentMethodResult | None:
    """Take a payment method from its customer, for good: it cannot pay again."""
    answer = await info.context.client(StripeClient).detach_payment_method(
        upstream_id_of(id, "StripePaymentMethod"), idempotency_key=key_of(idempotency_key)
    )
    if not is_object(answer):
        return StripePaymentMethodUnusable(message=message_of(answer))
    return StripePaymentMethodDetached(payment_method=to_payment_method(cast(PaymentMethodPayload, answer)))
