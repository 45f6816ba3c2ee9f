"""Leaf values, a column at a time: one look at the types of all values, and only odd columns are coerced one by one."""

from collections.abc import Callable
from typing import Any

from graphql import (
    GRAPHQL_MAX_INT,
    GRAPHQL_MIN_INT,
    GraphQLBoolean,
    GraphQLID,
    GraphQLInt,
    GraphQLLeafType,
    GraphQLString,
    Undefined,
)
from graphql.pyutils import inspect

PASS_AS_THEY_ARE: dict[GraphQLLeafType, frozenset[type]] = {
    GraphQLString: frozenset((str, type(None))),
    GraphQLID: frozenset((str, type(None))),
    GraphQLBoolean: frozenset((bool, type(None))),
}


def passes(leaf: GraphQLLeafType, values: list[Any]) -> bool:
    """Whether every value is its own serialization."""
    if leaf is GraphQLInt:
        return set(map(type, values)) == {int} and min(values) >= GRAPHQL_MIN_INT and max(values) <= GRAPHQL_MAX_INT
    plain = PASS_AS_THEY_ARE.get(leaf)
    return plain is not None and plain.issuperset(map(type, values))


def coercer(leaf: GraphQLLeafType) -> Callable[[Any], Any]:
    """Serializes one value. Raises what the type raises, and `TypeError` where it gives nothing."""

    def coerce(value: Any) -> Any:
        coerced = leaf.coerce_output_value(value)
        if coerced is None or coerced is Undefined:
            expected = f"{inspect(leaf)}.coerce_output_value({inspect(value)})"
            raise TypeError(f"Expected `{expected}` to return non-nullable value, returned: {inspect(coerced)}")
        return coerced

    return coerce
