"""The page where users let an app act for them, as GitHub has it."""

from collections.abc import Mapping
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from connectors.sandbox.authorization import Dialect, Issued, Taking

USERS = {"GITHUB_CLIENT_ID": "Iv23punnetsandbox", "GITHUB_CLIENT_SECRET": "punnet-github-users"}


def answer(issued: Issued, lifetime_s: int | None, address: str) -> dict[str, Any]:
    """A refresh token that ends after six months, and no scopes."""
    return {
        "access_token": issued.access_token,
        "token_type": "bearer",
        "scope": "",
        "expires_in": lifetime_s,
        "refresh_token": issued.refresh_token,
        "refresh_token_expires_in": 15_897_600,
    }


def token_in_body(request: Request, form: Mapping[str, str], body: bytes) -> str:
    try:
        return str(orjson.loads(body)["access_token"])
    except (ValueError, TypeError, KeyError):
        return ""


def taken(known: bool) -> Response:
    return Response(status_code=204) if known else JSONResponse({"message": "Not Found", "status": "404"}, 404)


def refused(word: str) -> Response:
    """Errors come under 200."""
    return JSONResponse({"error": word, "error_description": "as the manual says"})


DIALECT = Dialect(
    title="GitHub",
    client_id=USERS["GITHUB_CLIENT_ID"],
    client_secret=USERS["GITHUB_CLIENT_SECRET"],
    authorize="/login/oauth/authorize",
    token="/login/oauth/access_token",  # noqa: S106
    taking=Taking(
        path=f"/applications/{USERS['GITHUB_CLIENT_ID']}/grant", method="DELETE", token=token_in_body, answer=taken
    ),
    prefixes=("ghu_users", "ghr_users", None),
    lifetime_s=28_800,
    rotates=True,
    answer=answer,
    words={
        "client": "incorrect_client_credentials",
        "code": "bad_verification_code",
        "refresh": "bad_refresh_token",
        "grant_type": "unsupported_grant_type",
    },
    refused=refused,
)
