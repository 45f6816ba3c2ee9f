"""The page where users let a platform into their account, as Stripe has it."""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from connectors.sandbox.authorization import Dialect, Issued, Taking

USERS = {"STRIPE_CLIENT_ID": "ca_punnet", "STRIPE_API_KEY": "sk_test_punnet"}


def account(issued: Issued) -> str:
    """The name of a person's account."""
    return f"acct_{issued.person.index:016}"


def answer(issued: Issued, lifetime_s: int | None, address: str) -> dict[str, Any]:
    """The account beside its tokens, which do not end."""
    return {
        "access_token": issued.access_token,
        "livemode": False,
        "refresh_token": issued.refresh_token,
        "token_type": "bearer",
        "stripe_publishable_key": "pk_test_punnet",
        "stripe_user_id": account(issued),
        "scope": issued.returned.get("scope", "read_only"),
    }


def account_in_form(request: Request, form: Mapping[str, str], body: bytes) -> str:
    return form.get("stripe_user_id", "")


def taken(known: bool) -> Response:
    said = {"error": "invalid_client", "error_description": "This application is not connected to that account."}
    return JSONResponse({"stripe_user_id": "acct"} if known else said, 200 if known else 401)


DIALECT = Dialect(
    title="Stripe",
    client_id=USERS["STRIPE_CLIENT_ID"],
    client_secret=USERS["STRIPE_API_KEY"],
    authorize="/oauth/authorize",
    token="/oauth/token",  # noqa: S106
    taking=Taking(path="/oauth/deauthorize", token=account_in_form, answer=taken),
    prefixes=("sk_test_users_", "rt_users_", None),
    pkce=False,
    lifetime_s=None,
    takes=frozenset(("client_id", "client_secret", "grant_type", "code", "refresh_token", "redirect_uri", "scope")),
    opens=account,
    answer=answer,
)
