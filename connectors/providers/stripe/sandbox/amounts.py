"""Money at the Stripe sandbox: which currencies there are, and what things cost in them."""

CURRENCIES = frozenset(
    "aed aud bhd brl cad chf clp cny czk dkk eur gbp hkd huf inr jod jpy krw kwd mxn nok nzd omr pln sek sgd tnd twd "
    "usd vnd zar".split()
)
MAX_AMOUNT = 99_999_999


def local(cents: int, currency: str) -> int:
    """A price of about so many cents in a currency's smallest unit; three-decimal amounts end in 0, as Stripe wants.

    Source: https://docs.stripe.com/currencies#three-decimal
    """
    return {"jpy": cents * 3 // 2, "bhd": max(1, cents * 4 // 10) * 10}.get(currency, cents)


def processing_fee(amount: int, currency: str) -> int:
    """What Stripe keeps of a charge: 2.9 percent and about 30 cents, as in test mode."""
    return amount * 29 // 1000 + local(30, currency)


def dispute_fee(currency: str) -> int:
    """What Stripe takes for handling a dispute, however it ends: about 15 dollars."""
    return local(1500, currency)
