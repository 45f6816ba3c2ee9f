"""How users let a platform into their Stripe accounts: Connect, with standard accounts.

Source: https://docs.stripe.com/connect/oauth-standard-accounts and https://docs.stripe.com/connect/oauth-reference
"""

import httpx2

from connectors.auth.oauth2 import users
from connectors.auth.revocation import Revocation, form
from connectors.auth.stored import StoredAuth
from connectors.auth.token import Token
from connectors.errors import PayloadMismatch
from connectors.request import rebuilt
from connectors.upstream import Given

BASE_URL = "https://connect.stripe.com/oauth"


def by_users(given: Given) -> StoredAuth:
    """Each user's own account, in which the platform acts by its own key and names the account in `Stripe-Account`.

    The key is also the client's secret. Stripe has no PKCE and refuses parameters that it does not know. A connection
    does not end by itself; it is taken back with the name of the account.
    """
    client_id, key = given["STRIPE_CLIENT_ID"], given["STRIPE_API_KEY"]
    revocation_url = given.moved(f"{BASE_URL}/deauthorize")

    def signed(request: httpx2.Request, token: Token) -> httpx2.Request:
        account = account_of(token)
        if account is None:
            raise PayloadMismatch("stripe", "oauth2.token", path="stripe_user_id", expected="the name of an account")
        return rebuilt(request, headers={"Authorization": f"Bearer {key}", "Stripe-Account": account})

    def revocations(token: Token) -> list[Revocation]:
        headers = {"Authorization": f"Bearer {key}"}
        return [form(revocation_url, {"client_id": client_id, "stripe_user_id": account_of(token) or ""}, headers)]

    return users(
        given,
        authorization_url=f"{BASE_URL}/authorize",
        token_url=f"{BASE_URL}/token",
        client_id=client_id,
        client_secret=key,
        authentication="client_secret_post",
        scopes=("read_write",),
        pkce=False,
        rotates=False,
        revocations=revocations,
        account=account_of,
        sign=signed,
    )


def account_of(token: Token) -> str | None:
    """The name of the account: `acct_...`."""
    account = token.more.get("stripe_user_id")
    return account if isinstance(account, str) and account else None
