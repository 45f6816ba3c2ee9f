"""The two tokens of an installation: our bot's, and beside it one for the user who installed it.

Source: https://docs.slack.dev/authentication/installing-with-oauth
"""

import asyncio
from dataclasses import replace
from typing import Any

import httpx2

from connectors.auth.store.store import Account, Kept, TokenStore
from connectors.auth.stored import StoredAuth
from connectors.auth.token import Token, token_from
from connectors.auth.token_endpoint import TokenEndpoint
from connectors.call import Send, call_of
from connectors.errors import ConnectionRequired, NotAuthorized
from connectors.providers.slack.judge import OUT_OF_REACH
from connectors.providers.slack.tokens import FOR_USERS

USER, BOT = "authed_user", "bot"


def own_token(token: Token) -> Token | None:
    """The user's own token that came beside the bot's; `None` where they have agreed to none."""
    own = token_from(token.more.get(USER), token.issued_at)
    return None if own is None or own.access_token == token.access_token else own


class OwnTokens(StoredAuth):
    """Users' own tokens, beside those of the bots in the same store."""

    def _kept_as(self, principal: str) -> Account:
        return Account(f"{self._provider}.own", principal)


class Installations(StoredAuth):
    """The bot's token for everything but what Slack lets no bot do, which goes with the user's own.

    Where the app rotates its tokens, each has a refresh token of its own and is refreshed by itself: whichever ends
    does not take the other with it.
    """

    def __init__(self, provider: str, store: TokenStore, endpoint: TokenEndpoint, **options: Any) -> None:
        super().__init__(provider, store, endpoint, **options)
        self._own = OwnTokens(provider, store, endpoint, **options)

    async def authorize(self, request: httpx2.Request, send: Send) -> httpx2.Request:
        """Raises `NotAuthorized` where the user's own token is needed, and they have agreed to none."""
        operation = call_of(request).operation
        if operation not in FOR_USERS:
            return await super().authorize(request, send)
        try:
            signed = await self._own.authorize(request, send)
        except ConnectionRequired:
            signed = await super().authorize(request, send)
            if signed.extensions["credential"].more.get("token_type") == BOT:
                message = "Slack lets no bot search, and the user did not agree to it"
                raise NotAuthorized(self._provider, operation, message) from None
        else:
            signed.extensions["own"] = True
        return signed

    async def renew(self, refused: httpx2.Request, send: Send) -> bool:
        """As `Auth.renew`. A refreshed token reaches no further than the one before."""
        if refused.extensions["reason"] in OUT_OF_REACH:
            return False
        if refused.extensions.get("own"):
            return await self._own.renew(refused, send)
        return await super().renew(refused, send)

    async def keep(self, principal: str, token: Token) -> None:
        own = own_token(token)
        await (self._own.forget(principal) if own is None else self._own.keep(principal, own))
        await super().keep(principal, token)

    async def kept(self, principal: str) -> Kept | None:
        """The bot's token, and in it the user's own as it is now."""
        kept, own = await super().kept(principal), await self._own.kept(principal)
        if kept is None or own is None:
            return kept
        user = {**kept.token.more.get(USER, {}), "access_token": own.token.access_token}
        return replace(kept, token=replace(kept.token, more={**kept.token.more, USER: user}))

    async def forget(self, principal: str) -> None:
        await self._own.forget(principal)
        await super().forget(principal)

    async def settle(self) -> None:
        await asyncio.gather(self._own.settle(), super().settle())
