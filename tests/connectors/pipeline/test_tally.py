from typing import Any

import pytest

from connectors.call import Record
from connectors.pipeline.tally import MOST_OPERATIONS, OTHERS, Histogram, Tally, quantile_s


def record(operation: str = "things.list", **facts: Any) -> Record:
    return Record("demo", operation, **{"outcome": "ok", "status": 200, "attempts": 1, "cache": "miss", **facts})


def noted(*records: Record) -> Tally:
    tally = Tally()
    for one in records:
        tally.note(one, anonymous=False)
    return tally


def test_calls_are_counted_by_operation_outcome_and_what_the_cache_did() -> None:
    retried = record(attempts=3, waited_s=0.5, bytes=100, duration_s=0.7)
    tally = noted(retried, record(cache="hit", attempts=0, duration_s=9.0), record("things.get", outcome="rejected"))

    listed = tally.operations["things.list"]
    assert (dict(listed.outcomes), dict(listed.cache)) == ({"ok": 2}, {"miss": 1, "hit": 1})
    assert (listed.retries, listed.waited_s, listed.bytes) == (2, 0.5, 100)
    assert dict(tally.operations["things.get"].outcomes) == {"rejected": 1}


def test_only_calls_that_were_sent_say_how_long_the_upstream_takes() -> None:
    tally = noted(record(duration_s=0.02), record(duration_s=0.0, attempts=0, cache="hit"))

    durations = tally.operations["things.list"].durations
    assert (sum(durations.counts), durations.sum_s) == (1, 0.02)


def test_credentials_are_counted_when_they_were_got() -> None:
    tally = Tally()
    tally.note(record("login"), anonymous=True)
    tally.note(record("login", outcome="UPSTREAM_TIMEOUT", status=None), anonymous=True)

    assert tally.credentials == 1


@pytest.mark.parametrize("outcome", ["UPSTREAM_TIMEOUT", "failed", "rejected"])
@pytest.mark.parametrize("later", ["ok", "not_found", "cancelled"])
def test_the_last_failure_stays_until_another_one(outcome: str, later: str) -> None:
    tally = noted(record(outcome=outcome, reason="HTTP 503", began=50.0, duration_s=2.0), record(outcome=later))

    failure = tally.last_failure
    assert failure is not None
    assert (failure.operation, failure.outcome, failure.reason, failure.at) == ("things.list", outcome, "HTTP 503", 52)


def test_however_many_names_operations_have_the_tally_stays_small() -> None:
    tally = noted(*(record(f"op{number}") for number in range(MOST_OPERATIONS + 50)))

    assert len(tally.operations) == MOST_OPERATIONS + 1
    assert tally.operations[OTHERS].outcomes["ok"] == 50


def test_a_quantile_lies_in_its_bucket_as_prometheus_reckons_it() -> None:
    fast, slow = Histogram((0.1, 0.2, 0.4)), Histogram((0.1, 0.2, 0.4))
    for seconds in (0.05, 0.1, 0.15, 0.16):
        fast.add(seconds)
    for seconds in (0.3, 0.3, 0.3, 9.0):
        slow.add(seconds)

    assert quantile_s([], 0.5) is None
    assert quantile_s([Histogram()], 0.5) is None
    assert quantile_s([fast], 0.5) == pytest.approx(0.1)
    assert quantile_s([fast], 0.75) == pytest.approx(0.15)
    assert quantile_s([fast, slow], 0.75) == pytest.approx(0.2 + 0.2 * 2 / 3)
    assert quantile_s([slow], 0.99) == 0.4
