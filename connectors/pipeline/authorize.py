"""Credentials, resolved on every attempt; refused ones are renewed once."""

import httpx2

from connectors.call import Send, Stage, call_of
from connectors.judgement import Outcome, verdict_of
from connectors.pipeline.setup import Setup


def authorize(setup: Setup) -> Stage:
    """Let the upstream's auth scheme sign the request; after a refusal renew the credentials and send once more."""

    def around(send: Send) -> Send:
        async def authorized(request: httpx2.Request) -> httpx2.Response:
            if call_of(request).anonymous:
                return await send(request)
            signed = await setup.auth.authorize(request, setup.entry)
            response = await send(signed)
            if verdict_of(response).outcome is not Outcome.UNAUTHORIZED:
                return response
            if not await setup.auth.renew(signed, setup.entry):
                return response
            return await send(await setup.auth.authorize(request, setup.entry))

        return authorized

    return around
