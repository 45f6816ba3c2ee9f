"""Credentials, resolved on every attempt; refused ones are renewed once."""

import httpx2

from connectors.call import Call, Send, Stage
from connectors.errors import (
    CredentialsUnavailable,
    NotAuthorized,
    UpstreamError,
    UpstreamRejected,
    UpstreamTimeout,
    UpstreamUnavailable,
)
from connectors.judgement import UNAUTHORIZED, Verdict
from connectors.pipeline.setup import Setup

FETCHING = (UpstreamTimeout, UpstreamUnavailable, UpstreamRejected)
"""How a call for credentials may fail that is not to be taken for how the call failed that wants them."""


def authorize(setup: Setup) -> Stage:
    """Let the upstream's auth scheme sign the request; after a refusal renew the credentials and send once more."""
    auth, entry = setup.auth, setup.entry

    def unavailable(call: Call, error: UpstreamError) -> UpstreamError:
        """What failed went through the pipeline itself: the stages around us must not count and repeat it.

        What is not known or refused there is not what the call is about.
        """
        if isinstance(error, UpstreamRejected):
            return NotAuthorized(setup.upstream, call.operation, f"no credentials were given ({error.reason})")
        return CredentialsUnavailable(setup.upstream, call.operation, "the credentials could not be fetched")

    async def signed_anew(request: httpx2.Request, refused: httpx2.Request) -> httpx2.Request | None:
        """The request with newer credentials than those that were refused; `None` if there are none."""
        try:
            renewed = await auth.renew(refused, entry)
            return await auth.authorize(request, entry) if renewed else None
        except FETCHING as error:
            raise unavailable(request.extensions["call"], error) from error

    def around(send: Send) -> Send:
        async def authorized(request: httpx2.Request) -> httpx2.Response:
            call: Call = request.extensions["call"]
            if call.anonymous:
                return await send(request)
            try:
                signed = await auth.authorize(request, entry)
            except FETCHING as error:
                raise unavailable(call, error) from error
            response = await send(signed)
            verdict: Verdict = response.extensions["verdict"]
            if verdict.outcome is not UNAUTHORIZED:
                return response
            signed.extensions["reason"] = verdict.reason
            again = await signed_anew(request, signed)
            return await send(again) if again else response

        return authorized

    return around
