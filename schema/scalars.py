"""Scalars and value types that several providers share."""

from decimal import Decimal
from typing import NewType

import strawberry

Long = NewType("Long", int)
"""An integer that may need more than the 32 bits of GraphQL's `Int`."""


def sixty_four_bits(value: object) -> int:
    """A `Long` as it is. Raises `ValueError` for anything else."""
    if not isinstance(value, int) or isinstance(value, bool) or not -(2**63) <= value < 2**63:
        raise ValueError(f"Long cannot represent {value!r}")
    return value


LONG = strawberry.scalar(
    name="Long",
    description="A whole number of up to 64 bits, as a JSON number. JavaScript reads it exactly up to 2^53.",
    serialize=sixty_four_bits,
    parse_value=sixty_four_bits,
)

ZERO_DECIMAL = frozenset("BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF UGX VND VUV XAF XOF XPF".split())
THREE_DECIMAL = frozenset("BHD JOD KWD OMR TND".split())


def decimals_of(currency: str) -> int:
    """How many digits a currency has after the point, as payment APIs count them.

    Source: https://docs.stripe.com/currencies#zero-decimal
    """
    code = currency.upper()
    return 0 if code in ZERO_DECIMAL else 3 if code in THREE_DECIMAL else 2


def amount_of(root: strawberry.Parent["Money"]) -> Decimal:
    """Exact, in the main unit."""
    return Decimal(root.minor_units).scaleb(-decimals_of(root.currency))


@strawberry.type(description="An exact amount of money.")
class Money:
    amount: Decimal = strawberry.field(resolver=amount_of, description="The amount in the currency's main unit, exact.")
    minor_units: Long = strawberry.field(description="The amount in the currency's smallest unit: cents, yen, fils.")
    currency: str = strawberry.field(description="Three-letter ISO 4217 code, upper case.")


def money(minor_units: int, currency: str) -> Money:
    """Money from an upstream's minor units and currency code in any case."""
    return Money(minor_units=Long(minor_units), currency=currency.upper())
