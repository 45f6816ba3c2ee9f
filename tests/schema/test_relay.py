from decimal import Decimal

import pytest

from schema.problems import BadInput
from schema.relay import global_id, parse_global_id, upstream_id_of
from schema.scalars import all_digits, amount_of, money, sixty_four_bits


def test_a_global_id_brings_type_and_id_back() -> None:
    assert parse_global_id(global_id("StripeCustomer", "cus:1/ä")) == ("StripeCustomer", "cus:1/ä")


@pytest.mark.parametrize("value", ["", "cus_1", "☃", "Og==", "YTo=", "OmE=", "MSBhOmI="])
def test_anything_else_is_bad_input(value: str) -> None:
    with pytest.raises(BadInput):
        parse_global_id(value)


@pytest.mark.parametrize("value", ["cus_1", global_id("StripeCustomer", "cus_1")])
def test_either_id_names_the_same_thing(value: str) -> None:
    assert upstream_id_of(value, "StripeCustomer") == "cus_1"


@pytest.mark.parametrize("value", ["", "x" * 1001, "☃" * 70_000, global_id("StripeCustomer", "x" * 1001)])
def test_what_can_be_no_id_is_bad_input(value: str) -> None:
    with pytest.raises(BadInput):
        upstream_id_of(value, "StripeCustomer")


def test_an_id_of_another_type_is_bad_input_that_names_both() -> None:
    with pytest.raises(BadInput, match=r"StripeCharge.*StripeCustomer"):
        upstream_id_of(global_id("StripeCharge", "ch_1"), "StripeCustomer")


def test_a_global_id_of_absurd_length_is_bad_input() -> None:
    with pytest.raises(BadInput, match="1,000 characters"):
        parse_global_id(global_id("StripeCustomer", "x" * 70_000))


@pytest.mark.parametrize(
    ("minor_units", "currency", "amount"),
    [
        (1999, "usd", "19.99"),
        (-5, "eur", "-0.05"),
        (500, "jpy", "500"),
        (12345, "bhd", "12.345"),
        (500, "ugx", "5.00"),
        (500, "isk", "5.00"),
        (10**17 + 1, "USD", "1000000000000000.01"),
    ],
)
def test_money_is_exact(minor_units: int, currency: str, amount: str) -> None:
    value = money(minor_units, currency)

    assert (amount_of(value), value.currency) == (Decimal(amount), currency.upper())


@pytest.mark.parametrize(
    ("value", "written"), [("1E+7", "10000000"), ("-0.050", "-0.050"), ("1E-9", "0.000000001"), ("12", "12")]
)
def test_decimals_are_written_with_all_their_digits(value: str, written: str) -> None:
    assert all_digits(Decimal(value)) == written


@pytest.mark.parametrize("value", [0, 2**31, 2**53 + 1, -(2**63), 2**63 - 1])
def test_long_numbers_are_exact(value: int) -> None:
    assert sixty_four_bits(value) == value


@pytest.mark.parametrize("value", [2**63, -(2**63) - 1, 1.0, "1", True, None])
def test_what_is_no_long_number_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="Long cannot represent"):
        sixty_four_bits(value)
