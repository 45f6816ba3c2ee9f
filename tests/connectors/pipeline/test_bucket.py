import pytest

from connectors.judgement import Quota
from connectors.pipeline.bucket import MAX_PAUSE_S, Bucket
from connectors.policy import ThrottlePolicy


def test_a_burst_passes_and_then_the_rate_holds() -> None:
    bucket = Bucket(ThrottlePolicy(per_second=10, burst=3))
    for _ in range(3):
        assert bucket.wait_s(0.0) == 0.0
        bucket.take(0.0)

    assert [round(bucket.wait_s(0.0, ahead=ahead), 3) for ahead in (0, 1, 5)] == [0.1, 0.2, 0.6]


def test_allowance_comes_back_with_time() -> None:
    bucket = Bucket(ThrottlePolicy(per_second=10, burst=1))
    bucket.take(0.0)

    assert bucket.wait_s(5.0) == 0.0


def test_a_pause_holds_everyone_back() -> None:
    bucket = Bucket(ThrottlePolicy())
    bucket.pause(0.0, 2.0)

    assert bucket.wait_s(0.5) == 1.5


def test_an_absurd_pause_ends() -> None:
    bucket = Bucket(ThrottlePolicy())
    bucket.pause(0.0, 1e12)

    assert bucket.wait_s(0.0) == MAX_PAUSE_S


def test_what_costs_more_waits_longer() -> None:
    bucket = Bucket(ThrottlePolicy(per_second=10, burst=10))
    bucket.take(0.0, cost=8)

    assert [round(bucket.wait_s(0.0, cost), 3) for cost in (1, 2, 5)] == [0.0, 0.0, 0.3]


def test_what_costs_more_than_there_can_be_goes_out_when_all_is_there() -> None:
    bucket = Bucket(ThrottlePolicy(per_second=10, burst=10))

    assert bucket.wait_s(0.0, cost=25) == 0.0
    bucket.take(0.0, cost=25)
    assert bucket.wait_s(0.0) == pytest.approx(1.6)


def test_a_window_that_is_used_up_is_waited_for() -> None:
    bucket = Bucket(ThrottlePolicy())
    bucket.learn(0.0, Quota(remaining=1, limit=60, reset_s=20))

    assert bucket.wait_s(5.0) == 0.0
    bucket.take(5.0)
    assert bucket.wait_s(6.0) == 14.0
    assert bucket.wait_s(20.0) == 0.0
    assert bucket.left(20.0) is None


def test_of_answers_that_overtake_each_other_the_lower_count_holds() -> None:
    bucket = Bucket(ThrottlePolicy())
    bucket.learn(0.0, Quota(remaining=0, reset_s=20))
    bucket.learn(0.4, Quota(remaining=1, reset_s=20))

    assert bucket.left(1.0) == 0
    bucket.learn(21.0, Quota(remaining=60, reset_s=20))
    assert bucket.left(21.0) == 60


def test_what_comes_back_in_a_window_that_rolls_is_not_lost() -> None:
    bucket = Bucket(ThrottlePolicy(per_second=100, burst=100))
    for tenth in range(100):
        bucket.take(tenth / 10)
        bucket.learn(tenth / 10, Quota(remaining=50, limit=100, reset_s=10))

    assert bucket.wait_s(10.0) == 0.0


def test_a_leaking_bucket_is_waited_for_until_the_cost_is_there() -> None:
    bucket = Bucket(ThrottlePolicy(per_second=1000, burst=1000))
    bucket.learn(0.0, Quota(remaining=100, limit=1000, per_s=50))

    assert bucket.wait_s(0.0, cost=400) == 6.0
    assert bucket.wait_s(4.0, cost=400) == 2.0
    bucket.take(6.0, cost=400)
    assert bucket.left(6.0) == 0
    assert bucket.left(100.0) == 1000


def test_the_upstream_may_take_back_what_it_said() -> None:
    bucket = Bucket(ThrottlePolicy())
    bucket.learn(0.0, Quota(remaining=0, limit=100, per_s=1))
    bucket.learn(1.0, Quota(remaining=80, limit=100, per_s=1))

    assert bucket.wait_s(1.0) == 0.0
