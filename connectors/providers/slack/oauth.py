"""How users install us in their Slack workspaces.

Source: https://docs.slack.dev/authentication/installing-with-oauth and, for what is said below,
https://docs.slack.dev/authentication/using-pkce and https://docs.slack.dev/authentication/using-token-rotation
"""

from collections.abc import Mapping
from typing import Any

import httpx2

from connectors.auth.oauth2 import users
from connectors.auth.revocation import FORM, Revocation
from connectors.auth.stored import StoredAuth
from connectors.auth.token import Token
from connectors.call import call_of, rebuilt
from connectors.errors import NotAuthorized
from connectors.providers.slack.tokens import FOR_USERS
from connectors.upstream import Given

SCOPES = "channels:history,channels:read,chat:write,files:read,reactions:write,users:read,users:read.email"
USER_SCOPES = "search:read"
DEAD_GRANTS = frozenset(
    ("invalid_refresh_token", "token_revoked", "token_expired", "invalid_code", "code_already_used")
)


def by_users(given: Given) -> StoredAuth:
    """Each user's own workspace: a token for our bot in it, and beside it one for themselves, which search needs.

    PKCE would make a public client of the app and is for those. Where the app rotates its tokens, a refresh token is
    good once; the user's own token then ends with its first twelve hours.
    """
    user_scopes = given.get("SLACK_USER_SCOPES", USER_SCOPES)
    revocation_url = given.moved("https://slack.com/api/auth.revoke")
    return users(
        given,
        authorization_url="https://slack.com/oauth/v2/authorize",
        token_url="https://slack.com/api/oauth.v2.access",  # noqa: S106
        client_id=given["SLACK_CLIENT_ID"],
        client_secret=given["SLACK_CLIENT_SECRET"],
        scopes=tuple(given.get("SLACK_SCOPES", SCOPES).split(",")),
        separator=",",
        more={"user_scope": user_scopes} if user_scopes else {},
        pkce=False,
        dead_grants=DEAD_GRANTS,
        read=bot_or_user,
        revocations=lambda token: [
            Revocation(url=revocation_url, headers={**FORM, "Authorization": f"Bearer {secret}"})
            for secret in (token.access_token, user_token(token))
            if secret
        ],
        account=workspace,
        sign=signed,
    )


def bot_or_user(answer: Any) -> Any:
    """An answer for a user alone has their token one level deeper."""
    if isinstance(answer, Mapping) and "access_token" not in answer and isinstance(answer.get("authed_user"), Mapping):
        return {**answer, **answer["authed_user"]}
    return answer


def user_token(token: Token) -> str | None:
    """The user's own token beside the bot's."""
    user = token.more.get("authed_user")
    found = user.get("access_token") if isinstance(user, Mapping) else None
    return found if isinstance(found, str) and found != token.access_token else None


def workspace(token: Token) -> str | None:
    """The name of the workspace."""
    team = token.more.get("team")
    name = team.get("name") if isinstance(team, Mapping) else None
    return name if isinstance(name, str) else None


def signed(request: httpx2.Request, token: Token) -> httpx2.Request:
    """The request with the bot's token, or the user's where Slack lets no bot."""
    operation, secret = call_of(request).operation, token.access_token
    if operation in FOR_USERS and token.more.get("token_type") == "bot":
        own = user_token(token)
        if own is None:
            raise NotAuthorized("slack", operation, "Slack lets no bot search, and the user did not agree to it")
        secret = own
    return rebuilt(request, headers={"Authorization": f"Bearer {secret}"})
