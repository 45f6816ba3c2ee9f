"""How users let us into their HubSpot accounts.

Source: https://developers.hubspot.com/docs/api-reference/latest/authentication/oauth-tokens/revoke-token and
https://developers.hubspot.com/docs/apps/developer-platform/build-apps/authentication/oauth/working-with-oauth
"""

from collections.abc import Mapping
from typing import Any

from connectors.auth.oauth2 import users
from connectors.auth.stored import StoredAuth
from connectors.auth.token import Token, refusal_in
from connectors.upstream import Given

SCOPES = (
    "oauth crm.objects.contacts.read crm.objects.contacts.write crm.objects.companies.read "
    "crm.objects.companies.write crm.objects.deals.read crm.objects.deals.write crm.objects.owners.read tickets"
)
DEAD_GRANTS = frozenset(("invalid_grant", "bad_auth_code", "bad_refresh_token"))
TOKEN_URL = "https://api.hubapi.com/oauth/2026-03/token"  # noqa: S105  # an address


def by_users(given: Given) -> StoredAuth:
    """Each user's own account. The scopes must be those that the app has in its settings.

    An access token lasts for half an hour, a refresh token until the app is uninstalled. Of several client secrets,
    which webhooks may be signed with while one is replaced, the first one counts.
    """
    return users(
        given,
        authorization_url="https://app.hubspot.com/oauth/authorize",
        token_url=TOKEN_URL,
        client_id=given["HUBSPOT_CLIENT_ID"],
        client_secret=given["HUBSPOT_CLIENT_SECRET"].partition(",")[0].rstrip(),
        authentication="client_secret_post",
        scopes=tuple(given.get("HUBSPOT_SCOPES", SCOPES).split()),
        rotates=False,
        revocation_url=f"{TOKEN_URL}/revoke",
        dead_grants=DEAD_GRANTS,
        refusal=refusal,
        account=account,
    )


def refusal(answer: Any) -> str:
    """The RFC's `error`, or HubSpot's own `status` in small letters (`BAD_REFRESH_TOKEN`)."""
    status = answer.get("status") if isinstance(answer, Mapping) else None
    return refusal_in(answer) or refusal_in({"error": status.lower() if isinstance(status, str) else ""})


def account(token: Token) -> str | None:
    """The number of the account, where the answer has it."""
    hub = token.more.get("hub_id")
    return str(hub) if isinstance(hub, int | str) and hub else None
