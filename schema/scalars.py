"""Scalars and value types that several providers share."""

from dataclasses import replace
from decimal import Decimal
from typing import NewType

import strawberry
from strawberry.schema.types.base_scalars import DateDefinition, DateTimeDefinition, DecimalDefinition

Long = NewType("Long", int)
"""An integer that may need more than the 32 bits of GraphQL's `Int`."""


def sixty_four_bits(value: object) -> int:
    """A `Long` as it is. Raises `ValueError` for anything else."""
    if not isinstance(value, int) or isinstance(value, bool) or not -(2**63) <= value < 2**63:
        raise ValueError(f"Long cannot represent {value!r}")
    return value


def all_digits(value: Decimal) -> str:
    """A number without an exponent."""
    return f"{value:f}"


LONG = strawberry.scalar(
    name="Long",
    description="A whole number of up to 64 bits, as a JSON number. JavaScript reads it exactly up to 2^53.",
    serialize=sixty_four_bits,
    parse_value=sixty_four_bits,
)

DECIMAL = replace(
    DecimalDefinition,
    description="An exact decimal number, as a string with all its digits and without an exponent: `1250.00`.",
    serialize=all_digits,
)
DATE = replace(DateDefinition, description="A day, as a string in ISO 8601: `2026-11-23`.")
DATE_TIME = replace(
    DateTimeDefinition,
    description="A moment, as a string in ISO 8601 with its offset, which is that of UTC: `2026-11-23T08:30:00+00:00`.",
)

ZERO_DECIMAL = frozenset("BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF".split())
THREE_DECIMAL = frozenset("BHD JOD KWD OMR TND".split())


def decimals_of(currency: str) -> int:
    """How many digits a currency has after the point, as payment APIs count them.

    ISK and UGX have none any more, and are still counted in hundredths: 500 is 5 UGX.
    Source: https://docs.stripe.com/currencies#zero-decimal, #three-decimal and #special-cases
    """
    code = currency.upper()
    return 0 if code in ZERO_DECIMAL else 3 if code in THREE_DECIMAL else 2


def amount_of(root: strawberry.Parent["Money"]) -> Decimal:
    """Exact, in the main unit."""
    return Decimal(root.minor_units).scaleb(-decimals_of(root.currency))


@strawberry.type(description="An exact amount of money.")
class Money:
    amount: Decimal = strawberry.field(resolver=amount_of, description="The amount in the currency's main unit, exact.")
    minor_units: Long = strawberry.field(
        description="The amount in the currency's smallest unit: cents, yen, fils. Hundredths for ISK and UGX."
    )
    currency: str = strawberry.field(description="Three-letter ISO 4217 code, upper case.")


def money(minor_units: int, currency: str) -> Money:
    """Money from an upstream's minor units and currency code in any case."""
    return Money(minor_units=Long(minor_units), currency=currency.upper())
