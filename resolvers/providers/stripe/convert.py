"""Stripe's payloads as types of ours: names and units change here, once."""

import dataclasses
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar

from connectors.errors import NotFound
from connectors.providers.stripe.payloads import (
    BalancePayload,
    BalanceTransactionPayload,
    CardErrorPayload,
    ChargePayload,
    CustomerPayload,
    DisputePayload,
    ErrorPayload,
    InvoicePayload,
    PaymentIntentPayload,
    PaymentMethodPayload,
    PayoutPayload,
    PricePayload,
    ProductPayload,
    RefundPayload,
    StateErrorPayload,
    SubscriptionPayload,
)
from resolvers.mapping import Reader, mapping
from resolvers.reading import (
    Reading,
    flag,
    identity,
    inside,
    integer,
    json_object,
    list_of,
    maybe_inside,
    one_of,
    text,
    unix_time,
)
from schema.providers.stripe.billing import (
    StripeBillingReason,
    StripeCollectionMethod,
    StripeInterval,
    StripeInvoice,
    StripeInvoiceLine,
    StripeInvoiceStatus,
    StripePrice,
    StripePriceType,
    StripeProduct,
    StripeSubscription,
    StripeSubscriptionItem,
    StripeSubscriptionStatus,
)
from schema.providers.stripe.common import Reference, StripeAddress, StripeBillingDetails, StripeCard
from schema.providers.stripe.customers import StripeCustomer, StripeTaxExempt
from schema.providers.stripe.disputes import (
    StripeDispute,
    StripeDisputeEvidence,
    StripeDisputeReason,
    StripeDisputeStatus,
)
from schema.providers.stripe.funds import (
    StripeBalance,
    StripeBalanceTransaction,
    StripeBalanceTransactionStatus,
    StripeFee,
    StripePayout,
    StripePayoutMethod,
    StripePayoutRejected,
    StripePayoutRejection,
    StripePayoutStatus,
    StripeReconciliationStatus,
)
from schema.providers.stripe.methods import StripePaymentMethod
from schema.providers.stripe.payments import (
    StripeCancellationReason,
    StripeCaptureMethod,
    StripeCardDeclined,
    StripeCharge,
    StripeChargeOutcome,
    StripeChargeStatus,
    StripeNextAction,
    StripePaymentError,
    StripePaymentIntent,
    StripePaymentIntentStatus,
    StripePaymentIntentUnexpectedState,
)
from schema.providers.stripe.refunds import (
    StripeRefund,
    StripeRefundReason,
    StripeRefundRejected,
    StripeRefundRejection,
    StripeRefundStatus,
)
from schema.relay import Node
from schema.scalars import Money, money

T = TypeVar("T")

EVIDENCE = [field.name for field in dataclasses.fields(StripeDisputeEvidence)]


def listed(convert: Callable[[Any], T]) -> Callable[[Any], list[T]]:
    """The items of one of Stripe's list objects."""
    return inside("data", list_of(convert))


def money_in(minor_units: Any, currency: Any) -> Money:
    """An amount in the currency of its object."""
    return money(integer(minor_units), text(currency))


def money_if_any(minor_units: Any, currency: Any) -> Money | None:
    """The same; nothing where the object has no currency yet."""
    return money_in(minor_units, currency) if currency else None


def to_money(payload: Any) -> Money:
    return money_in(payload["amount"], payload["currency"])


def reference(value: Any) -> Reference:
    """An id, or the object in its place; an error value for one that was deleted."""
    if isinstance(value, str):
        return value
    operation, make = REFERRED_TO[value["object"]]
    if value.get("deleted"):
        return NotFound("stripe", operation, status=404, reason="deleted")
    return make(value)


def source_reference(value: Any) -> Reference:
    """What moved money: its id, or the object in its place where it is of a kind that we know."""
    return reference(value if isinstance(value, str) or value["object"] in REFERRED_TO else value["id"])


def subscription_reference(parent: Any) -> Reference:
    """The subscription that made an invoice, if one did."""
    details = parent.get("subscription_details")
    return reference(details["subscription"]) if details else None


def price_of_line(pricing: Any) -> str | None:
    """The price that a line was made from, if it was."""
    details = pricing.get("price_details")
    return text(details["price"]) if details else None


def id_of(value: Any) -> str:
    """The id of an object that may have come along in the place of it."""
    return text(value if isinstance(value, str) else value["id"])


def number(value: Any) -> Decimal:
    """A number as it was written."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError
    return Decimal(repr(value))


def latest_start(items: Any) -> datetime | None:
    """When an item was last renewed."""
    return max((unix_time(item["current_period_start"]) for item in items["data"]), default=None)


def earliest_end(items: Any) -> datetime | None:
    """When an item is renewed next."""
    return min((unix_time(item["current_period_end"]) for item in items["data"]), default=None)


@mapping("stripe", "address")
def to_address(read: Reader[Any]) -> StripeAddress:
    return StripeAddress(
        line1=read.maybe("line1", text),
        line2=read.maybe("line2", text),
        city=read.maybe("city", text),
        state=read.maybe("state", text),
        postal_code=read.maybe("postal_code", text),
        country=read.maybe("country", text),
    )


@mapping("stripe", "customer")
def to_customer(read: Reader[CustomerPayload]) -> StripeCustomer:
    return StripeCustomer(
        upstream_id=read("id", identity),
        name=read.maybe("name", text),
        email=read.maybe("email", text),
        phone=read.maybe("phone", text),
        description=read.maybe("description", text),
        created_at=read("created", unix_time),
        currency=read.maybe("currency", text),
        balance=read.maybe("balance", money_if_any, "currency"),
        delinquent=read.maybe("delinquent", flag),
        address=read.maybe("address", to_address),
        preferred_locales=read("preferred_locales", list_of(text)),
        tax_exempt=read.maybe("tax_exempt", one_of(StripeTaxExempt)),
        invoice_prefix=read.maybe("invoice_prefix", text),
        metadata=read.maybe("metadata", json_object),
        livemode=read("livemode", flag),
        invoices_payment_method_ref=read.maybe("invoice_settings", maybe_inside("default_payment_method", reference)),
    )


def to_customer_if_there(payload: CustomerPayload) -> StripeCustomer | None:
    """A customer, or `None` for what Stripe keeps of a deleted one."""
    return None if payload.get("deleted") else to_customer(payload)


@mapping("stripe", "billing_details")
def to_billing_details(read: Reader[Any]) -> StripeBillingDetails:
    return StripeBillingDetails(
        name=read.maybe("name", text),
        email=read.maybe("email", text),
        phone=read.maybe("phone", text),
        address=read.maybe("address", to_address),
    )


@mapping("stripe", "charge.outcome")
def to_outcome(read: Reader[Any]) -> StripeChargeOutcome:
    return StripeChargeOutcome(
        type=read("type", text),
        network_status=read.maybe("network_status", text),
        reason=read.maybe("reason", text),
        risk_level=read.maybe("risk_level", text),
        seller_message=read.maybe("seller_message", text),
    )


@mapping("stripe", "card")
def to_card(read: Reader[Any]) -> StripeCard:
    return StripeCard(
        brand=read.maybe("brand", text),
        last4=read.maybe("last4", text),
        exp_month=read("exp_month", integer),
        exp_year=read("exp_year", integer),
        country=read.maybe("country", text),
        funding=read.maybe("funding", text),
    )


@mapping("stripe", "charge")
def to_charge(read: Reader[ChargePayload]) -> StripeCharge:
    return StripeCharge(
        upstream_id=read("id", identity),
        amount=read("amount", money_in, "currency"),
        amount_captured=read("amount_captured", money_in, "currency"),
        amount_refunded=read("amount_refunded", money_in, "currency"),
        currency=read("currency", text),
        status=read("status", one_of(StripeChargeStatus)),
        paid=read("paid", flag),
        captured=read("captured", flag),
        refunded=read("refunded", flag),
        disputed=read("disputed", flag),
        created_at=read("created", unix_time),
        description=read.maybe("description", text),
        statement_descriptor=read.maybe("calculated_statement_descriptor", text),
        receipt_url=read.maybe("receipt_url", text),
        receipt_email=read.maybe("receipt_email", text),
        receipt_number=read.maybe("receipt_number", text),
        failure_code=read.maybe("failure_code", text),
        failure_message=read.maybe("failure_message", text),
        outcome=read.maybe("outcome", to_outcome),
        billing_details=read.maybe("billing_details", to_billing_details),
        payment_method_type=read.maybe("payment_method_details", inside("type", text)),
        card=read.maybe("payment_method_details", maybe_inside("card", to_card)),
        metadata=read.maybe("metadata", json_object),
        livemode=read("livemode", flag),
        customer_ref=read.maybe("customer", reference),
        payment_method_id=read.maybe("payment_method", id_of),
        payment_intent_ref=read.maybe("payment_intent", reference),
        balance_transaction_ref=read.maybe("balance_transaction", reference),
    )


@mapping("stripe", "payment_method")
def to_payment_method(read: Reader[PaymentMethodPayload]) -> StripePaymentMethod:
    return StripePaymentMethod(
        upstream_id=read("id", identity),
        type=read("type", text),
        card=read.maybe("card", to_card),
        billing_details=read.maybe("billing_details", to_billing_details),
        allow_redisplay=read.maybe("allow_redisplay", text),
        created_at=read("created", unix_time),
        metadata=read.maybe("metadata", json_object),
        livemode=read("livemode", flag),
        customer_ref=read.maybe("customer", reference),
    )


@mapping("stripe", "payment_intent.last_payment_error")
def to_payment_error(read: Reader[Any]) -> StripePaymentError:
    return StripePaymentError(
        type=read("type", text),
        code=read.maybe("code", text),
        decline_code=read.maybe("decline_code", text),
        message=read.maybe("message", text),
    )


@mapping("stripe", "payment_intent.next_action")
def to_next_action(read: Reader[Any]) -> StripeNextAction:
    return StripeNextAction(type=read("type", text), redirect_url=read.maybe("redirect_to_url", inside("url", text)))


@mapping("stripe", "payment_intent")
def to_payment_intent(read: Reader[PaymentIntentPayload]) -> StripePaymentIntent:
    return StripePaymentIntent(
        upstream_id=read("id", identity),
        amount=read("amount", money_in, "currency"),
        amount_received=read("amount_received", money_in, "currency"),
        amount_capturable=read("amount_capturable", money_in, "currency"),
        currency=read("currency", text),
        status=read("status", one_of(StripePaymentIntentStatus)),
        capture_method=read("capture_method", one_of(StripeCaptureMethod)),
        created_at=read("created", unix_time),
        canceled_at=read.maybe("canceled_at", unix_time),
        cancellation_reason=read.maybe("cancellation_reason", one_of(StripeCancellationReason)),
        description=read.maybe("description", text),
        receipt_email=read.maybe("receipt_email", text),
        payment_method_types=read("payment_method_types", list_of(text)),
        last_payment_error=read.maybe("last_payment_error", to_payment_error),
        next_action=read.maybe("next_action", to_next_action),
        metadata=read.maybe("metadata", json_object),
        livemode=read("livemode", flag),
        customer_ref=read.maybe("customer", reference),
        latest_charge_ref=read.maybe("latest_charge", reference),
        payment_method_ref=read.maybe("payment_method", reference),
    )


@mapping("stripe", "refund")
def to_refund(read: Reader[RefundPayload]) -> StripeRefund:
    return StripeRefund(
        upstream_id=read("id", identity),
        amount=read("amount", money_in, "currency"),
        currency=read("currency", text),
        status=read.maybe("status", one_of(StripeRefundStatus)),
        reason=read.maybe("reason", one_of(StripeRefundReason)),
        failure_reason=read.maybe("failure_reason", text),
        created_at=read("created", unix_time),
        receipt_number=read.maybe("receipt_number", text),
        metadata=read.maybe("metadata", json_object),
        charge_ref=read.maybe("charge", reference),
        payment_intent_ref=read.maybe("payment_intent", reference),
        balance_transaction_ref=read.maybe("balance_transaction", reference),
    )


@mapping("stripe", "balance_transaction.fee_details")
def to_fee(read: Reader[Any]) -> StripeFee:
    return StripeFee(
        amount=read("amount", money_in, "currency"),
        type=read("type", text),
        description=read.maybe("description", text),
    )


@mapping("stripe", "balance_transaction")
def to_balance_transaction(read: Reader[BalanceTransactionPayload]) -> StripeBalanceTransaction:
    return StripeBalanceTransaction(
        upstream_id=read("id", identity),
        amount=read("amount", money_in, "currency"),
        fee=read("fee", money_in, "currency"),
        net=read("net", money_in, "currency"),
        fee_details=read("fee_details", list_of(to_fee)),
        currency=read("currency", text),
        exchange_rate=read.maybe("exchange_rate", number),
        type=read("type", text),
        reporting_category=read("reporting_category", text),
        status=read("status", one_of(StripeBalanceTransactionStatus)),
        available_on=read("available_on", unix_time),
        created_at=read("created", unix_time),
        description=read.maybe("description", text),
        source_id=read.maybe("source", id_of),
        source_ref=read.maybe("source", source_reference),
    )


@mapping("stripe", "payout")
def to_payout(read: Reader[PayoutPayload]) -> StripePayout:
    return StripePayout(
        upstream_id=read("id", identity),
        amount=read("amount", money_in, "currency"),
        currency=read("currency", text),
        status=read("status", one_of(StripePayoutStatus)),
        automatic=read("automatic", flag),
        method=read("method", one_of(StripePayoutMethod)),
        type=read("type", text),
        created_at=read("created", unix_time),
        arrival_date=read("arrival_date", unix_time),
        description=read.maybe("description", text),
        statement_descriptor=read.maybe("statement_descriptor", text),
        destination_id=read.maybe("destination", id_of),
        failure_code=read.maybe("failure_code", text),
        failure_message=read.maybe("failure_message", text),
        reconciliation_status=read("reconciliation_status", one_of(StripeReconciliationStatus)),
        metadata=read.maybe("metadata", json_object),
        livemode=read("livemode", flag),
        balance_transaction_ref=read.maybe("balance_transaction", reference),
        failure_balance_transaction_ref=read.maybe("failure_balance_transaction", reference),
    )


@mapping("stripe", "dispute.evidence")
def to_evidence(read: Reader[Any]) -> StripeDisputeEvidence:
    return StripeDisputeEvidence(**{name: read.maybe(name, id_of) for name in EVIDENCE})


@mapping("stripe", "dispute")
def to_dispute(read: Reader[DisputePayload]) -> StripeDispute:
    return StripeDispute(
        upstream_id=read("id", identity),
        amount=read("amount", money_in, "currency"),
        currency=read("currency", text),
        status=read("status", one_of(StripeDisputeStatus)),
        reason=read("reason", one_of(StripeDisputeReason)),
        network_reason_code=read.maybe("network_reason_code", text),
        created_at=read("created", unix_time),
        evidence_due_by=read.maybe("evidence_details", maybe_inside("due_by", unix_time)),
        has_evidence=read("evidence_details", inside("has_evidence", flag)),
        past_due=read("evidence_details", inside("past_due", flag)),
        submission_count=read("evidence_details", inside("submission_count", integer)),
        evidence=read("evidence", to_evidence),
        is_charge_refundable=read("is_charge_refundable", flag),
        balance_transactions=read("balance_transactions", list_of(to_balance_transaction)),
        metadata=read.maybe("metadata", json_object),
        livemode=read("livemode", flag),
        charge_ref=read("charge", reference),
        payment_intent_ref=read.maybe("payment_intent", reference),
    )


@mapping("stripe", "invoice.lines")
def to_invoice_line(read: Reader[Any]) -> StripeInvoiceLine:
    return StripeInvoiceLine(
        upstream_id=read("id", identity),
        description=read.maybe("description", text),
        amount=read("amount", money_in, "currency"),
        quantity=read.maybe("quantity", integer),
        period_start=read("period", inside("start", unix_time)),
        period_end=read("period", inside("end", unix_time)),
        price_id=read.maybe("pricing", price_of_line),
    )


@mapping("stripe", "invoice")
def to_invoice(read: Reader[InvoicePayload]) -> StripeInvoice:
    return StripeInvoice(
        upstream_id=read("id", identity),
        number=read.maybe("number", text),
        status=read.maybe("status", one_of(StripeInvoiceStatus)),
        currency=read("currency", text),
        total=read("total", money_in, "currency"),
        subtotal=read("subtotal", money_in, "currency"),
        amount_due=read("amount_due", money_in, "currency"),
        amount_paid=read("amount_paid", money_in, "currency"),
        amount_remaining=read("amount_remaining", money_in, "currency"),
        created_at=read("created", unix_time),
        due_date=read.maybe("due_date", unix_time),
        finalized_at=read.maybe("status_transitions", maybe_inside("finalized_at", unix_time)),
        paid_at=read.maybe("status_transitions", maybe_inside("paid_at", unix_time)),
        period_start=read("period_start", unix_time),
        period_end=read("period_end", unix_time),
        billing_reason=read.maybe("billing_reason", one_of(StripeBillingReason)),
        collection_method=read("collection_method", one_of(StripeCollectionMethod)),
        attempt_count=read("attempt_count", integer),
        attempted=read("attempted", flag),
        next_payment_attempt=read.maybe("next_payment_attempt", unix_time),
        customer_name=read.maybe("customer_name", text),
        customer_email=read.maybe("customer_email", text),
        description=read.maybe("description", text),
        hosted_invoice_url=read.maybe("hosted_invoice_url", text),
        invoice_pdf=read.maybe("invoice_pdf", text),
        lines=read("lines", listed(to_invoice_line)),
        metadata=read.maybe("metadata", json_object),
        livemode=read("livemode", flag),
        customer_ref=read.maybe("customer", reference),
        subscription_ref=read.maybe("parent", subscription_reference),
        default_payment_method_ref=read.maybe("default_payment_method", reference),
    )


@mapping("stripe", "product")
def to_product(read: Reader[ProductPayload]) -> StripeProduct:
    return StripeProduct(
        upstream_id=read("id", identity),
        name=read("name", text),
        description=read.maybe("description", text),
        active=read("active", flag),
        unit_label=read.maybe("unit_label", text),
        images=read("images", list_of(text)),
        url=read.maybe("url", text),
        created_at=read("created", unix_time),
        updated_at=read("updated", unix_time),
        metadata=read.maybe("metadata", json_object),
        livemode=read("livemode", flag),
    )


def to_product_if_there(payload: ProductPayload) -> StripeProduct | None:
    """A product, or `None` for what Stripe keeps of a deleted one."""
    return None if payload.get("deleted") else to_product(payload)


@mapping("stripe", "price")
def to_price(read: Reader[PricePayload]) -> StripePrice:
    return StripePrice(
        upstream_id=read("id", identity),
        product_id=read("product", id_of),
        nickname=read.maybe("nickname", text),
        lookup_key=read.maybe("lookup_key", text),
        active=read("active", flag),
        unit_amount=read.maybe("unit_amount", money_in, "currency"),
        interval=read.maybe("recurring", inside("interval", one_of(StripeInterval))),
        interval_count=read.maybe("recurring", inside("interval_count", integer)),
        type=read("type", one_of(StripePriceType)),
        currency=read("currency", text),
        created_at=read("created", unix_time),
        metadata=read.maybe("metadata", json_object),
        livemode=read("livemode", flag),
        product_ref=read("product", reference),
    )


@mapping("stripe", "subscription.items")
def to_subscription_item(read: Reader[Any]) -> StripeSubscriptionItem:
    return StripeSubscriptionItem(
        upstream_id=read("id", identity),
        created_at=read("created", unix_time),
        quantity=read.maybe("quantity", integer),
        current_period_start=read("current_period_start", unix_time),
        current_period_end=read("current_period_end", unix_time),
        price=read("price", to_price),
    )


@mapping("stripe", "subscription")
def to_subscription(read: Reader[SubscriptionPayload]) -> StripeSubscription:
    return StripeSubscription(
        upstream_id=read("id", identity),
        status=read("status", one_of(StripeSubscriptionStatus)),
        currency=read("currency", text),
        created_at=read("created", unix_time),
        start_date=read("start_date", unix_time),
        billing_cycle_anchor=read("billing_cycle_anchor", unix_time),
        current_period_start=read("items", latest_start),
        current_period_end=read("items", earliest_end),
        cancel_at_period_end=read("cancel_at_period_end", flag),
        cancel_at=read.maybe("cancel_at", unix_time),
        canceled_at=read.maybe("canceled_at", unix_time),
        ended_at=read.maybe("ended_at", unix_time),
        trial_start=read.maybe("trial_start", unix_time),
        trial_end=read.maybe("trial_end", unix_time),
        collection_method=read("collection_method", one_of(StripeCollectionMethod)),
        days_until_due=read.maybe("days_until_due", integer),
        description=read.maybe("description", text),
        items=read("items", listed(to_subscription_item)),
        metadata=read.maybe("metadata", json_object),
        livemode=read("livemode", flag),
        customer_ref=read.maybe("customer", reference),
        latest_invoice_ref=read.maybe("latest_invoice", reference),
        default_payment_method_ref=read.maybe("default_payment_method", reference),
    )


@mapping("stripe", "balance")
def to_balance(read: Reader[BalancePayload]) -> StripeBalance:
    return StripeBalance(
        available=read("available", list_of(to_money)),
        pending=read("pending", list_of(to_money)),
        livemode=read("livemode", flag),
    )


@mapping("stripe", "error")
def to_declined(read: Reader[CardErrorPayload]) -> StripeCardDeclined:
    return StripeCardDeclined(
        code=read("code", text),
        decline_code=read.maybe("decline_code", text),
        message=read.maybe("message", text),
    )


@mapping("stripe", "error")
def to_unexpected_state(read: Reader[StateErrorPayload]) -> StripePaymentIntentUnexpectedState:
    return StripePaymentIntentUnexpectedState(
        payment_intent=read.maybe("payment_intent", to_payment_intent),
        message=read.maybe("message", text),
    )


def message_of(error: Mapping[str, Any]) -> str | None:
    """Stripe's explanation of a refusal."""
    return Reading("stripe", "error", error).maybe("message", text)


def to_refund_rejected(payload: ErrorPayload) -> StripeRefundRejected:
    """Why nothing is given back; Stripe's only refusal without a code is of the amount."""
    code = payload.get("code") or "amount_too_large"
    return StripeRefundRejected(reason=one_of(StripeRefundRejection)(code), message=message_of(payload))


def to_payout_rejected(payload: ErrorPayload) -> StripePayoutRejected:
    """Why nothing is sent to the bank."""
    reason = one_of(StripePayoutRejection)(payload.get("code"))
    return StripePayoutRejected(reason=reason, message=message_of(payload))


REFERRED_TO: Mapping[str, tuple[str, Callable[[Any], Node]]] = {
    "customer": ("customers.get", to_customer),
    "charge": ("charges.get", to_charge),
    "payment_method": ("payment_methods.get", to_payment_method),
    "balance_transaction": ("balance_transactions.get", to_balance_transaction),
    "refund": ("refunds.get", to_refund),
    "dispute": ("disputes.get", to_dispute),
    "payout": ("payouts.get", to_payout),
    "payment_intent": ("payment_intents.get", to_payment_intent),
    "product": ("products.get", to_product),
    "invoice": ("invoices.get", to_invoice),
    "subscription": ("subscriptions.get", to_subscription),
}
"""How the objects are read by themselves that may come along in another, and what they become, by Stripe's `object`."""
