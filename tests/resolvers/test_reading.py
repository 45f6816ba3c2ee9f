from datetime import UTC, datetime
from enum import Enum
from typing import Any

import pytest

from connectors.errors import PayloadMismatch, UpstreamRejected
from resolvers.reading import Reading, decimal, flag, integer, iso_time, one_of, text, unix_time


class Status(Enum):
    PAID = "paid"
    UNKNOWN = "unknown"


def reading(**payload: Any) -> Reading:
    return Reading("demo", "invoice", payload)


def test_values_are_converted() -> None:
    read = reading(id="in_1", created=1767225600, at="2026-01-01T01:00:00+01:00", status="paid", n=3, ok=True)

    assert (read("id", text), read("n", integer), read("ok", flag)) == ("in_1", 3, True)
    assert read("created", unix_time) == read("at", iso_time) == datetime(2026, 1, 1, tzinfo=UTC)
    assert read("status", one_of(Status)) is Status.PAID


def test_a_missing_value_is_an_error_value_that_says_where() -> None:
    wrong: Any = reading()("total", integer)

    assert isinstance(wrong, PayloadMismatch)
    assert (wrong.path, str(wrong)) == ("invoice.total", "demo invoice: expected integer at invoice.total")


@pytest.mark.parametrize(
    ("value", "convert"),
    [
        ("1", integer),
        (True, integer),
        (1.5, integer),
        (1, text),
        ("yes", flag),
        (10**20, unix_time),
        ("now", iso_time),
        ("1,5", decimal),
        ("NaN", decimal),
    ],
)
def test_a_wrong_value_is_an_error_value(value: object, convert: Any) -> None:
    assert isinstance(reading(x=value)("x", convert), PayloadMismatch)


def test_a_time_without_an_offset_is_not_guessed() -> None:
    assert isinstance(reading(at="2026-01-01T00:00:00")("at", iso_time), PayloadMismatch)


def test_null_is_fine_where_it_may_be() -> None:
    assert reading(email=None).maybe("email", text) is None


def test_an_unknown_word_becomes_the_fallback() -> None:
    assert reading(status="teleported")("status", one_of(Status)) is Status.UNKNOWN


def test_an_error_in_the_payload_stays_where_it_is() -> None:
    refused = UpstreamRejected("demo", "invoices.get", status=403, reason="FORBIDDEN")

    found: object = reading(email=refused).maybe("email", text)
    assert found is refused
