"""Slack's tokens: an app's bot token, and a user's for what Slack lets no bot do.

Source: https://docs.slack.dev/authentication/tokens
"""

import httpx2

from connectors.auth.static import bearer
from connectors.call import Scope, Send, call_of
from connectors.errors import NotAuthorized

FOR_USERS = frozenset(("search.messages",))
"""Methods that take no bot token."""


class SlackTokens:
    """The bot's token for everything but the methods in `FOR_USERS`. Tokens are refused once and for all."""

    def __init__(self, bot: str, user: str | None = None) -> None:
        self._bot = bearer(bot)
        self._user = None if user is None else bearer(user)

    async def authorize(self, request: httpx2.Request, send: Send) -> httpx2.Request:
        """Raises `NotAuthorized` where a user's token is needed and there is none."""
        operation = call_of(request).operation
        if operation not in FOR_USERS:
            return await self._bot.authorize(request, send)
        if self._user is None:
            raise NotAuthorized("slack", operation, "Slack lets no bot search: give a user's token as SLACK_USER_TOKEN")
        return await self._user.authorize(request, send)

    async def renew(self, refused: httpx2.Request, send: Send) -> bool:
        return False

    def credential(self, scope: Scope) -> str:
        return "app"
