"""What is kept in the process, and what an eviction reaches."""

import asyncio

import httpx2
import pytest

from connectors.call import Call, Record
from connectors.judgement import FINE
from connectors.pipeline.answers import MOST_EVICTIONS, Answers
from connectors.pipeline.entries import Entry
from connectors.pipeline.freshness import Freshness
from tests.clock import FakeClock

ROOM = 100_000


def entry(clock: FakeClock, operation: str, *about: str, size: int = 10) -> Entry:
    response = httpx2.Response(200, content=b"x" * size, extensions={"verdict": FINE})
    tags = Call(operation=operation, safe=True, about=about).tags
    return Entry(f"{operation}{about}".encode(), response, Freshness(born=clock.time(), fresh_s=60), tags)


def there(answers: Answers, entries: list[Entry]) -> list[str]:
    """Where the entries are about that are still kept."""
    return [entry.key.decode() for entry in entries if answers.find(entry.key)]


@pytest.mark.parametrize(
    ("tags", "left"),
    [
        (("cus_1",), ["customers.list()", "customers.get('cus_2',)", "charges.list()"]),
        (("customers.list", "cus_2"), ["customers.get('cus_1',)", "charges.list()"]),
        (("customers.*",), ["charges.list()"]),
        (("charges.list",), ["customers.list()", "customers.get('cus_1',)", "customers.get('cus_2',)"]),
        (("*",), []),
        (
            ("invoices.*", "cus_3"),
            ["customers.list()", "customers.get('cus_1',)", "customers.get('cus_2',)", "charges.list()"],
        ),
        ((), ["customers.list()", "customers.get('cus_1',)", "customers.get('cus_2',)", "charges.list()"]),
    ],
)
def test_an_eviction_reaches_what_has_one_of_its_tags_and_nothing_else(
    clock: FakeClock, tags: tuple[str, ...], left: list[str]
) -> None:
    answers = Answers("demo", clock, ROOM)
    calls = [("customers.list",), ("customers.get", "cus_1"), ("customers.get", "cus_2"), ("charges.list",)]
    entries = [entry(clock, *call) for call in calls]
    for one in entries:
        answers.keep(one, since=0)

    asyncio.run(answers.evict(tags))

    assert there(answers, entries) == left


def test_what_was_asked_for_before_an_eviction_about_it_is_not_kept(clock: FakeClock) -> None:
    answers = Answers("demo", clock, ROOM)
    since = answers.evictions
    asyncio.run(answers.evict(("cus_1",)))

    assert not answers.keep(entry(clock, "customers.get", "cus_1"), since=since)
    assert answers.keep(entry(clock, "customers.get", "cus_2"), since=since)
    assert answers.keep(entry(clock, "customers.get", "cus_1"), since=answers.evictions)


def test_what_was_asked_for_very_many_evictions_ago_is_not_kept(clock: FakeClock) -> None:
    answers = Answers("demo", clock, ROOM)
    for _ in range(MOST_EVICTIONS + 1):
        asyncio.run(answers.evict(("other",)))

    assert not answers.keep(entry(clock, "customers.get", "cus_1"), since=0)
    assert answers.keep(entry(clock, "customers.get", "cus_1"), since=1)


def test_answers_take_no_more_room_than_they_may_and_the_least_recently_used_go_first(clock: FakeClock) -> None:
    answers = Answers("demo", clock, ROOM)
    entries = [entry(clock, "things.get", str(number), size=20_000) for number in range(6)]
    for one in entries:
        answers.keep(one, since=0)
        answers.find(entries[0].key)

    assert [number for number, one in enumerate(entries) if answers.find(one.key)] == [0, 3, 4, 5]
    assert not answers.keep(entry(clock, "things.get", "huge", size=ROOM), since=0)


def test_an_answer_that_went_to_make_room_leaves_nothing_behind(clock: FakeClock) -> None:
    answers = Answers("demo", clock, ROOM)
    first, second = entry(clock, "things.get", "1", size=60_000), entry(clock, "things.get", "2", size=60_000)
    answers.keep(first, since=0)
    answers.keep(second, since=0)

    asyncio.run(answers.evict(("1",)))

    assert there(answers, [first, second]) == ["things.get('2',)"]


def test_an_answer_holds_until_it_is_stale_evicted_or_replaced(clock: FakeClock) -> None:
    answers = Answers("demo", clock, ROOM)
    holding = []
    for number in range(3):
        one, record = entry(clock, "things.get", str(number)), Record("demo", "things.get")
        answers.keep(one, since=0)
        answers.note(one, record)
        assert record.holds is not None
        holding.append(record.holds)

    assert [holds() for holds in holding] == [True, True, True]
    asyncio.run(answers.evict(("0",)))
    answers.keep(entry(clock, "things.get", "1"), since=answers.evictions)
    assert [holds() for holds in holding] == [False, False, True]
    clock.advance(60)
    assert [holds() for holds in holding] == [False, False, False]
