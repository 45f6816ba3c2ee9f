"""Stripe's payloads as types of ours: names and units change here, once."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar

import strawberry
from strawberry.scalars import JSON

from connectors.errors import NotFound
from connectors.providers.stripe.payloads import (
    BalancePayload,
    CardErrorPayload,
    ChargePayload,
    CustomerPayload,
    InvoicePayload,
    PaymentIntentPayload,
    StateErrorPayload,
    SubscriptionPayload,
)
from resolvers.reading import Reading, flag, integer, one_of, text, unix_time
from schema.providers.stripe import (
    Reference,
    StripeAddress,
    StripeBalance,
    StripeBillingDetails,
    StripeBillingReason,
    StripeCancellationReason,
    StripeCaptureMethod,
    StripeCard,
    StripeCardDeclined,
    StripeCharge,
    StripeChargeOutcome,
    StripeChargeStatus,
    StripeCollectionMethod,
    StripeCustomer,
    StripeInterval,
    StripeInvoice,
    StripeInvoiceLine,
    StripeInvoiceStatus,
    StripeNextAction,
    StripePaymentError,
    StripePaymentIntent,
    StripePaymentIntentStatus,
    StripePaymentIntentUnexpectedState,
    StripePrice,
    StripeSubscription,
    StripeSubscriptionItem,
    StripeSubscriptionStatus,
    StripeTaxExempt,
)
from schema.relay import Node
from schema.scalars import Money, money

T = TypeVar("T")


def to_customer(payload: CustomerPayload) -> StripeCustomer:
    read = Reading("stripe", "customer", payload)
    return StripeCustomer(
        upstream_id=read("id", identity),
        name=read.maybe("name", text),
        email=read.maybe("email", text),
        phone=read.maybe("phone", text),
        description=read.maybe("description", text),
        created_at=read("created", unix_time),
        currency=read.maybe("currency", text),
        balance=read.maybe("balance", money_of(payload)) if payload.get("currency") else None,
        delinquent=read.maybe("delinquent", flag),
        address=read.maybe("address", to_address),
        preferred_locales=read("preferred_locales", list_of(text)),
        tax_exempt=read.maybe("tax_exempt", one_of(StripeTaxExempt)),
        invoice_prefix=read.maybe("invoice_prefix", text),
        metadata=read.maybe("metadata", json_object),
        livemode=read("livemode", flag),
    )


def to_customer_if_there(payload: CustomerPayload) -> StripeCustomer | None:
    """A customer, or `None` for what Stripe keeps of a deleted one."""
    return None if payload.get("deleted") else to_customer(payload)


def to_charge(payload: ChargePayload) -> StripeCharge:
    read = Reading("stripe", "charge", payload)
    return StripeCharge(
        upstream_id=read("id", identity),
        amount=read("amount", money_of(payload)),
        amount_captured=read("amount_captured", money_of(payload)),
        amount_refunded=read("amount_refunded", money_of(payload)),
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
        card=read.maybe("payment_method_details", to_card),
        metadata=read.maybe("metadata", json_object),
        livemode=read("livemode", flag),
        customer_ref=read.maybe("customer", reference(to_customer, "customers.get")),
        payment_intent_ref=read.maybe("payment_intent", reference(to_payment_intent, "payment_intents.get")),
    )


def to_payment_intent(payload: PaymentIntentPayload) -> StripePaymentIntent:
    read = Reading("stripe", "payment_intent", payload)
    return StripePaymentIntent(
        upstream_id=read("id", identity),
        amount=read("amount", money_of(payload)),
        amount_received=read("amount_received", money_of(payload)),
        amount_capturable=read("amount_capturable", money_of(payload)),
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
        customer_ref=read.maybe("customer", reference(to_customer, "customers.get")),
        latest_charge_ref=read.maybe("latest_charge", reference(to_charge, "charges.get")),
    )


def to_invoice(payload: InvoicePayload) -> StripeInvoice:
    read = Reading("stripe", "invoice", payload)
    reached = Reading("stripe", "invoice.status_transitions", payload.get("status_transitions") or {})
    return StripeInvoice(
        upstream_id=read("id", identity),
        number=read.maybe("number", text),
        status=read.maybe("status", one_of(StripeInvoiceStatus)),
        currency=read("currency", text),
        total=read("total", money_of(payload)),
        subtotal=read("subtotal", money_of(payload)),
        amount_due=read("amount_due", money_of(payload)),
        amount_paid=read("amount_paid", money_of(payload)),
        amount_remaining=read("amount_remaining", money_of(payload)),
        created_at=read("created", unix_time),
        due_date=read.maybe("due_date", unix_time),
        finalized_at=reached.maybe("finalized_at", unix_time),
        paid_at=reached.maybe("paid_at", unix_time),
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
        customer_ref=read.maybe("customer", reference(to_customer, "customers.get")),
        subscription_ref=read.maybe("parent", subscription_reference),
    )


def to_subscription(payload: SubscriptionPayload) -> StripeSubscription:
    read = Reading("stripe", "subscription", payload)
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
        customer_ref=read.maybe("customer", reference(to_customer, "customers.get")),
        latest_invoice_ref=read.maybe("latest_invoice", reference(to_invoice, "invoices.get")),
    )


def to_balance(payload: BalancePayload) -> StripeBalance:
    read = Reading("stripe", "balance", payload)
    return StripeBalance(
        available=read("available", list_of(to_money)),
        pending=read("pending", list_of(to_money)),
        livemode=read("livemode", flag),
    )


def identity(value: Any) -> strawberry.ID:
    """An id."""
    return strawberry.ID(text(value))


def json_object(value: Any) -> JSON:
    """An object as it is."""
    if not isinstance(value, dict):
        raise TypeError
    return JSON(value)


def list_of(convert: Callable[[Any], T]) -> Callable[[Any], list[T]]:
    """A list whose items `convert` reads."""

    def items(value: Any) -> list[T]:
        if not isinstance(value, list):
            raise TypeError
        return [convert(item) for item in value]

    return items


def listed(convert: Callable[[Any], T]) -> Callable[[Any], list[T]]:
    """The items of one of Stripe's list objects."""
    return inside("data", list_of(convert))


def inside(key: str, convert: Callable[[Any], T]) -> Callable[[Any], T]:
    """A value that lies one level deeper."""

    def inner(value: Any) -> T:
        return convert(value[key])

    inner.__name__ = f"{convert.__name__} as {key}"
    return inner


def money_of(payload: Mapping[str, Any]) -> Callable[[Any], Money]:
    """An amount in the currency of its object."""

    def amount(value: Any) -> Money:
        return money(integer(value), text(payload["currency"]))

    return amount


def to_money(payload: Any) -> Money:
    return money(integer(payload["amount"]), text(payload["currency"]))


def reference(make: Callable[[Any], Node], operation: str) -> Callable[[Any], Reference]:
    """An id, or the object in its place; an error value for one that was deleted."""

    def id_or_object(value: Any) -> Reference:
        if isinstance(value, str):
            return value
        if value.get("deleted"):
            return NotFound("stripe", operation, status=404, reason="deleted")
        return make(value)

    return id_or_object


def subscription_reference(parent: Any) -> Reference:
    """The subscription that made an invoice, if one did."""
    details = parent.get("subscription_details")
    return reference(to_subscription, "subscriptions.get")(details["subscription"]) if details else None


def to_address(payload: Any) -> StripeAddress:
    read = Reading("stripe", "address", payload)
    return StripeAddress(
        line1=read.maybe("line1", text),
        line2=read.maybe("line2", text),
        city=read.maybe("city", text),
        state=read.maybe("state", text),
        postal_code=read.maybe("postal_code", text),
        country=read.maybe("country", text),
    )


def to_billing_details(payload: Any) -> StripeBillingDetails:
    read = Reading("stripe", "charge.billing_details", payload)
    return StripeBillingDetails(
        name=read.maybe("name", text),
        email=read.maybe("email", text),
        phone=read.maybe("phone", text),
        address=read.maybe("address", to_address),
    )


def to_outcome(payload: Any) -> StripeChargeOutcome:
    read = Reading("stripe", "charge.outcome", payload)
    return StripeChargeOutcome(
        type=read("type", text),
        network_status=read.maybe("network_status", text),
        reason=read.maybe("reason", text),
        risk_level=read.maybe("risk_level", text),
        seller_message=read.maybe("seller_message", text),
    )


def to_card(details: Any) -> StripeCard | None:
    if details.get("card") is None:
        return None
    read = Reading("stripe", "charge.payment_method_details.card", details["card"])
    return StripeCard(
        brand=read.maybe("brand", text),
        last4=read.maybe("last4", text),
        exp_month=read("exp_month", integer),
        exp_year=read("exp_year", integer),
        country=read.maybe("country", text),
        funding=read.maybe("funding", text),
    )


def to_payment_error(payload: Any) -> StripePaymentError:
    read = Reading("stripe", "payment_intent.last_payment_error", payload)
    return StripePaymentError(
        type=read("type", text),
        code=read.maybe("code", text),
        decline_code=read.maybe("decline_code", text),
        message=read.maybe("message", text),
    )


def to_next_action(payload: Any) -> StripeNextAction:
    read = Reading("stripe", "payment_intent.next_action", payload)
    return StripeNextAction(type=read("type", text), redirect_url=read.maybe("redirect_to_url", inside("url", text)))


def to_invoice_line(payload: Any) -> StripeInvoiceLine:
    read = Reading("stripe", "invoice.lines", payload)
    return StripeInvoiceLine(
        upstream_id=read("id", identity),
        description=read.maybe("description", text),
        amount=read("amount", money_of(payload)),
        quantity=read.maybe("quantity", integer),
        period_start=read("period", inside("start", unix_time)),
        period_end=read("period", inside("end", unix_time)),
        price_id=read.maybe("pricing", price_of_line),
    )


def price_of_line(pricing: Any) -> str | None:
    """The price that a line was made from, if it was."""
    details = pricing.get("price_details")
    return text(details["price"]) if details else None


def to_subscription_item(payload: Any) -> StripeSubscriptionItem:
    read = Reading("stripe", "subscription.items", payload)
    return StripeSubscriptionItem(
        upstream_id=read("id", identity),
        created_at=read("created", unix_time),
        quantity=read.maybe("quantity", integer),
        current_period_start=read("current_period_start", unix_time),
        current_period_end=read("current_period_end", unix_time),
        price=read("price", to_price),
    )


def id_of_product(product: Any) -> str:
    """A product's id."""
    return text(product if isinstance(product, str) else product["id"])


def to_price(payload: Any) -> StripePrice:
    read = Reading("stripe", "price", payload)
    return StripePrice(
        upstream_id=read("id", identity),
        product_id=read("product", id_of_product),
        nickname=read.maybe("nickname", text),
        lookup_key=read.maybe("lookup_key", text),
        active=read("active", flag),
        unit_amount=read.maybe("unit_amount", money_of(payload)),
        interval=read.maybe("recurring", inside("interval", one_of(StripeInterval))),
        interval_count=read.maybe("recurring", inside("interval_count", integer)),
    )


def latest_start(items: Any) -> datetime | None:
    """When an item was last renewed."""
    return max((unix_time(item["current_period_start"]) for item in items["data"]), default=None)


def earliest_end(items: Any) -> datetime | None:
    """When an item is renewed next."""
    return min((unix_time(item["current_period_end"]) for item in items["data"]), default=None)


def to_declined(payload: CardErrorPayload) -> StripeCardDeclined:
    read = Reading("stripe", "error", payload)
    return StripeCardDeclined(
        code=read("code", text),
        decline_code=read.maybe("decline_code", text),
        message=read.maybe("message", text),
    )


def to_unexpected_state(payload: StateErrorPayload) -> StripePaymentIntentUnexpectedState:
    read = Reading("stripe", "error", payload)
    return StripePaymentIntentUnexpectedState(
        payment_intent=read.maybe("payment_intent", to_payment_intent),
        message=read.maybe("message", text),
    )
