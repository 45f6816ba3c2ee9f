"""The tokens of bot and user: each refreshed by itself, and both gone when the user leaves."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from connectors.call import Scope
from connectors.connector import connect
from connectors.errors import NotAuthorized, ReauthorizationRequired
from connectors.paging import Window
from connectors.providers.slack.client import SlackClient
from connectors.providers.slack.manifest import UPSTREAM
from connectors.providers.slack.sandbox import SlackSandbox
from connectors.sandbox.authorization import Issued
from connectors.sandbox.faults import Fault
from connectors.sandbox.people import population
from tests.clock import FakeClock

CALLBACK = "https://gateway.example/connect/slack/callback"
HALF_A_DAY_S = 12 * 3600

Work = Callable[["World"], Awaitable[Any]]


class World:
    """Ada's workspace, where she can install us."""

    def __init__(self, clock: FakeClock) -> None:
        connector = connect(UPSTREAM, {}, people=population(5), clock=clock)
        assert connector
        assert connector.users
        assert connector.users.grant
        assert isinstance(connector.sandbox, SlackSandbox)
        assert connector.sandbox.authorization
        self.sandbox, self.server = connector.sandbox, connector.sandbox.authorization
        self.users, self.grant, self.send = connector.users, connector.users.grant, connector.send
        self.clock, self.sandbox.time = clock, clock.time
        self._connector = connector

    async def install(self, **changed: str) -> None:
        """Ada lets us in, to search as well unless `user_scope` is empty."""
        link = httpx2.URL(self.grant.link(redirect_uri=CALLBACK, state="s", verifier="")).copy_merge_params(changed)
        async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=self.sandbox)) as browser:
            back = await browser.post(link, data={"decision": "allow"})
        code = parse_qs(urlsplit(back.headers["location"]).query)["code"][0]
        token = await self.grant.exchange(code, self.send, redirect_uri=CALLBACK, verifier="")
        await self.users.keep("ada", token)

    @property
    def slack(self) -> SlackClient:
        client: SlackClient = self._connector.client(Scope(user="ada", principal="ada"))
        return client

    async def people(self) -> Any:
        return (await self.slack.list_users(Window(5))).items

    async def search(self) -> Any:
        return (await self.slack.search_messages(Window(5), query="harvest")).items

    def issued(self, *, second: bool) -> list[Issued]:
        return [one for one in self.server.issued if one.second is second]


@pytest.fixture
def world(clock: FakeClock) -> World:
    return World(clock)


def test_both_tokens_are_refreshed_and_each_when_it_is_needed(world: World) -> None:
    async def work() -> None:
        await world.install()
        world.clock.advance(HALF_A_DAY_S)
        assert await world.people()
        assert len(world.issued(second=True)) == 1
        assert await world.search()
        assert await world.search()

    asyncio.run(work())

    assert (len(world.issued(second=False)), len(world.issued(second=True))) == (2, 2)


def test_a_user_s_token_that_slack_refuses_is_refreshed_and_the_bot_s_is_not(world: World) -> None:
    async def work() -> None:
        await world.install()
        world.sandbox.users.clear()
        assert await world.search()

    asyncio.run(work())

    assert (len(world.issued(second=False)), len(world.issued(second=True))) == (1, 2)


def test_a_scope_that_is_missing_is_named_and_no_reason_to_refresh_anything(world: World) -> None:
    async def work() -> None:
        await world.install()
        world.sandbox.faults.add(Fault(operation="users.list", status=200, body='{"ok":false,"error":"missing_scope"}'))
        with pytest.raises(NotAuthorized, match="missing_scope"):
            await world.people()

    asyncio.run(work())

    assert len(world.issued(second=False)) == 1


def test_a_user_s_token_that_has_ended_leaves_the_bot_at_work(world: World) -> None:
    async def work() -> None:
        await world.install()
        world.server.issued.remove(*world.issued(second=True))
        world.clock.advance(HALF_A_DAY_S)
        with pytest.raises(ReauthorizationRequired):
            await world.search()
        assert await world.people()

    asyncio.run(work())


def test_who_agreed_to_no_search_cannot_and_who_agrees_anew_to_less_cannot_any_longer(world: World) -> None:
    async def work() -> None:
        await world.install()
        assert await world.search()
        await world.install(user_scope="")
        with pytest.raises(NotAuthorized, match="did not agree"):
            await world.search()
        assert await world.people()

    asyncio.run(work())


def test_what_is_taken_back_are_the_tokens_as_they_are_now(world: World) -> None:
    async def work() -> Any:
        await world.install()
        world.clock.advance(HALF_A_DAY_S)
        await world.search()
        kept = await world.users.kept("ada")
        assert kept
        await world.users.forget("ada")
        assert await world.users.kept("ada") is None
        assert await world.grant.revoke(kept.token, world.send)
        return kept.token.more["authed_user"]["access_token"]

    own = asyncio.run(work())

    assert own.startswith("xoxe.xoxp-")
    assert world.server.issued == []
    assert world.sandbox.seen("oauth2.revoke") == 2
