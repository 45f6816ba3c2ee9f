import asyncio

import httpx2
import pytest

from connectors.auth.auth import Auth
from connectors.auth.passed import PassedThrough
from connectors.auth.signing import HmacAuth, request_lines
from connectors.auth.static import api_key, basic, bearer, query_parameter
from connectors.call import Call, Scope
from connectors.errors import NotAuthorized
from connectors.request import made
from tests.clock import FakeClock


async def no_wire(request: httpx2.Request) -> httpx2.Response:
    raise AssertionError("nothing is fetched")


def signed(auth: Auth, *, content: bytes = b"", scope: Scope = Scope()) -> httpx2.Request:
    call = Call(operation="x", safe=True, scope=scope)
    request = made(call, "POST", "https://api.example/things?a=1", content=content)
    return asyncio.run(auth.authorize(request, no_wire))


def test_what_does_not_change_goes_where_the_upstream_wants_it() -> None:
    assert signed(bearer("t0k")).headers["Authorization"] == "Bearer t0k"
    assert signed(api_key("X-API-Key", "t0k")).headers["X-API-Key"] == "t0k"
    assert str(signed(query_parameter("key", "t 0&k")).url) == "https://api.example/things?a=1&key=t+0%26k"


def test_basic_is_as_the_rfc_shows() -> None:
    """RFC 7617, sections 2 and 2.1."""
    assert signed(basic("Aladdin", "open sesame")).headers["Authorization"] == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="
    assert signed(basic("test", "123£")).headers["Authorization"] == "Basic dGVzdDoxMjPCow=="


def test_a_request_is_signed_anew_at_each_attempt(clock: FakeClock) -> None:
    """The secret and the data of RFC 4231, section 4.3; the time goes along."""
    auth = HmacAuth(
        b"Jefe",
        canonical=lambda request, time: request.content,
        headers=lambda signature, time: {"X-Signature": signature.hex(), "X-Time": str(time)},
        clock=clock,
    )
    content = b"what do ya want for nothing?"

    first = signed(auth, content=content)
    clock.advance(5)
    second = signed(auth, content=content)

    assert first.headers["X-Signature"] == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    assert int(second.headers["X-Time"]) - int(first.headers["X-Time"]) == 5


def test_the_lines_that_are_signed_tell_requests_apart(clock: FakeClock) -> None:
    call = Call(operation="x", safe=True)

    lines = request_lines(made(call, "POST", "https://api.example/things?a=1", content=b""), 1_700_000_000)

    empty = b"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert lines == b"POST\n/things?a=1\n1700000000\n" + empty


def test_what_the_client_sent_is_sent_on() -> None:
    auth = PassedThrough("demo", "x-token", target="Authorization", scheme="Bearer")

    plain = signed(auth, scope=Scope(headers={"x-token": "abc"}))
    named = signed(auth, scope=Scope(headers={"x-token": "bearer abc"}))

    assert plain.headers["Authorization"] == "Bearer abc"
    assert named.headers["Authorization"] == "bearer abc"
    with pytest.raises(NotAuthorized, match="x-token"):
        signed(auth)


def test_what_the_client_sent_is_not_shown() -> None:
    assert "abc" not in repr(Scope(headers={"x-token": "abc"}))
