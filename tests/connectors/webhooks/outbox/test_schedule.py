import pytest

from connectors.webhooks.outbox.schedule import next_wait_s, outcome_of

SCHEDULE_S = (60, 300)


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (200, "delivered"),
        (202, "delivered"),
        (299, "delivered"),
        (410, "gone"),
        (301, "failed"),
        (308, "failed"),
        (400, "failed"),
        (404, "failed"),
        (429, "failed"),
        (500, "failed"),
        (None, "failed"),
    ],
)
def test_what_an_answer_says(status: int | None, outcome: str) -> None:
    assert outcome_of(status) == outcome


@pytest.mark.parametrize(
    ("failures", "told_s", "chance", "wait_s"),
    [
        (1, None, 0.0, 60),
        (1, None, 1.0, 66),
        (2, None, 0.0, 300),
        (3, None, 0.0, None),
        (3, 10.0, 0.0, None),
        (1, 30.0, 0.0, 60),
        (1, 90.0, 0.0, 90),
        (1, 1e9, 0.0, 86400),
    ],
)
def test_a_wait_is_the_schedules_or_what_the_receiver_asks_for_within_a_day(
    failures: int, told_s: float | None, chance: float, wait_s: float | None
) -> None:
    assert next_wait_s(SCHEDULE_S, failures, told_s, chance) == pytest.approx(wait_s)
