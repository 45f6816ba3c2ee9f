"""Credentials that are fetched: once for all, ahead of their end, and not again and again for the same refusal."""

import asyncio

import httpx2
import pytest

from connectors.auth.fetched import REFUSAL_HOLDS_S, RENEWALS, RENEWALS_WINDOW_S, FetchedAuth
from connectors.auth.lifetime import RENEWAL_PAUSE_S
from connectors.auth.session import Session
from connectors.auth.token import Token, in_authorization
from connectors.call import Call, Send
from connectors.errors import NotAuthorized, UpstreamUnavailable
from connectors.request import rebuilt
from tests.clock import FakeClock


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
    auth = FetchedAuth(office.log_in, sign)

    async def all_at_once() -> list[httpx2.Request]:
        return await asyncio.gather(*(auth.authorize(a_request(), no_wire) for _ in range(30)))

    signed = asyncio.run(all_at_once())
    assert office.logins == 1
    assert {(str(one.url), one.headers["X-Session"]) for one in signed} == {("https://org.example", "session 1")}


def test_a_session_refused_to_thirty_requests_at_once_is_renewed_once() -> None:
    office = Office()
    auth = FetchedAuth(office.log_in, sign)

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
    auth = FetchedAuth(office.log_in, sign, now=lambda: now[0])

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
    auth = FetchedAuth(office.log_in, sign)

    with pytest.raises(UpstreamUnavailable):
        asyncio.run(auth.authorize(a_request(), no_wire))
    asyncio.run(auth.authorize(a_request(), no_wire))

    assert office.logins == 2


def test_one_who_goes_away_does_not_take_the_login_with_it() -> None:
    office = Office()
    auth = FetchedAuth(office.log_in, sign)

    async def run() -> httpx2.Request:
        impatient = asyncio.ensure_future(auth.authorize(a_request(), no_wire))
        patient = asyncio.ensure_future(auth.authorize(a_request(), no_wire))
        await asyncio.sleep(0)
        impatient.cancel()
        return await patient

    assert asyncio.run(run()).headers["X-Session"] == "session 1"
    assert office.logins == 1


class Mint:
    """Gives tokens that live for 1,000 s, and refuses those it is told to."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.minted = 0
        self.failures: list[Exception] = []

    async def token(self, request: httpx2.Request, send: Send) -> Token:
        self.minted += 1
        if self.failures:
            raise self.failures.pop(0)
        now = self.clock.time()
        return Token(access_token=f"token {self.minted}", issued_at=now, expires_at=now + 1000)

    def auth(self) -> FetchedAuth[Token]:
        return FetchedAuth(self.token, in_authorization, now=self.clock.time, chance=lambda: 0.0)


async def sent_with(auth: FetchedAuth[Token]) -> str:
    signed = await auth.authorize(a_request(), no_wire)
    await asyncio.sleep(0)
    return signed.headers["Authorization"]


def test_a_token_is_used_while_another_is_fetched_ahead_of_its_end(clock: FakeClock) -> None:
    mint = Mint(clock)
    auth = mint.auth()

    async def run() -> list[str]:
        sent = [await sent_with(auth)]
        for seconds in (899, 1, 0):
            clock.advance(seconds)
            sent.append(await sent_with(auth))
        return sent

    assert asyncio.run(run()) == ["Bearer token 1", "Bearer token 1", "Bearer token 1", "Bearer token 2"]
    assert mint.minted == 2


def test_a_token_that_could_end_on_its_way_is_not_sent(clock: FakeClock) -> None:
    auth = Mint(clock).auth()

    async def run() -> str:
        await sent_with(auth)
        clock.advance(990)
        return await sent_with(auth)

    assert asyncio.run(run()) == "Bearer token 2"


def test_a_renewal_that_is_refused_ahead_of_the_end_harms_nobody_until_then(clock: FakeClock) -> None:
    mint = Mint(clock)
    auth = mint.auth()

    async def run() -> None:
        await sent_with(auth)
        mint.failures = [NotAuthorized("demo", "token", "no")]
        clock.advance(950)
        assert [await sent_with(auth) for _ in range(3)] == ["Bearer token 1"] * 3
        clock.advance(50)
        await sent_with(auth)

    with pytest.raises(NotAuthorized):
        asyncio.run(run())
    assert mint.minted == 2


def test_a_renewal_that_broke_ahead_of_the_end_is_not_tried_again_at_once(clock: FakeClock) -> None:
    mint = Mint(clock)
    auth = mint.auth()

    async def run() -> str:
        await sent_with(auth)
        mint.failures = [UpstreamUnavailable("demo", "token", "broke")]
        clock.advance(900)
        assert [await sent_with(auth) for _ in range(5)] == ["Bearer token 1"] * 5
        assert mint.minted == 2
        clock.advance(RENEWAL_PAUSE_S)
        await sent_with(auth)
        return await sent_with(auth)

    assert asyncio.run(run()) == "Bearer token 3"


def test_a_refused_token_is_used_on_where_no_other_is_to_be_had(clock: FakeClock) -> None:
    mint = Mint(clock)
    auth = mint.auth()

    async def run() -> list[str]:
        refused = await auth.authorize(a_request(), no_wire)
        mint.failures = [UpstreamUnavailable("demo", "token", "broke")]
        assert await auth.renew(refused, no_wire)
        with pytest.raises(UpstreamUnavailable):
            await auth.authorize(a_request(), no_wire)
        meanwhile = await sent_with(auth)
        assert await auth.renew(refused, no_wire)
        return [meanwhile, await sent_with(auth)]

    assert asyncio.run(run()) == ["Bearer token 1", "Bearer token 3"]


def test_a_refusal_that_new_tokens_do_not_help_stops_fetching_them(clock: FakeClock) -> None:
    mint = Mint(clock)
    auth = mint.auth()

    async def refuse() -> bool:
        return await auth.renew(await auth.authorize(a_request(), no_wire), no_wire)

    async def run() -> list[bool]:
        refused = [await refuse() for _ in range(RENEWALS + 1)]
        clock.advance(RENEWALS_WINDOW_S)
        return [*refused, await refuse()]

    assert asyncio.run(run()) == [*[True] * RENEWALS, False, True]
