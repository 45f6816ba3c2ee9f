"""Outermost: what became of each upstream call. Names, numbers, codes and our own words: no URL, header or body."""

import asyncio
import logging

import httpx2
import structlog

from connectors.call import BROKEN, KEYS, Call, Record, Send, Stage
from connectors.clock import milliseconds
from connectors.errors import UpstreamError
from connectors.judgement import OK, Verdict
from connectors.pipeline.setup import Setup

log = structlog.get_logger("punnet.upstream")


def trace(setup: Setup) -> Stage:
    """Leave a record of each call with its scope, count it, make its span if wanted, and write a line to the log.

    The line has the outcome, the duration, the attempts, the time spent waiting, the use of the cache and the answer's
    size; of a call that failed the reason too: the upstream's own code, or what our error says.
    """
    clock, tally, spans = setup.clock, setup.vitals.tally, setup.spans
    line = log.bind(upstream=setup.upstream)
    wanted = line.is_enabled_for(logging.INFO)

    def written(record: Record, why: str | None) -> None:
        facts: dict[str, object] = {}
        if record.status is not None:
            facts = {"status": record.status, "bytes": record.bytes}
        if (reason := record.reason or why) is not None:
            facts["reason"] = reason
        line.info(
            "upstream call",
            operation=record.operation,
            outcome=record.outcome,
            attempts=record.attempts,
            cache=record.cache,
            waited_ms=milliseconds(record.waited_s),
            duration_ms=milliseconds(record.duration_s),
            **facts,
        )

    def around(send: Send) -> Send:
        async def traced(request: httpx2.Request) -> httpx2.Response:
            call: Call = request.extensions["call"]
            record = request.extensions["record"] = Record(setup.upstream, call.operation, clock.now())
            record.keys = KEYS.get()
            span = spans.begin(request, record) if spans else None
            why = None
            try:
                response = await send(request)
                record.status = response.status_code
                record.bytes = len(response.content)
                verdict: Verdict = response.extensions["verdict"]
                if verdict.outcome is not OK:
                    record.outcome, record.reason = verdict.outcome.value, verdict.reason
                elif record.outcome == BROKEN:
                    record.outcome = "ok"
                return response
            except UpstreamError as error:
                record.outcome, why = error.code, _reasons(error)
                raise
            except asyncio.CancelledError:
                record.outcome = "cancelled"
                raise
            finally:
                record.duration_s = clock.now() - record.began
                call.scope.calls.append(record)
                tally.note(record, anonymous=call.anonymous)
                if span:
                    span.end(record)
                if wanted:
                    written(record, why)

        return traced

    return around


def _reasons(error: UpstreamError) -> str:
    """What an error says; of a lost answer also how it was lost."""
    return f"{error.why} ({error.__cause__.why})" if isinstance(error.__cause__, UpstreamError) else error.why
