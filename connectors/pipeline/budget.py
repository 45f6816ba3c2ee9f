"""No call outlives its deadline, and retries stay a small share of the traffic."""

from dataclasses import dataclass

import httpx2

from connectors.call import Call, Send, Stage, call_of
from connectors.errors import OutcomeUnknown, UpstreamError, UpstreamTimeout
from connectors.judgement import Outcome, verdict_of
from connectors.pipeline.limit import Limit
from connectors.pipeline.setup import Setup, record_of
from connectors.policy import BudgetPolicy


class RetryBudget:
    """Earned by first tries, spent by retries: when everything fails, retries add no more than their share of load."""

    def __init__(self, policy: BudgetPolicy) -> None:
        self._share = policy.retry_share
        self._most = float(max(policy.reserve, 100))
        self._saved = float(policy.reserve)

    def earn(self) -> None:
        self._saved = min(self._saved + self._share, self._most)

    def spend(self) -> bool:
        """Whether one more retry is within the budget; takes it if so."""
        if self._saved < 1:
            return False
        self._saved -= 1
        return True


@dataclass(slots=True)
class _Allowance:
    deadline: float
    budget: RetryBudget

    def retry(self) -> bool:
        return self.budget.spend()


def budget(setup: Setup) -> Stage:
    """End each call by the earlier of its scope's deadline and `budget_s` from now, with `UpstreamTimeout`.

    However a write ends without an answer after an attempt of it was sent, it ends with `OutcomeUnknown`.
    """
    retries = RetryBudget(setup.policy.budget)

    def in_doubt(call: Call, request: httpx2.Request) -> OutcomeUnknown | None:
        if call.safe or not record_of(request).unanswered:
            return None
        return OutcomeUnknown(setup.upstream, call.operation, idempotency_key=call.idempotency_key)

    def around(send: Send) -> Send:
        async def bounded(request: httpx2.Request) -> httpx2.Response:
            call = call_of(request)
            now = setup.clock.now()
            deadline = min(call.scope.deadline, now + setup.policy.budget_s)
            retries.earn()
            request.extensions["allowance"] = _Allowance(deadline, retries)
            if deadline <= now:
                raise UpstreamTimeout(setup.upstream, call.operation, "the operation's deadline has passed")
            try:
                with Limit(deadline - now):
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
