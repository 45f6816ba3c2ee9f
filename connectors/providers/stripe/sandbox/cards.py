"""The payment methods that Stripe has for tests, and what they come to. Source: https://docs.stripe.com/testing"""

CARD_DECLINED = "card_declined"

PAYING = {
    "pm_card_visa": ("visa", "4242"),
    "pm_card_visa_debit": ("visa", "5556"),
    "pm_card_mastercard": ("mastercard", "4444"),
    "pm_card_amex": ("amex", "8431"),
    "pm_card_bypassPending": ("visa", "0077"),
    "pm_card_createDispute": ("visa", "0259"),
    "pm_card_createDisputeProductNotReceived": ("visa", "2685"),
    "pm_card_createDisputeInquiry": ("visa", "1976"),
}
"""Brand and last four digits of the cards that pay."""

AVAILABLE_AT_ONCE = "pm_card_bypassPending"
"""The card whose money can be paid out without waiting."""

DISPUTED = {
    "pm_card_createDispute": "fraudulent",
    "pm_card_createDisputeProductNotReceived": "product_not_received",
    "pm_card_createDisputeInquiry": "fraudulent",
}
"""Why the holders of some of them dispute the charge at once."""

INQUIRY = "pm_card_createDisputeInquiry"
"""The card whose holder's bank only asks, for the time being."""

DECLINED = {
    "pm_card_chargeDeclined": {
        "code": CARD_DECLINED,
        "decline_code": "generic_decline",
        "message": "Your card was declined.",
    },
    "pm_card_chargeDeclinedInsufficientFunds": {
        "code": CARD_DECLINED,
        "decline_code": "insufficient_funds",
        "message": "Your card has insufficient funds.",
    },
    "pm_card_chargeDeclinedExpiredCard": {"code": "expired_card", "message": "Your card has expired."},
    "pm_card_chargeDeclinedIncorrectCvc": {
        "code": "incorrect_cvc",
        "message": "Your card's security code is incorrect.",
    },
    "pm_card_chargeDeclinedProcessingError": {
        "code": "processing_error",
        "message": "The card could not be processed. Try again soon.",
    },
}
"""What the cards that do not pay are declined with; they cannot be attached to a customer either."""

FAILING_LATER = {"pm_card_chargeCustomerFail": DECLINED["pm_card_chargeDeclined"]}
"""The same for cards that can be attached to a customer."""

ACTION_REQUIRED = frozenset({"pm_card_authenticationRequired", "pm_card_threeDSecure2Required"})
"""Cards whose holder has to confirm the payment with the bank."""

WINNING, LOSING = "winning_evidence", "losing_evidence"
"""What to write as `uncategorized_text` to have a dispute decided at once."""


def look_of(name: str) -> tuple[str, str] | None:
    """Brand and last four digits of a test card; `None` for a name that is none."""
    others = name in DECLINED or name in FAILING_LATER or name in ACTION_REQUIRED
    return PAYING.get(name) or (("visa", "0002") if others else None)


def refusal_of(name: str | None) -> dict[str, str] | None:
    """What a test card is declined with when it is to pay; `None` if it pays."""
    return DECLINED.get(name or "") or FAILING_LATER.get(name or "")
