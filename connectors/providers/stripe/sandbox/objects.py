"""Stripe's objects as its sandbox makes them, with the fields that the API documents for the pinned version.

Source: https://docs.stripe.com/api
"""

from typing import Any

Json = dict[str, Any]

NO_ADDRESS = {"city": None, "country": None, "line1": None, "line2": None, "postal_code": None, "state": None}


NO_TAX = {"disabled_reason": None, "enabled": False, "liability": None, "provider": None, "status": None}


def customer(id: str, created: int, **facts: Any) -> Json:
    return {
        "id": id,
        "object": "customer",
        "address": None,
        "balance": 0,
        "created": created,
        "currency": None,
        "default_source": None,
        "delinquent": False,
        "description": None,
        "discount": None,
        "email": None,
        "invoice_prefix": id[-8:].upper(),
        "invoice_settings": {"custom_fields": None, "default_payment_method": None, "footer": None},
        "livemode": False,
        "metadata": {},
        "name": None,
        "next_invoice_sequence": 1,
        "phone": None,
        "preferred_locales": [],
        "shipping": None,
        "tax_exempt": "none",
        "test_clock": None,
        **facts,
    }


def deleted_customer(id: str) -> Json:
    return {"id": id, "object": "customer", "deleted": True}


def payment_intent(id: str, created: int, amount: int, currency: str, **facts: Any) -> Json:
    return {
        "id": id,
        "object": "payment_intent",
        "allowed_payment_method_types": None,
        "amount": amount,
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "application": None,
        "automatic_payment_methods": None,
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": "automatic_async",
        "client_secret": f"{id}_secret_{id[::-1][:16]}",
        "confirmation_method": "automatic",
        "created": created,
        "currency": currency,
        "customer": None,
        "description": None,
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": False,
        "metadata": {},
        "next_action": None,
        "payment_method": None,
        "payment_method_options": {},
        "payment_method_types": ["card"],
        "processing": None,
        "receipt_email": None,
        "setup_future_usage": None,
        "shipping": None,
        "statement_descriptor": None,
        "status": "requires_payment_method",
        "transfer_group": None,
        **facts,
    }


def charge(id: str, created: int, intent: Json, card: Json, error: Json | None, **facts: Any) -> Json:
    """One attempt of `intent`, declined with `error`, which is `None` if it succeeded."""
    failed = error is not None
    held = not failed and intent["capture_method"] == "manual"
    reason = (error.get("decline_code") or error["code"]) if error else None
    return {
        "id": id,
        "object": "charge",
        "amount": intent["amount"],
        "amount_captured": 0 if failed or held else intent["amount"],
        "amount_refunded": 0,
        "application": None,
        "balance_transaction": None,
        "billing_details": {"address": NO_ADDRESS, "email": None, "name": None, "phone": None},
        "calculated_statement_descriptor": "PUNNET ORCHARD",
        "captured": not (failed or held),
        "created": created,
        "currency": intent["currency"],
        "customer": intent["customer"],
        "description": intent["description"],
        "disputed": False,
        "failure_code": error["code"] if error else None,
        "failure_message": error["message"] if error else None,
        "fraud_details": {},
        "livemode": False,
        "metadata": dict(intent["metadata"]),
        "outcome": {
            "network_status": "declined_by_network" if failed else "approved_by_network",
            "reason": reason,
            "risk_level": "normal",
            "risk_score": 12,
            "seller_message": "The bank did not approve the payment." if failed else "Payment complete.",
            "type": "issuer_declined" if failed else "authorized",
        },
        "paid": not failed,
        "payment_intent": intent["id"],
        "payment_method": intent["payment_method"],
        "payment_method_details": {"card": card, "type": "card"},
        "receipt_email": intent["receipt_email"],
        "receipt_number": None,
        "receipt_url": None if failed else f"https://pay.stripe.example/receipts/{id}",
        "refunded": False,
        "shipping": None,
        "statement_descriptor": None,
        "status": "failed" if failed else "succeeded",
        "transfer_group": None,
        **facts,
    }


def refund(id: str, created: int, charge: Json, amount: int, **facts: Any) -> Json:
    return {
        "id": id,
        "object": "refund",
        "amount": amount,
        "balance_transaction": None,
        "charge": charge["id"],
        "created": created,
        "currency": charge["currency"],
        "destination_details": {"card": {"type": "refund"}, "type": "card"},
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "reason": None,
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "succeeded",
        "transfer_reversal": None,
        **facts,
    }


def card(brand: str, last4: str, country: str, funding: str = "credit") -> Json:
    return {
        "brand": brand,
        "checks": {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": "pass"},
        "country": country,
        "exp_month": 8,
        "exp_year": 2029,
        "fingerprint": f"fp{brand}{last4}",
        "funding": funding,
        "last4": last4,
        "network": brand,
        "three_d_secure": None,
        "wallet": None,
    }


def payment_method(id: str, created: int, card: Json, billing: Json, **facts: Any) -> Json:
    """A card that can pay. `card` is as `card` makes it for a charge, `billing` has the charge's billing details."""
    network = card["brand"]
    own = {
        name: card[name] for name in ("brand", "checks", "country", "exp_month", "exp_year", "fingerprint", "funding")
    }
    return {
        "id": id,
        "object": "payment_method",
        "allow_redisplay": "unspecified",
        "billing_details": {**billing, "tax_id": None},
        "card": {
            **own,
            "display_brand": network,
            "generated_from": None,
            "last4": card["last4"],
            "networks": {"available": [network], "preferred": None},
            "regulated_status": "unregulated",
            "three_d_secure_usage": {"supported": True},
            "wallet": None,
        },
        "created": created,
        "customer": None,
        "livemode": False,
        "metadata": {},
        "type": "card",
        **facts,
    }


def dispute(id: str, created: int, charge: Json, reason: str, *, due_by: int, inquiry: bool) -> Json:
    """What a payer's bank says of a charge; an inquiry takes no money yet."""
    return {
        "id": id,
        "object": "dispute",
        "amount": charge["amount"],
        "balance_transactions": [],
        "charge": charge["id"],
        "created": created,
        "currency": charge["currency"],
        "enhanced_eligibility_types": [],
        "evidence": {
            **dict.fromkeys(EVIDENCE),
            "customer_email_address": charge["billing_details"]["email"],
            "customer_name": charge["billing_details"]["name"],
            "enhanced_evidence": {},
        },
        "evidence_details": {
            "due_by": due_by,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
            "submission_method": "not_submitted",
        },
        "is_charge_refundable": inquiry,
        "livemode": False,
        "metadata": {},
        "network_reason_code": "10.4" if reason == "fraudulent" else "13.1",
        "payment_intent": charge["payment_intent"],
        "payment_method_details": {
            "card": {
                "brand": charge["payment_method_details"]["card"]["brand"],
                "case_type": "inquiry" if inquiry else "chargeback",
                "network": charge["payment_method_details"]["card"]["network"],
                "network_reason_code": "10.4" if reason == "fraudulent" else "13.1",
            },
            "type": "card",
        },
        "reason": reason,
        "status": "warning_needs_response" if inquiry else "needs_response",
    }


EVIDENCE_TEXTS = frozenset(
    "access_activity_log billing_address cancellation_policy_disclosure cancellation_rebuttal customer_email_address "
    "customer_name customer_purchase_ip duplicate_charge_explanation duplicate_charge_id product_description "
    "refund_policy_disclosure refund_refusal_explanation service_date shipping_address shipping_carrier shipping_date "
    "shipping_tracking_number uncategorized_text".split()
)
EVIDENCE_FILES = frozenset(
    "cancellation_policy customer_communication customer_signature duplicate_charge_documentation receipt "
    "refund_policy service_documentation shipping_documentation uncategorized_file".split()
)
EVIDENCE = EVIDENCE_TEXTS | EVIDENCE_FILES
"""What a merchant can say about a disputed charge. Source: https://docs.stripe.com/api/disputes/update"""


def balance_transaction(
    id: str, created: int, amount: int, currency: str, source: Json, *, type: str, category: str, **facts: Any
) -> Json:
    """What `source` did to the merchant's funds, at once and for nothing unless `facts` say otherwise."""
    fee = facts.get("fee", 0)
    fees = [
        {
            "amount": fee,
            "application": None,
            "currency": currency,
            "description": "Dispute fee" if category == "dispute" else "Stripe processing fees",
            "type": "stripe_fee",
        }
    ]
    return {
        "id": id,
        "object": "balance_transaction",
        "amount": amount,
        "available_on": created,
        "balance_type": "payments",
        "created": created,
        "currency": currency,
        "description": source.get("description"),
        "exchange_rate": None,
        "fee": 0,
        "fee_details": fees if fee else [],
        "net": amount - fee,
        "reporting_category": category,
        "source": source["id"],
        "status": "available",
        "type": type,
        **facts,
    }


def payout(id: str, created: int, amount: int, currency: str, *, arrival_date: int, **facts: Any) -> Json:
    """Money on its way to the merchant's bank, as asked for by hand unless `facts` say otherwise."""
    return {
        "id": id,
        "object": "payout",
        "amount": amount,
        "application_fee": None,
        "application_fee_amount": None,
        "arrival_date": arrival_date,
        "automatic": False,
        "balance_transaction": None,
        "created": created,
        "currency": currency,
        "description": None,
        "destination": f"ba_orchard_{currency}",
        "failure_balance_transaction": None,
        "failure_code": None,
        "failure_message": None,
        "livemode": False,
        "metadata": {},
        "method": "standard",
        "original_payout": None,
        "payout_method": None,
        "reconciliation_status": "not_applicable",
        "reversed_by": None,
        "source_type": "card",
        "statement_descriptor": None,
        "status": "pending",
        "trace_id": None,
        "type": "bank_account",
        **facts,
    }


def listing(url: str, data: list[Json], *, has_more: bool = False) -> Json:
    return {"object": "list", "url": url, "has_more": has_more, "data": data}


def product(id: str, name: str) -> Json:
    return {
        "id": id,
        "object": "product",
        "active": True,
        "created": 1735689600,
        "default_price": None,
        "description": f"The {name} plan",
        "images": [],
        "livemode": False,
        "marketing_features": [],
        "metadata": {},
        "name": name,
        "package_dimensions": None,
        "shippable": None,
        "statement_descriptor": None,
        "tax_code": None,
        "type": "service",
        "unit_label": None,
        "updated": 1735689600,
        "url": None,
    }


def price(id: str, nickname: str, currency: str, unit_amount: int, interval: str) -> Json:
    return {
        "id": id,
        "object": "price",
        "active": True,
        "billing_scheme": "per_unit",
        "created": 1735689600,
        "currency": currency,
        "livemode": False,
        "lookup_key": f"{nickname.lower()}_{currency}",
        "metadata": {},
        "nickname": nickname,
        "product": f"prod_{nickname}",
        "recurring": {"interval": interval, "interval_count": 1, "meter": None, "usage_type": "licensed"},
        "tax_behavior": "unspecified",
        "tiers_mode": None,
        "type": "recurring",
        "unit_amount": unit_amount,
        "unit_amount_decimal": str(unit_amount),
    }


def subscription(
    id: str, created: int, owner: Json, price: Json, quantity: int, period: tuple[int, int], **facts: Any
) -> Json:
    start, end = period
    item = {
        "id": f"si_{id[4:]}",
        "object": "subscription_item",
        "created": created,
        "current_period_end": end,
        "current_period_start": start,
        "discounts": [],
        "metadata": {},
        "price": price,
        "quantity": quantity,
        "subscription": id,
        "tax_rates": [],
    }
    return {
        "id": id,
        "object": "subscription",
        "application": None,
        "automatic_tax": {name: NO_TAX[name] for name in ("disabled_reason", "enabled", "liability")},
        "billing_cycle_anchor": created,
        "cancel_at": None,
        "cancel_at_period_end": False,
        "canceled_at": None,
        "cancellation_details": {"comment": None, "feedback": None, "reason": None},
        "collection_method": "charge_automatically",
        "created": created,
        "currency": price["currency"],
        "customer": owner["id"],
        "days_until_due": None,
        "default_payment_method": None,
        "description": None,
        "discounts": [],
        "ended_at": None,
        "items": listing(f"/v1/subscription_items?subscription={id}", [item]),
        "latest_invoice": None,
        "livemode": False,
        "metadata": {},
        "pause_collection": None,
        "schedule": None,
        "start_date": created,
        "status": "active",
        "test_clock": None,
        "trial_end": None,
        "trial_start": None,
        **facts,
    }


def invoice(id: str, created: int, owner: Json, lines: list[Json], status: str, **facts: Any) -> Json:
    """`lines` as `invoice_line` makes them, one at least; the amounts of the invoice are their sums."""
    total = sum(line["amount"] for line in lines)
    paid, final = status == "paid", status != "draft"
    page = f"https://invoice.stripe.example/i/{id}"
    return {
        "id": id,
        "object": "invoice",
        "amount_due": total,
        "amount_overpaid": 0,
        "amount_paid": total if paid else 0,
        "amount_remaining": 0 if paid else total,
        "amount_shipping": 0,
        "attempt_count": 1 if final else 0,
        "attempted": final,
        "auto_advance": status == "open",
        "automatic_tax": NO_TAX,
        "billing_reason": "manual",
        "collection_method": "charge_automatically",
        "created": created,
        "currency": lines[0]["currency"],
        "customer": owner["id"],
        "customer_address": owner["address"],
        "customer_email": owner["email"],
        "customer_name": owner["name"],
        "customer_phone": owner["phone"],
        "default_payment_method": None,
        "default_tax_rates": [],
        "description": None,
        "discounts": [],
        "due_date": None,
        "ending_balance": 0 if final else None,
        "hosted_invoice_url": page if final else None,
        "invoice_pdf": f"{page}/pdf" if final else None,
        "lines": listing(f"/v1/invoices/{id}/lines", lines),
        "livemode": False,
        "metadata": {},
        "next_payment_attempt": None,
        "number": None,
        "parent": None,
        "payment_settings": {"default_mandate": None, "payment_method_options": None, "payment_method_types": None},
        "period_end": lines[0]["period"]["end"],
        "period_start": lines[0]["period"]["start"],
        "post_payment_credit_notes_amount": 0,
        "pre_payment_credit_notes_amount": 0,
        "starting_balance": 0,
        "status": status,
        "status_transitions": {
            "finalized_at": created if final else None,
            "marked_uncollectible_at": created if status == "uncollectible" else None,
            "paid_at": created if paid else None,
            "voided_at": created if status == "void" else None,
        },
        "subtotal": total,
        "total": total,
        **facts,
    }


def invoice_line(
    id: str, amount: int, currency: str, description: str, quantity: int, period: tuple[int, int], price: str | None
) -> Json:
    start, end = period
    pricing = {
        "price_details": {"price": price},
        "type": "price_details",
        "unit_amount_decimal": str(amount // quantity),
    }
    return {
        "id": id,
        "object": "line_item",
        "amount": amount,
        "currency": currency,
        "description": description,
        "discountable": True,
        "discounts": [],
        "livemode": False,
        "metadata": {},
        "period": {"end": end, "start": start},
        "pricing": pricing if price else None,
        "quantity": quantity,
        "subtotal": amount,
    }
