"""The page where users let an app into their calendars, as Google has it."""

from base64 import urlsafe_b64encode
from typing import Any

import orjson

from connectors.sandbox.authorization import Dialect, Issued, Taking, plain

USERS = {"GOOGLE_CLIENT_ID": "punnet.apps.googleusercontent.com", "GOOGLE_CLIENT_SECRET": "GOCSPX-punnet-users"}


def answer(issued: Issued, lifetime_s: int | None, address: str) -> dict[str, Any]:
    """With an `id_token` for who asks for `openid`."""
    told = plain(issued, lifetime_s, address)
    if "openid" in issued.returned.get("scope", "").split():
        claims = {"iss": "https://accounts.google.com", "sub": str(issued.person.index), "email": issued.person.email}
        told["id_token"] = ".".join(_base64url(part) for part in ({"alg": "RS256"}, claims, "signature"))
    return told


def _base64url(part: object) -> str:
    return urlsafe_b64encode(orjson.dumps(part)).rstrip(b"=").decode()


DIALECT = Dialect(
    title="Google",
    client_id=USERS["GOOGLE_CLIENT_ID"],
    client_secret=USERS["GOOGLE_CLIENT_SECRET"],
    authorize="/o/oauth2/v2/auth",
    token="/token",  # noqa: S106
    taking=Taking(path="/revoke", open=True),
    prefixes=("ya29.users-", "1//users-", None),
    lifetime_s=3_599,
    offline={"access_type": "offline", "prompt": "consent"},
    issuer="https://accounts.google.com",
    answer=answer,
)
