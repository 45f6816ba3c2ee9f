from typing import Any

import pytest

from connectors.errors import NotAuthorized, NotFound, PayloadMismatch, UpstreamError, UpstreamRejected
from connectors.protocols.graphql.answer import by_code, code_of, placed


def place(data: Any, *errors: Any) -> dict[str, Any]:
    return placed(data, errors, upstream="demo", operation="a+b")


def test_an_error_goes_to_the_place_that_it_left_empty() -> None:
    data = {"q0": {"items": [{"name": "one"}, {"name": None}]}}

    answer = place(data, {"message": "no", "type": "FORBIDDEN", "path": ["q0", "items", 1, "name"]})

    assert isinstance(answer["q0"]["items"][1]["name"], NotAuthorized)
    assert answer["q0"]["items"][0] == {"name": "one"}


def test_an_error_under_a_null_that_spread_upwards_stands_where_the_null_ended() -> None:
    data = {"q0": {"items": [{"name": "one"}, None]}, "q1": None}

    answer = place(
        data,
        {"type": "NOT_FOUND", "path": ["q0", "items", 1, "owner", "name"]},
        {"type": "NOT_FOUND", "path": ["q1", "deep", "down"]},
    )

    assert isinstance(answer["q0"]["items"][1], NotFound)
    assert isinstance(answer["q1"], NotFound)


def test_the_first_of_two_errors_for_one_place_stays() -> None:
    answer = place({"q0": None}, {"type": "NOT_FOUND", "path": ["q0", "a"]}, {"type": "OTHER", "path": ["q0", "b"]})

    assert isinstance(answer["q0"], NotFound)


@pytest.mark.parametrize(
    ("data", "error"),
    [
        ({"q0": 1}, {"message": "no path"}),
        (None, {"message": "no data", "path": ["q0"]}),
        ({"q0": 1}, {"path": []}),
        ({"q0": 1}, {"path": ["q1", "a"]}),
        ({"q0": [1]}, {"path": ["q0", 7]}),
        ({"q0": {"a": 1}}, {"path": ["q0", 0]}),
        ({"q0": 1}, "not even an object"),
    ],
)
def test_an_error_without_a_place_is_raised(data: Any, error: Any) -> None:
    with pytest.raises(UpstreamRejected, match="GRAPHQL_ERROR"):
        place(data, error)


def test_an_answer_without_data_and_errors_is_a_mismatch() -> None:
    with pytest.raises(PayloadMismatch):
        place(None)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        ({"type": "NOT_FOUND"}, "NOT_FOUND"),
        ({"extensions": {"code": "THROTTLED"}}, "THROTTLED"),
        ({"type": 7, "extensions": {"code": "undefinedField"}}, "undefinedField"),
        ({"type": "customer ada@quartz.example is gone"}, "GRAPHQL_ERROR"),
        ({"message": "secret", "extensions": None}, "GRAPHQL_ERROR"),
    ],
)
def test_only_a_stable_word_counts_as_a_code(error: dict[str, Any], code: str) -> None:
    assert code_of(error) == code


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("NOT_FOUND", NotFound),
        ("FORBIDDEN", NotAuthorized),
        ("UNAUTHENTICATED", NotAuthorized),
        ("SERVICE_UNAVAILABLE", UpstreamRejected),
    ],
)
def test_codes_become_our_errors(code: str, kind: type[UpstreamError]) -> None:
    error = by_code("demo", "hero", {"type": code, "message": "token abc"})

    assert type(error) is kind
    assert "abc" not in str(error)
    assert (error.upstream, error.operation) == ("demo", "hero")
