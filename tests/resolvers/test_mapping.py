from dataclasses import replace
from datetime import datetime
from enum import Enum
from operator import attrgetter
from typing import Any

import pytest
import strawberry
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import PayloadMismatch, UpstreamRejected
from resolvers.mapping import Reader, mapping
from resolvers.reading import (
    Reading,
    flag,
    identity,
    inside,
    integer,
    json_object,
    list_of,
    maybe_inside,
    one_of,
    text,
    unix_time,
)
from schema.execution.columns import Objects
from schema.relay import Node


class Status(Enum):
    PAID = "paid"
    UNKNOWN = "unknown"


@strawberry.type
class Line:
    amount: str | None


@strawberry.type
class Invoice(Node):
    number: int
    note: str | None
    paid: bool | None
    status: Status | None
    created: datetime
    total: str
    lines: list[Line] | None
    first_line: Line | None
    labels: object
    source: object
    region: str = "eu"


def priced(amount: Any, currency: Any) -> str:
    """An amount and its currency."""
    return f"{integer(amount)} {text(currency)}"


@mapping("demo", "line")
def to_line(read: Reader[Any]) -> Line:
    return Line(amount=read.maybe("amount", text))


@mapping("demo", "invoice")
def to_invoice(read: Reader[Any]) -> Invoice:
    return Invoice(
        upstream_id=read("id", identity),
        number=read("number", integer),
        note=read.maybe("note", text),
        paid=read.maybe("paid", flag),
        status=read.maybe("status", one_of(Status)),
        created=read("created", unix_time),
        total=read("total", priced, "currency"),
        lines=read.maybe("lines", list_of(to_line)),
        first_line=read.maybe("lines", maybe_inside("first", to_line)),
        labels=read("labels", json_object),
        source=read.payload,
    )


ATTRIBUTES = {
    "upstream_id": ("id", identity, False),
    "number": ("number", integer, False),
    "note": ("note", text, True),
    "paid": ("paid", flag, True),
    "status": ("status", one_of(Status), True),
    "created": ("created", unix_time, False),
    "labels": ("labels", json_object, False),
}
REFUSED = UpstreamRejected("demo", "invoices.get", status=403, reason="FORBIDDEN")

values: st.SearchStrategy[Any] = st.sampled_from(
    [None, "paid", "odd", 7, True, 1.5, 1767225600, 10**20, [], {}, {"first": {}}, REFUSED]
)
payloads = st.dictionaries(st.sampled_from([key for key, _, _ in ATTRIBUTES.values()]), values)
fine = st.fixed_dictionaries({"id": st.text(), "number": st.integers(), "note": st.text(), "paid": st.booleans()})


def told(value: object) -> object:
    return (type(value), str(value)) if isinstance(value, Exception) else value


@given(st.lists(payloads) | st.lists(fine))
def test_a_column_an_attribute_and_a_reading_are_the_same(given: list[Any]) -> None:
    objects = [to_invoice(payload) for payload in given]
    column = type(to_invoice({})).__columns__(objects)  # type: ignore[attr-defined]

    for name, (key, convert, optional) in ATTRIBUTES.items():
        reads = [Reading("demo", "invoice", payload) for payload in given]
        expected = [told((read.maybe if optional else read)(key, convert)) for read in reads]
        assert list(map(told, column(name)[0])) == expected
        assert list(map(told, map(attrgetter(name), objects))) == expected


@given(st.lists(payloads) | st.lists(fine))
def test_the_objects_of_a_list_are_those_of_its_payloads(given: list[Any]) -> None:
    objects = to_invoice.all(given)

    for name in ATTRIBUTES:
        expected = [told(getattr(to_invoice(payload), name)) for payload in given]
        assert list(map(told, Objects(objects).read(name)[0])) == expected
        assert [told(getattr(one, name)) for one in objects] == expected
        assert [told(getattr(objects[n], name)) for n in range(len(given))] == expected


def test_what_is_no_object_among_the_payloads_of_a_list_is_a_mismatch() -> None:
    with pytest.raises(PayloadMismatch, match="an object"):
        to_invoice.all([{"id": "in_1"}, "in_2"])


def test_an_object_is_one_of_the_declared_type_under_its_name() -> None:
    invoice = to_invoice({"id": "in_1"})

    assert isinstance(invoice, Invoice)
    assert type(invoice).__name__ == "Invoice"
    assert (invoice.upstream_id, invoice.region) == ("in_1", "eu")
    assert to_invoice.__annotations__["return"] is Invoice


def test_a_value_is_converted_once_and_not_before_it_is_asked_for() -> None:
    asked = []

    def noted(value: Any) -> str:
        asked.append(value)
        return str(value)

    @mapping("demo", "line")
    def to_noted(read: Reader[Any]) -> Line:
        return Line(amount=read("amount", noted))

    line = to_noted({"amount": 7})
    before = list(asked)

    assert (line.amount, line.amount) == ("7", "7")
    assert (before, asked) == ([], [7])


def test_a_conversion_may_look_at_what_lies_beside_its_value() -> None:
    wrong: Any = to_invoice({"total": 7}).total

    assert to_invoice({"total": 7, "currency": "eur"}).total == "7 eur"
    assert str(wrong) == "demo invoice: expected priced at invoice.total"


def test_a_payload_can_be_kept_as_it_is() -> None:
    payload = {"id": "in_1"}

    assert to_invoice(payload).source is payload


def test_an_object_inside_is_mapped_too_and_has_errors_of_its_own() -> None:
    invoice = to_invoice({"lines": [{"amount": "3"}, {"amount": 3}]})

    assert invoice.lines is not None
    assert [told(line.amount) for line in invoice.lines] == [
        "3",
        (PayloadMismatch, "demo line: expected text at line.amount"),
    ]
    assert to_invoice({"lines": {"first": {"amount": "3"}}}).first_line == to_line({"amount": "3"})
    assert to_invoice({"lines": {"first": None}}).first_line is None


def test_what_is_no_object_at_all_is_refused() -> None:
    with pytest.raises(PayloadMismatch, match="expected an object at invoice"):
        to_invoice([])


def test_a_mapped_object_is_changed_by_making_a_plain_one() -> None:
    invoice = to_invoice({"id": "in_1", "number": 7})
    with pytest.raises(AttributeError, match="cannot be changed"):
        invoice.number = 8

    changed = replace(invoice, number=8)
    assert (type(changed), changed.number, changed.upstream_id, invoice.number) == (Invoice, 8, "in_1", 7)


def test_a_value_one_level_deeper_says_where_it_was_expected() -> None:
    read = Reading("demo", "invoice", {"period": {"start": "soon"}})
    wrong: Any = read("period", inside("start", unix_time))

    assert str(wrong) == "demo invoice: expected unix time as start at invoice.period"
