"""Values a column at a time: read from all objects at once, and checked by one look at the types of all of them."""

from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any

from graphql import (
    GRAPHQL_MAX_INT,
    GRAPHQL_MIN_INT,
    GraphQLBoolean,
    GraphQLID,
    GraphQLInt,
    GraphQLLeafType,
    GraphQLOutputType,
    GraphQLString,
    Undefined,
    get_nullable_type,
    is_leaf_type,
    is_non_null_type,
)
from graphql.pyutils import inspect

Column = list[Any]


class Objects:
    """The objects of one level, whose attributes are read a column at a time.

    Where all are of one class that has `__columns__`, a class method from objects to a reader of columns, that reads
    attributes by their names. It gives values and, where reading one would raise, error values.
    """

    def __init__(self, objects: Sequence[Any]) -> None:
        self.objects = objects
        kinds = set(map(type, objects))
        columns = getattr(kinds.pop(), "__columns__", None) if len(kinds) == 1 else None
        self._column: Callable[[str], Column] | None = columns and columns(objects)

    def read(self, source: str | Callable[[Any], Any]) -> Column:
        """An attribute of each, or what a function makes of each; an exception where that fails."""
        if isinstance(source, str):
            if self._column is not None:
                return self._column(source)
            source = attrgetter(source)
        try:
            return list(map(source, self.objects))
        except Exception:
            return [_one(source, parent) for parent in self.objects]


def _one(read: Callable[[Any], Any], parent: Any) -> Any:
    try:
        return read(parent)
    except Exception as error:
        return error


PASS_AS_THEY_ARE: dict[GraphQLLeafType, frozenset[type]] = {
    GraphQLString: frozenset((str,)),
    GraphQLID: frozenset((str,)),
    GraphQLBoolean: frozenset((bool,)),
    GraphQLInt: frozenset((int,)),
}
NULL = frozenset((type(None),))


def passing(type_: GraphQLOutputType) -> Callable[[Column], bool] | None:
    """What tells whether all values of a column are their own answers; `None` for types whose values may never be."""
    leaf = get_nullable_type(type_)
    plain = PASS_AS_THEY_ARE.get(leaf) if is_leaf_type(leaf) else None
    if plain is None:
        return None
    kinds = plain if is_non_null_type(type_) else plain | NULL

    def are_plain(values: Column) -> bool:
        return kinds.issuperset(map(type, values))

    def are_small(values: Column) -> bool:
        if not are_plain(values):
            return False
        numbers = values if kinds is plain else [value for value in values if value is not None]
        return not numbers or (min(numbers) >= GRAPHQL_MIN_INT and max(numbers) <= GRAPHQL_MAX_INT)

    return are_small if leaf is GraphQLInt else are_plain


def coercer(leaf: GraphQLLeafType) -> Callable[[Any], Any]:
    """Serializes one value. Raises what the type raises, and `TypeError` where it gives nothing."""

    def coerce(value: Any) -> Any:
        coerced = leaf.coerce_output_value(value)
        if coerced is None or coerced is Undefined:
            expected = f"{inspect(leaf)}.coerce_output_value({inspect(value)})"
            raise TypeError(f"Expected `{expected}` to return non-nullable value, returned: {inspect(coerced)}")
        return coerced

    return coerce
