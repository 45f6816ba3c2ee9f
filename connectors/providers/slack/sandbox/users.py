"""The page where users install an app in their workspace, as Slack has it."""

from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from connectors.sandbox.authorization import Dialect, Issued, Taking

APP = "A0PUNNET"
USERS = {"SLACK_CLIENT_ID": "5150.2112", "SLACK_CLIENT_SECRET": "punnet-slack-users"}


def answer(issued: Issued, lifetime_s: int | None, address: str) -> dict[str, Any]:
    """The bot's token with the user's under `authed_user`; refreshed, each comes alone."""
    company = issued.person.company
    team = {"id": f"T{company.index:08}", "name": company.name}
    if issued.second:
        return {"ok": True, **own(issued, lifetime_s), "app_id": APP, "team": team}
    user = {"id": f"U{issued.person.index:08}"}
    return {
        "ok": True,
        "access_token": issued.access_token,
        "token_type": "bot",
        "scope": issued.returned.get("scope"),
        "refresh_token": issued.refresh_token,
        "expires_in": lifetime_s,
        "bot_user_id": "U0PUNNET",
        "app_id": APP,
        "team": team,
        "authed_user": {**user, **own(issued.beside, lifetime_s)} if issued.beside else user,
    }


def own(issued: Issued, lifetime_s: int | None) -> dict[str, Any]:
    """A user's token."""
    return {
        "access_token": issued.access_token,
        "token_type": "user",
        "scope": issued.returned.get("user_scope"),
        "refresh_token": issued.refresh_token,
        "expires_in": lifetime_s,
    }


def bearer(request: Request, form: Any, body: bytes) -> str:
    return request.headers.get("authorization", "").removeprefix("Bearer ")


def taken(known: bool) -> Response:
    said = {"ok": True, "revoked": True} if known else {"ok": False, "error": "invalid_auth"}
    return Response(orjson.dumps(said), media_type="application/json")


def refused(word: str) -> Response:
    """Errors come under 200."""
    return Response(orjson.dumps({"ok": False, "error": word}), media_type="application/json")


DIALECT = Dialect(
    title="Slack",
    client_id=USERS["SLACK_CLIENT_ID"],
    client_secret=USERS["SLACK_CLIENT_SECRET"],
    authorize="/oauth/v2/authorize",
    token="/api/oauth.v2.access",  # noqa: S106
    taking=Taking(path="/api/auth.revoke", token=bearer, open=True, answer=taken),
    prefixes=("xoxe.xoxb-users-", "xoxe-1-users-", "xoxe.xoxp-users-"),
    pkce=False,
    implied=True,
    lifetime_s=43_200,
    rotates=True,
    scope_parameters=(("scope", ","), ("user_scope", ",")),
    answer=answer,
    words={
        "client": "bad_client_secret",
        "code": "invalid_code",
        "refresh": "invalid_refresh_token",
        "grant_type": "invalid_grant_type",
    },
    refused=refused,
)
