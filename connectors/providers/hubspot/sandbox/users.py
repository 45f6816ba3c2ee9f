"""The page where users let an app into their account, as HubSpot has it."""

from typing import Any

from starlette.responses import JSONResponse, Response

from connectors.sandbox.authorization import Dialect, Issued, Taking, plain

USERS = {"HUBSPOT_CLIENT_ID": "punnet-hubspot-app", "HUBSPOT_CLIENT_SECRET": "punnet-hubspot-users"}


def answer(issued: Issued, lifetime_s: int | None, address: str) -> dict[str, Any]:
    """The scopes as a list, and the number of the account."""
    told = plain(issued, lifetime_s, address)
    scopes = told.pop("scope", "").split()
    return {**told, "token_type": "bearer", "hub_id": 4_000_000 + issued.person.company.index, "scopes": scopes}


def refused(word: str) -> Response:
    """Errors have a `status` of HubSpot's own."""
    return JSONResponse({"status": word, "message": "as the manual says"}, 401 if word == "BAD_CLIENT_ID" else 400)


DIALECT = Dialect(
    title="HubSpot",
    client_id=USERS["HUBSPOT_CLIENT_ID"],
    client_secret=USERS["HUBSPOT_CLIENT_SECRET"],
    authorize="/oauth/authorize",
    token="/oauth/2026-03/token",  # noqa: S106
    taking=Taking(path="/oauth/2026-03/token/revoke"),
    prefixes=("CNH-users-", "na1-users-", None),
    lifetime_s=1_800,
    repeated=True,
    answer=answer,
    words={
        "client": "BAD_CLIENT_ID",
        "code": "BAD_AUTH_CODE",
        "refresh": "BAD_REFRESH_TOKEN",
        "request": "BAD_REQUEST",
        "grant_type": "BAD_GRANT_TYPE",
    },
    refused=refused,
)
