"""What Stripe sends, under its own names: the parts that we read.

Amounts are integers in the currency's smallest unit, currencies lower-case ISO 4217 codes, times Unix seconds in UTC.
A field that can be expanded holds an id, or the object itself where `expand` asked for it.
Source: https://docs.stripe.com/api
"""

from typing import Any, Literal, NotRequired, TypedDict


class AddressPayload(TypedDict):
    line1: str | None
    line2: str | None
    city: str | None
    state: str | None
    postal_code: str | None
    country: str | None


class InvoiceSettingsPayload(TypedDict):
    default_payment_method: "str | PaymentMethodPayload | None"


class CustomerPayload(TypedDict):
    """All but `id` is missing from a deleted customer, which says `deleted` instead."""

    id: str
    created: int
    name: str | None
    email: str | None
    phone: str | None
    description: str | None
    currency: str | None
    balance: int
    delinquent: bool | None
    livemode: bool
    address: AddressPayload | None
    preferred_locales: list[str]
    tax_exempt: str | None
    invoice_prefix: str | None
    invoice_settings: InvoiceSettingsPayload
    metadata: dict[str, str]
    deleted: NotRequired[Literal[True]]


class BillingDetailsPayload(TypedDict):
    name: str | None
    email: str | None
    phone: str | None
    address: AddressPayload | None


class ChargeOutcomePayload(TypedDict):
    type: str
    network_status: str | None
    reason: str | None
    risk_level: NotRequired[str | None]
    seller_message: str | None


class CardPayload(TypedDict):
    brand: str | None
    last4: str | None
    exp_month: int
    exp_year: int
    country: str | None
    funding: str | None


class PaymentMethodDetailsPayload(TypedDict):
    """Beside `type` there is one object under the name that `type` gives."""

    type: str
    card: NotRequired[CardPayload]


class PaymentMethodPayload(TypedDict):
    """Beside `type` there is one object under the name that `type` gives."""

    id: str
    created: int
    type: str
    card: NotRequired[CardPayload]
    billing_details: BillingDetailsPayload
    allow_redisplay: NotRequired[str | None]
    livemode: bool
    metadata: dict[str, str] | None
    customer: str | CustomerPayload | None


class FeePayload(TypedDict):
    amount: int
    currency: str
    description: str | None
    type: str


class BalanceTransactionPayload(TypedDict):
    """`source` is what moved the money, of one of many kinds. `exchange_rate` is a decimal number."""

    id: str
    created: int
    amount: int
    fee: int
    fee_details: list[FeePayload]
    net: int
    currency: str
    exchange_rate: float | None
    type: str
    reporting_category: str
    status: str
    available_on: int
    description: str | None
    source: str | dict[str, Any] | None


class ChargePayload(TypedDict):
    id: str
    created: int
    amount: int
    amount_captured: int
    amount_refunded: int
    currency: str
    status: str
    paid: bool
    captured: bool
    refunded: bool
    disputed: bool
    livemode: bool
    description: str | None
    calculated_statement_descriptor: str | None
    receipt_url: str | None
    receipt_email: str | None
    receipt_number: str | None
    failure_code: str | None
    failure_message: str | None
    outcome: ChargeOutcomePayload | None
    billing_details: BillingDetailsPayload
    payment_method_details: PaymentMethodDetailsPayload | None
    metadata: dict[str, str]
    customer: str | CustomerPayload | None
    payment_intent: "str | PaymentIntentPayload | None"
    payment_method: str | None
    balance_transaction: str | BalanceTransactionPayload | None


class CardErrorPayload(TypedDict):
    """Why a card was not charged. `code` and `decline_code` are stable; `message` is written for the card's holder."""

    type: str
    code: NotRequired[str]
    decline_code: NotRequired[str]
    message: NotRequired[str]


class RedirectPayload(TypedDict):
    url: str | None


class NextActionPayload(TypedDict):
    type: str
    redirect_to_url: NotRequired[RedirectPayload]


class PaymentIntentPayload(TypedDict):
    id: str
    created: int
    amount: int
    amount_received: int
    amount_capturable: int
    currency: str
    status: str
    capture_method: str
    livemode: bool
    description: str | None
    receipt_email: str | None
    payment_method_types: list[str]
    canceled_at: int | None
    cancellation_reason: str | None
    last_payment_error: CardErrorPayload | None
    next_action: NextActionPayload | None
    client_secret: str | None
    metadata: dict[str, str]
    customer: str | CustomerPayload | None
    latest_charge: str | ChargePayload | None
    payment_method: str | PaymentMethodPayload | None


class StateErrorPayload(TypedDict):
    """Why something cannot be done with a payment intent as it stands. `message` is written for developers."""

    type: str
    code: str
    message: NotRequired[str]
    payment_intent: NotRequired[PaymentIntentPayload]


class RefundPayload(TypedDict):
    id: str
    created: int
    amount: int
    currency: str
    status: str | None
    reason: str | None
    failure_reason: NotRequired[str]
    receipt_number: str | None
    metadata: dict[str, str] | None
    charge: str | ChargePayload | None
    payment_intent: str | PaymentIntentPayload | None
    balance_transaction: str | BalanceTransactionPayload | None


class EvidenceDetailsPayload(TypedDict):
    due_by: int | None
    has_evidence: bool
    past_due: bool
    submission_count: int


class DisputePayload(TypedDict):
    """`evidence` has texts, and ids of uploaded files, by name."""

    id: str
    created: int
    amount: int
    currency: str
    status: str
    reason: str
    network_reason_code: NotRequired[str | None]
    is_charge_refundable: bool
    evidence: dict[str, Any]
    evidence_details: EvidenceDetailsPayload
    balance_transactions: list[BalanceTransactionPayload]
    livemode: bool
    metadata: dict[str, str]
    charge: str | ChargePayload
    payment_intent: str | PaymentIntentPayload | None


class PayoutPayload(TypedDict):
    id: str
    created: int
    amount: int
    currency: str
    status: str
    automatic: bool
    method: str
    type: str
    arrival_date: int
    description: str | None
    statement_descriptor: str | None
    destination: str | dict[str, Any] | None
    failure_code: str | None
    failure_message: str | None
    reconciliation_status: str
    livemode: bool
    metadata: dict[str, str] | None
    balance_transaction: str | BalanceTransactionPayload | None
    failure_balance_transaction: str | BalanceTransactionPayload | None


class ErrorPayload(TypedDict):
    """Why something is not done. `param` names the parameter that is to blame, where one is.

    `code` is stable, where there is one; `message` is written for developers.
    """

    type: str
    code: NotRequired[str]
    param: NotRequired[str]
    message: NotRequired[str]


class PeriodPayload(TypedDict):
    start: int
    end: int


class InvoiceLinePayload(TypedDict):
    """`pricing.price_details.price` is the id of the price."""

    id: str
    amount: int
    currency: str
    description: str | None
    quantity: int | None
    period: PeriodPayload
    pricing: dict[str, Any] | None


class InvoiceLinesPayload(TypedDict):
    """The first ten lines; `has_more` tells that there are others."""

    data: list[InvoiceLinePayload]
    has_more: bool


class StatusTransitionsPayload(TypedDict):
    finalized_at: int | None
    paid_at: int | None
    voided_at: int | None
    marked_uncollectible_at: int | None


class SubscriptionDetailsPayload(TypedDict):
    subscription: "str | SubscriptionPayload"


class InvoiceParentPayload(TypedDict):
    type: str
    subscription_details: SubscriptionDetailsPayload | None


class InvoicePayload(TypedDict):
    id: str
    created: int
    number: str | None
    status: str | None
    currency: str
    total: int
    subtotal: int
    amount_due: int
    amount_paid: int
    amount_remaining: int
    attempt_count: int
    attempted: bool
    livemode: bool
    billing_reason: str | None
    collection_method: str
    customer_name: str | None
    customer_email: str | None
    description: str | None
    due_date: int | None
    next_payment_attempt: int | None
    period_start: int
    period_end: int
    hosted_invoice_url: str | None
    invoice_pdf: str | None
    status_transitions: StatusTransitionsPayload
    lines: InvoiceLinesPayload
    metadata: dict[str, str] | None
    customer: str | CustomerPayload | None
    default_payment_method: str | PaymentMethodPayload | None
    parent: InvoiceParentPayload | None


class RecurringPayload(TypedDict):
    interval: str
    interval_count: int


class ProductPayload(TypedDict):
    """All but `id` is missing from a deleted product, which says `deleted` instead."""

    id: str
    created: int
    updated: int
    name: str
    description: str | None
    active: bool
    images: list[str]
    unit_label: str | None
    url: str | None
    livemode: bool
    metadata: dict[str, str]
    deleted: NotRequired[Literal[True]]


class PricePayload(TypedDict):
    id: str
    created: int
    active: bool
    type: str
    livemode: bool
    metadata: dict[str, str]
    currency: str
    unit_amount: int | None
    nickname: str | None
    lookup_key: str | None
    product: str | ProductPayload
    recurring: RecurringPayload | None


class SubscriptionItemPayload(TypedDict):
    id: str
    created: int
    quantity: NotRequired[int]
    current_period_start: int
    current_period_end: int
    price: PricePayload


class SubscriptionItemsPayload(TypedDict):
    data: list[SubscriptionItemPayload]
    has_more: bool


class SubscriptionPayload(TypedDict):
    id: str
    created: int
    status: str
    currency: str
    start_date: int
    billing_cycle_anchor: int
    cancel_at_period_end: bool
    cancel_at: int | None
    canceled_at: int | None
    ended_at: int | None
    trial_start: int | None
    trial_end: int | None
    collection_method: str
    days_until_due: int | None
    description: str | None
    livemode: bool
    items: SubscriptionItemsPayload
    metadata: dict[str, str]
    customer: str | CustomerPayload
    default_payment_method: str | PaymentMethodPayload | None
    latest_invoice: str | InvoicePayload | None


class FundsPayload(TypedDict):
    amount: int
    currency: str


class BalancePayload(TypedDict):
    livemode: bool
    available: list[FundsPayload]
    pending: list[FundsPayload]
