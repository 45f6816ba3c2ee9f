"""Sessions that somebody else began."""

import asyncio

import httpx2

from connectors.auth.session import FixedSession, Session
from connectors.call import Call
from connectors.request import rebuilt


async def no_wire(request: httpx2.Request) -> httpx2.Response:
    raise AssertionError("nothing is sent in these tests")


def sign(request: httpx2.Request, session: Session) -> httpx2.Request:
    return rebuilt(request, url=session.url, headers={"X-Session": session.id})


def test_a_fixed_session_is_not_renewed() -> None:
    call = Call(operation="query", safe=True)
    request = httpx2.Request("POST", "https://login.example", content=b"", extensions={"call": call})
    auth = FixedSession(Session("token", "https://org.example"), sign)

    signed = asyncio.run(auth.authorize(request, no_wire))

    assert signed.headers["X-Session"] == "token"
    assert not asyncio.run(auth.renew(signed, no_wire))


def test_a_session_does_not_show_its_id() -> None:
    assert "token" not in repr(Session("token", "https://org.example"))
