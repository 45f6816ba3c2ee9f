"""No call outlives its deadline, and no write is given up without saying whether it may have happened."""

import httpx2

from connectors.call import Call, Record, Send, Stage
from connectors.errors import OutcomeUnknown, UpstreamError, UpstreamTimeout
from connectors.judgement import FAILED, Verdict, failure
from connectors.pipeline.limit import Limit
from connectors.pipeline.setup import Setup


def budget(setup: Setup) -> Stage:
    """End each call by the earlier of its scope's deadline and `budget_s` from now, with `UpstreamTimeout`.

    However a write ends that may have been done by an attempt of which no word came, it ends with `OutcomeUnknown`.
    (A call for credentials that is answered without any has given none.)
    """

    timeout_s, budget_s, bell, clock = setup.policy.timeout_s, setup.policy.budget_s, setup.bell, setup.clock

    def in_doubt(call: Call, record: Record) -> OutcomeUnknown | None:
        if call.safe or not record.unanswered:
            return None
        return OutcomeUnknown(setup.upstream, call.operation, idempotency_key=call.idempotency_key)

    def around(send: Send) -> Send:
        async def bounded(request: httpx2.Request) -> httpx2.Response:
            call: Call = request.extensions["call"]
            record: Record = request.extensions["record"]
            now = clock.now()
            deadline = now + budget_s
            if call.scope.deadline < deadline:
                deadline = call.scope.deadline
            record.deadline = deadline
            if deadline <= now:
                raise UpstreamTimeout(setup.upstream, call.operation, "the operation's deadline has passed")
            try:
                with Limit(deadline - now, timeout_s, bell) as request.extensions["limit"]:
                    response = await send(request)
            except TimeoutError as error:
                message = f"no answer within {deadline - now:.1f} s, attempts and waits included"
                late = UpstreamTimeout(setup.upstream, call.operation, message)
                raise in_doubt(call, record) or late from error
            except UpstreamError as error:
                doubt = in_doubt(call, record)
                if doubt:
                    raise doubt from error
                raise
            verdict: Verdict = response.extensions["verdict"]
            if verdict.outcome is FAILED and not call.anonymous and (doubt := in_doubt(call, record)):
                raise doubt from failure(setup.upstream, call.operation, response)
            return response

        return bounded

    return around
