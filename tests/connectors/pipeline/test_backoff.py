from connectors.pipeline.backoff import RetryBudget, backoff_s
from connectors.policy import BudgetPolicy, RetryPolicy


def test_waits_double_up_to_the_cap() -> None:
    policy = RetryPolicy(base_s=0.2, cap_s=1.0)

    assert [backoff_s(policy, attempt, 1.0) for attempt in (1, 2, 3, 4)] == [0.2, 0.4, 0.8, 1.0]


def test_jitter_goes_down_to_nothing() -> None:
    assert backoff_s(RetryPolicy(), 3, 0.0) == 0.0


def test_retries_are_a_share_of_first_tries() -> None:
    retries = RetryBudget(BudgetPolicy(retry_share=0.25, reserve=0))
    for _ in range(8):
        retries.earn()

    assert [retries.spend() for _ in range(3)] == [True, True, False]
