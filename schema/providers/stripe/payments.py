"""Payments: what is planned, tried and taken."""

from datetime import datetime
from enum import Enum
from typing import Annotated

import strawberry
from strawberry.scalars import JSON

from schema.payments import Payment
from schema.providers.stripe.common import UNKNOWN, Reference, StripeBillingDetails, StripeCard
from schema.relay import Node
from schema.scalars import Long, Money


@strawberry.enum(description="Where a charge stands.")
class StripeChargeStatus(Enum):
    SUCCEEDED = strawberry.enum_value("succeeded", description="The money was taken, or held where not captured yet.")
    PENDING = strawberry.enum_value("pending", description="The bank has not decided yet.")
    FAILED = strawberry.enum_value("failed", description="No money was taken: see `failureCode`.")
    UNKNOWN = UNKNOWN


@strawberry.enum(description="Where a payment intent stands.")
class StripePaymentIntentStatus(Enum):
    REQUIRES_PAYMENT_METHOD = strawberry.enum_value(
        "requires_payment_method", description="There is no payment method yet, or the last one was declined."
    )
    REQUIRES_CONFIRMATION = strawberry.enum_value("requires_confirmation", description="It is ready to be confirmed.")
    REQUIRES_ACTION = strawberry.enum_value("requires_action", description="The payer has to do something first.")
    PROCESSING = strawberry.enum_value("processing", description="The bank has not decided yet.")
    REQUIRES_CAPTURE = strawberry.enum_value("requires_capture", description="The money is held, not taken yet.")
    CANCELED = strawberry.enum_value("canceled", description="It was given up; no money was taken.")
    SUCCEEDED = strawberry.enum_value("succeeded", description="The money was taken.")
    UNKNOWN = UNKNOWN


@strawberry.enum(description="When the money of a payment intent is taken.")
class StripeCaptureMethod(Enum):
    AUTOMATIC = strawberry.enum_value("automatic", description="As soon as the payment is authorized.")
    AUTOMATIC_ASYNC = strawberry.enum_value(
        "automatic_async", description="As soon as the payment is authorized; the confirmation does not wait for it."
    )
    MANUAL = strawberry.enum_value("manual", description="When the merchant captures it.")
    UNKNOWN = UNKNOWN


@strawberry.enum(description="The ways in which a client can ask for the money of a payment intent to be taken.")
class StripeCaptureMethodRequest(Enum):
    AUTOMATIC = strawberry.enum_value("automatic", description="As soon as the payment is authorized.")
    AUTOMATIC_ASYNC = strawberry.enum_value(
        "automatic_async", description="As soon as the payment is authorized; the confirmation does not wait for it."
    )
    MANUAL = strawberry.enum_value(
        "manual", description="It is held when the payment is authorized, and taken by `stripeCapturePaymentIntent`."
    )


@strawberry.enum(description="Why a payment intent was canceled.")
class StripeCancellationReason(Enum):
    DUPLICATE = strawberry.enum_value("duplicate", description="The payment was planned twice.")
    FRAUDULENT = strawberry.enum_value("fraudulent", description="The payment looked fraudulent.")
    REQUESTED_BY_CUSTOMER = strawberry.enum_value("requested_by_customer", description="The customer asked for it.")
    ABANDONED = strawberry.enum_value("abandoned", description="The customer went away.")
    AUTOMATIC = strawberry.enum_value("automatic", description="Stripe canceled it by itself.")
    EXPIRED = strawberry.enum_value("expired", description="It was not captured in time.")
    FAILED_INVOICE = strawberry.enum_value("failed_invoice", description="Its invoice failed.")
    VOID_INVOICE = strawberry.enum_value("void_invoice", description="Its invoice was voided.")
    UNKNOWN = UNKNOWN


@strawberry.enum(description="The reasons that a client can give for canceling a payment intent.")
class StripeCancellationRequestReason(Enum):
    DUPLICATE = strawberry.enum_value("duplicate", description="The payment was planned twice.")
    FRAUDULENT = strawberry.enum_value("fraudulent", description="The payment looks fraudulent.")
    REQUESTED_BY_CUSTOMER = strawberry.enum_value("requested_by_customer", description="The customer asked for it.")
    ABANDONED = strawberry.enum_value("abandoned", description="The customer went away.")


@strawberry.type(description="How the card network and Stripe's fraud detection judged a charge.")
class StripeChargeOutcome:
    type: str = strawberry.field(description="`authorized`, `issuer_declined`, `blocked` or the like.")
    network_status: str | None = strawberry.field(description="What the card network answered.")
    reason: str | None = strawberry.field(description="Stripe's code for why, where it was not plainly authorized.")
    risk_level: str | None = strawberry.field(description="`normal`, `elevated` or `highest`, where it was assessed.")
    seller_message: str | None = strawberry.field(description="An explanation for the merchant, not for the payer.")


@strawberry.type(description="One attempt to take money.")
class StripeCharge(Payment, Node):
    amount: Money = strawberry.field(description="What was to be taken.")
    amount_captured: Money = strawberry.field(description="What was taken.")
    amount_refunded: Money = strawberry.field(description="What was given back.")
    currency: str = strawberry.field(description="Lower-case ISO 4217 code, as Stripe writes it.")
    status: StripeChargeStatus = strawberry.field(description="Where the charge stands.")
    paid: bool = strawberry.field(description="Whether it succeeded or was authorized.")
    captured: bool = strawberry.field(description="Whether the money was taken; false while it is only held.")
    refunded: bool = strawberry.field(description="Whether all of it was given back.")
    disputed: bool = strawberry.field(description="Whether the payer disputed it at their bank.")
    created_at: datetime = strawberry.field(description="When the attempt was made.")
    description: str | None = strawberry.field(description="The merchant's own note; the payer may see it.")
    statement_descriptor: str | None = strawberry.field(description="What the payer's bank statement says.")
    receipt_url: str | None = strawberry.field(description="The receipt as a web page.")
    receipt_email: str | None = strawberry.field(description="Where the receipt was sent.")
    receipt_number: str | None = strawberry.field(description="The number on the receipt.")
    failure_code: str | None = strawberry.field(description="Stripe's code for why it failed.")
    failure_message: str | None = strawberry.field(description="Why it failed, for the payer.")
    outcome: StripeChargeOutcome | None = strawberry.field(description="How the charge was judged.")
    billing_details: StripeBillingDetails | None = strawberry.field(description="What the payer gave.")
    payment_method_type: str | None = strawberry.field(description="`card`, `sepa_debit`, `link` ...")
    card: StripeCard | None = strawberry.field(description="The card, where one paid.")
    payment_method_id: str | None = strawberry.field(description="Stripe's id of what paid.")
    metadata: JSON | None = strawberry.field(description="The merchant's own keys and values, all of them strings.")
    livemode: bool = strawberry.field(description="False for test data.")
    customer_ref: strawberry.Private[Reference]
    payment_intent_ref: strawberry.Private[Reference]
    balance_transaction_ref: strawberry.Private[Reference]


@strawberry.type(description="Why a payment did not go through.")
class StripePaymentError:
    type: str = strawberry.field(description="`card_error`, `api_error`, `invalid_request_error` ...")
    code: str | None = strawberry.field(description="Stripe's code for it: `card_declined`, `expired_card` ...")
    decline_code: str | None = strawberry.field(description="The bank's reason: `insufficient_funds`, `lost_card` ...")
    message: str | None = strawberry.field(description="What happened, for the payer.")


@strawberry.type(description="What the payer has to do before the payment can go on.")
class StripeNextAction:
    type: str = strawberry.field(description="`redirect_to_url`, `use_stripe_sdk` ...")
    redirect_url: str | None = strawberry.field(description="Where to send the payer, for `redirect_to_url`.")


@strawberry.type(description="One payment, from its plan to its success, over as many attempts as it takes.")
class StripePaymentIntent(Node):
    amount: Money = strawberry.field(description="What is to be taken.")
    amount_received: Money = strawberry.field(description="What was taken.")
    amount_capturable: Money = strawberry.field(description="What is held and can be captured.")
    currency: str = strawberry.field(description="Lower-case ISO 4217 code, as Stripe writes it.")
    status: StripePaymentIntentStatus = strawberry.field(description="Where the payment stands.")
    capture_method: StripeCaptureMethod = strawberry.field(description="When the money is taken.")
    created_at: datetime = strawberry.field(description="When the payment was planned.")
    canceled_at: datetime | None = strawberry.field(description="When it was given up.")
    cancellation_reason: StripeCancellationReason | None = strawberry.field(description="Why it was given up.")
    description: str | None = strawberry.field(description="The merchant's own note; the payer may see it.")
    receipt_email: str | None = strawberry.field(description="Where the receipt will be sent.")
    payment_method_types: list[str] = strawberry.field(description="The kinds of payment methods it can be paid with.")
    last_payment_error: StripePaymentError | None = strawberry.field(description="Why the latest attempt failed.")
    next_action: StripeNextAction | None = strawberry.field(description="What the payer has to do next.")
    metadata: JSON | None = strawberry.field(description="The merchant's own keys and values, all of them strings.")
    livemode: bool = strawberry.field(description="False for test data.")
    customer_ref: strawberry.Private[Reference]
    latest_charge_ref: strawberry.Private[Reference]
    payment_method_ref: strawberry.Private[Reference]


@strawberry.input(description="A payment to plan, and perhaps to take at once.")
class StripePaymentIntentInput:
    amount: Long = strawberry.field(description="In the currency's smallest unit: cents, yen, fils.")
    currency: str = strawberry.field(description="ISO 4217 code, in any case.")
    customer: strawberry.ID | None = strawberry.field(
        default=None, description="Stripe's or the global id of who pays."
    )
    payment_method: str | None = strawberry.field(default=None, description="Stripe's id of what to pay with.")
    confirm: bool = strawberry.field(default=False, description="Take the payment at once; needs `paymentMethod`.")
    capture_method: StripeCaptureMethodRequest | None = strawberry.field(
        default=None, description="When the money is taken. Default: `AUTOMATIC_ASYNC`."
    )
    return_url: str | None = strawberry.field(
        default=None,
        description="Where payers come back to from their bank. Without it only methods without redirects can pay.",
    )
    description: str | None = strawberry.field(default=None, description="Your own note; the payer may see it.")
    receipt_email: str | None = strawberry.field(default=None, description="Where to send the receipt.")
    metadata: JSON | None = strawberry.field(default=None, description="An object of your own keys and strings.")


@strawberry.type(description="The payment was planned and, where asked for, taken.")
class StripePaymentIntentCreated:
    payment_intent: StripePaymentIntent = strawberry.field(description="The payment.")
    client_secret: str | None = strawberry.field(
        description="Lets the payer's browser finish this one payment. Give it to nobody else."
    )


@strawberry.type(description="The payment was taken, or goes on with `nextAction`.")
class StripePaymentIntentConfirmed:
    payment_intent: StripePaymentIntent = strawberry.field(description="The payment.")


@strawberry.type(description="The payment was given up; what was held of it is free again.")
class StripePaymentIntentCanceled:
    payment_intent: StripePaymentIntent = strawberry.field(description="The payment.")


@strawberry.type(description="The money that was held is taken.")
class StripePaymentIntentCaptured:
    payment_intent: StripePaymentIntent = strawberry.field(description="The payment.")


@strawberry.type(description="Nothing was done, because the payment does not stand where this can be done.")
class StripePaymentIntentUnexpectedState:
    payment_intent: StripePaymentIntent | None = strawberry.field(
        description="The payment as it is: its `status` says where it stands."
    )
    message: str | None = strawberry.field(description="Stripe's explanation, for developers.")


@strawberry.type(description="The card did not pay. Another payment method may.")
class StripeCardDeclined:
    code: str = strawberry.field(description="Stripe's code for it: `card_declined`, `expired_card` ...")
    decline_code: str | None = strawberry.field(description="The bank's reason: `insufficient_funds`, `lost_card` ...")
    message: str | None = strawberry.field(description="What happened, for the payer.")


StripeCreatePaymentIntentResult = Annotated[
    StripePaymentIntentCreated | StripeCardDeclined,
    strawberry.union("StripeCreatePaymentIntentResult", description="What came of planning a payment."),
]


StripeConfirmPaymentIntentResult = Annotated[
    StripePaymentIntentConfirmed | StripeCardDeclined,
    strawberry.union("StripeConfirmPaymentIntentResult", description="What came of taking a payment."),
]


StripeCancelPaymentIntentResult = Annotated[
    StripePaymentIntentCanceled | StripePaymentIntentUnexpectedState,
    strawberry.union("StripeCancelPaymentIntentResult", description="What came of giving a payment up."),
]


StripeCapturePaymentIntentResult = Annotated[
    StripePaymentIntentCaptured | StripePaymentIntentUnexpectedState,
    strawberry.union("StripeCapturePaymentIntentResult", description="What came of taking what was held."),
]
