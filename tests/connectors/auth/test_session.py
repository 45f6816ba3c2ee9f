"""Sessions: one login for all, and no login twice for the same refusal."""

import asyncio

import httpx2
import pytest

from connectors.auth.session import REFUSAL_HOLDS_S, FixedSession, Session, SessionAuth
from connectors.call import Call, Send, rebuilt
from connectors.errors import NotAuthorized, UpstreamUnavailable


async def no_wire(request: httpx2.Request) -> httpx2.Response:
    raise AssertionError("nothing is sent in these tests")


def a_request() -> httpx2.Request:
    call = Call(operation="query", safe=True)
    return httpx2.Request("POST", "https://login.example", content=b"", extensions={"call": call})


def sign(request: httpx2.Request, session: Session) -> httpx2.Request:
    return rebuilt(request, url=session.url, headers={"X-Session": session.id})


class Office:
    """Counts logins, and refuses or breaks those it is told to."""

    def __init__(self, *failures: Exception) -> None:
        self.logins = 0
        self.failures = list(failures)

    async def log_in(self, request: httpx2.Request, send: Send) -> Session:
        self.logins += 1
        name = f"session {self.logins}"
        await asyncio.sleep(0)
        if self.failures:
            raise self.failures.pop(0)
        return Session(name, "https://org.example")


def test_thirty_requests_at_once_share_one_login() -> None:
    office = Office()
    auth = SessionAuth(office.log_in, sign)

    async def all_at_once() -> list[httpx2.Request]:
        return await asyncio.gather(*(auth.authorize(a_request(), no_wire) for _ in range(30)))

    signed = asyncio.run(all_at_once())
    assert office.logins == 1
    assert {(str(one.url), one.headers["X-Session"]) for one in signed} == {("https://org.example", "session 1")}


def test_a_session_refused_to_thirty_requests_at_once_is_renewed_once() -> None:
    office = Office()
    auth = SessionAuth(office.log_in, sign)

    async def again(refused: httpx2.Request) -> httpx2.Request:
        assert await auth.renew(refused, no_wire)
        return await auth.authorize(a_request(), no_wire)

    async def run() -> list[httpx2.Request]:
        refused = [await auth.authorize(a_request(), no_wire) for _ in range(30)]
        first = await again(refused[0])
        return [first, *await asyncio.gather(*(again(one) for one in refused[1:]))]

    signed = asyncio.run(run())
    assert office.logins == 2
    assert {one.headers["X-Session"] for one in signed} == {"session 2"}


def test_a_refused_login_is_refused_to_all_who_wait_and_not_tried_again_for_a_while() -> None:
    now = [0.0]
    office = Office(NotAuthorized("crm", "login", "no"))
    auth = SessionAuth(office.log_in, sign, lambda: now[0])

    async def tries(count: int) -> list[object]:
        return await asyncio.gather(
            *(auth.authorize(a_request(), no_wire) for _ in range(count)), return_exceptions=True
        )

    assert all(isinstance(one, NotAuthorized) for one in asyncio.run(tries(30)))
    assert all(isinstance(one, NotAuthorized) for one in asyncio.run(tries(1)))
    assert office.logins == 1
    now[0] = REFUSAL_HOLDS_S
    assert all(isinstance(one, httpx2.Request) for one in asyncio.run(tries(1)))
    assert office.logins == 2


def test_a_login_that_broke_is_tried_again_by_the_next_request() -> None:
    office = Office(UpstreamUnavailable("crm", "login", "broke"))
    auth = SessionAuth(office.log_in, sign)

    with pytest.raises(UpstreamUnavailable):
        asyncio.run(auth.authorize(a_request(), no_wire))
    asyncio.run(auth.authorize(a_request(), no_wire))

    assert office.logins == 2


def test_one_who_goes_away_does_not_take_the_login_with_it() -> None:
    office = Office()
    auth = SessionAuth(office.log_in, sign)

    async def run() -> httpx2.Request:
        impatient = asyncio.ensure_future(auth.authorize(a_request(), no_wire))
        patient = asyncio.ensure_future(auth.authorize(a_request(), no_wire))
        await asyncio.sleep(0)
        impatient.cancel()
        return await patient

    assert asyncio.run(run()).headers["X-Session"] == "session 1"
    assert office.logins == 1


def test_a_fixed_session_is_not_renewed() -> None:
    auth = FixedSession(Session("token", "https://org.example"), sign)

    signed = asyncio.run(auth.authorize(a_request(), no_wire))

    assert signed.headers["X-Session"] == "token"
    assert not asyncio.run(auth.renew(signed, no_wire))


def test_a_session_does_not_show_its_id() -> None:
    assert "token" not in repr(Session("token", "https://org.example"))
