"""What can be changed: the answers to disputes."""

from dataclasses import fields as attributes_of
from typing import Annotated, cast

import strawberry
from strawberry.scalars import JSON

from connectors.providers.stripe.client import StripeClient
from connectors.providers.stripe.payloads import DisputePayload
from resolvers.context import Info
from resolvers.providers.stripe import reads
from resolvers.providers.stripe.convert import message_of, to_dispute
from resolvers.providers.stripe.writing import IdempotencyKey, is_object, key_of, sent_metadata
from schema.fields import Calls
from schema.providers.stripe.disputes import (
    StripeCloseDisputeResult,
    StripeDisputeClosed,
    StripeDisputeEvidenceInput,
    StripeDisputeNotOpen,
    StripeDisputeUpdated,
    StripeUpdateDisputeResult,
)
from schema.relay import upstream_id_of

fields = reads.fields


def sent_evidence(given: StripeDisputeEvidenceInput | None) -> dict[str, str] | None:
    """What was said; `None` where nothing was."""
    said = {one.name: getattr(given, one.name) for one in attributes_of(given)} if given else {}
    return {name: value for name, value in said.items() if value is not None} or None


@fields.mutation(calls=Calls(upstream="stripe", operation="disputes.update"))
async def stripe_update_dispute(
    info: Info,
    id: reads.Id,
    evidence: Annotated[
        StripeDisputeEvidenceInput | None, strawberry.argument(description="What to say, beside what was said before.")
    ] = None,
    submit: Annotated[
        bool | None,
        strawberry.argument(
            description="Whether all evidence goes to the bank, mostly once for all, or is only noted. "
            "By default, `evidence` that is given here goes there at once."
        ),
    ] = None,
    metadata: Annotated[JSON | None, strawberry.argument(description="An object of your own keys and strings.")] = None,
    idempotency_key: IdempotencyKey = None,
) -> StripeUpdateDisputeResult | None:
    """Answer a dispute with evidence, or note down evidence for later."""
    answer = await info.context.client(StripeClient).update_dispute(
        upstream_id_of(id, "StripeDispute"),
        evidence=sent_evidence(evidence),
        submit=submit,
        metadata=sent_metadata(metadata),
        idempotency_key=key_of(idempotency_key),
    )
    if not is_object(answer):
        return StripeDisputeNotOpen(message=message_of(answer))
    return StripeDisputeUpdated(dispute=to_dispute(cast(DisputePayload, answer)))


@fields.mutation(calls=Calls(upstream="stripe", operation="disputes.close"))
async def stripe_close_dispute(
    info: Info, id: reads.Id, idempotency_key: IdempotencyKey = None
) -> StripeCloseDisputeResult | None:
    """Accept a dispute: the payer keeps the money, and that is final."""
    answer = await info.context.client(StripeClient).close_dispute(
        upstream_id_of(id, "StripeDispute"), idempotency_key=key_of(idempotency_key)
    )
    if not is_object(answer):
        return StripeDisputeNotOpen(message=message_of(answer))
    return StripeDisputeClosed(dispute=to_dispute(cast(DisputePayload, answer)))
