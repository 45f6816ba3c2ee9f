"""What can be changed: payouts."""

from typing import Annotated, cast

import strawberry

from connectors.providers.stripe.client import StripeClient
from connectors.providers.stripe.payloads import ErrorPayload, PayoutPayload
from resolvers.context import Info
from resolvers.providers.stripe import reads
from resolvers.providers.stripe.convert import message_of, to_payout, to_payout_rejected
from resolvers.providers.stripe.writing import IdempotencyKey, is_object, key_of, sent_metadata
from schema.fields import Calls
from schema.providers.stripe.funds import (
    StripeCancelPayoutResult,
    StripeCreatePayoutResult,
    StripePayoutCanceled,
    StripePayoutCreated,
    StripePayoutInput,
    StripePayoutNotCancelable,
)
from schema.relay import upstream_id_of

fields = reads.fields


@fields.mutation(calls=Calls(upstream="stripe", operation="payouts.create"))
async def stripe_create_payout(
    info: Info,
    input: Annotated[StripePayoutInput, strawberry.argument(description="What to send.")],
    idempotency_key: IdempotencyKey = None,
) -> StripeCreatePayoutResult | None:
    """Send available funds to the merchant's bank."""
    answer = await info.context.client(StripeClient).create_payout(
        amount=input.amount,
        currency=input.currency.lower(),
        method=str(input.method.value) if input.method else None,
        destination=input.destination,
        description=input.description,
        statement_descriptor=input.statement_descriptor,
        metadata=sent_metadata(input.metadata),
        idempotency_key=key_of(idempotency_key),
    )
    if not is_object(answer):
        return to_payout_rejected(cast(ErrorPayload, answer))
    return StripePayoutCreated(payout=to_payout(cast(PayoutPayload, answer)))


@fields.mutation(calls=Calls(upstream="stripe", operation="payouts.cancel"))
async def stripe_cancel_payout(
    info: Info, id: reads.Id, idempotency_key: IdempotencyKey = None
) -> StripeCancelPayoutResult | None:
    """Take back a payout that was asked for and is still pending."""
    answer = await info.context.client(StripeClient).cancel_payout(
        upstream_id_of(id, "StripePayout"), idempotency_key=key_of(idempotency_key)
    )
    if not is_object(answer):
        return StripePayoutNotCancelable(message=message_of(answer))
    return StripePayoutCanceled(payout=to_payout(cast(PayoutPayload, answer)))
