from connectors.pipeline.kept import Kept


def test_a_value_is_made_once() -> None:
    kept: Kept[str, list[str]] = Kept(lambda key: [key], most=2)

    assert kept["a"] is kept["a"]


def test_the_first_made_goes_first() -> None:
    kept: Kept[str, list[str]] = Kept(lambda key: [key], most=2)
    for key in "abc":
        kept[key].append("used")

    assert list(kept) == ["b", "c"]
