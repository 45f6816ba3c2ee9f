"""Secrets that are good once and for minutes: what stands behind them is known here only."""

import hashlib
import secrets
from collections.abc import Mapping
from typing import Any, Literal, Protocol

Kind = Literal["ticket", "state"]
"""A ticket is a user's, who shows it to go to a provider; a state is what they bring back from there."""


class Vouchers(Protocol):
    """Every method raises `StoreUnavailable`. One kind is never taken for the other."""

    async def issue(self, kind: Kind, facts: Mapping[str, Any], *, lifetime_s: float) -> str:
        """A new secret for `facts`, which JSON can say."""

    async def look(self, kind: Kind, secret: str) -> Mapping[str, Any] | None:
        """The facts behind a secret, if it is good; it stays so."""

    async def redeem(self, kind: Kind, secret: str) -> Mapping[str, Any] | None:
        """The facts behind a secret, if it is good; it is no more, whoever else asks at the same time."""


def new_secret() -> str:
    """256 random bits, as they can stand in a URL."""
    return secrets.token_urlsafe(32)


def digest_of(kind: Kind, secret: str) -> str:
    """What a secret is found by: who reads it cannot show the secret."""
    return hashlib.sha256(f"{kind}\0{secret}".encode("utf-8", "replace")).hexdigest()
