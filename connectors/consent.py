"""Users' consent: from the wish to connect an account to the token that is kept, and back.

The authorization code grant with what RFC 9700 asks of a client: PKCE, a state that is good once and only in the
browser it was made for, a redirect URI of its own for each provider, and the issuer's name where it is told (RFC 9207).
"""

import hashlib
import re
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field
from hmac import compare_digest
from urllib.parse import urlsplit

import structlog

from connectors.auth.authorization_code import AuthorizationCode, new_verifier
from connectors.auth.store.store import StoreUnavailable
from connectors.auth.store.vouchers import Vouchers
from connectors.auth.stored import StoredAuth
from connectors.auth.token import Token
from connectors.call import answers_of
from connectors.connector import Connector
from connectors.errors import CredentialsUnavailable, UpstreamError

log = structlog.get_logger("punnet.consent")

TICKET_S, STATE_S = 300.0, 600.0
"""For how long a ticket can be used, and how long a user may take at the provider."""

LONGEST_RETURN = 2_000


class Unusable(Exception):
    """What a user shows, or wants, is not good, or the provider does not give it.

    `code` is ours or the provider's, `return_to` where they want to be, `status` HTTP's word for it.
    """

    def __init__(self, code: str, message: str, *, return_to: str | None = None, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.return_to = return_to
        self.status = status


@dataclass(frozen=True, kw_only=True)
class Wish:
    """Whom a user wants to connect an account of, and where they want to be afterwards."""

    provider: str
    user: str
    return_to: str | None = None


@dataclass(frozen=True, kw_only=True)
class Ticket:
    """What shows that something is a user's wish, until `expires_at` (Unix time in seconds)."""

    secret: str = field(repr=False)
    expires_at: float


@dataclass(frozen=True, kw_only=True)
class Connection:
    """What there is of a user's account at a provider; `token` is `None` where there is nothing.

    `dead` says that it has ended, and that only agreeing again helps. `account` is what the user knows it by.
    """

    provider: str
    title: str
    token: Token | None = None
    dead: bool = False
    account: str | None = None
    scopes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Disconnection:
    """`revoked` says that the provider has taken the token back; else it is only forgotten, and `problem` says why."""

    provider: str
    revoked: bool
    problem: str | None = None


class Consent:
    """The accounts that users connect. `return_urls` are the pages that they may be sent back to, and those below."""

    def __init__(self, connectors: Mapping[str, Connector], vouchers: Vouchers, return_urls: Collection[str]) -> None:
        self.connectors = {name: there for name, there in connectors.items() if grant_of(there)}
        self._vouchers = vouchers
        self._return_urls = return_urls

    async def ticket(self, wish: Wish) -> Ticket:
        """What shows, once and for minutes, that it is this user's wish. Raises `Unusable` for one we cannot grant."""
        self.check(wish)
        expires_at = self.connectors[wish.provider].clock.time() + TICKET_S
        secret = await self._vouchers.issue("ticket", asdict(wish), lifetime_s=TICKET_S)
        return Ticket(secret=secret, expires_at=expires_at)

    async def wish_of(self, provider: str, ticket: str, *, spend: bool) -> Wish:
        """The wish behind a ticket, which is no longer good if it is spent. Raises `Unusable`."""
        facts = await (self._vouchers.redeem if spend else self._vouchers.look)("ticket", ticket)
        if facts is None or facts["provider"] != provider:
            raise Unusable("link_expired", "This link has been used, or is too old. Ask for a new one.")
        return Wish(**facts)

    def check(self, wish: Wish) -> None:
        """Raises `Unusable` for a provider or a page to return to that is none of ours."""
        if wish.provider not in self.connectors:
            raise Unusable("unknown_provider", "Accounts of this provider cannot be connected here.", status=404)
        if wish.return_to is not None and not returnable(wish.return_to, self._return_urls):
            raise Unusable("bad_return_url", "This page is not among those that users may be sent back to.")

    async def depart(self, wish: Wish, *, redirect_uri: str, browser: str) -> str:
        """Where to send the browser that has the secret `browser`; it is to come back to `redirect_uri`."""
        self.check(wish)
        _, grant = self._at(wish.provider)
        verifier = new_verifier()
        facts = {
            **asdict(wish),
            "redirect_uri": redirect_uri,
            "verifier": verifier,
            "browser": digest(browser),
        }
        state = await self._vouchers.issue("state", facts, lifetime_s=STATE_S)
        return grant.link(redirect_uri=redirect_uri, state=state, verifier=verifier)

    async def arrive(self, provider: str, told: Mapping[str, str], *, browser: str) -> tuple[Wish, Connection]:
        """Keep the token that the provider gives for what the browser brings back: `told`, the query of its address.

        The token of another account that was there before is taken back; it does not matter whether that succeeds.
        Raises `Unusable`.
        """
        self.check(Wish(provider=provider, user=""))
        facts = await self._vouchers.redeem("state", told.get("state", ""))
        if facts is None:
            raise Unusable("state_expired", "This was too long ago, or has been done already. Start again.")
        if facts["provider"] != provider or not compare_digest(facts["browser"], digest(browser)):
            raise Unusable("state_mismatch", "This was not begun in this browser. Start again.")
        wish = Wish(provider=provider, user=facts["user"], return_to=facts["return_to"])
        users, grant = self._at(provider)
        if grant.issuer is not None and told.get("iss", grant.issuer) != grant.issuer:
            raise Unusable("issuer_mismatch", "The answer is not the provider's.", return_to=wish.return_to)
        if "error" in told:
            raise Unusable(refusal(told["error"]), "The provider says no.", return_to=wish.return_to)
        if not told.get("code"):
            raise Unusable("no_code", "The provider's answer is not complete.", return_to=wish.return_to)
        send = self.connectors[provider].send
        before = await users.kept(wish.user)
        about = {"redirect_uri": facts["redirect_uri"], "verifier": facts["verifier"]}
        try:
            token = await grant.exchange(told["code"], send, **about)
        except UpstreamError as error:
            log.warning("an account was not connected", upstream=provider, code=error.code)
            message = f"The provider gave no token ({error.code}). Start again."
            raise Unusable(error.code.lower(), message, return_to=wish.return_to, status=502) from error
        await users.keep(wish.user, token)
        await self._forget_answers(wish.user, provider)
        log.info("account connected", upstream=provider)
        if before and another_account(grant, before.token, token):
            await self._take_back(provider, before.token)
        return wish, self._connection(provider, token)

    async def connections(self, user: str) -> list[Connection]:
        """All that there could be. Raises `CredentialsUnavailable`."""
        found = []
        for provider in self.connectors:
            users, _ = self._at(provider)
            try:
                kept = await users.kept(user)
            except StoreUnavailable as error:
                raise CredentialsUnavailable(provider, "connections", str(error)) from error
            found.append(self._connection(provider, kept.token if kept else None, dead=kept is not None and kept.dead))
        return found

    async def disconnect(self, user: str, provider: str) -> Disconnection | None:
        """Forget a user's token, and have the provider take it back; `None` where there is none.

        It is forgotten first: a provider that fails does not keep a user connected. Raises `Unusable`, and
        `CredentialsUnavailable` where it could not even be forgotten.
        """
        self.check(Wish(provider=provider, user=user))
        users, _ = self._at(provider)
        try:
            kept = await users.kept(user)
            await users.forget(user)
        except StoreUnavailable as error:
            raise CredentialsUnavailable(provider, "disconnect", str(error)) from error
        if kept is None:
            return None
        await self._forget_answers(user, provider)
        log.info("account disconnected", upstream=provider)
        return await self._take_back(provider, kept.token)

    async def _take_back(self, provider: str, token: Token) -> Disconnection:
        """Have the provider take a token back that is kept no longer."""
        _, grant = self._at(provider)
        try:
            revoked = await grant.revoke(token, self.connectors[provider].send)
        except UpstreamError as error:
            log.warning("a token was not taken back", upstream=provider, code=error.code)
            return Disconnection(provider=provider, revoked=False, problem=error.code)
        return Disconnection(provider=provider, revoked=revoked)

    def _at(self, provider: str) -> tuple[StoredAuth, AuthorizationCode]:
        users = self.connectors[provider].users
        assert users is not None
        assert users.grant is not None
        return users, users.grant

    def _connection(self, provider: str, token: Token | None, *, dead: bool = False) -> Connection:
        _, grant = self._at(provider)
        title = self.connectors[provider].upstream.title
        if token is None:
            return Connection(provider=provider, title=title)
        return Connection(
            provider=provider,
            title=title,
            token=token,
            dead=dead,
            account=grant.account(token),
            scopes=grant.granted(token),
        )

    async def _forget_answers(self, user: str, provider: str) -> None:
        """Another account is another world: nothing of the one before is to be seen."""
        await self.connectors[provider].answers.evict((answers_of(user),))


def grant_of(connector: Connector) -> AuthorizationCode | None:
    """How users agree, where they do."""
    return connector.users.grant if connector.users else None


def another_account(grant: AuthorizationCode, before: Token, now: Token) -> bool:
    """Whether both tokens say whose they are, and it is not the same.

    At GitHub and Google all tokens of one account are taken back with any of them, and Slack may give one workspace
    the same token again: what is replaced by a token of the same account is left to end by itself.
    """
    names = grant.account(before), grant.account(now)
    return before.access_token != now.access_token and None not in names and names[0] != names[1]


def digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def refusal(error: str) -> str:
    """A provider's error code, if it looks like one (RFC 6749, section 4.1.2.1)."""
    return error if re.fullmatch(r"[a-z_]{1,40}", error, re.ASCII) else "refused"


def returnable(url: str, allowed: Collection[str]) -> bool:
    """Whether a URL is one of those allowed or below one: same scheme, host and port, and a path in theirs.

    Both are read as browsers read them: what could be read in two ways is none of them.
    """
    if len(url) > LONGEST_RETURN or not re.fullmatch(r"[!#-;=?-\[\]_a-z~]+", url, re.ASCII):
        return False
    try:
        wanted = urlsplit(url)
        port = wanted.port
    except ValueError:
        return False
    if wanted.username is not None or wanted.password is not None or re.search(r"/\.|%2e|%2f|%5c", wanted.path, re.I):
        return False
    for one in map(urlsplit, allowed):
        below = one.path.rstrip("/")
        same = (wanted.scheme, wanted.hostname, port) == (one.scheme, one.hostname, one.port)
        if same and (wanted.path == below or wanted.path.startswith(f"{below}/") or (wanted.path, below) == ("", "")):
            return True
    return False
