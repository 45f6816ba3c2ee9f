"""What can be followed: Stripe's events, each with the object as it was then.

Source: https://docs.stripe.com/api/events/types
"""

from operator import itemgetter

from resolvers.events import Events, Filter, by_id
from resolvers.providers.stripe import reads
from resolvers.providers.stripe.convert import (
    to_charge,
    to_customer,
    to_dispute,
    to_invoice,
    to_payment_intent,
    to_payout,
    to_refund,
    to_subscription,
)

fields = reads.fields


def by(key: str, type_name: str, name: str, whose: str) -> Filter:
    """An argument for the id that objects have at `key`."""
    return by_id(name, itemgetter(key), type_name, f"Only {whose}: Stripe's own id, or the global one.")


CUSTOMER = by("customer", "StripeCustomer", "customer", "what concerns this customer")
PAYMENT = by("id", "StripePaymentIntent", "id", "this payment intent"), CUSTOMER
CHARGE = by("id", "StripeCharge", "id", "this charge"), CUSTOMER
REFUND = by("id", "StripeRefund", "id", "this refund"), by("charge", "StripeCharge", "charge", "refunds of this charge")
DISPUTE = (
    by("id", "StripeDispute", "id", "this dispute"),
    by("charge", "StripeCharge", "charge", "disputes of this charge"),
)
PAYOUT = by("id", "StripePayout", "id", "this payout")
INVOICE = by("id", "StripeInvoice", "id", "this invoice"), CUSTOMER
SUBSCRIPTION = by("id", "StripeSubscription", "id", "this subscription"), CUSTOMER
THIS_CUSTOMER = by("id", "StripeCustomer", "id", "this customer")

tell = Events(fields, "stripe", subject=lambda payload: payload["data"]["object"]).tell

tell("payment_intent_succeeded", "payment_intent.succeeded", to_payment_intent, "A payment succeeded.", *PAYMENT)
tell(
    "payment_intent_failed",
    "payment_intent.payment_failed",
    to_payment_intent,
    "An attempt to pay failed; `lastPaymentError` says why.",
    *PAYMENT,
)
tell(
    "payment_intent_requires_action",
    "payment_intent.requires_action",
    to_payment_intent,
    "A payment waits for the customer to do something.",
    *PAYMENT,
)
tell("payment_intent_canceled", "payment_intent.canceled", to_payment_intent, "A payment was canceled.", *PAYMENT)
tell("charge_succeeded", "charge.succeeded", to_charge, "Money was taken, or authorized.", *CHARGE)
tell("charge_failed", "charge.failed", to_charge, "An attempt to take money failed.", *CHARGE)
tell("charge_refunded", "charge.refunded", to_charge, "Money of a charge was given back, all or a part of it.", *CHARGE)
tell("refund_created", "refund.created", to_refund, "Money is on its way back.", *REFUND)
tell("refund_updated", "refund.updated", to_refund, "A refund has a new status.", *REFUND)
tell("refund_failed", "refund.failed", to_refund, "Money could not be given back.", *REFUND)
tell("dispute_created", "charge.dispute.created", to_dispute, "A payer went to the bank.", *DISPUTE)
tell(
    "dispute_updated",
    ("charge.dispute.updated", "charge.dispute.funds_withdrawn", "charge.dispute.funds_reinstated"),
    to_dispute,
    "A dispute changed: its status, its evidence, or where its money is.",
    *DISPUTE,
)
tell("dispute_closed", "charge.dispute.closed", to_dispute, "A dispute was decided; `status` says how.", *DISPUTE)
tell("payout_created", "payout.created", to_payout, "Money is to go to the merchant's bank.", PAYOUT)
tell("payout_paid", "payout.paid", to_payout, "Money should be at the merchant's bank by now.", PAYOUT)
tell("payout_failed", "payout.failed", to_payout, "The merchant's bank did not take money.", PAYOUT)
tell("payout_canceled", "payout.canceled", to_payout, "A payout was given up.", PAYOUT)
tell("invoice_finalized", "invoice.finalized", to_invoice, "An invoice is ready to be paid.", *INVOICE)
tell("invoice_paid", "invoice.paid", to_invoice, "An invoice was paid, here or elsewhere.", *INVOICE)
tell("invoice_payment_failed", "invoice.payment_failed", to_invoice, "An attempt to pay an invoice failed.", *INVOICE)
tell("subscription_created", "customer.subscription.created", to_subscription, "Somebody subscribed.", *SUBSCRIPTION)
tell(
    "subscription_updated",
    "customer.subscription.updated",
    to_subscription,
    "A subscription changed: its status, items or price.",
    *SUBSCRIPTION,
)
tell("subscription_deleted", "customer.subscription.deleted", to_subscription, "A subscription ended.", *SUBSCRIPTION)
tell("customer_created", "customer.created", to_customer, "There is a new customer.", THIS_CUSTOMER)
tell("customer_updated", "customer.updated", to_customer, "Something about a customer changed.", THIS_CUSTOMER)
tell(
    "customer_deleted",
    "customer.deleted",
    to_customer,
    "A customer was deleted; this is what was known.",
    THIS_CUSTOMER,
)
