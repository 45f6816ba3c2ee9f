"""Record ids in both lengths. The pair is Salesforce's own example, from the page that `ids` names."""

import pytest

from connectors.providers.salesforce.ids import long_id


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("001A0000006Vm9r", "001A0000006Vm9rIAC"),
        ("001000000000000", "001000000000000AAA"),
        ("ABCDEABCDEABCDE", "ABCDEABCDEABCDE555"),
    ],
)
def test_three_letters_keep_the_case_of_fifteen(short: str, long: str) -> None:
    assert long_id(short) == long
    assert long_id(long) == long


@pytest.mark.parametrize(
    "value", ["", "003", "00300000000000 ", "003000000000000'", "0030000000000000", "003é00000000000"]
)
def test_what_cannot_be_an_id_is_none(value: str) -> None:
    assert long_id(value) is None
