"""No call outlives its deadline, and retries stay a small share of the traffic."""

import asyncio
from dataclasses import dataclass

import httpx2

from connectors.call import Send, Stage, call_of
from connectors.errors import UpstreamTimeout
from connectors.pipeline.setup import Setup
from connectors.policy import BudgetPolicy


class RetryBudget:
    """Earned by first tries, spent by retries: when everything fails, retries add no more than their share of load."""

    def __init__(self, policy: BudgetPolicy) -> None:
        self._policy = policy
        self._saved = float(policy.reserve)

    def earn(self) -> None:
        self._saved = min(self._saved + self._policy.retry_share, float(max(self._policy.reserve, 100)))

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
    """End each call by the earlier of its scope's deadline and `budget_s` from now, with `UpstreamTimeout`."""
    retries = RetryBudget(setup.policy.budget)

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
                async with asyncio.timeout(deadline - now):
                    return await send(request)
            except TimeoutError as error:
                message = f"no answer within {deadline - now:.1f} s, attempts and waits included"
                raise UpstreamTimeout(setup.upstream, call.operation, message) from error

        return bounded

    return around
