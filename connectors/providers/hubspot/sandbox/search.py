"""Search in the HubSpot sandbox: conditions, words and order.

Source: https://developers.hubspot.com/docs/api/crm/search
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from connectors.providers.hubspot.sandbox.portal import COMMON, OWNER, PROPERTIES, Json

SEARCHED = {
    "contacts": ("firstname", "lastname", "email", "phone", "company"),
    "companies": ("name", "domain", "phone", "website"),
    "deals": ("dealname", "pipeline", "dealstage", "description", "dealtype"),
    "tickets": ("subject", "content", "hs_pipeline_stage"),
}
MAX_GROUPS, MAX_FILTERS, MAX_VALUES = 5, 6, 100

Value = Decimal | float | str


class WrongSearch(Exception):
    """The search is not one. The message says why."""


def matches(kind: str, request: Json) -> Callable[[Json], bool]:
    """Whether an object is found. Raises `WrongSearch`."""
    groups = request.get("filterGroups", [])
    if not isinstance(groups, list) or len(groups) > MAX_GROUPS:
        raise WrongSearch(f"filterGroups may have {MAX_GROUPS} groups")
    tests = [[_test(kind, one) for one in _filters(group)] for group in groups]
    words = str(request.get("query") or "").lower().split()

    def found(row: Json) -> bool:
        properties = row["properties"]
        text = " ".join(properties.get(name) or "" for name in SEARCHED[kind]).lower()
        return all(word in text for word in words) and (
            not tests or any(all(test(properties) for test in group) for group in tests)
        )

    return found


def ordered(kind: str, rows: list[Json], sorts: Any) -> list[Json]:
    """The rows in the order that is asked for; the oldest first without."""
    if not isinstance(sorts, list) or len(sorts) > 1:
        raise WrongSearch("sorts may have one property")
    for sort in sorts:
        if isinstance(sort, dict):
            name, falling = str(sort.get("propertyName")), sort.get("direction") == "DESCENDING"
        else:
            name, falling = str(sort).lstrip("-"), str(sort).startswith("-")
        _known(kind, name)
        there = [row for row in rows if row["properties"].get(name)]
        missing = [row for row in rows if not row["properties"].get(name)]
        there.sort(key=lambda row: _rank(row["properties"][name]), reverse=falling)
        return there + missing
    return sorted(rows, key=lambda row: str(row["createdAt"]))


def _filters(group: Any) -> list[Json]:
    filters = group.get("filters") if isinstance(group, dict) else None
    if not isinstance(filters, list) or not 1 <= len(filters) <= MAX_FILTERS:
        raise WrongSearch(f"a group has 1 to {MAX_FILTERS} filters")
    return filters


def _test(kind: str, condition: Json) -> Callable[[Json], bool]:
    name, operator = _known(kind, str(condition.get("propertyName"))), condition.get("operator")
    value, high, values = (condition.get(key) for key in ("value", "highValue", "values"))
    if operator in ("IN", "NOT_IN"):
        if not isinstance(values, list) or not 1 <= len(values) <= MAX_VALUES:
            raise WrongSearch(f"{operator} takes 1 to {MAX_VALUES} values")
        wanted = {str(one).lower() for one in values}
        return lambda p: (_lower(p.get(name)) in wanted) == (operator == "IN") and p.get(name) is not None
    if operator in ("HAS_PROPERTY", "NOT_HAS_PROPERTY"):
        return lambda p: bool(p.get(name)) == (operator == "HAS_PROPERTY")
    if not isinstance(value, str):
        raise WrongSearch(f"{operator} takes a value")
    if operator in ("CONTAINS_TOKEN", "NOT_CONTAINS_TOKEN"):
        token = value.lower().strip("*")
        return lambda p: bool(p.get(name)) and (token in _lower(p[name])) == (operator == "CONTAINS_TOKEN")
    if operator == "BETWEEN":
        if not isinstance(high, str):
            raise WrongSearch("BETWEEN takes a value and a highValue")
        return lambda p: bool(p.get(name)) and _rank(value) <= _rank(p[name]) <= _rank(high)
    if operator not in COMPARISONS:
        raise WrongSearch(f"{operator} is no operator")
    holds = COMPARISONS[operator]
    return lambda p: bool(p.get(name)) and holds(_compared(p[name], value))


COMPARISONS: dict[str, Callable[[int], bool]] = {
    "EQ": lambda order: order == 0,
    "NEQ": lambda order: order != 0,
    "LT": lambda order: order < 0,
    "LTE": lambda order: order <= 0,
    "GT": lambda order: order > 0,
    "GTE": lambda order: order >= 0,
}


def _compared(one: str, other: str) -> int:
    """Below 0 where `one` is less, above where it is more."""
    first, second = _rank(one), _rank(other)
    return (first > second) - (first < second)


def _rank(value: str) -> tuple[int, Any]:
    """What a value is compared by: numbers and times as such, all else as text in any case."""
    try:
        return 0, Decimal(value)
    except InvalidOperation:
        pass
    try:
        return 0, Decimal(str(datetime.fromisoformat(value).timestamp())) * 1000
    except ValueError:
        return 1, value.lower()


def _known(kind: str, name: str) -> str:
    if name not in (*PROPERTIES[kind], *COMMON, OWNER):
        raise WrongSearch(f"Property {name} does not exist")
    return name


def _lower(value: Any) -> str:
    return str(value).lower()


def shown(row: Json, names: Sequence[str]) -> Json:
    """An object with these of its properties, and those that always come."""
    wanted = dict.fromkeys([*names, "createdate", "hs_lastmodifieddate", "hs_object_id"])
    return {**row, "properties": {name: row["properties"].get(name) for name in wanted}}
