from datetime import UTC, datetime

from connectors.paging import Position, Slice
from resolvers.merging import latest, merged


def day(number: int) -> datetime:
    return datetime(2026, 1, number, tzinfo=UTC)


def part(*days: int, more: bool = False) -> Slice[int]:
    return Slice(list(days), [Position(str(number)) for number in days], more=more)


def test_lists_are_merged_from_new_to_old() -> None:
    found = merged({"a": part(9, 5, 1), "b": part(8, 7, 2)}, {}, time=day, limit=10)

    assert found.items == [9, 8, 7, 5, 2, 1]
    assert not found.more


def test_a_place_says_where_each_list_goes_on() -> None:
    found = merged({"a": part(9, 5), "b": part(8)}, {"b": Position("10")}, time=day, limit=2)

    assert found.places == [
        {"a": Position("9"), "b": Position("10")},
        {"a": Position("9"), "b": Position("8")},
    ]
    assert found.more


def test_a_list_that_goes_on_beyond_what_was_read_has_more() -> None:
    assert merged({"a": part(9, more=True), "b": part()}, {}, time=day, limit=1).more


def test_a_list_that_is_not_there_keeps_its_place() -> None:
    found = merged({"a": part(9)}, {"b": Position("3")}, time=day, limit=1)

    assert found.places == [{"a": Position("9"), "b": Position("3")}]


def test_a_list_that_comes_whole_goes_on_behind_the_last_of_one_time() -> None:
    items = {("2026-01-01", "b"): 1, ("2026-01-01", "a"): 2, ("2025-12-31", "c"): 3}

    first = latest(items, Position(), 1)
    second = latest(items, first.positions[-1], 1)
    third = latest(items, second.positions[-1], 5)

    assert [one.items for one in (first, second, third)] == [[1], [2], [3]]
    assert [one.more for one in (first, second, third)] == [True, True, False]
