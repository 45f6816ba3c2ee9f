"""Money that is given back."""

from datetime import datetime
from enum import Enum
from typing import Annotated

import strawberry
from strawberry.scalars import JSON

from schema.providers.stripe.common import UNKNOWN, Reference
from schema.relay import Node
from schema.scalars import Long, Money


@strawberry.enum(description="Where a refund stands.")
class StripeRefundStatus(Enum):
    PENDING = strawberry.enum_value("pending", description="It is on its way.")
    REQUIRES_ACTION = strawberry.enum_value("requires_action", description="The payer has to do something first.")
    SUCCEEDED = strawberry.enum_value("succeeded", description="It was sent to the payer's bank.")
    FAILED = strawberry.enum_value("failed", description="The money came back: see `failureReason`.")
    CANCELED = strawberry.enum_value("canceled", description="It was given up; the money stays with the merchant.")
    UNKNOWN = UNKNOWN


@strawberry.enum(description="Why money was given back.")
class StripeRefundReason(Enum):
    DUPLICATE = strawberry.enum_value("duplicate", description="It was taken twice.")
    FRAUDULENT = strawberry.enum_value("fraudulent", description="The payment looked fraudulent.")
    REQUESTED_BY_CUSTOMER = strawberry.enum_value("requested_by_customer", description="The customer asked for it.")
    EXPIRED_UNCAPTURED_CHARGE = strawberry.enum_value(
        "expired_uncaptured_charge", description="The money was held and not captured in time."
    )
    UNKNOWN = UNKNOWN


@strawberry.enum(description="The reasons that a client can give for a refund.")
class StripeRefundRequestReason(Enum):
    DUPLICATE = strawberry.enum_value("duplicate", description="It was taken twice.")
    FRAUDULENT = strawberry.enum_value(
        "fraudulent", description="The payment looks fraudulent. Stripe blocks its card and email address from then on."
    )
    REQUESTED_BY_CUSTOMER = strawberry.enum_value("requested_by_customer", description="The customer asked for it.")


@strawberry.enum(description="Why Stripe gives nothing back.")
class StripeRefundRejection(Enum):
    CHARGE_ALREADY_REFUNDED = strawberry.enum_value(
        "charge_already_refunded", description="All of it was given back before."
    )
    CHARGE_DISPUTED = strawberry.enum_value(
        "charge_disputed", description="The payer disputed it at their bank, which decides."
    )
    AMOUNT_TOO_LARGE = strawberry.enum_value("amount_too_large", description="Less than that is left of the charge.")
    UNKNOWN = UNKNOWN


@strawberry.type(description="Money that is given back, all of a charge or a part.")
class StripeRefund(Node):
    amount: Money = strawberry.field(description="What is given back.")
    currency: str = strawberry.field(description="Lower-case ISO 4217 code, as Stripe writes it.")
    status: StripeRefundStatus | None = strawberry.field(description="Where the refund stands.")
    reason: StripeRefundReason | None = strawberry.field(description="Why, where it was said.")
    failure_reason: str | None = strawberry.field(description="Stripe's code for why it failed.")
    created_at: datetime = strawberry.field(description="When it was asked for.")
    receipt_number: str | None = strawberry.field(description="The number on the receipt.")
    metadata: JSON | None = strawberry.field(description="The merchant's own keys and values, all of them strings.")
    charge_ref: strawberry.Private[Reference]
    payment_intent_ref: strawberry.Private[Reference]
    balance_transaction_ref: strawberry.Private[Reference]


@strawberry.input(description="Money to give back: name the charge, or its payment.")
class StripeRefundInput:
    charge: strawberry.ID | None = strawberry.field(
        default=None, description="Stripe's or the global id of the charge."
    )
    payment_intent: strawberry.ID | None = strawberry.field(
        default=None, description="Stripe's or the global id of the payment, in the place of `charge`."
    )
    amount: Long | None = strawberry.field(
        default=None, description="In the currency's smallest unit. Without it, all that is left."
    )
    reason: StripeRefundRequestReason | None = strawberry.field(default=None, description="Why, for the records.")
    metadata: JSON | None = strawberry.field(default=None, description="An object of your own keys and strings.")


@strawberry.type(description="The money is given back, or on its way.")
class StripeRefundCreated:
    refund: StripeRefund = strawberry.field(description="The refund.")


@strawberry.type(description="Nothing is given back.")
class StripeRefundRejected:
    reason: StripeRefundRejection = strawberry.field(description="Why.")
    message: str | None = strawberry.field(description="Stripe's explanation, for developers.")


StripeCreateRefundResult = Annotated[
    StripeRefundCreated | StripeRefundRejected,
    strawberry.union("StripeCreateRefundResult", description="What came of giving money back."),
]
