from decimal import Decimal

import pytest

from schema.problems import BadInput
from schema.relay import global_id, parse_global_id, upstream_id_of
from schema.scalars import money


def test_a_global_id_brings_type_and_id_back() -> None:
    assert parse_global_id(global_id("StripeCustomer", "cus:1/ä")) == ("StripeCustomer", "cus:1/ä")


@pytest.mark.parametrize("value", ["", "cus_1", "☃", "Og==", "YTo=", "OmE=", "MSBhOmI="])
def test_anything_else_is_bad_input(value: str) -> None:
    with pytest.raises(BadInput):
        parse_global_id(value)


@pytest.mark.parametrize("value", ["cus_1", global_id("StripeCustomer", "cus_1")])
def test_either_id_names_the_same_thing(value: str) -> None:
    assert upstream_id_of(value, "StripeCustomer") == "cus_1"


@pytest.mark.parametrize(
    ("minor_units", "currency", "amount"),
    [
        (1999, "usd", "19.99"),
        (-5, "eur", "-0.05"),
        (500, "jpy", "500"),
        (12345, "bhd", "12.345"),
        (10**17 + 1, "USD", "1000000000000000.01"),
    ],
)
def test_money_is_exact(minor_units: int, currency: str, amount: str) -> None:
    value = money(minor_units, currency)

    assert type(value).__strawberry_definition__.fields[0].base_resolver(value) == Decimal(amount)  # type: ignore[attr-defined]
    assert value.currency == currency.upper()
