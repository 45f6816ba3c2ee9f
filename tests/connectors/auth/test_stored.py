"""Tokens of users: refreshed once for all, whoever asks, and never twice by the same refresh token."""

import asyncio
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from connectors.auth.lifetime import RENEWAL_PAUSE_S
from connectors.auth.oauth2 import rotating, users
from connectors.auth.seal import Seal
from connectors.auth.store.sql import SqlTokens
from connectors.auth.store.store import Account, Kept, StoreUnavailable
from connectors.auth.stored import LOOK_S, StoredAuth
from connectors.auth.token import Token
from connectors.call import Scope, Send
from connectors.database import Database
from connectors.errors import ConnectionRequired, CredentialsUnavailable, ReauthorizationRequired, UpstreamError
from connectors.sandbox.faults import Fault
from connectors.upstream import Endpoint
from tests.clock import FakeClock
from tests.connectors.auth.test_seal import OLD
from tests.vault.authorization import AUDIENCE, CLIENT_ID, CLIENT_SECRET, Issued
from tests.vault.calls import given, sender
from tests.vault.client import VaultClient
from tests.vault.manifest import UPSTREAM
from tests.vault.sandbox import VaultSandbox

ADA = Account("vault", "ada")
APP: dict[str, Any] = {"token_url": AUDIENCE, "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
LINK = "https://vault.example/oauth/authorize"


class Killed(BaseException):
    """The process died."""


class Frail(SqlTokens):
    """A store that fails as often as it is told to, or kills whoever saves a new token.

    It says `read` and waits for `held` before it gives what it has. A user `leaves` before a new token is saved.
    """

    failed_loads = 0
    failed_saves = 0
    failed_releases = 0
    deadly = False
    leaves = False
    read: asyncio.Event
    held: asyncio.Event | None = None

    async def load(self, account: Account) -> Kept | None:
        if self.failed_loads:
            self.failed_loads -= 1
            raise StoreUnavailable("the database does not answer")
        kept = await super().load(account)
        if self.held:
            self.read.set()
            await self.held.wait()
        return kept

    async def replace(self, account: Account, version: int, token: Token) -> bool:
        if self.deadly:
            raise Killed
        if self.leaves:
            await self.delete(account)
        if self.failed_saves:
            self.failed_saves -= 1
            raise StoreUnavailable("the database does not answer")
        return await super().replace(account, version, token)

    async def release(self, account: Account, version: int) -> None:
        if self.failed_releases:
            self.failed_releases -= 1
            raise StoreUnavailable("the database does not answer")
        await super().release(account, version)


@dataclass
class Replica:
    """One process as far as tokens go: what it knows is its own, the database and the vault are everyone's."""

    auth: StoredAuth
    store: Frail
    send: Send

    async def owner(self, id: str = "1", principal: str = "ada") -> str:
        endpoint = Endpoint("vault", UPSTREAM.base_url, self.send, Scope(user=principal, principal=principal))
        return (await VaultClient(endpoint).get_item(id))["owner"]

    async def owners(self, times: int) -> list[str]:
        return await asyncio.gather(*(self.owner(str(number)) for number in range(times)))


@dataclass
class World:
    """A vault, a database and a clock. Replicas of the gateway come and go."""

    vault: VaultSandbox
    database: Database
    clock: FakeClock
    replicas: list[Replica] = field(default_factory=list)

    def replica(self, **about: Any) -> Replica:
        store = Frail(self.database, Seal(OLD))
        auth = users(given(clock=self.clock, tokens=lambda: store), authorization_url=LINK, **APP, **about)
        return self._replica(auth, store)

    def with_seed(self, refresh_token: str) -> Replica:
        store = Frail(self.database, Seal(OLD))
        auth = rotating(given(clock=self.clock, tokens=lambda: store), **APP, refresh_token=refresh_token)
        return self._replica(auth, store)

    async def agree(self, replica: Replica, user: str = "ada") -> Issued:
        """A user agrees, and their token is kept."""
        issued = self.vault.memory.authorize(user)
        now = self.clock.time()
        await replica.auth.keep(
            user,
            Token(
                access_token=issued.access_token,
                issued_at=now,
                expires_at=issued.expires_at,
                refresh_token=issued.refresh_token,
            ),
        )
        return issued

    def _replica(self, auth: StoredAuth, store: Frail) -> Replica:
        replica = Replica(auth, store, sender(self.vault, auth, self.clock))
        self.replicas.append(replica)
        return replica

    @property
    def refreshes(self) -> int:
        return self.vault.seen("oauth2.token")


@pytest.fixture
def world(tmp_path: Path, clock: FakeClock) -> World:
    vault = VaultSandbox()
    vault.memory.now = clock.time
    vault.memory.rotates = True
    return World(vault, Database(f"sqlite:///{tmp_path / 'punnet.sqlite3'}"), clock)


def run(world: World, work: Any) -> Any:
    """The result of a coroutine, the database closed behind it and behind the refreshes that it has left under way."""

    async def whole() -> Any:
        try:
            return await work
        finally:
            for replica in world.replicas:
                await replica.auth.settle()
            await world.database.close()

    return asyncio.run(whole())


def test_thirty_calls_after_the_end_of_a_token_are_one_refresh(world: World) -> None:
    async def work() -> list[str]:
        replica = world.replica()
        await world.agree(replica)
        world.clock.advance(3600)
        return await replica.owners(30)

    assert run(world, work()) == ["ada"] * 30
    assert world.refreshes == 1


def test_a_token_that_is_refused_is_refreshed_once_for_all(world: World) -> None:
    async def work() -> list[str]:
        replica = world.replica()
        await world.agree(replica)
        world.vault.expire()
        return await replica.owners(30)

    assert run(world, work()) == ["ada"] * 30
    assert world.refreshes == 1


def test_of_two_replicas_one_rotates_and_the_other_adopts(world: World) -> None:
    async def work() -> list[str]:
        first, second = world.replica(), world.replica()
        await world.agree(first)
        world.vault.faults.add(Fault(operation="oauth2.token", latency_s=0.05))
        world.clock.advance(3600)
        together = await asyncio.gather(first.owners(10), second.owners(10))
        later = await world.replica().owner()
        return [*together[0], *together[1], later]

    assert run(world, work()) == ["ada"] * 21
    assert world.refreshes == 1


def test_a_crash_between_answer_and_save_asks_for_the_user_and_sends_nothing_twice(world: World) -> None:
    async def work() -> float:
        crashing, other = world.replica(), world.replica()
        await world.agree(crashing)
        world.clock.advance(3600)
        crashing.store.deadly = True
        with pytest.raises(Killed):
            await crashing.owner()
        began = world.clock.time()
        for _ in range(3):
            with pytest.raises(ReauthorizationRequired):
                await other.owner()
        waited_s = world.clock.time() - began
        with pytest.raises(ReauthorizationRequired):
            await world.replica().owner()
        return waited_s

    waited_s = run(world, work())
    assert world.refreshes == 1
    assert UPSTREAM.policy.budget_s < waited_s < UPSTREAM.policy.budget_s + 31


def test_a_crash_is_made_good_where_a_refresh_token_may_be_used_again(world: World) -> None:
    async def work() -> str:
        world.vault.memory.rotates = False
        crashing, other = world.replica(rotates=False), world.replica(rotates=False)
        await world.agree(crashing)
        world.clock.advance(3600)
        crashing.store.deadly = True
        with pytest.raises(Killed):
            await crashing.owner()
        return await other.owner()

    assert run(world, work()) == "ada"
    assert world.refreshes == 2


def test_an_answer_that_is_lost_asks_for_the_user_at_once(world: World) -> None:
    async def work() -> None:
        replica = world.replica()
        await world.agree(replica)
        world.clock.advance(3600)
        world.vault.faults.add(Fault(operation="oauth2.token", drop="answer"))
        for _ in range(3):
            with pytest.raises(ReauthorizationRequired) as caught:
                await replica.owner()
            assert caught.value.code == "REAUTHORIZATION_REQUIRED"

    run(world, work())
    assert world.refreshes == 1


def test_an_answer_that_cannot_be_read_asks_for_the_user(world: World) -> None:
    async def work() -> None:
        replica = world.replica()
        await world.agree(replica)
        world.clock.advance(3600)
        world.vault.faults.add(Fault(operation="oauth2.token", malformed=True))
        with pytest.raises(ReauthorizationRequired):
            await replica.owner()

    run(world, work())


@pytest.mark.parametrize("status", [200, 403])
def test_a_page_that_somebody_else_answers_with_loses_nobody_s_grant(world: World, status: int) -> None:
    async def work() -> str:
        replica = world.replica()
        await world.agree(replica)
        world.clock.advance(3600)
        page = {"content-type": "text/html; charset=utf-8"}
        world.vault.faults.add(Fault(operation="oauth2.token", status=status, body="<h1>Back soon</h1>", headers=page))
        with pytest.raises(CredentialsUnavailable):
            await replica.owner()
        return await replica.owner()

    assert run(world, work()) == "ada"


def test_a_reply_without_a_refresh_token_keeps_the_old_one(world: World) -> None:
    async def work() -> list[str]:
        replica = world.replica()
        world.vault.memory.rotates = False
        await world.agree(replica)
        owners = []
        for _ in range(3):
            world.clock.advance(3600)
            owners.append(await replica.owner())
        return owners

    assert run(world, work()) == ["ada"] * 3
    assert world.refreshes == 3


def test_a_grant_that_was_revoked_asks_for_the_user_without_asking_upstream_again(world: World) -> None:
    async def work() -> str:
        replica = world.replica()
        issued = await world.agree(replica)
        issued.alive = issued.refreshable = False
        for _ in range(3):
            with pytest.raises(ReauthorizationRequired, match="authorize again"):
                await replica.owner()
        await world.agree(replica)
        return await replica.owner()

    assert run(world, work()) == "ada"
    assert world.refreshes == 1


def test_an_upstream_that_fails_loses_nobody_s_grant(world: World) -> None:
    async def work() -> str:
        replica = world.replica()
        await world.agree(replica)
        world.clock.advance(3600)
        for fault in (
            Fault(operation="oauth2.token", status=503),
            Fault(operation="oauth2.token", throttled_s=3600),
        ):
            world.vault.faults.add(fault)
            with pytest.raises(UpstreamError) as caught:
                await replica.owner()
            assert not isinstance(caught.value, ReauthorizationRequired)
            world.clock.advance(3600)
        return await replica.owner()

    assert run(world, work()) == "ada"
    assert world.refreshes == 3


def test_each_user_has_their_own_token_and_others_have_none(world: World) -> None:
    async def work() -> list[str]:
        replica = world.replica()
        await world.agree(replica, "ada")
        await world.agree(replica, "bob")
        owners = [await replica.owner(principal=name) for name in ("ada", "bob")]
        with pytest.raises(ConnectionRequired):
            await replica.owner(principal="eve")
        return owners

    assert run(world, work()) == ["ada", "bob"]


def test_a_token_is_refreshed_ahead_of_its_end_while_it_is_used(world: World) -> None:
    async def work() -> list[str]:
        replica = world.replica()
        await world.agree(replica)
        owners = [await replica.owner()]
        world.clock.advance(3500)
        owners.append(await replica.owner())
        await replica.auth.settle()
        assert world.refreshes == 1
        world.clock.advance(3500 - LOOK_S)
        owners.append(await replica.owner())
        return owners

    assert run(world, work()) == ["ada"] * 3


def test_a_refresh_that_failed_ahead_of_the_end_is_not_tried_again_at_once(world: World) -> None:
    async def work() -> list[int]:
        replica = world.replica(scheme=partial(StoredAuth, chance=lambda: 1.0))
        await world.agree(replica)
        world.vault.faults.add(Fault(operation="oauth2.token", status=503))
        world.clock.advance(3440)
        await replica.owner()
        refreshes = []
        for seconds in (LOOK_S / 2, LOOK_S / 2, RENEWAL_PAUSE_S / 2 - 1, 1):
            world.clock.advance(seconds)
            assert await replica.owner() == "ada"
            await replica.auth.settle()
            refreshes.append(world.refreshes)
        return refreshes

    assert run(world, work()) == [1, 1, 1, 2]


def test_a_user_who_leaves_is_gone_everywhere_soon(world: World) -> None:
    async def work() -> None:
        here, there = world.replica(), world.replica()
        await world.agree(here)
        await there.owner()
        await here.auth.forget("ada")
        with pytest.raises(ConnectionRequired):
            await here.owner()
        world.clock.advance(LOOK_S)
        with pytest.raises(ConnectionRequired):
            await there.owner()

    run(world, work())


def test_a_refresh_token_of_the_environment_is_used_once_and_its_successors_are_kept(world: World) -> None:
    async def work() -> list[str]:
        granted = world.vault.memory.authorize("ada").refresh_token
        assert granted is not None
        owners = [await world.with_seed(granted).owner()]
        world.clock.advance(3600)
        owners.append(await world.with_seed(granted).owner())
        another = world.vault.memory.authorize("bob").refresh_token
        assert another is not None
        owners.append(await world.with_seed(another).owner())
        return owners

    assert run(world, work()) == ["ada", "ada", "bob"]
    assert world.refreshes == 3


def test_a_database_that_is_down_harms_nobody_whose_token_is_known_and_good(world: World) -> None:
    async def work() -> str:
        replica = world.replica()
        await world.agree(replica)
        await replica.owner()
        world.clock.advance(LOOK_S)
        replica.store.failed_loads = 1
        owner = await replica.owner()
        stranger = world.replica()
        stranger.store.failed_loads = 1
        with pytest.raises(CredentialsUnavailable):
            await stranger.owner()
        return owner

    assert run(world, work()) == "ada"


def test_a_database_that_hangs_keeps_nobody_waiting_whose_token_is_known_and_good(world: World) -> None:
    async def work() -> str:
        replica = world.replica(scheme=partial(StoredAuth, patience_s=0.01))
        await world.agree(replica)
        await replica.owner()
        world.clock.advance(LOOK_S)
        replica.store.read, replica.store.held = asyncio.Event(), asyncio.Event()
        async with asyncio.timeout(5):
            owner = await replica.owner()
        replica.store.held.set()
        return owner

    assert run(world, work()) == "ada"


def test_a_new_token_is_saved_in_the_end(world: World) -> None:
    async def work() -> list[str]:
        replica = world.replica()
        await world.agree(replica)
        world.clock.advance(3600)
        replica.store.failed_saves = 3
        return [await replica.owner(), await world.replica().owner()]

    assert run(world, work()) == ["ada", "ada"]
    assert world.refreshes == 1


def test_a_claim_that_came_to_nothing_is_given_back_in_the_end(world: World) -> None:
    async def work() -> str:
        replica = world.replica()
        await world.agree(replica)
        world.clock.advance(3600)
        world.vault.faults.add(Fault(operation="oauth2.token", status=503))
        replica.store.failed_releases = 3
        with pytest.raises(UpstreamError) as caught:
            await replica.owner()
        assert not isinstance(caught.value, ReauthorizationRequired)
        world.clock.advance(3600)
        return await replica.owner()

    assert run(world, work()) == "ada"
    assert world.refreshes == 2


def test_two_accounts_of_a_user_never_have_the_same_credential_and_a_refresh_keeps_it(world: World) -> None:
    scope = Scope(user="ada", principal="ada")

    async def work() -> list[str]:
        here, there = world.replica(), world.replica()
        await world.agree(here)
        found = [await here.auth.identify(scope), await there.auth.identify(scope)]
        world.clock.advance(3600)
        await here.owner()
        found.append(await here.auth.identify(scope))
        found.append(await there.auth.identify(scope))
        await world.agree(here, "ada")
        found += [await here.auth.identify(scope), await there.auth.identify(scope)]
        world.clock.advance(LOOK_S)
        return [*found, await there.auth.identify(scope)]

    *before, here, there, there_later = run(world, work())
    assert len(set(before)) == 1
    assert (there, there_later) == (before[0], here)
    assert here != before[0]


def test_what_was_read_before_a_user_agreed_anew_is_not_remembered(world: World) -> None:
    scope = Scope(user="ada", principal="ada")

    async def work() -> list[str]:
        replica = world.replica()
        await world.agree(replica)
        replica.store.read, replica.store.held = asyncio.Event(), asyncio.Event()
        early = asyncio.create_task(replica.auth.identify(scope))
        await replica.store.read.wait()
        await world.agree(replica)
        replica.store.held.set()
        return [await early, await replica.auth.identify(scope), await world.replica().auth.identify(scope)]

    early, late, elsewhere = run(world, work())
    assert early != late
    assert late == elsewhere


def test_a_token_that_was_got_while_its_user_left_is_taken_back(world: World) -> None:
    async def work() -> None:
        replica = world.replica(revocation_url=AUDIENCE.replace("token", "revoke"))
        await world.agree(replica)
        world.clock.advance(3600)
        replica.store.leaves = True
        with pytest.raises(ConnectionRequired):
            await replica.owner()

    run(world, work())
    assert (world.refreshes, world.vault.seen("oauth2.revoke")) == (1, 1)
