"""Innermost: one attempt on the wire, and what its answer means. The one place where an upstream's quirks count."""

import asyncio

import httpx2

from connectors.call import Send, Stage, call_of
from connectors.errors import UpstreamTimeout, UpstreamUnavailable
from connectors.pipeline.setup import Setup


class NotSent(UpstreamUnavailable):
    """No connection came about, so the upstream has not seen the request."""


def judge(setup: Setup) -> Stage:
    """Bound the attempt by `timeout_s`, turn network failures into errors of ours, leave a verdict on the answer."""

    def around(send: Send) -> Send:
        async def judged(request: httpx2.Request) -> httpx2.Response:
            operation = call_of(request).operation
            try:
                async with asyncio.timeout(setup.policy.timeout_s):
                    response = await send(request)
            except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout) as error:
                raise NotSent(setup.upstream, operation, "no connection") from error
            except (TimeoutError, httpx2.TimeoutException) as error:
                message = f"no answer within {setup.policy.timeout_s:.0f} s"
                raise UpstreamTimeout(setup.upstream, operation, message) from error
            except httpx2.TransportError as error:
                raise UpstreamUnavailable(setup.upstream, operation, "the connection broke") from error
            response.extensions["verdict"] = setup.judge(response, setup.clock.time())
            return response

        return judged

    return around
