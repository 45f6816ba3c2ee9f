"""Scalars and value types that several providers share."""

from decimal import Decimal

import strawberry

ZERO_DECIMAL = frozenset("BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF UGX VND VUV XAF XOF XPF".split())
THREE_DECIMAL = frozenset("BHD JOD KWD OMR TND".split())


def decimals_of(currency: str) -> int:
    """How many digits a currency has after the point, as payment APIs count them.

    Source: https://docs.stripe.com/currencies#zero-decimal
    """
    code = currency.upper()
    return 0 if code in ZERO_DECIMAL else 3 if code in THREE_DECIMAL else 2


def _amount(root: strawberry.Parent["Money"]) -> Decimal:
    return Decimal(root.minor_units).scaleb(-decimals_of(root.currency))


@strawberry.type(description="An exact amount of money.")
class Money:
    amount: Decimal = strawberry.field(resolver=_amount, description="The amount in the currency's main unit, exact.")
    minor_units: int = strawberry.field(description="The amount in the currency's smallest unit: cents, yen, fils.")
    currency: str = strawberry.field(description="Three-letter ISO 4217 code, upper case.")


def money(minor_units: int, currency: str) -> Money:
    """Money from an upstream's minor units and currency code in any case."""
    return Money(minor_units=minor_units, currency=currency.upper())
