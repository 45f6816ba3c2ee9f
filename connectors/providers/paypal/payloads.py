"""What PayPal sends, under its own names: the parts that we read.

Amounts are decimal numbers as strings, with as many decimals as PayPal gives the currency. Times are ISO 8601.
Source: https://developer.paypal.com/api/rest/
"""

from typing import Any, NotRequired, TypedDict


class MoneyPayload(TypedDict):
    currency_code: str
    value: str


class LinkPayload(TypedDict):
    href: str
    rel: str
    method: NotRequired[str]


class DetailPayload(TypedDict):
    issue: str
    description: NotRequired[str]
    field: NotRequired[str]


class ErrorPayload(TypedDict):
    """What PayPal says of a request that it understood and does not do (422)."""

    name: str
    message: str
    debug_id: str
    details: NotRequired[list[DetailPayload]]


class NamePayload(TypedDict, total=False):
    given_name: str
    surname: str


class PayerPayload(TypedDict, total=False):
    payer_id: str
    email_address: str
    name: NamePayload


class CapturePayload(TypedDict):
    id: str
    status: str
    amount: MoneyPayload
    final_capture: NotRequired[bool]
    custom_id: NotRequired[str]
    invoice_id: NotRequired[str]
    seller_receivable_breakdown: NotRequired[dict[str, MoneyPayload]]
    supplementary_data: NotRequired[dict[str, Any]]
    create_time: str
    update_time: str
    links: list[LinkPayload]


class AuthorizationPayload(TypedDict):
    id: str
    status: str
    amount: MoneyPayload
    expiration_time: NotRequired[str]
    supplementary_data: NotRequired[dict[str, Any]]
    create_time: str
    update_time: str
    links: list[LinkPayload]


class RefundPayload(TypedDict):
    id: str
    status: str
    amount: MoneyPayload
    note_to_payer: NotRequired[str]
    create_time: str
    update_time: str
    links: list[LinkPayload]


class PaymentsPayload(TypedDict, total=False):
    captures: list[CapturePayload]
    authorizations: list[AuthorizationPayload]
    refunds: list[RefundPayload]


class PurchaseUnitPayload(TypedDict):
    reference_id: str
    amount: MoneyPayload
    description: NotRequired[str]
    custom_id: NotRequired[str]
    invoice_id: NotRequired[str]
    payments: NotRequired[PaymentsPayload]


class OrderPayload(TypedDict):
    id: str
    intent: str
    status: str
    payer: NotRequired[PayerPayload]
    purchase_units: list[PurchaseUnitPayload]
    create_time: str
    update_time: NotRequired[str]
    links: list[LinkPayload]


class InvoicePayload(TypedDict):
    """`detail` has number, currency, dates and note; `primary_recipients` who pays."""

    id: str
    status: str
    detail: dict[str, Any]
    primary_recipients: NotRequired[list[dict[str, Any]]]
    amount: MoneyPayload
    due_amount: NotRequired[MoneyPayload]


class PlanPayload(TypedDict):
    id: str
    product_id: str
    name: str
    status: str
    description: NotRequired[str]
    create_time: str


class SubscriptionPayload(TypedDict):
    id: str
    plan_id: str
    status: str
    start_time: str
    quantity: NotRequired[str]
    custom_id: NotRequired[str]
    subscriber: NotRequired[PayerPayload]
    billing_info: NotRequired[dict[str, Any]]
    create_time: str


class DisputePayload(TypedDict):
    dispute_id: str
    reason: str
    status: str
    dispute_amount: MoneyPayload
    dispute_life_cycle_stage: NotRequired[str]
    seller_response_due_date: NotRequired[str]
    disputed_transactions: NotRequired[list[dict[str, Any]]]
    create_time: str
    update_time: str


class TransactionPayload(TypedDict):
    """`transaction_info` has ids, amounts and times; `payer_info` who it was."""

    transaction_info: dict[str, Any]
    payer_info: NotRequired[dict[str, Any]]
