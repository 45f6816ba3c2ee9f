"""Invoices, subscriptions, and what is sold."""

from datetime import datetime
from enum import Enum

import strawberry
from strawberry.scalars import JSON

from schema.providers.stripe.common import UNKNOWN, Reference
from schema.relay import Node
from schema.scalars import Money


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
    default_payment_method_ref: strawberry.Private[Reference]


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
    default_payment_method_ref: strawberry.Private[Reference]
