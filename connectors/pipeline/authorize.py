"""Credentials, resolved on every attempt; refused ones are renewed once."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx2

from connectors.call import Send, Stage, call_of
from connectors.errors import CredentialsUnavailable, UpstreamTimeout, UpstreamUnavailable
from connectors.judgement import Outcome, verdict_of
from connectors.pipeline.setup import Setup


def authorize(setup: Setup) -> Stage:
    """Let the upstream's auth scheme sign the request; after a refusal renew the credentials and send once more."""

    @contextmanager
    def fetching(request: httpx2.Request) -> Iterator[None]:
        """What fails in here went through the pipeline itself: the stages around us must not count and repeat it."""
        try:
            yield
        except (UpstreamTimeout, UpstreamUnavailable) as error:
            operation = call_of(request).operation
            raise CredentialsUnavailable(setup.upstream, operation, "the credentials could not be fetched") from error

    def around(send: Send) -> Send:
        async def authorized(request: httpx2.Request) -> httpx2.Response:
            if call_of(request).anonymous:
                return await send(request)
            with fetching(request):
                signed = await setup.auth.authorize(request, setup.entry)
            response = await send(signed)
            if verdict_of(response).outcome is not Outcome.UNAUTHORIZED:
                return response
            with fetching(request):
                if not await setup.auth.renew(signed, setup.entry):
                    return response
                signed = await setup.auth.authorize(request, setup.entry)
            return await send(signed)

        return authorized

    return around
