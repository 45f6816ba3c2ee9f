"""Stripe's search language, as its sandbox understands it: what is asked of customers.

A query is of clauses, joined by `AND` or by `OR`, but not by both. A clause is `field:"value"`, `field~"part"` for
strings of three letters at least, or a comparison of a number; `-` in front turns it round. `null` is what is absent.
Source: https://docs.stripe.com/search#search-query-language
"""

import re
from collections.abc import Callable
from typing import Any

from connectors.providers.stripe.sandbox.ledger import Json
from connectors.providers.stripe.sandbox.parameters import Refused

CLAUSE = re.compile(
    r"""\s*(?P<not>-)?(?P<field>\w+)(?:\[(?P<k>["'])(?P<key>.*?)(?P=k)\])?\s*(?P<sign>:|~|>=|<=|>|<|=)\s*"""
    r"""(?:(?P<q>["'])(?P<text>(?:\\.|.)*?)(?P=q)|(?P<number>-?\d+)|(?P<null>null))"""
)
JOINT = re.compile(r"\s+(AND|OR)\s+", re.IGNORECASE)
MAX_CLAUSES = 10
STRINGS, TOKENS, NUMBERS = ("email", "name", "phone"), ("metadata",), ("created",)
"""What can be asked of a customer. Source: https://docs.stripe.com/search#query-fields-for-customers"""

Matches = Callable[[Json], bool]

COMPARISONS: dict[str, Callable[[int, int], bool]] = {
    ":": int.__eq__,
    "=": int.__eq__,
    ">": int.__gt__,
    ">=": int.__ge__,
    "<": int.__lt__,
    "<=": int.__le__,
}


def matcher(query: str) -> Matches:
    """What tells whether a query is true of a customer. Raises `Refused` for a query that makes no sense."""
    clauses: list[Matches] = []
    joints: set[str] = set()
    at = 0
    while True:
        found = CLAUSE.match(query, at)
        if found is None:
            raise Refused(400, "This search query cannot be understood.", param="query")
        clauses.append(_clause(found))
        at = found.end()
        if not query[at:].strip():
            break
        joint = JOINT.match(query, at)
        joints.add(joint.group(1).upper() if joint else "AND")
        at = joint.end() if joint else at
    if len(joints) > 1:
        raise Refused(400, "A search query joins its clauses by AND or by OR, not by both.", param="query")
    if len(clauses) > MAX_CLAUSES:
        raise Refused(400, f"A search query has {MAX_CLAUSES} clauses at most.", param="query")
    return lambda row: (any if "OR" in joints else all)(clause(row) for clause in clauses)


def _clause(found: re.Match[str]) -> Matches:
    field, key, sign = found["field"], found["key"], found["sign"]
    if field not in STRINGS + TOKENS + NUMBERS or (field in TOKENS) != (key is not None):
        raise Refused(400, f"Customers cannot be searched by `{field[:40]}`.", param="query")
    if field in NUMBERS:
        if found["number"] is None or sign == "~":
            raise Refused(400, f"`{field}` is compared with a number.", param="query")
        compare, number = COMPARISONS[sign], int(found["number"])
        is_true: Matches = lambda row: compare(row[field], number)  # noqa: E731
    else:
        is_true = _said(field, key, sign, found)
    return (lambda row: not is_true(row)) if found["not"] else is_true


def _said(field: str, key: str | None, sign: str, found: re.Match[str]) -> Matches:
    def value(row: Json) -> Any:
        return row[field] if key is None else row[field].get(key)

    if found["null"] and sign == ":":
        return lambda row: value(row) is None
    wanted = found["text"]
    if wanted is None or sign not in (":", "~") or (sign == "~" and field in TOKENS):
        raise Refused(400, f"`{field}` cannot be searched that way.", param="query")
    wanted = re.sub(r"\\(.)", r"\1", wanted).lower()
    if sign == "~" and len(wanted) < 3:
        raise Refused(400, "A part of a string has three letters at least.", param="query")
    if sign == "~":
        return lambda row: wanted in (value(row) or "").lower()
    return lambda row: (value(row) or "").lower() == wanted
