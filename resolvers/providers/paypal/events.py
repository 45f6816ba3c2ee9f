"""What can be followed: PayPal's events, each with the resource as it was then.

Source: https://developer.paypal.com/api/rest/webhooks/event-names/
"""

from operator import itemgetter

from connectors.providers.paypal.webhooks import subject_of
from resolvers.events import Events, Filter, by_id
from resolvers.providers.paypal import payments
from resolvers.providers.paypal.convert import (
    to_authorization,
    to_capture,
    to_dispute,
    to_invoice,
    to_order,
    to_refund,
    to_subscription,
)

fields = payments.fields


def this(type_name: str, whose: str, key: str = "id") -> Filter:
    """An argument for the id of what an event is about."""
    return by_id("id", itemgetter(key), type_name, f"Only {whose}: PayPal's own id, or the global one.")


ORDER = this("PayPalOrder", "this order")
OF_ORDER = by_id(
    "order",
    lambda resource: resource["supplementary_data"]["related_ids"]["order_id"],
    "PayPalOrder",
    "Only for this order: PayPal's own id, or the global one.",
)
CAPTURE = this("PayPalCapture", "this payment"), OF_ORDER
AUTHORIZATION = this("PayPalAuthorization", "this authorization"), OF_ORDER
REFUND = this("PayPalRefund", "this refund")
INVOICE = this("PayPalInvoice", "this invoice")
SUBSCRIPTION = (
    this("PayPalSubscription", "this subscription"),
    Filter(name="plan", of=itemgetter("plan_id"), description="Only to this plan, by PayPal's id."),
)
DISPUTE = this("PayPalDispute", "this dispute", "dispute_id")

tell = Events(fields, "paypal", subject=subject_of).tell

tell("order_approved", "CHECKOUT.ORDER.APPROVED", to_order, "A payer agreed to an order.", ORDER)
tell("order_completed", "CHECKOUT.ORDER.COMPLETED", to_order, "An order was paid.", ORDER)
tell("capture_completed", "PAYMENT.CAPTURE.COMPLETED", to_capture, "Money was taken.", *CAPTURE)
tell("capture_pending", "PAYMENT.CAPTURE.PENDING", to_capture, "Money is on its way.", *CAPTURE)
tell(
    "capture_denied",
    ("PAYMENT.CAPTURE.DENIED", "PAYMENT.CAPTURE.DECLINED"),
    to_capture,
    "Money could not be taken.",
    *CAPTURE,
)
tell("capture_refunded", "PAYMENT.CAPTURE.REFUNDED", to_refund, "Money was given back.", REFUND)
tell("authorization_created", "PAYMENT.AUTHORIZATION.CREATED", to_authorization, "Money is held.", *AUTHORIZATION)
tell("authorization_voided", "PAYMENT.AUTHORIZATION.VOIDED", to_authorization, "Money was let go.", *AUTHORIZATION)
tell("invoice_created", "INVOICING.INVOICE.CREATED", to_invoice, "There is a new invoice.", INVOICE)
tell("invoice_paid", "INVOICING.INVOICE.PAID", to_invoice, "An invoice was paid, all or a part of it.", INVOICE)
tell("invoice_refunded", "INVOICING.INVOICE.REFUNDED", to_invoice, "What was paid was given back.", INVOICE)
tell("invoice_cancelled", "INVOICING.INVOICE.CANCELLED", to_invoice, "An invoice was called off.", INVOICE)
tell("subscription_created", "BILLING.SUBSCRIPTION.CREATED", to_subscription, "Somebody may subscribe.", *SUBSCRIPTION)
tell("subscription_activated", "BILLING.SUBSCRIPTION.ACTIVATED", to_subscription, "Somebody subscribed.", *SUBSCRIPTION)
tell("subscription_updated", "BILLING.SUBSCRIPTION.UPDATED", to_subscription, "A subscription changed.", *SUBSCRIPTION)
tell(
    "subscription_suspended",
    "BILLING.SUBSCRIPTION.SUSPENDED",
    to_subscription,
    "A subscription is at rest.",
    *SUBSCRIPTION,
)
tell("subscription_cancelled", "BILLING.SUBSCRIPTION.CANCELLED", to_subscription, "Somebody ended it.", *SUBSCRIPTION)
tell("subscription_expired", "BILLING.SUBSCRIPTION.EXPIRED", to_subscription, "A subscription ran out.", *SUBSCRIPTION)
tell(
    "subscription_payment_failed",
    "BILLING.SUBSCRIPTION.PAYMENT.FAILED",
    to_subscription,
    "Money for a subscription could not be taken.",
    *SUBSCRIPTION,
)
tell("dispute_created", "CUSTOMER.DISPUTE.CREATED", to_dispute, "Somebody disputes a payment.", DISPUTE)
tell("dispute_updated", "CUSTOMER.DISPUTE.UPDATED", to_dispute, "Something about a dispute changed.", DISPUTE)
tell("dispute_resolved", "CUSTOMER.DISPUTE.RESOLVED", to_dispute, "A dispute is over.", DISPUTE)
