"""What is sent to have a token taken back (RFC 7009, and what providers have in its place)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

FORM = {"Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded"}

GONE = frozenset(("invalid_token", "invalid_auth", "token_revoked", "token_expired", "account_inactive"))
"""Refusals that say that there is nothing to take back."""


@dataclass(frozen=True, kw_only=True)
class Revocation:
    """One request. It may be repeated: a token is not more gone for it."""

    url: str
    method: str = "POST"
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    content: bytes = field(default=b"", repr=False)


def form(url: str, parameters: Mapping[str, str], headers: Mapping[str, str] | None = None) -> Revocation:
    """A form that is posted."""
    return Revocation(url=url, headers={**FORM, **(headers or {})}, content=urlencode(parameters).encode())
