"""The decisions of HTTP caching, by the sections that demand them."""

from collections.abc import Mapping
from email.utils import formatdate

import httpx2
import pytest

from connectors.headers import date
from connectors.judgement import Outcome
from connectors.pipeline.freshness import Freshness, directives, freshness, renewed, validators
from connectors.policy import HTTP_ONLY, OperationCache

NOW = 1_780_000_000.0
RULE = OperationCache(ttl_s=30, negative_ttl_s=7, stale_while_revalidate_s=10, stale_if_error_s=300)


def at(offset_s: float) -> str:
    """An HTTP date, so many seconds from now."""
    return formatdate(NOW + offset_s, usegmt=True)


def judged(
    headers: Mapping[str, str], rule: OperationCache = HTTP_ONLY, outcome: Outcome = Outcome.OK, *, took_s: float = 0.0
) -> Freshness | None:
    """The freshness of an answer that arrives now."""
    return freshness(httpx2.Headers(headers), outcome, rule, asked=NOW - took_s, received=NOW)


def left_s(headers: Mapping[str, str], rule: OperationCache = HTTP_ONLY, outcome: Outcome = Outcome.OK) -> float | None:
    """For how long an answer that arrives now is fresh."""
    found = judged(headers, rule, outcome)
    return None if found is None else found.born + found.fresh_s - NOW


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Cache-Control": "max-age=60"}, 60),
        ({"Cache-Control": "private, max-age=60"}, 60),
        ({"Cache-Control": "public,max-age=60 , foo"}, 60),
        ({"Cache-Control": "MAX-AGE=60"}, 60),
        ({"Cache-Control": 'max-age="60"'}, 60),
        ({"Cache-Control": 'ext="a, max-age=5", max-age=60'}, 60),
        ({"Cache-Control": "max-age=60, max-age=5"}, 60),
        ({"Cache-Control": "s-maxage=60"}, 0),
        ({"Cache-Control": "s-maxage=600, max-age=60"}, 60),
        ({"Cache-Control": "max-age=60", "Expires": at(600)}, 60),
        ({"Expires": at(60)}, 60),
        ({"Expires": at(60), "Date": at(0)}, 60),
        ({"Expires": at(-60)}, 0),
        ({}, 0),
    ],
)
def test_4_2_1_an_answer_says_how_long_it_is_fresh(headers: dict[str, str], seconds: float) -> None:
    assert left_s(headers) == seconds


@pytest.mark.parametrize("value", ["max-age=soon", "max-age", "max-age=-5", "max-age=1.5"])
def test_4_2_1_what_cannot_be_read_is_stale(value: str) -> None:
    assert left_s({"Cache-Control": value}, RULE) == 0


def test_1_2_2_very_long_times_are_very_long() -> None:
    assert left_s({"Cache-Control": f"max-age={10**30}"}) == 2.0**31


@pytest.mark.parametrize("value", ["0", "-1", "tomorrow"])
def test_5_3_a_date_of_expiry_that_is_none_has_passed(value: str) -> None:
    assert left_s({"Expires": value}, RULE) == 0


def test_4_2_1_a_lifetime_is_counted_by_the_upstreams_clock() -> None:
    hour = 3600

    assert left_s({"Expires": at(hour + 60), "Date": at(hour)}) == 60


@pytest.mark.parametrize(
    ("headers", "age_s"),
    [
        ({}, 0),
        ({"Date": at(-40)}, 40),
        ({"Date": at(40)}, 0),
        ({"Age": "50"}, 50),
        ({"Age": "50", "Date": at(-40)}, 50),
        ({"Age": "30", "Date": at(-40)}, 40),
        ({"Age": "old"}, 0),
        ({"Date": "yesterday"}, 0),
    ],
)
def test_4_2_3_the_age_on_arrival_is_the_larger_of_what_is_told_and_what_is_seen(
    headers: dict[str, str], age_s: float
) -> None:
    found = judged({"Cache-Control": "max-age=60", **headers})

    assert found is not None
    assert found.age_s(NOW) == age_s
    assert found.age_s(NOW + 5) == age_s + 5


def test_4_2_3_what_the_answer_took_to_arrive_counts() -> None:
    found = judged({"Cache-Control": "max-age=60", "Age": "10"}, took_s=2)

    assert found is not None
    assert found.age_s(NOW) == 12


def test_4_2_an_answer_is_fresh_while_its_lifetime_is_longer_than_its_age() -> None:
    found = Freshness(born=NOW, fresh_s=60)

    assert [found.fresh(NOW + age_s) for age_s in (0, 59.9, 60, 61)] == [True, True, False, False]
    assert [found.stale_s(NOW + age_s) for age_s in (0, 60, 75)] == [0, 0, 15]


@pytest.mark.parametrize(
    "headers",
    [
        {"Cache-Control": "no-store"},
        {"Cache-Control": "no-store, max-age=60"},
        {"Cache-Control": "max-age=60, No-Store"},
        {"Cache-Control": "max-age=60", "Vary": "*"},
        {"Cache-Control": "max-age=60", "Vary": "Accept, *"},
    ],
)
def test_3_and_4_1_what_must_not_be_kept_is_not(headers: dict[str, str]) -> None:
    assert judged(headers, RULE) is None


def test_4_1_an_answer_that_varies_by_headers_is_kept() -> None:
    assert left_s({"Cache-Control": "max-age=60", "Vary": "Accept, Accept-Language"}) == 60


@pytest.mark.parametrize("headers", [{"Cache-Control": "no-cache, max-age=60"}, {"Pragma": "no-cache"}])
def test_5_2_2_4_what_must_be_validated_first_is_never_fresh_whatever_the_rule(headers: dict[str, str]) -> None:
    assert left_s(headers, RULE) == 0


@pytest.mark.parametrize("value", ["must-revalidate, max-age=60", "no-cache", 'no-cache="set-cookie", max-age=60'])
def test_4_2_4_what_forbids_to_be_used_stale_is_not(value: str) -> None:
    found = judged({"Cache-Control": f"{value}, stale-if-error=60, stale-while-revalidate=60"}, RULE)

    assert found is not None
    later = found.born + found.fresh_s + 1
    assert not found.good_while_failing(later)
    assert not found.good_while_refreshing(later)


def test_5861_3_a_stale_answer_is_good_while_it_is_refreshed() -> None:
    found = judged({"Cache-Control": "max-age=600, stale-while-revalidate=30"})

    assert found is not None
    assert [found.good_while_refreshing(NOW + age_s) for age_s in (600, 630, 631)] == [True, True, False]
    assert not found.good_while_failing(NOW + 601)


def test_5861_4_a_stale_answer_is_good_while_the_upstream_fails() -> None:
    found = judged({"Cache-Control": "max-age=600, stale-if-error=1200"})

    assert found is not None
    assert [found.good_while_failing(NOW + age_s) for age_s in (900, 1800, 1801)] == [True, True, False]
    assert not found.good_while_refreshing(NOW + 601)


def test_4_2_2_the_rule_goes_for_answers_that_say_nothing() -> None:
    assert judged({}, RULE) == Freshness(born=NOW, fresh_s=30, refreshing_s=10, failing_s=300)
    assert left_s({"Cache-Control": "private"}, RULE) == 30
    assert left_s({"Date": at(-3600), "Age": "100"}, RULE) == 30


def test_the_answers_own_words_go_over_the_rule() -> None:
    found = judged({"Cache-Control": "max-age=60, stale-while-revalidate=0, stale-if-error=20"}, RULE)

    assert found == Freshness(born=NOW, fresh_s=60, refreshing_s=0, failing_s=20)


def test_a_rule_that_insists_goes_over_everything_but_what_nobody_could_find_again() -> None:
    insisting = OperationCache(ttl_s=30, stale_if_error_s=300, insists=True)

    for value in ("no-store", "no-cache, must-revalidate", "max-age=5", ""):
        assert judged({"Cache-Control": value, "Pragma": "no-cache"}, insisting) == Freshness(
            born=NOW, fresh_s=30, failing_s=300
        )
    assert judged({"Vary": "*"}, insisting) is None


@pytest.mark.parametrize(
    ("rule", "headers", "seconds"),
    [
        (RULE, {}, 7),
        (HTTP_ONLY, {}, 0),
        (RULE, {"Cache-Control": "max-age=2"}, 2),
        (RULE, {"Cache-Control": "no-cache"}, 0),
    ],
)
def test_what_is_not_there_is_remembered_for_a_time_of_its_own(
    rule: OperationCache, headers: dict[str, str], seconds: float
) -> None:
    assert left_s(headers, rule, Outcome.NOT_FOUND) == seconds


def test_a_clock_that_is_set_back_makes_nothing_fresh_for_longer() -> None:
    kept = Freshness(born=NOW, fresh_s=30, refreshing_s=60, failing_s=60)

    assert kept.fresh(NOW - 1)
    assert not kept.fresh(NOW - 3600)
    assert not kept.good_while_refreshing(NOW - 3600)
    assert not kept.good_while_failing(NOW - 3600)


def test_what_is_not_there_is_never_used_stale() -> None:
    found = judged({}, RULE, Outcome.NOT_FOUND)

    assert found is not None
    assert not found.good_while_failing(NOW + 8)


def test_4_3_1_an_answer_is_validated_by_all_that_it_offers() -> None:
    headers = httpx2.Headers({"ETag": 'W/"v1"', "Last-Modified": at(-60)})

    assert validators(headers) == {"If-None-Match": 'W/"v1"', "If-Modified-Since": at(-60)}
    assert validators(httpx2.Headers({"Date": at(0)})) == {}


def test_3_2_a_confirmation_renews_the_headers_but_not_those_of_the_content() -> None:
    kept = httpx2.Headers({"ETag": '"v1"', "Cache-Control": "max-age=1", "Content-Type": "text/xml", "X-Kept": "yes"})
    confirmation = {"Cache-Control": "max-age=9", "Content-Type": "text/html", "Content-Length": "0", "X-New": "yes"}

    headers = renewed(kept, httpx2.Headers(confirmation))

    assert dict(headers) == {
        "etag": '"v1"',
        "cache-control": "max-age=9",
        "content-type": "text/xml",
        "x-kept": "yes",
        "x-new": "yes",
    }
    assert kept["cache-control"] == "max-age=1"


def test_5_2_directives_are_read_as_they_are_written() -> None:
    assert directives('private="x, y" , max-age = 5,, no-cache ,ext="a\\"b"') == {
        "private": "x, y",
        "max-age": "5",
        "no-cache": "",
        "ext": 'a\\"b',
    }
    assert directives("") == directives(",") == {}


@pytest.mark.parametrize(
    "value", ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"]
)
def test_9110_5_6_7_the_three_forms_of_dates_are_read(value: str) -> None:
    assert date(value) == 784111777
