"""Values a column at a time: read from all objects at once, and checked by one look at the types of all of them."""

from collections.abc import Callable, Sequence, Set
from operator import attrgetter
from typing import Any, TypeGuard, TypeVar

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

T = TypeVar("T")

Column = list[Any]
Kinds = Set[type]
"""The types of a column's values."""


class Uniform(Sequence[T]):
    """Objects of one class with `__columns__`, which need not exist before somebody asks for one of them."""

    kind: type[T]


def is_uniform(values: object) -> TypeGuard[Uniform[Any]]:
    """Whether values are known to be of one class. A look at lists first: others take ten times as long."""
    return type(values) is not list and isinstance(values, Uniform)


def kinds_of(values: Sequence[Any]) -> set[type]:
    """The types of values."""
    if is_uniform(values):
        return {values.kind} if values else set()
    return set(map(type, values))


class Objects:
    """The objects of one level, whose attributes are read a column at a time.

    Where all are of one class that has `__columns__`, a class method from objects to a reader of columns, that reads an
    attribute by its name: the values, error values where one is wrong, and the types of all of them. Where it raises,
    the attribute is read one by one. Objects of such a class are all of the same GraphQL type.
    """

    def __init__(self, objects: Sequence[Any]) -> None:
        self.objects = objects
        kinds = kinds_of(objects)
        columns = getattr(kinds.pop(), "__columns__", None) if len(kinds) == 1 else None
        self._column: Callable[[str], tuple[Column, Kinds]] | None = columns and columns(objects)
        self._known: dict[str | Callable[[Any], Any], tuple[Column, Kinds]] = {}

    def read(self, source: str | Callable[[Any], Any]) -> tuple[Column, Kinds]:
        """An attribute of each, or what a function makes of each; an exception where that fails."""
        if source not in self._known:
            self._known[source] = self._read(source)
        return self._known[source]

    def _read(self, source: str | Callable[[Any], Any]) -> tuple[Column, Kinds]:
        if not isinstance(source, str):
            return self._each(source)
        try:
            return self._column(source) if self._column else self._each(attrgetter(source))
        except Exception:
            return self._each(attrgetter(source))

    def _each(self, read: Callable[[Any], Any]) -> tuple[Column, Kinds]:
        try:
            values = list(map(read, self.objects))
        except Exception:
            values = [_one(read, parent) for parent in self.objects]
        return values, set(map(type, values))


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


def passing(type_: GraphQLOutputType) -> Callable[[Column, Kinds], bool] | None:
    """What tells whether all values of a column are their own answers; `None` for types whose values may never be."""
    leaf = get_nullable_type(type_)
    plain = PASS_AS_THEY_ARE.get(leaf) if is_leaf_type(leaf) else None
    if plain is None:
        return None
    allowed = plain if is_non_null_type(type_) else plain | NULL

    def are_plain(values: Column, kinds: Kinds) -> bool:
        return kinds <= allowed

    def are_small(values: Column, kinds: Kinds) -> bool:
        if not kinds <= allowed:
            return False
        numbers = values if kinds <= plain else [value for value in values if value is not None]
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
