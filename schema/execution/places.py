"""Where in the answer a value stands: worked out only when something goes wrong there."""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from itertools import accumulate
from typing import Any

from graphql import GraphQLError, located_error
from graphql.pyutils import Path

from schema.execution.plan import FieldPlan

Items = tuple[int, ...]


@dataclass(slots=True, eq=False)
class Failure:
    """An error on its way up to the next place that may be null. `order` sorts by where in the answer it arose."""

    error: GraphQLError
    order: tuple[int, ...]


@dataclass(slots=True, eq=False)
class Cells:
    """The places of one field's values. `parents` are the places of the objects that have the field, `None`: the root.

    `locate(i)` says to which of these objects value `i` belongs, and in lists with which indices. It is a function
    because it is asked only when something goes wrong.
    """

    parents: "Cells | None"
    field: FieldPlan
    locate: Callable[[int], tuple[int, Items]]
    paths: dict[int, Path] = dataclass_field(default_factory=dict)

    def path(self, i: int) -> Path:
        """The path of value `i`, which is that of all its fields as well."""
        path = self.paths.get(i)
        if path is None:
            row, items = self.locate(i)
            path = Path(parent_path(self.parents, row), self.field.key, None)
            for item in items:
                path = Path(path, item, None)
            self.paths[i] = path
        return path

    def order(self, i: int) -> tuple[int, ...]:
        """Sorts as the answer is written: field by field as selected, item by item, outermost first."""
        row, items = self.locate(i)
        above = self.parents.order(row) if self.parents else ()
        return (*above, self.field.index, *items)

    def failure(self, error: Exception, i: int) -> Failure:
        """`error`, located at value `i`."""
        return Failure(located_error(error, self.field.nodes, self.path(i).as_list()), self.order(i))

    def some(self, members: Sequence[int]) -> "Cells":
        """The places of some of the values."""
        return Cells(self.parents, self.field, lambda i: self.locate(members[i]))

    def inside(self, lists: Sequence[int], lengths: Sequence[int]) -> "Cells":
        """The places of the items in the lists at `lists`, one list after the other."""

        def locate(i: int) -> tuple[int, Items]:
            ends = list(accumulate(lengths))
            which = bisect_right(ends, i)
            row, outer = self.locate(lists[which])
            return row, (*outer, i - ends[which] + lengths[which])

        return Cells(self.parents, self.field, locate)


def cells_of(parents: Cells | None, field: FieldPlan) -> Cells:
    """The places of a field's values, one for each object."""
    return Cells(parents, field, lambda i: (i, ()))


def parent_path(parents: Cells | None, row: int) -> Path | None:
    """The path of one parent object; `None` for the root."""
    return None if parents is None else parents.path(row)


def is_failure(value: Any) -> bool:
    """Whether a completed value is none."""
    return type(value) is Failure
