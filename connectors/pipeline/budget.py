"""No call outlives its deadline, and no write is given up without saying whether it may have happened."""

import httpx2

from connectors.call import Call, Send, Stage, call_of
from connectors.errors import OutcomeUnknown, UpstreamError, UpstreamTimeout
from connectors.judgement import Outcome, verdict_of
from connectors.pipeline.limit import Limit
from connectors.pipeline.setup import Setup, record_of


def budget(setup: Setup) -> Stage:
    """End each call by the earlier of its scope's deadline and `budget_s` from now, with `UpstreamTimeout`.

    However a write ends without an answer after an attempt of it was sent, it ends with `OutcomeUnknown`.
    """

    def in_doubt(call: Call, request: httpx2.Request) -> OutcomeUnknown | None:
        if call.safe or not record_of(request).unanswered:
            return None
        return OutcomeUnknown(setup.upstream, call.operation, idempotency_key=call.idempotency_key)

    def around(send: Send) -> Send:
        async def bounded(request: httpx2.Request) -> httpx2.Response:
            call = call_of(request)
            now = setup.clock.now()
            deadline = min(call.scope.deadline, now + setup.policy.budget_s)
            record_of(request).deadline = deadline
            if deadline <= now:
                raise UpstreamTimeout(setup.upstream, call.operation, "the operation's deadline has passed")
            try:
                with Limit(deadline - now, setup.policy.timeout_s) as request.extensions["limit"]:
                    response = await send(request)
            except TimeoutError as error:
                message = f"no answer within {deadline - now:.1f} s, attempts and waits included"
                late = UpstreamTimeout(setup.upstream, call.operation, message)
                raise in_doubt(call, request) or late from error
            except UpstreamError as error:
                doubt = in_doubt(call, request)
                if doubt:
                    raise doubt from error
                raise
            doubt = in_doubt(call, request) if verdict_of(response).outcome is Outcome.FAILED else None
            if doubt:
                raise doubt
            return response

        return bounded

    return around
