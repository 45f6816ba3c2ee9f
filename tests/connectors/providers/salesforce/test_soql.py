"""No value leaves its quotes."""

import pytest

from connectors.providers.salesforce.sandbox.soql import run
from connectors.providers.salesforce.sandbox.story import tell
from connectors.providers.salesforce.soql import equals, is_plain_read, one_of, quoted, select
from connectors.sandbox.people import population

ATTEMPTS = [
    "' OR Name != '",
    "\\' OR Name != '",
    "\\",
    "\\\\' OR Id != null OR Name = '",
    "x' ORDER BY Name --",
    "line\nbreak\r\ttab\b\f",
    "nul\x00 and a surrogate \ud800",
    "O'Brien & <Sons> \u2019",
]


@pytest.mark.parametrize("value", ATTEMPTS)
def test_a_value_comes_back_as_itself_and_finds_nothing_else(value: str) -> None:
    store = tell(population(20))
    contact = next(iter(store.tables["Contact"].rows.values()))
    contact["Title"] = value

    assert run(store, select("Contact", ["Title"], equals("Title", value))).rows == (contact,)
    assert run(store, select("Contact", ["Title"], one_of("Title", [value, "nobody"]))).rows == (contact,)


@pytest.mark.parametrize("value", ATTEMPTS)
def test_a_literal_is_text_that_xml_can_carry(value: str) -> None:
    assert all(letter >= " " and not "\ud800" <= letter <= "\udfff" for letter in quoted(value))


def test_a_query_selects_its_columns_once_and_orders_by_id() -> None:
    assert select("Contact", {"Name", "Id", "Email"}) == "SELECT Id, Email, Name FROM Contact ORDER BY Id"


@pytest.mark.parametrize(
    "soql",
    [
        "SELECT Id FROM Contact",
        "  select Id from Contact",
        "SELECT Id FROM Case WHERE Subject = 'FOR UPDATE of the contract'",
        "SELECT Id FROM Case WHERE Subject = 'it\\'s FOR VIEW'",
    ],
)
def test_a_select_is_a_plain_read(soql: str) -> None:
    assert is_plain_read(soql)


@pytest.mark.parametrize(
    "soql",
    [
        "",
        "DELETE FROM Contact",
        "SELECTED Id FROM Contact",
        "FIND {Ada} IN ALL FIELDS",
        "SELECT Id FROM Contact FOR UPDATE",
        "SELECT Id FROM Contact for\n view",
        "SELECT Id FROM Contact FOR REFERENCE",
        "SELECT Title FROM FAQ__kav WHERE Title = 'x' UPDATE VIEWSTAT",
        "SELECT Id FROM Contact WHERE Name = '\x00'",
    ],
)
def test_anything_else_is_not(soql: str) -> None:
    assert not is_plain_read(soql)
