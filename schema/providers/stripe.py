"""Stripe's part of the graph."""

from datetime import datetime
from enum import Enum
from typing import Annotated

import strawberry
from strawberry.scalars import JSON

from schema.payments import Payment
from schema.relay import Node
from schema.scalars import Long, Money

UNKNOWN = strawberry.enum_value("unknown", description="A word that Stripe added after this graph was made.")

Reference = object
"""What a payload has in the place of another object: its id, the object, `None`, or an error value."""


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


@strawberry.enum(description="Where an invoice stands.")
class StripeInvoiceStatus(Enum):
    DRAFT = strawberry.enum_value("draft", description="It can still be changed.")
    OPEN = strawberry.enum_value("open", description="It is final and waits for payment.")
    PAID = strawberry.enum_value("paid", description="It is paid.")
    UNCOLLECTIBLE = strawberry.enum_value("uncollectible", description="Payment is not expected any more.")
    VOID = strawberry.enum_value("void", description="It was a mistake and counts for nothing.")
    UNKNOWN = UNKNOWN


@strawberry.enum(description="The invoice statuses that a list can be narrowed to.")
class StripeInvoiceStatusFilter(Enum):
    DRAFT = strawberry.enum_value("draft", description="Only drafts.")
    OPEN = strawberry.enum_value("open", description="Only those that wait for payment.")
    PAID = strawberry.enum_value("paid", description="Only paid ones.")
    UNCOLLECTIBLE = strawberry.enum_value("uncollectible", description="Only those given up.")
    VOID = strawberry.enum_value("void", description="Only voided ones.")


@strawberry.enum(description="What made an invoice.")
class StripeBillingReason(Enum):
    MANUAL = strawberry.enum_value("manual", description="A person or a program, outside any subscription.")
    SUBSCRIPTION = strawberry.enum_value("subscription", description="A subscription, long ago.")
    SUBSCRIPTION_CREATE = strawberry.enum_value("subscription_create", description="A new subscription.")
    SUBSCRIPTION_CYCLE = strawberry.enum_value("subscription_cycle", description="A new period of a subscription.")
    SUBSCRIPTION_THRESHOLD = strawberry.enum_value("subscription_threshold", description="A billing threshold.")
    SUBSCRIPTION_UPDATE = strawberry.enum_value("subscription_update", description="A change of a subscription.")
    QUOTE_ACCEPT = strawberry.enum_value("quote_accept", description="An accepted quote.")
    UPCOMING = strawberry.enum_value("upcoming", description="A preview; the invoice does not exist yet.")
    AUTOMATIC_PENDING_INVOICE_ITEM_INVOICE = strawberry.enum_value(
        "automatic_pending_invoice_item_invoice", description="Items that waited for an invoice."
    )
    UNKNOWN = UNKNOWN


@strawberry.enum(description="How an invoice is paid.")
class StripeCollectionMethod(Enum):
    CHARGE_AUTOMATICALLY = strawberry.enum_value(
        "charge_automatically", description="Stripe charges the customer's payment method."
    )
    SEND_INVOICE = strawberry.enum_value("send_invoice", description="The customer gets the invoice and pays it.")
    UNKNOWN = UNKNOWN


@strawberry.enum(description="Where a subscription stands.")
class StripeSubscriptionStatus(Enum):
    INCOMPLETE = strawberry.enum_value("incomplete", description="The first payment is not made yet.")
    INCOMPLETE_EXPIRED = strawberry.enum_value(
        "incomplete_expired", description="The first payment was not made in time."
    )
    TRIALING = strawberry.enum_value("trialing", description="It is in its free trial.")
    ACTIVE = strawberry.enum_value("active", description="It is in good standing.")
    PAST_DUE = strawberry.enum_value("past_due", description="The latest payment failed or is late.")
    UNPAID = strawberry.enum_value("unpaid", description="Payments failed and are not tried again.")
    PAUSED = strawberry.enum_value("paused", description="The trial ended without a payment method.")
    CANCELED = strawberry.enum_value("canceled", description="It has ended.")
    UNKNOWN = UNKNOWN


@strawberry.enum(description="The subscription statuses that a list can be narrowed to.")
class StripeSubscriptionStatusFilter(Enum):
    ALL = strawberry.enum_value("all", description="Every subscription, canceled ones too.")
    ENDED = strawberry.enum_value("ended", description="Canceled ones and those whose first payment never came.")
    INCOMPLETE = strawberry.enum_value("incomplete", description="Only those that wait for their first payment.")
    INCOMPLETE_EXPIRED = strawberry.enum_value(
        "incomplete_expired", description="Only those whose first payment never came."
    )
    TRIALING = strawberry.enum_value("trialing", description="Only those in their trial.")
    ACTIVE = strawberry.enum_value("active", description="Only those in good standing.")
    PAST_DUE = strawberry.enum_value("past_due", description="Only those whose latest payment failed or is late.")
    UNPAID = strawberry.enum_value("unpaid", description="Only those whose payments are not tried again.")
    PAUSED = strawberry.enum_value("paused", description="Only those paused after their trial.")
    CANCELED = strawberry.enum_value("canceled", description="Only those that have ended.")


@strawberry.enum(description="The unit of a price's billing period.")
class StripeInterval(Enum):
    DAY = strawberry.enum_value("day", description="Days.")
    WEEK = strawberry.enum_value("week", description="Weeks.")
    MONTH = strawberry.enum_value("month", description="Months.")
    YEAR = strawberry.enum_value("year", description="Years.")
    UNKNOWN = UNKNOWN


@strawberry.enum(description="Whether a price is paid once or again and again.")
class StripePriceType(Enum):
    ONE_TIME = strawberry.enum_value("one_time", description="Once.")
    RECURRING = strawberry.enum_value("recurring", description="Every billing period.")
    UNKNOWN = UNKNOWN


@strawberry.enum(description="Whether a customer pays tax.")
class StripeTaxExempt(Enum):
    NONE = strawberry.enum_value("none", description="Tax is added as usual.")
    EXEMPT = strawberry.enum_value("exempt", description="The customer pays no tax.")
    REVERSE = strawberry.enum_value("reverse", description="The customer accounts for the tax (reverse charge).")
    UNKNOWN = UNKNOWN


@strawberry.type(description="Payments, invoices and subscriptions. Lists come newest first.")
class StripeQuery:
    pass


@strawberry.type(description="A postal address. Any part may be missing.")
class StripeAddress:
    line1: str | None = strawberry.field(description="Street and number, or a post box.")
    line2: str | None = strawberry.field(description="Flat, floor, building.")
    city: str | None = strawberry.field(description="City, town or village.")
    state: str | None = strawberry.field(description="State, province or county.")
    postal_code: str | None = strawberry.field(description="Postal code.")
    country: str | None = strawberry.field(description="Two-letter ISO 3166-1 code.")


@strawberry.type(description="Someone who pays, or may pay.")
class StripeCustomer(Node):
    name: str | None = strawberry.field(description="Full name, or the business's name.")
    email: str | None = strawberry.field(description="Where receipts and invoices go.")
    phone: str | None = strawberry.field(description="Phone number, as it was typed in.")
    description: str | None = strawberry.field(description="The merchant's own note.")
    created_at: datetime = strawberry.field(description="When the customer was added.")
    currency: str | None = strawberry.field(description="The currency of recurring bills, once there was one.")
    balance: Money | None = strawberry.field(
        description="What the next invoice is changed by; negative is credit. Null before there is a currency."
    )
    delinquent: bool | None = strawberry.field(description="Whether the latest charge or invoice was not paid.")
    address: StripeAddress | None = strawberry.field(description="The customer's address.")
    preferred_locales: list[str] = strawberry.field(description="Languages of the customer, the best first.")
    tax_exempt: StripeTaxExempt | None = strawberry.field(description="Whether the customer pays tax.")
    invoice_prefix: str | None = strawberry.field(description="What the customer's invoice numbers begin with.")
    metadata: JSON | None = strawberry.field(description="The merchant's own keys and values, all of them strings.")
    livemode: bool = strawberry.field(description="False for test data.")


@strawberry.type(description="What the payer gave at the checkout.")
class StripeBillingDetails:
    name: str | None = strawberry.field(description="Full name.")
    email: str | None = strawberry.field(description="Email address.")
    phone: str | None = strawberry.field(description="Phone number.")
    address: StripeAddress | None = strawberry.field(description="Billing address.")


@strawberry.type(description="How the card network and Stripe's fraud detection judged a charge.")
class StripeChargeOutcome:
    type: str = strawberry.field(description="`authorized`, `issuer_declined`, `blocked` or the like.")
    network_status: str | None = strawberry.field(description="What the card network answered.")
    reason: str | None = strawberry.field(description="Stripe's code for why, where it was not plainly authorized.")
    risk_level: str | None = strawberry.field(description="`normal`, `elevated` or `highest`, where it was assessed.")
    seller_message: str | None = strawberry.field(description="An explanation for the merchant, not for the payer.")


@strawberry.type(description="A payment card, as far as a merchant may see it.")
class StripeCard:
    brand: str | None = strawberry.field(description="`visa`, `mastercard`, `amex` ...")
    last4: str | None = strawberry.field(description="The last four digits.")
    exp_month: int = strawberry.field(description="Month of expiry, from 1.")
    exp_year: int = strawberry.field(description="Year of expiry, four digits.")
    country: str | None = strawberry.field(description="Country of the issuing bank, two letters.")
    funding: str | None = strawberry.field(description="`credit`, `debit`, `prepaid` or `unknown`.")


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
    metadata: JSON | None = strawberry.field(description="The merchant's own keys and values, all of them strings.")
    livemode: bool = strawberry.field(description="False for test data.")
    customer_ref: strawberry.Private[Reference]
    payment_intent_ref: strawberry.Private[Reference]


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


@strawberry.type(description="One line of an invoice.")
class StripeInvoiceLine:
    upstream_id: strawberry.ID = strawberry.field(description="Stripe's id of the line.")
    description: str | None = strawberry.field(description="What is billed, for the customer.")
    amount: Money = strawberry.field(description="What the line comes to; negative is credit.")
    quantity: int | None = strawberry.field(description="How many units, where it is about units.")
    period_start: datetime = strawberry.field(description="The start of the time that is billed.")
    period_end: datetime = strawberry.field(description="The end of the time that is billed.")
    price_id: str | None = strawberry.field(description="Stripe's id of the price, where there is one.")


@strawberry.type(description="What a customer owes, or has paid.")
class StripeInvoice(Node):
    number: str | None = strawberry.field(description="The number on the invoice; null for a draft.")
    status: StripeInvoiceStatus | None = strawberry.field(description="Where the invoice stands.")
    currency: str = strawberry.field(description="Lower-case ISO 4217 code, as Stripe writes it.")
    total: Money = strawberry.field(description="The sum with discounts and taxes.")
    subtotal: Money = strawberry.field(description="The sum before discounts and taxes of the whole invoice.")
    amount_due: Money = strawberry.field(description="What is to be paid, the customer's balance considered.")
    amount_paid: Money = strawberry.field(description="What was paid.")
    amount_remaining: Money = strawberry.field(description="What is still to be paid.")
    created_at: datetime = strawberry.field(description="When it was made.")
    due_date: datetime | None = strawberry.field(description="When it must be paid, where it was sent to be paid.")
    finalized_at: datetime | None = strawberry.field(description="When it became final.")
    paid_at: datetime | None = strawberry.field(description="When it was paid.")
    period_start: datetime = strawberry.field(description="The start of the time in which its items were added.")
    period_end: datetime = strawberry.field(description="The end of the time in which its items were added.")
    billing_reason: StripeBillingReason | None = strawberry.field(description="What made it.")
    collection_method: StripeCollectionMethod = strawberry.field(description="How it is paid.")
    attempt_count: int = strawberry.field(description="How often payment was tried automatically.")
    attempted: bool = strawberry.field(description="Whether payment was tried.")
    next_payment_attempt: datetime | None = strawberry.field(description="When payment will be tried next.")
    customer_name: str | None = strawberry.field(description="The customer's name when it became final.")
    customer_email: str | None = strawberry.field(description="The customer's email address when it became final.")
    description: str | None = strawberry.field(description="The merchant's note on the invoice.")
    hosted_invoice_url: str | None = strawberry.field(description="The web page to see and pay it; null for a draft.")
    invoice_pdf: str | None = strawberry.field(description="The PDF to download; null for a draft.")
    lines: list[StripeInvoiceLine] = strawberry.field(description="Its first ten lines.")
    metadata: JSON | None = strawberry.field(description="The merchant's own keys and values, all of them strings.")
    livemode: bool = strawberry.field(description="False for test data.")
    customer_ref: strawberry.Private[Reference]
    subscription_ref: strawberry.Private[Reference]


@strawberry.type(description="Something that is sold, at one price or several.")
class StripeProduct(Node):
    name: str = strawberry.field(description="Its name, for customers.")
    description: str | None = strawberry.field(description="What it is, for customers.")
    active: bool = strawberry.field(description="Whether it can be bought.")
    unit_label: str | None = strawberry.field(description="What a unit of it is called on invoices.")
    images: list[str] = strawberry.field(description="Addresses of pictures, eight at most.")
    url: str | None = strawberry.field(description="Its web page.")
    created_at: datetime = strawberry.field(description="When it was added.")
    updated_at: datetime = strawberry.field(description="When it was last changed.")
    metadata: JSON | None = strawberry.field(description="The merchant's own keys and values, all of them strings.")
    livemode: bool = strawberry.field(description="False for test data.")


@strawberry.type(description="What something costs, and how often.")
class StripePrice(Node):
    product_id: str = strawberry.field(description="Stripe's id of what is sold.")
    nickname: str | None = strawberry.field(description="The merchant's name for it.")
    lookup_key: str | None = strawberry.field(description="The merchant's key for it.")
    active: bool = strawberry.field(description="Whether it can be used for new purchases.")
    unit_amount: Money | None = strawberry.field(description="What a unit costs; null for tiers and parts of a cent.")
    interval: StripeInterval | None = strawberry.field(description="The unit of the billing period; null for one time.")
    interval_count: int | None = strawberry.field(description="How many units make a billing period.")
    type: StripePriceType = strawberry.field(description="Whether it is paid once or again and again.")
    currency: str = strawberry.field(description="Lower-case ISO 4217 code, as Stripe writes it.")
    created_at: datetime = strawberry.field(description="When it was added.")
    metadata: JSON | None = strawberry.field(description="The merchant's own keys and values, all of them strings.")
    livemode: bool = strawberry.field(description="False for test data.")
    product_ref: strawberry.Private[Reference]


@strawberry.type(description="One thing that is subscribed to.")
class StripeSubscriptionItem:
    upstream_id: strawberry.ID = strawberry.field(description="Stripe's id of the item.")
    created_at: datetime = strawberry.field(description="When it was added.")
    quantity: int | None = strawberry.field(description="How many of it; null where usage is metered.")
    current_period_start: datetime = strawberry.field(description="The start of the period that is billed now.")
    current_period_end: datetime = strawberry.field(description="The end of the period that is billed now.")
    price: StripePrice = strawberry.field(description="What it costs.")


@strawberry.type(description="Something a customer pays for again and again.")
class StripeSubscription(Node):
    status: StripeSubscriptionStatus = strawberry.field(description="Where the subscription stands.")
    currency: str = strawberry.field(description="Lower-case ISO 4217 code, as Stripe writes it.")
    created_at: datetime = strawberry.field(description="When it was made.")
    start_date: datetime = strawberry.field(description="When it began; may be before it was made.")
    billing_cycle_anchor: datetime = strawberry.field(description="What the dates of its bills are counted from.")
    current_period_start: datetime | None = strawberry.field(description="When an item was last renewed.")
    current_period_end: datetime | None = strawberry.field(description="When an item will be renewed next.")
    cancel_at_period_end: bool = strawberry.field(description="Whether it ends with the current period.")
    cancel_at: datetime | None = strawberry.field(description="When it is to end.")
    canceled_at: datetime | None = strawberry.field(description="When it was canceled; it may run on for a while.")
    ended_at: datetime | None = strawberry.field(description="When it ended.")
    trial_start: datetime | None = strawberry.field(description="The start of the trial.")
    trial_end: datetime | None = strawberry.field(description="The end of the trial.")
    collection_method: StripeCollectionMethod = strawberry.field(description="How its invoices are paid.")
    days_until_due: int | None = strawberry.field(description="How long an invoice that was sent may stay unpaid.")
    description: str | None = strawberry.field(description="The merchant's note, for the customer.")
    items: list[StripeSubscriptionItem] = strawberry.field(description="What is subscribed to, the first ten.")
    metadata: JSON | None = strawberry.field(description="The merchant's own keys and values, all of them strings.")
    livemode: bool = strawberry.field(description="False for test data.")
    customer_ref: strawberry.Private[Reference]
    latest_invoice_ref: strawberry.Private[Reference]


@strawberry.type(description="The merchant's own funds at Stripe.")
class StripeBalance:
    available: list[Money] = strawberry.field(description="What can be paid out, by currency.")
    pending: list[Money] = strawberry.field(description="What is on its way, by currency.")
    livemode: bool = strawberry.field(description="False for test data.")


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
StripeCreateRefundResult = Annotated[
    StripeRefundCreated | StripeRefundRejected,
    strawberry.union("StripeCreateRefundResult", description="What came of giving money back."),
]

__all__ = [name for name in dict(globals()) if name.startswith("Stripe")]
