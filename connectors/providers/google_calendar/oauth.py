"""How users let us into their Google calendars.

Source: https://developers.google.com/identity/protocols/oauth2/web-server
"""

from connectors.auth.oauth2 import users
from connectors.auth.revocation import form
from connectors.auth.stored import StoredAuth
from connectors.auth.token import Token, claims_of
from connectors.upstream import Given

TOKEN_URL = "https://oauth2.googleapis.com/token"  # noqa: S105  # an address
SCOPE = "https://www.googleapis.com/auth/calendar"
SCOPES = f"openid email {SCOPE}"


def by_users(given: Given) -> StoredAuth:
    """Each user's own calendars. Google gives a refresh token only with `access_type=offline` and a new consent.

    Refresh tokens are good until they are revoked, or have not been used for six months.
    """
    revocation_url = given.moved("https://oauth2.googleapis.com/revoke")
    return users(
        given,
        authorization_url="https://accounts.google.com/o/oauth2/v2/auth",
        token_url=TOKEN_URL,
        client_id=given["GOOGLE_CLIENT_ID"],
        client_secret=given["GOOGLE_CLIENT_SECRET"],
        authentication="client_secret_post",
        scopes=tuple(given.get("GOOGLE_SCOPES", SCOPES).split()),
        more={"access_type": "offline", "prompt": "consent", "include_granted_scopes": "true"},
        issuer="https://accounts.google.com",
        rotates=False,
        revocations=lambda token: [form(revocation_url, {"token": token.refresh_token or token.access_token})],
        account=address_of,
    )


def address_of(token: Token) -> str | None:
    """The user's address, where `email` was among the scopes."""
    email = claims_of(token).get("email")
    return email if isinstance(email, str) else None
