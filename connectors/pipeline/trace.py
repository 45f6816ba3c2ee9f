"""Outermost: one structured log line for each upstream call. Names, numbers and codes only: no URL, header or body."""

import asyncio

import httpx2
import structlog

from connectors.call import Send, Stage, call_of
from connectors.errors import UpstreamError
from connectors.judgement import Outcome, verdict_of
from connectors.pipeline.setup import Record, Setup

log = structlog.get_logger("punnet.upstream")


def trace(setup: Setup) -> Stage:
    """Log each call with its outcome, duration in ms, attempts, ms spent waiting, cache use and answer size."""

    line = log.bind(upstream=setup.upstream)

    def around(send: Send) -> Send:
        async def traced(request: httpx2.Request) -> httpx2.Response:
            record = Record()
            request.extensions["record"] = record
            call = call_of(request)
            began = setup.clock.now()
            facts: dict[str, object] = {"outcome": "broken"}
            try:
                response = await send(request)
                verdict = verdict_of(response)
                facts = {
                    "outcome": verdict.outcome.value,
                    "status": response.status_code,
                    "bytes": len(response.content),
                }
                if verdict.outcome is not Outcome.OK:
                    facts["reason"] = verdict.reason
                return response
            except UpstreamError as error:
                facts = {"outcome": error.code}
                raise
            except asyncio.CancelledError:
                facts = {"outcome": "cancelled"}
                raise
            finally:
                line.info(
                    "upstream call",
                    operation=call.operation,
                    attempts=record.attempts,
                    cache=record.cache,
                    waited_ms=round(record.waited_s * 1000, 1),
                    duration_ms=round((setup.clock.now() - began) * 1000, 1),
                    **facts,
                )

        return traced

    return around
