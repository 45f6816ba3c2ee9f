"""Credentials, resolved on every attempt; refused ones are renewed once."""

from collections.abc import Coroutine
from typing import Any, TypeVar

import httpx2

from connectors.call import Call, Send, Stage, call_of
from connectors.errors import CredentialsUnavailable, UpstreamTimeout, UpstreamUnavailable
from connectors.judgement import UNAUTHORIZED, Verdict
from connectors.pipeline.setup import Setup

T = TypeVar("T")


def authorize(setup: Setup) -> Stage:
    """Let the upstream's auth scheme sign the request; after a refusal renew the credentials and send once more."""
    auth, entry = setup.auth, setup.entry

    async def fetched(request: httpx2.Request, credentials: Coroutine[Any, Any, T]) -> T:
        """What fails in here went through the pipeline itself: the stages around us must not count and repeat it."""
        try:
            return await credentials
        except (UpstreamTimeout, UpstreamUnavailable) as error:
            operation = call_of(request).operation
            raise CredentialsUnavailable(setup.upstream, operation, "the credentials could not be fetched") from error

    def around(send: Send) -> Send:
        async def authorized(request: httpx2.Request) -> httpx2.Response:
            call: Call = request.extensions["call"]
            if call.anonymous:
                return await send(request)
            signed = await fetched(request, auth.authorize(request, entry))
            response = await send(signed)
            verdict: Verdict = response.extensions["verdict"]
            if verdict.outcome is not UNAUTHORIZED:
                return response
            if not await fetched(request, auth.renew(signed, entry)):
                return response
            return await send(await fetched(request, auth.authorize(request, entry)))

        return authorized

    return around
