"""SOQL, written so that no value can leave its quotes.

Source: https://developer.salesforce.com/docs/atlas.en-us.soql_sosl.meta/soql_sosl/
"""

import re
from collections.abc import Iterable

ESCAPES = {"\\": "\\\\", "'": "\\'", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}
NOT_FOR_XML = re.compile("[\x00-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
A_LITERAL = re.compile(r"'(?:[^'\\]|\\.)*'", re.DOTALL)
A_SIDE_EFFECT = re.compile(r"\bFOR\s+(?:UPDATE|VIEW|REFERENCE)\b|\bUPDATE\s+(?:TRACKING|VIEWSTAT)\b", re.IGNORECASE)


def quoted(value: str) -> str:
    """A string literal. What XML cannot carry goes as `\\uXXXX`."""
    escaped = "".join(ESCAPES.get(letter, letter) for letter in value)
    return "'" + NOT_FOR_XML.sub(lambda match: f"\\u{ord(match[0]):04X}", escaped) + "'"


def equals(column: str, value: str) -> str:
    """The condition that a column has this value; strings compare without regard to case."""
    return f"{column} = {quoted(value)}"


def one_of(column: str, values: Iterable[str]) -> str:
    """The condition that a column has one of these values, of which there is at least one."""
    return f"{column} IN ({', '.join(map(quoted, values))})"


def select(kind: str, columns: Iterable[str], *conditions: str) -> str:
    """A query for records of one kind. `Id` is always selected and gives the order, so that reading can be resumed."""
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    return f"SELECT {', '.join(['Id', *sorted({*columns} - {'Id'})])} FROM {kind}{where} ORDER BY Id"  # noqa: S608  # values are `quoted`


def is_plain_read(soql: str) -> bool:
    """Whether a query is a SELECT that changes nothing: SOQL can also lock records and note that they were viewed."""
    if not re.match(r"\s*SELECT\b", soql, re.IGNORECASE) or re.search(
        "[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]", soql
    ):
        return False
    return not A_SIDE_EFFECT.search(A_LITERAL.sub("''", soql))
