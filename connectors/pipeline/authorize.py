"""Credentials, resolved on every attempt; refused ones are renewed once."""

from collections.abc import Coroutine
from typing import Any, TypeVar

import httpx2

from connectors.call import Send, Stage, call_of
from connectors.errors import CredentialsUnavailable, UpstreamTimeout, UpstreamUnavailable
from connectors.judgement import Outcome, verdict_of
from connectors.pipeline.setup import Setup

T = TypeVar("T")


def authorize(setup: Setup) -> Stage:
    """Let the upstream's auth scheme sign the request; after a refusal renew the credentials and send once more."""

    async def fetched(request: httpx2.Request, credentials: Coroutine[Any, Any, T]) -> T:
        """What fails in here went through the pipeline itself: the stages around us must not count and repeat it."""
        try:
            return await credentials
        except (UpstreamTimeout, UpstreamUnavailable) as error:
            operation = call_of(request).operation
            raise CredentialsUnavailable(setup.upstream, operation, "the credentials could not be fetched") from error

    def around(send: Send) -> Send:
        async def authorized(request: httpx2.Request) -> httpx2.Response:
            if call_of(request).anonymous:
                return await send(request)
            signed = await fetched(request, setup.auth.authorize(request, setup.entry))
            response = await send(signed)
            if verdict_of(response).outcome is not Outcome.UNAUTHORIZED:
                return response
            if not await fetched(request, setup.auth.renew(signed, setup.entry)):
                return response
            return await send(await fetched(request, setup.auth.authorize(request, setup.entry)))

        return authorized

    return around
