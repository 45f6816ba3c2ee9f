"""Access tokens, as token endpoints give them."""

import re
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf
from typing import Any

import httpx2
import orjson

from connectors.request import rebuilt

LONGEST_S = 10 * 365 * 86_400
"""What claims to live longer has made a mistake."""


@dataclass(frozen=True, kw_only=True)
class Token:
    """What a token endpoint gives (RFC 6749, section 5.1).

    `issued_at` and `expires_at` are Unix time in seconds; a token that does not say when it ends is good until it is
    refused. `more` is what the answer said beside (`scope`, Salesforce's `instance_url`). None of it is shown.
    `connection` names the agreement of a user that the token and those it is refreshed into come from.
    """

    access_token: str = field(repr=False)
    issued_at: float = 0.0
    expires_at: float = inf
    refresh_token: str | None = field(default=None, repr=False)
    more: Mapping[str, Any] = field(default_factory=dict, repr=False)
    connection: str = ""


def token_from(answer: Any, now: float) -> Token | None:
    """The token in a token endpoint's answer, `None` if there is none. `expires_in` may be a number or a text."""
    if not isinstance(answer, Mapping) or not isinstance(answer.get("access_token"), str) or not answer["access_token"]:
        return None
    more = {name: value for name, value in answer.items() if name not in ("access_token", "refresh_token")}
    refresh_token = answer.get("refresh_token")
    return Token(
        access_token=answer["access_token"],
        issued_at=now,
        expires_at=now + _lifetime_s(answer.get("expires_in")),
        refresh_token=refresh_token if isinstance(refresh_token, str) and refresh_token else None,
        more=more,
    )


def scopes_of(token: Token) -> tuple[str, ...]:
    """What an answer says that a token is good for: a text with spaces (RFC 6749) or commas, or a list."""
    said = token.more.get("scope") or token.more.get("scopes") or ""
    words = said if isinstance(said, list) else re.split(r"[ ,]+", said) if isinstance(said, str) else []
    return tuple(word for word in words if isinstance(word, str) and word)


def claims_of(token: Token) -> Mapping[str, Any]:
    """What the `id_token` beside a token says of its user; nothing where there is none.

    Its signature is not looked at: it is the token endpoint's own word, over TLS (OpenID Connect Core 1.0, 3.1.3.7).
    """
    try:
        payload = token.more["id_token"].split(".")[1]
        claims = orjson.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (KeyError, AttributeError, IndexError, ValueError):
        return {}
    return claims if isinstance(claims, dict) else {}


def in_authorization(request: httpx2.Request, token: Token) -> httpx2.Request:
    """The request with the token as `Authorization: Bearer` (RFC 6750, section 2.1)."""
    return rebuilt(request, headers={"Authorization": f"Bearer {token.access_token}"})


def refusal_in(answer: Any) -> str:
    """The error code in a token endpoint's answer (RFC 6749, section 5.2), or an empty text; never anything longer."""
    code = answer.get("error") if isinstance(answer, Mapping) else None
    return code if isinstance(code, str) and re.fullmatch(r"[a-z_]{1,40}", code, re.ASCII) else ""


def _lifetime_s(expires_in: Any) -> float:
    if isinstance(expires_in, str) and re.fullmatch(r"\d{1,12}(\.\d+)?", expires_in, re.ASCII):
        expires_in = float(expires_in)
    if isinstance(expires_in, bool) or not isinstance(expires_in, int | float) or not 0 <= expires_in <= LONGEST_S:
        return inf
    return float(expires_in)
