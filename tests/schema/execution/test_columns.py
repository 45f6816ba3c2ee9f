from collections.abc import Callable, Sequence
from typing import Any

import pytest
from graphql import GraphQLBoolean, GraphQLID, GraphQLInt, GraphQLNonNull, GraphQLOutputType, GraphQLString

from schema.execution.columns import Objects, passing


class Row:
    """Knows the column `n` only; its `half` cannot be read of odd ones."""

    def __init__(self, n: int) -> None:
        self.n = n

    @property
    def half(self) -> int:
        if self.n % 2:
            raise ValueError(self.n)
        return self.n // 2

    @classmethod
    def __columns__(cls, objects: Sequence["Row"]) -> Callable[[str], tuple[list[Any], set[type]]]:
        columns: dict[str, tuple[list[Any], set[type]]] = {"n": ([one.n for one in objects], {int})}
        return columns.__getitem__


class Other(Row):
    """A row of another class."""


def read(objects: Sequence[Any], source: str | Callable[[Any], Any]) -> list[Any]:
    values, kinds = Objects(objects).read(source)
    assert kinds == set(map(type, values))
    return [repr(value) for value in values]


@pytest.mark.parametrize("objects", [[Row(2), Row(3)], [Row(2), Other(3)], []])
def test_columns_are_what_reading_one_by_one_gives(objects: list[Row]) -> None:
    assert read(objects, "n") == [repr(one.n) for one in objects]
    assert read(objects, lambda one: one.n + 1) == [repr(one.n + 1) for one in objects]


def test_what_a_class_cannot_read_by_column_is_read_one_by_one_and_harms_its_own_place() -> None:
    assert read([Row(2), Row(3)], "half") == ["1", "ValueError(3)"]


@pytest.mark.parametrize(
    ("type_", "values", "passes"),
    [
        (GraphQLInt, [1, None, -(2**31)], True),
        (GraphQLInt, [None], True),
        (GraphQLInt, [2**31, None], False),
        (GraphQLInt, [True], False),
        (GraphQLNonNull(GraphQLInt), [1, None], False),
        (GraphQLString, ["a", None], True),
        (GraphQLNonNull(GraphQLString), ["a", None], False),
        (GraphQLID, [7], False),
        (GraphQLBoolean, [1], False),
        (GraphQLString, [ValueError()], False),
    ],
)
def test_a_column_passes_where_all_values_are_their_own_answers(
    type_: GraphQLOutputType, values: list[Any], passes: bool
) -> None:
    check = passing(type_)

    assert check is not None
    assert check(values, set(map(type, values))) is passes
