"""Where in the answer a value stands: worked out only when something goes wrong there."""

from collections.abc import Sequence
from dataclasses import dataclass
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
    """The places of one field's values: value `i` belongs to object `rows[i]` of `parents`, in lists at `items[i]`.

    `parents` are the cells that those objects fill, `None` for the root.
    """

    parents: "Cells | None"
    field: FieldPlan
    rows: Sequence[int]
    items: Sequence[Items] | None = None

    def path(self, i: int) -> Path:
        """The path of value `i`."""
        path = Path(parent_path(self.parents, self.rows[i]), self.field.key, None)
        for item in self.items[i] if self.items else ():
            path = Path(path, item, None)
        return path

    def order(self, i: int) -> tuple[int, ...]:
        """Sorts as the answer is written: field by field as selected, item by item, outermost first."""
        above = self.parents.order(self.rows[i]) if self.parents else ()
        return (*above, self.field.index, *(self.items[i] if self.items else ()))

    def failure(self, error: Exception, i: int) -> Failure:
        """`error`, located at value `i`."""
        return Failure(located_error(error, self.field.nodes, self.path(i).as_list()), self.order(i))

    def some(self, members: list[int]) -> "Cells":
        """The cells of some of the values."""
        items = [self.items[i] for i in members] if self.items else None
        return Cells(self.parents, self.field, [self.rows[i] for i in members], items)

    def inside(self, lists: Sequence[int], lengths: Sequence[int]) -> "Cells":
        """The cells of the items in the lists at `lists`, one list after the other."""
        rows: list[int] = []
        items: list[Items] = []
        for i, length in zip(lists, lengths, strict=True):
            rows += [self.rows[i]] * length
            outer = self.items[i] if self.items else ()
            items += [(*outer, item) for item in range(length)]
        return Cells(self.parents, self.field, rows, items)


def parent_path(parents: Cells | None, row: int) -> Path | None:
    """The path of one parent object; `None` for the root."""
    return None if parents is None else parents.path(row)


def is_failure(value: Any) -> bool:
    """Whether a completed value is none."""
    return type(value) is Failure
