from math import inf

import pytest

from server.callers import ANYONE, Caller, Callers
from server.requests import Refused
from tests.server.toy import ask

TOKEN = b"0123456789abcdef"


@pytest.mark.parametrize(
    ("value", "seconds"),
    [(b"2S", 2.0), (b"500m", 0.5), (b"1H", 3600.0), (b"3M", 180.0), (b"99999999n", 0.099999999), (b"07u", 7e-6)],
)
def test_the_timeout_is_written_as_in_grpc(value: bytes, seconds: float) -> None:
    assert Callers().of({b"grpc-timeout": value}).timeout_s == pytest.approx(seconds)


@pytest.mark.parametrize("value", [b"", b"2", b"S", b"0m", b"-1S", b"1.5S", b"2s", b"123456789m", b"1S, 2S", b"2 S"])
def test_any_other_timeout_is_refused_and_shown_how(value: bytes) -> None:
    with pytest.raises(Refused, match="500m") as caught:
        Callers().of({b"grpc-timeout": value})

    assert caught.value.status == 400


def test_a_request_with_a_bad_timeout_is_a_bad_request() -> None:
    response = ask("POST", "/graphql", json={"query": "{ echo }"}, headers={"grpc-timeout": "soon"})

    assert response.status_code == 400
    assert response.json()["errors"][0]["extensions"]["code"] == "BAD_REQUEST"


@pytest.mark.parametrize(
    ("authorization", "token", "operator"),
    [
        (b"Bearer 0123456789abcdef", TOKEN, True),
        (b"bearer  0123456789abcdef ", TOKEN, True),
        (b"Bearer 0123456789abcdeF", TOKEN, False),
        (b"Bearer ", TOKEN, False),
        (b"Basic 0123456789abcdef", TOKEN, False),
        (b"0123456789abcdef", TOKEN, False),
        (b"Bearer 0123456789abcdef", None, False),
        (b"Bearer \xff", TOKEN, False),
    ],
)
def test_an_operator_is_who_shows_the_whole_token(authorization: bytes, token: bytes | None, operator: bool) -> None:
    callers = Callers(operator_token=token)

    assert callers.of({b"authorization": authorization}) == Caller(inf, operator)


def test_who_says_nothing_is_anyone() -> None:
    assert Callers(operator_token=TOKEN).of({}) is ANYONE


def test_no_upstream_gets_the_operators_token_though_it_gets_that_header_of_others() -> None:
    callers = Callers(operator_token=TOKEN, passes=frozenset((b"authorization",)))

    assert callers.of({b"authorization": b"Bearer " + TOKEN}) == Caller(inf, operator=True)
    assert callers.of({b"authorization": b"Bearer other"}).passed == {"authorization": "Bearer other"}
