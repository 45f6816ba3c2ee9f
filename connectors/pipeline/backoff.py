"""How long to wait before another attempt, and how many there may be."""

from connectors.policy import BudgetPolicy, RetryPolicy


def backoff_s(policy: RetryPolicy, attempt: int, chance: float) -> float:
    """How long to wait after failed attempt number `attempt` (from 1): full jitter, `chance` between 0 and 1.

    Source: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
    """
    return chance * min(policy.cap_s, policy.base_s * 2.0 ** (attempt - 1))


class RetryBudget:
    """Earned by first tries, spent by retries: when everything fails, retries add no more than their share of load.

    `saved` is how many retries there may be now.
    """

    def __init__(self, policy: BudgetPolicy) -> None:
        self._share = policy.retry_share
        self._most = float(max(policy.reserve, 100))
        self.saved = float(policy.reserve)

    def earn(self) -> None:
        """A first try goes out."""
        saved = self.saved + self._share
        self.saved = saved if saved < self._most else self._most

    def spend(self) -> bool:
        """Whether one more retry is within the budget; takes it if so."""
        if self.saved < 1:
            return False
        self.saved -= 1
        return True
