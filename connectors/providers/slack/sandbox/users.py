"""The page where users install an app in their workspace, as Slack has it."""

from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from connectors.sandbox.authorization import Dialect, Issued, Taking

USERS = {"SLACK_CLIENT_ID": "5150.2112", "SLACK_CLIENT_SECRET": "punnet-slack-users"}


def answer(issued: Issued, lifetime_s: int | None, address: str) -> dict[str, Any]:
    """The bot's token, and the user's under `authed_user`."""
    user: dict[str, Any] = {"id": f"U{issued.person.index:08}"}
    if issued.beside:
        user |= {"access_token": issued.beside, "token_type": "user", "scope": issued.returned.get("user_scope")}
    company = issued.person.company
    return {
        "ok": True,
        "access_token": issued.access_token,
        "token_type": "bot",
        "scope": issued.returned.get("scope"),
        "refresh_token": issued.refresh_token,
        "expires_in": lifetime_s,
        "bot_user_id": "U0PUNNET",
        "app_id": "A0PUNNET",
        "team": {"id": f"T{company.index:08}", "name": company.name},
        "authed_user": user,
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
    prefixes=("xoxe.xoxb-users-", "xoxe-1-users-", "xoxp-users-"),
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
