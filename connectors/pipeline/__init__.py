"""The way of every upstream call, REST, GraphQL, SOAP and token calls alike: one tuple, read outermost first."""

from collections.abc import Callable
from dataclasses import replace

import httpx2

from connectors.call import Send, Stage
from connectors.pipeline.authorize import authorize
from connectors.pipeline.breaker import breaker
from connectors.pipeline.budget import budget
from connectors.pipeline.cache import cache
from connectors.pipeline.judge import judge
from connectors.pipeline.retry import retry
from connectors.pipeline.setup import Setup
from connectors.pipeline.throttle import throttle
from connectors.pipeline.trace import trace

STAGES: tuple[Callable[[Setup], Stage], ...] = (trace, cache, budget, retry, breaker, throttle, authorize, judge)


def pipeline(setup: Setup, wire: Send) -> Send:
    """`wire` with every stage around it. Stages keep their state (breaker, buckets, cache) in the result."""

    async def entry(request: httpx2.Request) -> httpx2.Response:
        return await send(request)

    send = wire
    for stage in reversed(STAGES):
        send = stage(replace(setup, entry=entry))(send)
    return send
