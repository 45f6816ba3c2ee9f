from connectors.pipeline.kept import Kept


def test_a_value_is_made_once() -> None:
    kept: Kept[str, list[str]] = Kept(lambda key: [key], most=2)

    assert kept["a"] is kept["a"]


def test_the_first_made_goes_first() -> None:
    kept: Kept[str, list[str]] = Kept(lambda key: [key], most=2)
    for key in "abc":
        kept[key].append("used")

    assert list(kept) == ["b", "c"]


def test_what_is_in_use_goes_last() -> None:
    used = {"a", "c"}
    kept: Kept[str, str] = Kept(str, most=3, in_use=used.__contains__)
    for key in "abcdef":
        assert kept[key] == key

    assert set(kept) == {"a", "c", "f"}


def test_there_is_room_for_what_is_new_even_if_all_are_in_use() -> None:
    kept: Kept[int, int] = Kept(int, most=100, in_use=lambda _: True)
    for key in range(200):
        assert kept[key] == key

    assert len(kept) == 100
