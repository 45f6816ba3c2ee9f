"""The seam between the scheme that refreshes tokens and the place they are kept at."""

from dataclasses import dataclass
from typing import Protocol

from connectors.auth.token import Token


class StoreUnavailable(Exception):
    """The store does not answer, or cannot read what it has; the message says which, and nothing of what it has."""


@dataclass(frozen=True)
class Account:
    """Whose tokens: one principal's, at one provider."""

    provider: str
    principal: str


@dataclass(frozen=True, kw_only=True)
class Kept:
    """A token as the store has it.

    Each change makes another `version`; a change says which one it was made from, and fails if there has been another.
    `dead` says that the token can no longer be refreshed. Somebody who is about to refresh it has until `claimed_until`
    (Unix time in seconds) to say what became of it: after that, it was broken off.
    """

    token: Token
    version: int
    dead: bool = False
    claimed_until: float | None = None


class TokenStore(Protocol):
    """Every method raises `StoreUnavailable`."""

    async def load(self, account: Account) -> Kept | None:
        """What is kept for an account."""

    async def save(self, account: Account, token: Token) -> None:
        """Keep a token that the user has just agreed to, whatever was there."""

    async def add(self, account: Account, token: Token) -> bool:
        """Keep a token unless there is one; whether it was kept."""

    async def claim(self, account: Account, version: int, *, until: float) -> int | None:
        """Announce a refresh: the version to finish it with, or `None` if `version` is not the latest."""

    async def release(self, account: Account, version: int) -> None:
        """Take the claim that is `version` back: nothing has come of it."""

    async def replace(self, account: Account, version: int, token: Token) -> bool:
        """End the claim that is `version` with a new token; false if something came between."""

    async def condemn(self, account: Account, version: int) -> None:
        """The token of `version` cannot be refreshed any more, unless something came between."""

    async def delete(self, account: Account) -> None:
        """Forget an account."""
