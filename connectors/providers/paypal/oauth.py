"""How users let us into their PayPal accounts: "Log in with PayPal".

Source: https://developer.paypal.com/docs/log-in-with-paypal/integrate
"""

from connectors.auth.oauth2 import users
from connectors.auth.revocation import Revocation, form
from connectors.auth.static import basic_value
from connectors.auth.stored import StoredAuth
from connectors.auth.token import Token
from connectors.upstream import Given

TOKEN_URL = "https://api-m.paypal.com/v1/oauth2/token"  # noqa: S105  # an address


def by_users(given: Given) -> StoredAuth:
    """Each user's own account, with the scopes in `PAYPAL_SCOPES`, which the app must have in its settings.

    PayPal has no PKCE, and its refresh tokens do not rotate. It takes back access tokens.
    """
    headers = {"Authorization": basic_value(given["PAYPAL_CLIENT_ID"], given["PAYPAL_CLIENT_SECRET"])}
    revocation_url = given.moved(f"{TOKEN_URL}/terminate")

    def revocations(token: Token) -> list[Revocation]:
        return [form(revocation_url, {"token": token.access_token, "token_type_hint": "ACCESS_TOKEN"}, headers)]

    return users(
        given,
        authorization_url="https://www.paypal.com/signin/authorize?flowEntry=static",
        token_url=TOKEN_URL,
        client_id=given["PAYPAL_CLIENT_ID"],
        client_secret=given["PAYPAL_CLIENT_SECRET"],
        scopes=tuple(given["PAYPAL_SCOPES"].split()),
        pkce=False,
        rotates=False,
        revocations=revocations,
    )
