"""The payment methods that Stripe has for tests, and what they come to. Source: https://docs.stripe.com/testing"""

CARD_DECLINED = "card_declined"

PAYING = {
    "pm_card_visa": ("visa", "4242"),
    "pm_card_visa_debit": ("visa", "5556"),
    "pm_card_mastercard": ("mastercard", "4444"),
    "pm_card_amex": ("amex", "8431"),
}
"""Brand and last four digits of the cards that pay."""

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
"""What the cards that do not pay are declined with."""

ACTION_REQUIRED = frozenset({"pm_card_authenticationRequired", "pm_card_threeDSecure2Required"})
"""Cards whose holder has to confirm the payment with the bank."""
