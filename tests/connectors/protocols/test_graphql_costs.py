import httpx2
import orjson

from connectors.judgement import Outcome, Quota
from connectors.protocols.graphql.costs import by_cost

BUCKET = {"maximumAvailable": 2000.0, "currentlyAvailable": 38, "restoreRate": 100.0}
LEFT = Quota(remaining=38, limit=2000, per_s=100)
THROTTLED = {"message": "Throttled", "extensions": {"code": "THROTTLED"}}


def answer(status: int = 200, **body: object) -> httpx2.Response:
    return httpx2.Response(status, content=orjson.dumps(body))


def cost(requested: float) -> dict[str, object]:
    return {"cost": {"requestedQueryCost": requested, "actualQueryCost": None, "throttleStatus": BUCKET}}


def test_a_query_that_was_answered_tells_what_is_left() -> None:
    verdict = by_cost(answer(data={"shop": {}}, extensions=cost(12)), 0.0)

    assert (verdict.outcome, verdict.quota) == (Outcome.OK, LEFT)


def test_a_query_that_costs_too_much_for_now_waits_until_it_can_be_paid() -> None:
    verdict = by_cost(answer(data=None, errors=[THROTTLED], extensions=cost(238)), 0.0)

    assert (verdict.outcome, verdict.retry_after_s, verdict.quota) == (Outcome.THROTTLED, 2.0, LEFT)


def test_an_error_of_another_kind_is_no_throttle() -> None:
    verdict = by_cost(answer(data=None, errors=[{"message": "no such field"}], extensions=cost(238)), 0.0)

    assert verdict.outcome is Outcome.OK


def test_what_is_not_as_documented_is_judged_by_its_status() -> None:
    odd = [
        answer(extensions={"cost": {"throttleStatus": None}}),
        answer(extensions={"cost": {"throttleStatus": BUCKET}}),
        httpx2.Response(200, content=b'{"throttleStatus": '),
    ]

    assert [by_cost(one, 0.0).outcome for one in odd] == [Outcome.OK] * 3
    assert by_cost(answer(503, extensions=cost(1)), 0.0).outcome is Outcome.FAILED
