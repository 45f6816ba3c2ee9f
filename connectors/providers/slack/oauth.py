"""How users install us in their Slack workspaces.

Source: https://docs.slack.dev/authentication/installing-with-oauth and, for what is said below,
https://docs.slack.dev/authentication/using-pkce and https://docs.slack.dev/authentication/using-token-rotation
"""

from collections.abc import Mapping
from typing import Any

from connectors.auth.oauth2 import users
from connectors.auth.revocation import FORM, Revocation
from connectors.auth.stored import StoredAuth
from connectors.auth.token import Token
from connectors.providers.slack.installation import Installations, own_token
from connectors.upstream import Given

SCOPES = "channels:history,channels:read,chat:write,files:read,reactions:write,users:read,users:read.email"
USER_SCOPES = "search:read"
DEAD_GRANTS = frozenset(
    ("invalid_refresh_token", "token_revoked", "token_expired", "invalid_code", "code_already_used")
)


def by_users(given: Given) -> StoredAuth:
    """Each user's own workspace: a token for our bot in it, and beside it one for themselves, which search needs.

    PKCE would make a public client of the app and is for those. Where the app rotates its tokens, both end after twelve
    hours, and each has a refresh token that is good once.
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
            Revocation(url=revocation_url, headers={**FORM, "Authorization": f"Bearer {one.access_token}"})
            for one in (token, own_token(token))
            if one
        ],
        account=workspace,
        scheme=Installations,
    )


def bot_or_user(answer: Any) -> Any:
    """An answer for a user alone has their token one level deeper."""
    if isinstance(answer, Mapping) and "access_token" not in answer and isinstance(answer.get("authed_user"), Mapping):
        return {**answer, **answer["authed_user"]}
    return answer


def workspace(token: Token) -> str | None:
    """The name of the workspace."""
    team = token.more.get("team")
    name = team.get("name") if isinstance(team, Mapping) else None
    return name if isinstance(name, str) else None
