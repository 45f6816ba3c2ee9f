"""Innermost: one attempt on the wire, and what its answer means. The one place where an upstream's quirks count."""

import asyncio
from dataclasses import replace

import httpx2

from connectors.call import AnswerTooLarge, Record, Send, Stage
from connectors.errors import PayloadMismatch, UpstreamTimeout, UpstreamUnavailable
from connectors.pipeline.limit import Limit
from connectors.pipeline.setup import Setup

MAX_RETRY_AFTER_S = 86_400.0
"""No upstream means more than a day; one that says so has made a mistake."""


class NotSent(UpstreamUnavailable):
    """No connection came about, or the upstream did not take the request: nothing of it was done."""


class Congested(NotSent):
    """All our connections to the upstream are in use, which says nothing about the upstream."""


def judge(setup: Setup) -> Stage:
    """Bound the attempt by `timeout_s`, turn network failures into errors of ours, leave a verdict on the answer."""

    timeout_s, bell, upstream = setup.policy.timeout_s, setup.bell, setup.upstream
    judgement, time = setup.judge, setup.clock.time

    def around(send: Send) -> Send:
        async def judged(request: httpx2.Request) -> httpx2.Response:
            record: Record = request.extensions["record"]
            limit: Limit | None = request.extensions.get("limit")
            record.unanswered += 1
            try:
                with limit.within(timeout_s) if limit else Limit(timeout_s, bell=bell):
                    response = await send(request)
            except httpx2.PoolTimeout as error:
                record.unanswered -= 1
                raise Congested(upstream, record.operation, "too many calls at once") from error
            except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
                record.unanswered -= 1
                raise NotSent(upstream, record.operation, "no connection") from error
            except AnswerTooLarge as error:
                raise PayloadMismatch(upstream, record.operation, path="body", expected=str(error)) from error
            except asyncio.CancelledError:
                record.unanswered -= _kept_back(request)
                raise
            except (TimeoutError, httpx2.TimeoutException) as error:
                if _kept_back(request):
                    record.unanswered -= 1
                    message = f"no connection within {timeout_s:.0f} s"
                    raise NotSent(upstream, record.operation, message) from error
                message = f"no answer within {timeout_s:.0f} s"
                raise UpstreamTimeout(upstream, record.operation, message) from error
            except httpx2.RemoteProtocolError as error:
                raise UpstreamUnavailable(upstream, record.operation, str(error)) from error
            except httpx2.TransportError as error:
                if _kept_back(request):
                    record.unanswered -= 1
                    raise NotSent(upstream, record.operation, "the upstream did not take the request") from error
                raise UpstreamUnavailable(upstream, record.operation, "the connection broke") from error
            verdict = judgement(response, time())
            if not verdict.in_doubt:
                record.unanswered -= 1
            if verdict.retry_after_s is not None and verdict.retry_after_s > MAX_RETRY_AFTER_S:
                verdict = replace(verdict, retry_after_s=MAX_RETRY_AFTER_S)
            response.extensions["verdict"] = verdict
            return response

        return judged

    return around


def _kept_back(request: httpx2.Request) -> bool:
    """Whether the wire says that a request was not sent, or not taken. Wires without a network do not say."""
    return request.extensions.get("sent") is False
