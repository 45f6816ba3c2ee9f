"""How users let a GitHub App act for them.

Source: https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-user-access-token-for-a-github-app
and https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/refreshing-user-access-tokens
"""

import orjson

from connectors.auth.oauth2 import users
from connectors.auth.revocation import Revocation
from connectors.auth.static import basic_value
from connectors.auth.stored import StoredAuth
from connectors.auth.token import Token
from connectors.upstream import Given

DEAD_GRANTS = frozenset(("bad_refresh_token", "bad_verification_code", "invalid_grant"))


def by_users(given: Given) -> StoredAuth:
    """Each user's own token. What it is good for is what the app may and the user may: there are no scopes.

    Where the app lets tokens expire, they last for eight hours, and a refresh token is good once.
    """
    client_id, client_secret = given["GITHUB_CLIENT_ID"], given["GITHUB_CLIENT_SECRET"]
    grant_url = given.moved(f"https://api.github.com/applications/{client_id}/grant")

    def revocations(token: Token) -> list[Revocation]:
        """GitHub takes back the whole authorization, and wants a token that is good to know which.

        Source: https://docs.github.com/en/rest/apps/oauth-applications#delete-an-app-authorization
        """
        headers = {
            "Accept": "application/vnd.github+json",
            "Authorization": basic_value(client_id, client_secret),
            "Content-Type": "application/json",
        }
        content = orjson.dumps({"access_token": token.access_token})
        return [Revocation(url=grant_url, method="DELETE", headers=headers, content=content)]

    return users(
        given,
        authorization_url="https://github.com/login/oauth/authorize",
        token_url="https://github.com/login/oauth/access_token",  # noqa: S106
        client_id=client_id,
        client_secret=client_secret,
        authentication="client_secret_post",
        dead_grants=DEAD_GRANTS,
        revocations=revocations,
    )
