import asyncio

import httpx2
import pytest

from connectors.call import Scope, Send
from connectors.errors import CredentialsUnavailable, NotAuthorized, NotFound, UpstreamUnavailable
from connectors.judgement import Outcome
from connectors.pipeline.authorize import authorize
from connectors.request import rebuilt
from tests.clock import FakeClock
from tests.wire import ScriptedWire, judged, request, setup


class Rotating:
    """Hands out `token 0`, then `token 1` once renewed."""

    def __init__(self, *, renewable: bool = True) -> None:
        self.generation = 0
        self.renewable = renewable

    async def authorize(self, unsigned: httpx2.Request, send: Send) -> httpx2.Request:
        return rebuilt(unsigned, headers={"Authorization": f"token {self.generation}"})

    async def renew(self, refused: httpx2.Request, send: Send) -> bool:
        self.generation += self.renewable
        return self.renewable

    def credential(self, scope: Scope) -> str:
        return "app"


REFUSED = judged(401, Outcome.UNAUTHORIZED)
FINE = judged(200, Outcome.OK)


def test_a_refused_call_is_sent_again_with_new_credentials(clock: FakeClock) -> None:
    wire = ScriptedWire(REFUSED, FINE)

    response = asyncio.run(authorize(setup(clock, auth=Rotating()))(wire)(request()))

    assert response.status_code == 200
    assert [r.headers["Authorization"] for r in wire.requests] == ["token 0", "token 1"]


def test_a_second_refusal_stands(clock: FakeClock) -> None:
    wire = ScriptedWire(REFUSED)

    response = asyncio.run(authorize(setup(clock, auth=Rotating()))(wire)(request()))

    assert (response.status_code, len(wire.requests)) == (401, 2)


def test_credentials_that_cannot_be_renewed_are_tried_once(clock: FakeClock) -> None:
    wire = ScriptedWire(REFUSED)

    asyncio.run(authorize(setup(clock, auth=Rotating(renewable=False)))(wire)(request()))

    assert len(wire.requests) == 1


def test_calls_that_fetch_credentials_carry_none(clock: FakeClock) -> None:
    wire = ScriptedWire(FINE)

    asyncio.run(authorize(setup(clock))(wire)(request(anonymous=True)))

    assert "Authorization" not in wire.requests[0].headers


def test_credentials_that_cannot_be_fetched_are_not_the_failure_of_the_call(clock: FakeClock) -> None:
    class Broken(Rotating):
        async def authorize(self, unsigned: httpx2.Request, send: Send) -> httpx2.Request:
            raise UpstreamUnavailable("demo", "login", "the connection broke")

    wire = ScriptedWire(FINE)

    with pytest.raises(CredentialsUnavailable):
        asyncio.run(authorize(setup(clock, auth=Broken()))(wire)(request()))
    assert wire.requests == []


def test_that_nobody_gives_credentials_is_not_taken_for_what_was_asked_not_being_there(clock: FakeClock) -> None:
    class Gone(Rotating):
        async def authorize(self, unsigned: httpx2.Request, send: Send) -> httpx2.Request:
            raise NotFound("demo", "oauth2.token", status=404, reason="HTTP 404")

    with pytest.raises(NotAuthorized, match=r"things.list: no credentials were given \(HTTP 404\)"):
        asyncio.run(authorize(setup(clock, auth=Gone()))(ScriptedWire(FINE))(request()))
