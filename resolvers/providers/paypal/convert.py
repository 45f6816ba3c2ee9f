"""PayPal's payloads as types of ours."""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

import strawberry

from connectors.providers.paypal.payloads import (
    AuthorizationPayload,
    CapturePayload,
    DisputePayload,
    ErrorPayload,
    InvoicePayload,
    OrderPayload,
    PayerPayload,
    PlanPayload,
    PurchaseUnitPayload,
    RefundPayload,
    SubscriptionPayload,
    TransactionPayload,
)
from resolvers.reading import Reading, flag, iso_time, one_of, text
from schema.providers.paypal import (
    PayPalAuthorization,
    PayPalAuthorizationStatus,
    PayPalCapture,
    PayPalCaptureStatus,
    PayPalDispute,
    PayPalDisputeStatus,
    PayPalIntent,
    PayPalInvoice,
    PayPalInvoiceStatus,
    PayPalOrder,
    PayPalOrderStatus,
    PayPalPayer,
    PayPalPaymentDeclined,
    PayPalPlan,
    PayPalPurchaseUnit,
    PayPalRefund,
    PayPalRefundStatus,
    PayPalSubscription,
    PayPalSubscriptionStatus,
    PayPalTransaction,
    PayPalUnprocessable,
)
from schema.scalars import Money, decimals_of, money

T = TypeVar("T")

DECLINED = frozenset(
    ("INSTRUMENT_DECLINED", "PAYER_CANNOT_PAY", "PAYER_ACCOUNT_RESTRICTED", "CARD_EXPIRED", "TRANSACTION_REFUSED")
)
"""The issues that say that the payer's side did not pay.

Source: https://developer.paypal.com/api/rest/reference/orders/v2/errors/
"""

APPROVE = ("approve", "payer-action")


def to_order(payload: OrderPayload) -> PayPalOrder:
    read = Reading("paypal", "order", payload)
    return PayPalOrder(
        upstream_id=read("id", identity),
        intent=read("intent", one_of(PayPalIntent)),
        status=read("status", one_of(PayPalOrderStatus)),
        payer=read.maybe("payer", to_payer),
        purchase_units=read("purchase_units", list_of(to_purchase_unit)),
        created_at=read("create_time", iso_time),
        updated_at=read.maybe("update_time", iso_time),
        approve_url=read.maybe("links", linked(*APPROVE)),
    )


def to_payer(payload: PayerPayload) -> PayPalPayer:
    read = Reading("paypal", "payer", payload)
    name = Reading("paypal", "name", payload.get("name") or {})
    return PayPalPayer(
        payer_id=read.maybe("payer_id", text),
        email=read.maybe("email_address", text),
        given_name=name.maybe("given_name", text),
        surname=name.maybe("surname", text),
    )


def to_purchase_unit(payload: PurchaseUnitPayload) -> PayPalPurchaseUnit:
    read = Reading("paypal", "purchase unit", payload)
    payments = Reading("paypal", "payments", payload.get("payments") or {})
    return PayPalPurchaseUnit(
        reference_id=read.maybe("reference_id", text),
        amount=read("amount", amount),
        description=read.maybe("description", text),
        custom_id=read.maybe("custom_id", text),
        invoice_id=read.maybe("invoice_id", text),
        captures=payments.maybe("captures", list_of(to_capture)) or [],
        authorizations=payments.maybe("authorizations", list_of(to_authorization)) or [],
    )


def to_capture(payload: CapturePayload) -> PayPalCapture:
    read = Reading("paypal", "capture", payload)
    breakdown = Reading("paypal", "breakdown", payload.get("seller_receivable_breakdown") or {})
    return PayPalCapture(
        upstream_id=read("id", identity),
        status=read("status", one_of(PayPalCaptureStatus)),
        amount=read("amount", amount),
        fee=breakdown.maybe("paypal_fee", amount),
        net=breakdown.maybe("net_amount", amount),
        final=read.maybe("final_capture", flag),
        custom_id=read.maybe("custom_id", text),
        invoice_id=read.maybe("invoice_id", text),
        created_at=read("create_time", iso_time),
        updated_at=read("update_time", iso_time),
        order_id=read.maybe("supplementary_data", related_order),
    )


def to_authorization(payload: AuthorizationPayload) -> PayPalAuthorization:
    read = Reading("paypal", "authorization", payload)
    return PayPalAuthorization(
        upstream_id=read("id", identity),
        status=read("status", one_of(PayPalAuthorizationStatus)),
        amount=read("amount", amount),
        created_at=read("create_time", iso_time),
        updated_at=read("update_time", iso_time),
        expires_at=read.maybe("expiration_time", iso_time),
        order_id=read.maybe("supplementary_data", related_order),
    )


def to_refund(payload: RefundPayload) -> PayPalRefund:
    read = Reading("paypal", "refund", payload)
    above = read.maybe("links", linked("up"))
    return PayPalRefund(
        upstream_id=read("id", identity),
        status=read("status", one_of(PayPalRefundStatus)),
        amount=read("amount", amount),
        note=read.maybe("note_to_payer", text),
        created_at=read("create_time", iso_time),
        updated_at=read("update_time", iso_time),
        capture_id=above.rpartition("/")[2] if isinstance(above, str) else above,
    )


def to_invoice(payload: InvoicePayload) -> PayPalInvoice:
    read = Reading("paypal", "invoice", payload)
    detail = Reading("paypal", "detail", payload.get("detail") or {})
    term = Reading("paypal", "payment term", (payload.get("detail") or {}).get("payment_term") or {})
    metadata = Reading("paypal", "metadata", (payload.get("detail") or {}).get("metadata") or {})
    return PayPalInvoice(
        upstream_id=read("id", identity),
        status=read("status", one_of(PayPalInvoiceStatus)),
        number=detail.maybe("invoice_number", text),
        amount=read("amount", amount),
        due_amount=read.maybe("due_amount", amount),
        invoice_date=detail.maybe("invoice_date", day),
        due_date=term.maybe("due_date", day),
        note=detail.maybe("note", text),
        recipient_emails=read.maybe("primary_recipients", recipients) or [],
        recipient_view_url=metadata.maybe("recipient_view_url", text),
    )


def to_plan(payload: PlanPayload) -> PayPalPlan:
    read = Reading("paypal", "plan", payload)
    return PayPalPlan(
        upstream_id=read("id", identity),
        product_id=read("product_id", text),
        name=read("name", text),
        status=read("status", text),
        description=read.maybe("description", text),
        created_at=read("create_time", iso_time),
    )


def to_subscription(payload: SubscriptionPayload) -> PayPalSubscription:
    read = Reading("paypal", "subscription", payload)
    billing = Reading("paypal", "billing info", payload.get("billing_info") or {})
    return PayPalSubscription(
        upstream_id=read("id", identity),
        status=read("status", one_of(PayPalSubscriptionStatus)),
        plan_id=read("plan_id", text),
        quantity=read.maybe("quantity", text),
        custom_id=read.maybe("custom_id", text),
        subscriber=read.maybe("subscriber", to_payer),
        starts_at=read("start_time", iso_time),
        created_at=read("create_time", iso_time),
        next_billing_at=billing.maybe("next_billing_time", iso_time),
        last_payment=billing.maybe("last_payment", last_amount),
    )


def to_dispute(payload: DisputePayload) -> PayPalDispute:
    read = Reading("paypal", "dispute", payload)
    return PayPalDispute(
        upstream_id=read("dispute_id", identity),
        status=read("status", one_of(PayPalDisputeStatus)),
        reason=read("reason", text),
        amount=read("dispute_amount", amount),
        stage=read.maybe("dispute_life_cycle_stage", text),
        respond_by=read.maybe("seller_response_due_date", iso_time),
        created_at=read("create_time", iso_time),
        updated_at=read("update_time", iso_time),
        capture_id=read.maybe("disputed_transactions", disputed_capture),
    )


def to_transaction(payload: TransactionPayload) -> PayPalTransaction:
    read = Reading("paypal", "transaction", payload["transaction_info"])
    who = Reading("paypal", "payer", payload.get("payer_info") or {})
    return PayPalTransaction(
        upstream_id=read("transaction_id", identity),
        event_code=read("transaction_event_code", text),
        status=read.maybe("transaction_status", text),
        amount=read("transaction_amount", amount),
        fee=read.maybe("fee_amount", amount),
        initiated_at=read("transaction_initiation_date", iso_time),
        payer_email=who.maybe("email_address", filled),
        payer_name=who.maybe("payer_name", full_name),
    )


def to_refusal(payload: ErrorPayload) -> PayPalPaymentDeclined | PayPalUnprocessable:
    """Why nothing was done: the first of the issues that PayPal details."""
    details = payload.get("details") or [{"issue": payload["name"]}]
    read = Reading("paypal", "issue", details[0])
    issue, message = read("issue", text), read.maybe("description", text)
    if issue in DECLINED:
        return PayPalPaymentDeclined(issue=issue, message=message)
    return PayPalUnprocessable(issue=issue, message=message, field=read.maybe("field", filled))


def identity(value: Any) -> strawberry.ID:
    """An id."""
    if not value:
        raise ValueError
    return strawberry.ID(text(value))


def filled(value: Any) -> str | None:
    """A string; an empty one says that nothing is known."""
    return text(value) or None


def amount(value: Any) -> Money:
    """An amount of money, a whole number of the currency's smallest unit."""
    currency = text(value["currency_code"])
    try:
        units = Decimal(text(value["value"])).scaleb(decimals_of(currency))
    except InvalidOperation as error:
        raise ValueError from error
    if not units.is_finite() or units != units.to_integral_value():
        raise ValueError
    return money(int(units), currency)


def last_amount(value: Any) -> Money:
    """The amount of the last payment."""
    return amount(value["amount"])


def day(value: Any) -> date:
    """A date in ISO 8601."""
    return date.fromisoformat(text(value))


def recipients(value: Any) -> list[str]:
    """The addresses of recipients."""
    found = [one["billing_info"].get("email_address") for one in value]
    return [text(email) for email in found if email is not None]


def related_order(value: Any) -> str | None:
    """The id of the order, where PayPal tells it."""
    return (value.get("related_ids") or {}).get("order_id")


def disputed_capture(value: Any) -> str | None:
    """The id of the first payment in dispute."""
    return value[0].get("seller_transaction_id") if value else None


def full_name(value: Any) -> str | None:
    """A name as a whole."""
    return filled(value.get("alternate_full_name") or "")


def linked(*relations: str) -> Callable[[Any], str | None]:
    """The address of the first link that has one of these relations."""

    def find(value: Any) -> str | None:
        return next((text(link["href"]) for link in value if link.get("rel") in relations), None)

    find.__name__ = "links"
    return find


def list_of(convert: Callable[[Any], T]) -> Callable[[Any], list[T]]:
    """A list, each of its items converted."""

    def converted(value: Any) -> list[T]:
        if not isinstance(value, list):
            raise TypeError
        return [convert(item) for item in value]

    converted.__name__ = "a list"
    return converted


def written(value: Decimal, currency: str) -> Mapping[str, str]:
    """An amount as PayPal takes it."""
    return {"currency_code": currency.upper(), "value": f"{value:f}"}
