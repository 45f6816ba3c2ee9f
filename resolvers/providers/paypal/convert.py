"""PayPal's payloads as types of ours."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, TypeVar

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
from resolvers.mapping import Reader, mapping
from resolvers.reading import (
    Reading,
    day,
    decimal,
    filled,
    flag,
    identity,
    inside,
    iso_time,
    list_of,
    maybe_inside,
    one_of,
    text,
)
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


def amount(value: Any) -> Money:
    """An amount of money, a whole number of the currency's smallest unit."""
    currency = text(value["currency_code"])
    units = decimal(value["value"]).scaleb(decimals_of(currency))
    if units != units.to_integral_value():
        raise ValueError
    return money(int(units), currency)


def recipients(value: Any) -> list[str]:
    """The addresses of recipients, where there are any."""
    found = [one["billing_info"].get("email_address") for one in value or ()]
    return [text(email) for email in found if email is not None]


def related_order(value: Any) -> str | None:
    """The id of the order, where PayPal tells it."""
    return (value.get("related_ids") or {}).get("order_id")


def disputed_capture(value: Any) -> str | None:
    """The id of the first payment in dispute."""
    return value[0].get("seller_transaction_id") if value else None


def linked(*relations: str) -> Callable[[Any], str | None]:
    """The address of the first link that has one of these relations."""

    def find(value: Any) -> str | None:
        return next((text(link["href"]) for link in value if link.get("rel") in relations), None)

    find.__name__ = "links"
    return find


def capture_above(links: Any) -> str | None:
    """The id of what a refund gives back: the last part of the address that it links up to."""
    address = linked("up")(links)
    return address and address.rpartition("/")[2]


def paid(kind: str, make: Callable[[Any], T]) -> Callable[[Any], list[T]]:
    """The payments of one kind, where there are any."""

    def read(payments: Any) -> list[T]:
        return [make(payment) for payment in (payments or {}).get(kind) or ()]

    read.__name__ = f"a list as {kind}"
    return read


def written(value: Decimal, currency: str) -> Mapping[str, str]:
    """An amount as PayPal takes it."""
    return {"currency_code": currency.upper(), "value": f"{value:f}"}


@mapping("paypal", "payer")
def to_payer(read: Reader[PayerPayload]) -> PayPalPayer:
    return PayPalPayer(
        payer_id=read.maybe("payer_id", text),
        email=read.maybe("email_address", text),
        given_name=read.maybe("name", maybe_inside("given_name", text)),
        surname=read.maybe("name", maybe_inside("surname", text)),
    )


@mapping("paypal", "capture")
def to_capture(read: Reader[CapturePayload]) -> PayPalCapture:
    return PayPalCapture(
        upstream_id=read("id", identity),
        status=read("status", one_of(PayPalCaptureStatus)),
        amount=read("amount", amount),
        fee=read.maybe("seller_receivable_breakdown", maybe_inside("paypal_fee", amount)),
        net=read.maybe("seller_receivable_breakdown", maybe_inside("net_amount", amount)),
        final=read.maybe("final_capture", flag),
        custom_id=read.maybe("custom_id", text),
        invoice_id=read.maybe("invoice_id", text),
        created_at=read("create_time", iso_time),
        updated_at=read("update_time", iso_time),
        order_id=read.maybe("supplementary_data", related_order),
    )


@mapping("paypal", "authorization")
def to_authorization(read: Reader[AuthorizationPayload]) -> PayPalAuthorization:
    return PayPalAuthorization(
        upstream_id=read("id", identity),
        status=read("status", one_of(PayPalAuthorizationStatus)),
        amount=read("amount", amount),
        created_at=read("create_time", iso_time),
        updated_at=read("update_time", iso_time),
        expires_at=read.maybe("expiration_time", iso_time),
        order_id=read.maybe("supplementary_data", related_order),
    )


@mapping("paypal", "purchase unit")
def to_purchase_unit(read: Reader[PurchaseUnitPayload]) -> PayPalPurchaseUnit:
    return PayPalPurchaseUnit(
        reference_id=read.maybe("reference_id", text),
        amount=read("amount", amount),
        description=read.maybe("description", text),
        custom_id=read.maybe("custom_id", text),
        invoice_id=read.maybe("invoice_id", text),
        captures=read("payments", paid("captures", to_capture)),
        authorizations=read("payments", paid("authorizations", to_authorization)),
    )


@mapping("paypal", "order")
def to_order(read: Reader[OrderPayload]) -> PayPalOrder:
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


@mapping("paypal", "refund")
def to_refund(read: Reader[RefundPayload]) -> PayPalRefund:
    return PayPalRefund(
        upstream_id=read("id", identity),
        status=read("status", one_of(PayPalRefundStatus)),
        amount=read("amount", amount),
        note=read.maybe("note_to_payer", text),
        created_at=read("create_time", iso_time),
        updated_at=read("update_time", iso_time),
        capture_id=read.maybe("links", capture_above),
    )


@mapping("paypal", "invoice")
def to_invoice(read: Reader[InvoicePayload]) -> PayPalInvoice:
    return PayPalInvoice(
        upstream_id=read("id", identity),
        status=read("status", one_of(PayPalInvoiceStatus)),
        number=read.maybe("detail", maybe_inside("invoice_number", text)),
        amount=read("amount", amount),
        due_amount=read.maybe("due_amount", amount),
        invoice_date=read.maybe("detail", maybe_inside("invoice_date", day)),
        due_date=read.maybe("detail", maybe_inside("payment_term", maybe_inside("due_date", day))),
        note=read.maybe("detail", maybe_inside("note", text)),
        recipient_emails=read("primary_recipients", recipients),
        recipient_view_url=read.maybe("detail", maybe_inside("metadata", maybe_inside("recipient_view_url", text))),
    )


@mapping("paypal", "plan")
def to_plan(read: Reader[PlanPayload]) -> PayPalPlan:
    return PayPalPlan(
        upstream_id=read("id", identity),
        product_id=read("product_id", text),
        name=read("name", text),
        status=read("status", text),
        description=read.maybe("description", text),
        created_at=read("create_time", iso_time),
    )


@mapping("paypal", "subscription")
def to_subscription(read: Reader[SubscriptionPayload]) -> PayPalSubscription:
    return PayPalSubscription(
        upstream_id=read("id", identity),
        status=read("status", one_of(PayPalSubscriptionStatus)),
        plan_id=read("plan_id", text),
        quantity=read.maybe("quantity", text),
        custom_id=read.maybe("custom_id", text),
        subscriber=read.maybe("subscriber", to_payer),
        starts_at=read("start_time", iso_time),
        created_at=read("create_time", iso_time),
        next_billing_at=read.maybe("billing_info", maybe_inside("next_billing_time", iso_time)),
        last_payment=read.maybe("billing_info", maybe_inside("last_payment", inside("amount", amount))),
    )


@mapping("paypal", "dispute")
def to_dispute(read: Reader[DisputePayload]) -> PayPalDispute:
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


@mapping("paypal", "transaction")
def to_transaction(read: Reader[TransactionPayload]) -> PayPalTransaction:
    return PayPalTransaction(
        upstream_id=read("transaction_info", inside("transaction_id", identity)),
        event_code=read("transaction_info", inside("transaction_event_code", text)),
        status=read("transaction_info", maybe_inside("transaction_status", text)),
        amount=read("transaction_info", inside("transaction_amount", amount)),
        fee=read("transaction_info", maybe_inside("fee_amount", amount)),
        created_at=read("transaction_info", inside("transaction_initiation_date", iso_time)),
        initiated_at=read("transaction_info", inside("transaction_initiation_date", iso_time)),
        payer_email=read.maybe("payer_info", maybe_inside("email_address", filled)),
        payer_name=read.maybe("payer_info", maybe_inside("payer_name", maybe_inside("alternate_full_name", filled))),
    )


def to_refusal(payload: ErrorPayload) -> PayPalPaymentDeclined | PayPalUnprocessable:
    """Why nothing was done: the first of the issues that PayPal details."""
    details = payload.get("details") or [{"issue": payload["name"]}]
    read = Reading("paypal", "issue", details[0])
    issue, message = read("issue", text), read.maybe("description", text)
    if issue in DECLINED:
        return PayPalPaymentDeclined(issue=issue, message=message)
    return PayPalUnprocessable(issue=issue, message=message, field=read.maybe("field", filled))
