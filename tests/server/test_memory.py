"""Results that would be the same again."""

import pytest

from server.memory import CONDITION_BYTES, ENTRY_BYTES, Memory


class Weather:
    """A condition that somebody else changes."""

    def __init__(self) -> None:
        self.fine = True

    def __call__(self) -> bool:
        return self.fine


def test_a_result_is_recalled_while_all_its_conditions_hold() -> None:
    memory: Memory[str] = Memory(10_000)
    here, there = Weather(), Weather()
    memory.keep("key", "result", 6, [here, there])

    assert (memory.recall("key"), memory.recall("other")) == ("result", None)
    there.fine = False
    assert memory.recall("key") is None
    there.fine = True
    assert memory.recall("key") is None


def test_what_does_not_hold_any_more_is_not_kept() -> None:
    memory: Memory[str] = Memory(10_000)
    weather = Weather()
    weather.fine = False

    memory.keep("key", "result", 6, [weather])

    weather.fine = True
    assert memory.recall("key") is None


@pytest.mark.parametrize(
    ("max_bytes", "kept"), [(0, []), (ENTRY_BYTES, []), (5 * ENTRY_BYTES, [2, 3]), (100 * ENTRY_BYTES, [0, 1, 2, 3])]
)
def test_the_least_recently_used_goes_first_and_what_is_too_large_at_once(max_bytes: int, kept: list[int]) -> None:
    memory: Memory[int] = Memory(max_bytes)

    for number in range(4):
        memory.keep(number, number, ENTRY_BYTES, [Weather()])
        memory.keep("large", 0, max_bytes, [])

    assert [number for number in range(4) if memory.recall(number) is not None] == kept


def test_conditions_weigh_something_too() -> None:
    memory: Memory[int] = Memory(ENTRY_BYTES + 10 * CONDITION_BYTES)

    memory.keep("few", 1, 0, [Weather()] * 10)
    memory.keep("many", 2, 0, [Weather()] * 11)

    assert (memory.recall("few"), memory.recall("many")) == (1, None)
