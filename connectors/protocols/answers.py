"""What every protocol does with an answer: payloads out, refusals raised as errors of ours."""

import httpx2

from connectors.call import call_of
from connectors.errors import NotAuthorized, NotFound, UpstreamRejected
from connectors.judgement import OK, Outcome, failure, verdict_of


def accepted(upstream: str, request: httpx2.Request, response: httpx2.Response) -> httpx2.Response:
    """The answer, if the upstream did what we asked.

    Raises `NotAuthorized`, `NotFound`, `UpstreamRejected` or `UpstreamUnavailable`. (A throttled call does not come
    this far: the retry stage ends it.)
    """
    verdict = verdict_of(response)
    if verdict.outcome is OK:
        return response
    operation = call_of(request).operation
    if verdict.outcome is Outcome.UNAUTHORIZED:
        raise NotAuthorized(upstream, operation, f"the credentials were refused ({verdict.reason})")
    if verdict.outcome is Outcome.NOT_FOUND:
        raise NotFound(upstream, operation, status=response.status_code, reason=verdict.reason)
    if verdict.outcome is Outcome.FAILED:
        raise failure(upstream, operation, response)
    raise UpstreamRejected(upstream, operation, status=response.status_code, reason=verdict.reason)
