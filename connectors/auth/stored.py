"""Tokens of users, kept in a store that other processes share, and refreshed by one of them at a time."""

import asyncio
import random
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from math import inf
from typing import TypeVar

import httpx2
import structlog
from cachetools import LRUCache

from connectors.auth.authorization_code import AuthorizationCode
from connectors.auth.fetched import Renewals, Sign
from connectors.auth.lifetime import RENEWAL_PAUSE_S, renewal_at, usable
from connectors.auth.single_flight import SingleFlight
from connectors.auth.store.store import Account, Kept, StoreUnavailable, TokenStore
from connectors.auth.token import Token, in_authorization
from connectors.auth.token_endpoint import OPERATION, TokenEndpoint
from connectors.call import Scope, Send, call_of
from connectors.clock import Clock
from connectors.errors import (
    ConnectionRequired,
    CredentialsUnavailable,
    OutcomeUnknown,
    PayloadMismatch,
    ReauthorizationRequired,
    UpstreamError,
)

T = TypeVar("T")

log = structlog.get_logger("punnet.auth")

LOOK_S = 30.0
"""How old our knowledge of the store may be: a user who disconnects elsewhere is gone here so much later at most."""

PATIENCE_S = 1.0
"""How long we wait to know more of a token than we do: a database may hang as well as fail."""

POLL_S = 0.2
"""How often we look whether another process has finished its refresh."""

AGAIN_S = (0.1, 0.5, 2.0, 5.0)
"""When to try again to write what must not be lost."""

MOST_KNOWN = 10_000
"""Users whose tokens we hold in memory; the others are looked up."""


@dataclass(slots=True)
class _Known:
    """A token as it was in the store at `seen_at`. `renewal_at` is infinite once it cannot be renewed.

    Every try to renew it ahead of its end puts off the next one; nothing else here changes.
    """

    token: Token
    renewal_at: float
    seen_at: float


class StoredAuth:
    """Each principal's own token, from a store; refreshed ahead of its end and when it is refused (RFC 6749, 6).

    A refresh is claimed in the store before its request is sent. Whoever finds a claim waits for what comes of it. A
    claim that nobody ended in time means that a process died in between, and where refresh tokens are good for one
    use, the upstream may have given the next one to nobody: then the old one is not sent again, and the user is asked
    to agree anew (`ReauthorizationRequired`). So it is with an answer that got lost.
    """

    def __init__(
        self,
        provider: str,
        store: TokenStore,
        endpoint: TokenEndpoint,
        *,
        clock: Clock,
        lease_s: float,
        rotates: bool = True,
        account: Callable[[Scope], str] = lambda scope: scope.user,
        seed: Token | None = None,
        grant: AuthorizationCode | None = None,
        sign: Sign[Token] = in_authorization,
        chance: Callable[[], float] = random.random,
        patience_s: float = PATIENCE_S,
    ) -> None:
        """`rotates` says that a refresh token is good for one use. `lease_s` is longer than any refresh may take.

        `account` names whose token goes with a call. `seed` is what an account without a token begins with, `grant` how
        a user comes to have one.
        """
        self.grant = grant
        self._provider = provider
        self._store = store
        self._endpoint = endpoint
        self._clock = clock
        self._lease_s = lease_s
        self._rotates = rotates
        self._account = account
        self._seed = seed
        self._sign = sign
        self._chance = chance
        self._patience_s = patience_s
        self._known: LRUCache[str, _Known] = LRUCache(MOST_KNOWN)
        self._changes: LRUCache[str, int] = LRUCache(MOST_KNOWN)  # how often each user has agreed or left here
        self._looks: SingleFlight[tuple[str, int], _Known] = SingleFlight()
        self._refreshes: SingleFlight[str, _Known] = SingleFlight()
        self._renewals: LRUCache[str, Renewals] = LRUCache(MOST_KNOWN)

    async def authorize(self, request: httpx2.Request, send: Send) -> httpx2.Request:
        scope = call_of(request).scope
        name = self._account(scope)
        known, now = await self._current(name), self._clock.time()
        if not usable(known.token, now):
            stale = known.token
            known = await self._refreshes.join(name, lambda: self._refresh(name, stale, send, scope))
        elif now >= known.renewal_at:
            known.renewal_at = now + RENEWAL_PAUSE_S
            ahead = known.token
            self._refreshes.begin(name, lambda: self._refresh(name, ahead, send, scope))
        signed = self._sign(request, known.token)
        signed.extensions["credential"] = known.token
        return signed

    async def renew(self, refused: httpx2.Request, send: Send) -> bool:
        scope = call_of(refused).scope
        name, token = self._account(scope), refused.extensions["credential"]
        known = self._known.get(name)
        if known is not None and known.token.access_token == token.access_token:
            renewals = self._renewals.setdefault(name, Renewals())
            if not self._refreshes.under_way(name) and not renewals.allow(self._clock.time()):
                return False
            await self._refreshes.join(name, lambda: self._refresh(name, token, send, scope))
        return True

    def credential(self, scope: Scope) -> str:
        name = self._account(scope)
        known = self._known.get(name)
        return _credential(name, known.token) if known else name

    async def identify(self, scope: Scope) -> str:
        """The credential of a scope, looked up where it is not known: answers to two accounts never have the same.

        Raises `ConnectionRequired` and `CredentialsUnavailable`.
        """
        name = self._account(scope)
        return _credential(name, (await self._current(name)).token)

    async def keep(self, principal: str, token: Token) -> None:
        """The user has just agreed: this is their token from now on. Raises `StoreUnavailable`."""
        token = replace(token, connection=secrets.token_hex(8))
        await self._insist(lambda: self._store.save(self._kept_as(principal), token))
        self._changed(principal)

    async def kept(self, principal: str) -> Kept | None:
        """What is there of a user. Raises `StoreUnavailable`."""
        return await self._store.load(self._kept_as(principal))

    async def forget(self, principal: str) -> None:
        """The user has changed their mind. Raises `StoreUnavailable`."""
        await self._store.delete(self._kept_as(principal))
        self._changed(principal)

    async def settle(self) -> None:
        """Return when no refresh is under way: one that is broken off costs its user another login."""
        await self._refreshes.settle()

    def _kept_as(self, principal: str) -> Account:
        """What the store knows a principal's token by."""
        return Account(self._provider, principal)

    def _changed(self, principal: str) -> None:
        """What was read before may be of another account."""
        self._changes[principal] = self._changes.get(principal, 0) + 1
        self._known.pop(principal, None)

    async def _current(self, name: str) -> _Known:
        """What we know of a token, read from the store where that is too old."""
        known = self._known.get(name)
        if known is not None and self._clock.now() < known.seen_at + LOOK_S:
            return known
        look = self._looks.begin((name, self._changes.get(name, 0)), lambda: self._look(name))
        if known is not None:
            await asyncio.wait((look,), timeout=self._patience_s)
            if not look.done() and name in self._known:
                return self._as_it_was(name)
        return await asyncio.shield(look)

    async def _look(self, name: str) -> _Known:
        changes = self._changes.get(name, 0)
        try:
            return self._adopt(name, await self._load(name), changes)
        except CredentialsUnavailable:
            if name not in self._known:
                raise
            return self._as_it_was(name)

    def _as_it_was(self, name: str) -> _Known:
        log.warning("the token store does not answer: tokens are used as they were", upstream=self._provider)
        known = self._known[name] = replace(self._known[name], seen_at=self._clock.now())
        return known

    async def _load(self, name: str) -> Kept:
        account = self._kept_as(name)
        try:
            kept = await self._store.load(account)
            if kept is None and self._seed is not None:
                await self._store.add(account, self._seed)
                kept = await self._store.load(account)
        except StoreUnavailable as error:
            raise CredentialsUnavailable(self._provider, OPERATION, str(error)) from error
        if kept is None:
            self._known.pop(name, None)
            raise ConnectionRequired(self._provider, OPERATION, "the user has not connected an account")
        return kept

    def _adopt(self, name: str, kept: Kept, changes: int) -> _Known:
        """What `kept` says, remembered unless the user has agreed or left since `changes`."""
        before = self._known.get(name)
        if kept.dead:
            due = inf
        elif before is not None and before.token == kept.token:
            due = before.renewal_at
        else:
            due = renewal_at(kept.token, self._chance())
        known = _Known(kept.token, due, self._clock.now())
        if changes == self._changes.get(name, 0):
            self._known[name] = known
        return known

    async def _refresh(self, name: str, stale: Token, send: Send, scope: Scope) -> _Known:
        """Another token than `stale`: one that somebody else has got, or one that we get."""
        account = self._kept_as(name)
        while True:
            changes = self._changes.get(name, 0)
            kept, now = await self._load(name), self._clock.time()
            if kept.token.access_token != stale.access_token and usable(kept.token, now):
                return self._adopt(name, kept, changes)
            if kept.dead or kept.token.refresh_token is None:
                self._adopt(name, replace(kept, dead=True), changes)
                raise self._reauthorization("the grant no longer holds: authorize again")
            try:
                if kept.claimed_until is not None and now < kept.claimed_until:
                    await self._clock.sleep(POLL_S)
                elif kept.claimed_until is not None and self._rotates:
                    await self._store.condemn(account, kept.version)
                else:
                    version = await self._store.claim(account, kept.version, until=now + self._lease_s)
                    if version is not None:
                        renewed = await self._exchange(account, version, kept.token, send, scope)
                        if renewed:
                            return self._adopt(name, renewed, changes)
            except StoreUnavailable as error:
                raise CredentialsUnavailable(self._provider, OPERATION, str(error)) from error

    async def _exchange(self, account: Account, version: int, old: Token, send: Send, scope: Scope) -> Kept | None:
        """Spend the refresh token under the claim `version`; `None` if the store has something else by now."""
        parameters = {"grant_type": "refresh_token", "refresh_token": old.refresh_token or ""}
        try:
            token = await self._endpoint.ask(parameters, send, safe=not self._rotates, scope=scope)
        except ReauthorizationRequired as error:
            await self._store.condemn(account, version)
            raise self._reauthorization("the grant no longer holds: authorize again") from error
        except (OutcomeUnknown, PayloadMismatch) as error:
            if not self._rotates:
                await self._release(account, version)
                raise
            await self._store.condemn(account, version)
            raise self._reauthorization("the answer to a refresh was lost: authorize again") from error
        except UpstreamError:
            await self._release(account, version)
            raise
        token = replace(
            token,
            refresh_token=token.refresh_token or old.refresh_token,
            more={**old.more, **token.more},
            connection=old.connection,
        )
        if await self._save(account, version, token):
            return Kept(token=token, version=version + 1)
        if self.grant and await self._store.load(account) is None:
            await self._take_back(self.grant, token, send)
        return None

    async def _take_back(self, grant: AuthorizationCode, token: Token, send: Send) -> None:
        """The user has left in the meantime: nobody else knows of this token."""
        try:
            await grant.revoke(token, send)
        except UpstreamError as error:
            log.warning("a token was not taken back", upstream=self._provider, code=error.code)

    def _reauthorization(self, message: str) -> ReauthorizationRequired:
        return ReauthorizationRequired(self._provider, OPERATION, message, by_link=self.grant is not None)

    async def _save(self, account: Account, version: int, token: Token) -> bool:
        return await self._insist(lambda: self._store.replace(account, version, token))

    async def _release(self, account: Account, version: int) -> None:
        await self._insist(lambda: self._store.release(account, version))

    async def _insist(self, change: Callable[[], Awaitable[T]]) -> T:
        """Make a change that somebody pays for with another login if it is not made."""
        for wait_s in AGAIN_S:
            try:
                return await change()
            except StoreUnavailable:
                log.warning("a token could not be written", upstream=self._provider, again_in_s=wait_s)
                await self._clock.sleep(wait_s)
        return await change()


def _credential(name: str, token: Token) -> str:
    return f"{name}#{token.connection}" if token.connection else name
