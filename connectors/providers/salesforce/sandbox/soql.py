"""The sandbox's SOQL: a parser and an evaluator for the part of the language that the sandbox understands.

SELECT columns and columns of parents (`Account.Name`) or COUNT(), FROM, WHERE (=, !=, <>, <, >, <=, >=, [NOT] IN, LIKE,
AND, OR, NOT, parentheses, null), ORDER BY, LIMIT, OFFSET. Strings compare without regard to case, as in Salesforce.
Source: https://developer.salesforce.com/docs/atlas.en-us.soql_sosl.meta/soql_sosl/
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from operator import ge, gt, le, lt
from typing import Any

from connectors.providers.salesforce.ids import long_id
from connectors.providers.salesforce.sandbox.store import Column, Record, Store, Table, Value, typed

Condition = Callable[[Record], bool]
Path = tuple[str, ...]
MAX_LENGTH = 100_000
MAX_OFFSET = 2000
TOKEN = re.compile(
    r"""\s*(?:
        (?P<string>'(?:[^'\\]|\\.)*')
      | (?P<datetime>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d))
      | (?P<date>\d{4}-\d\d-\d\d)
      | (?P<number>[+-]?\d+(?:\.\d+)?)
      | (?P<name>[A-Za-z_][A-Za-z0-9_.]*)
      | (?P<sign><=|>=|!=|<>|[=<>(),])
    )""",
    re.VERBOSE | re.DOTALL,
)
UNESCAPED = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "\\": "\\", "'": "'", '"': '"', "_": "_", "%": "%"}


@dataclass(eq=False)
class QueryFault(Exception):
    """Why a query cannot run. `row` and `column` count from 1 and are -1 where the place is not known."""

    code: str
    message: str
    row: int = -1
    column: int = -1


@dataclass(frozen=True)
class Result:
    """What a query gives: rows of `table`, to be shown as `columns` (paths from the row); `count` for COUNT()."""

    table: Table
    columns: tuple[Path, ...]
    rows: tuple[Record, ...]
    count: int


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    at: int


def run(store: Store, soql: str) -> Result:
    """Evaluate a query. Raises `QueryFault`."""
    if len(soql) > MAX_LENGTH:
        raise QueryFault("MALFORMED_QUERY", "SOQL statements cannot be longer than 100000 characters.")
    try:
        return _Query(store, soql).result()
    except RecursionError as error:
        raise QueryFault("QUERY_TOO_COMPLICATED", "The query is nested too deeply.") from error


def follow(store: Store, table: Table, row: Record, path: Path) -> Value:
    """The value at the end of a path, `None` where a reference on the way is empty."""
    for relation in path[:-1]:
        table, parent = parent_of(store, table, row, relation)
        if parent is None:
            return None
        row = parent
    return row[path[-1]]


def by_first_step(columns: tuple[Path, ...]) -> list[tuple[str, tuple[Path, ...]]]:
    """Paths grouped by their first step, in the order in which it first appears."""
    groups: dict[str, list[Path]] = {}
    for path in columns:
        groups.setdefault(path[0], []).append(path[1:])
    return [(name, tuple(paths)) for name, paths in groups.items()]


def parent_of(store: Store, table: Table, row: Record, relation: str) -> tuple[Table, Record | None]:
    """The table that a relation (`Account`) leads to, and the record there, if the reference is not empty."""
    reference = table.relations[relation]
    parent = store.tables[table.columns[reference].targets[0]]
    return parent, parent.rows.get(str(row[reference]))


class _Query:
    def __init__(self, store: Store, soql: str) -> None:
        self._store = store
        self._soql = soql
        self._tokens = self._split(soql)
        self._place = 0

    def result(self) -> Result:
        self._keyword("SELECT")
        selected = self._selected()
        self._keyword("FROM")
        kind = self._peek()
        table = self._store.table(self._name())
        if table is None:
            message = f"sObject type '{kind.text}' is not supported."
            raise QueryFault("INVALID_TYPE", message, *self._position(kind.at))
        self._table = table
        columns = tuple(self._resolved(token.text, token.at) for token in selected)
        if len(set(columns)) < len(columns):
            twice = next(path for path in columns if columns.count(path) > 1)
            raise QueryFault("INVALID_FIELD", f"duplicate field selected: {'.'.join(twice)}")
        condition = self._where()
        rows = [row for row in table.rows.values() if condition(row)]
        self._order(rows)
        limit = self._number("LIMIT")
        offset = self._number("OFFSET") or 0
        if offset > MAX_OFFSET:
            raise QueryFault("NUMBER_OUTSIDE_VALID_RANGE", "Maximum SOQL offset allowed is 2000")
        if self._peek().kind != "end":
            raise self._unexpected(self._peek())
        rows = rows[offset : None if limit is None else offset + limit]
        return Result(table, columns, tuple(rows) if columns else (), len(rows))

    def _selected(self) -> list[_Token]:
        """The names of the columns; none for COUNT()."""
        tokens = [self._peek()]
        self._name()
        if tokens[0].text.upper() == "COUNT" and self._take("("):
            self._sign(")")
            return []
        while self._take(","):
            tokens.append(self._peek())
            self._name()
        return tokens

    def _path(self) -> Path:
        token = self._peek()
        return self._resolved(self._name(), token.at)

    def _resolved(self, name: str, at: int) -> Path:
        """A dotted name as a path in the columns' own spelling."""
        *relations, last = name.split(".")
        if relations and relations[0].lower() == self._table.name.lower():
            relations = relations[1:]
        table, path = self._table, []
        for given in relations:
            relation = next((one for one in table.relations if one.lower() == given.lower()), None)
            if relation is None:
                message = f"Didn't understand relationship '{given}' in field path."
                raise QueryFault("INVALID_FIELD", message, *self._position(at))
            path.append(relation)
            table = self._store.tables[table.columns[table.relations[relation]].targets[0]]
        column = table.column(last)
        if column is None:
            message = f"No such column '{last}' on entity '{table.name}'."
            raise QueryFault("INVALID_FIELD", message, *self._position(at))
        return (*path, column)

    def _column_of(self, path: Path) -> Column:
        table = self._table
        for relation in path[:-1]:
            table = self._store.tables[table.columns[table.relations[relation]].targets[0]]
        return table.columns[path[-1]]

    def _where(self) -> Condition:
        if not self._at("WHERE"):
            return lambda row: True
        self._place += 1
        return self._any()

    def _any(self) -> Condition:
        condition = self._all()
        while self._at("OR"):
            self._place += 1
            condition = _either(condition, self._all())
        return condition

    def _all(self) -> Condition:
        condition = self._one()
        while self._at("AND"):
            self._place += 1
            condition = _both(condition, self._one())
        return condition

    def _one(self) -> Condition:
        if self._at("NOT"):
            self._place += 1
            inner = self._one()
            return lambda row: not inner(row)
        if self._take("("):
            condition = self._any()
            self._sign(")")
            return condition
        return self._comparison()

    def _comparison(self) -> Condition:
        path = self._path()
        column = self._column_of(path)
        store, table = self._store, self._table

        def value(row: Record) -> Value:
            return follow(store, table, row, path)

        negated = self._at("NOT")
        if negated:
            self._place += 1
        if negated or self._at("IN"):
            self._keyword("IN")
            self._sign("(")
            wanted = {_folded(self._literal(path, column))}
            while self._take(","):
                wanted.add(_folded(self._literal(path, column)))
            self._sign(")")
            return lambda row: (_folded(value(row)) in wanted) is not negated
        if self._at("LIKE"):
            self._place += 1
            pattern = _like(str(self._literal(path, column)))
            return lambda row: value(row) is not None and pattern.fullmatch(str(value(row))) is not None
        sign = self._next()
        if sign.kind != "sign" or sign.text in "(),":
            raise self._unexpected(sign)
        literal = _folded(self._literal(path, column))
        if sign.text == "=":
            return lambda row: _folded(value(row)) == literal
        if sign.text in ("!=", "<>"):
            return lambda row: _folded(value(row)) != literal
        compare: Callable[[Any, Any], bool] = {"<": lt, ">": gt, "<=": le, ">=": ge}[sign.text]
        return lambda row: value(row) is not None and literal is not None and compare(_folded(value(row)), literal)

    def _literal(self, path: Path, column: Column) -> Value:
        token = self._next()
        if token.text.lower() == "null":
            return None
        name = ".".join(path)
        if column.type == "textarea":
            message = f"field '{name}' can not be filtered in a query call"
            raise QueryFault("INVALID_FIELD", message, *self._position(token.at))
        quotable = column.type in ("string", "email", "id")
        fits = {
            "string": quotable,
            "number": column.type in ("double", "int"),
            "datetime": column.type == "datetime",
            "date": column.type == "date",
            "name": column.type == "boolean" and token.text.lower() in ("true", "false"),
        }
        if token.kind not in fits or (token.kind == "name" and token.text.lower() not in ("true", "false")):
            raise self._unexpected(token)
        if not fits[token.kind]:
            should = "should be enclosed in quotes" if quotable else "should not be enclosed in quotes"
            message = f"value of filter criterion for field '{name}' must be of type {column.type} and {should}"
            raise QueryFault("INVALID_FIELD", message, *self._position(token.at))
        if token.kind != "string":
            return typed("double" if column.type == "int" else column.type, token.text)
        text = self._unquoted(token)
        if column.type != "id":
            return text
        known = long_id(text)
        if known is None and text:
            raise QueryFault("INVALID_QUERY_FILTER_OPERATOR", f"invalid ID field: {text}", *self._position(token.at))
        return known

    def _unquoted(self, token: _Token) -> str:
        def unescaped(match: re.Match[str]) -> str:
            if match[1]:
                return chr(int(match[1], 16))
            if match[2] not in UNESCAPED:
                raise QueryFault("MALFORMED_QUERY", f"Illegal string literal: \\{match[2]}", *self._position(token.at))
            return UNESCAPED[match[2]]

        return re.sub(r"\\(?:u([0-9A-Fa-f]{4})|(.))", unescaped, token.text[1:-1], flags=re.DOTALL)

    def _order(self, rows: list[Record]) -> None:
        if not self._at("ORDER"):
            return
        self._place += 1
        self._keyword("BY")
        keys: list[tuple[Path, bool, bool]] = []
        while True:
            path, descending = self._path(), False
            if self._at("ASC") or self._at("DESC"):
                descending = self._next().text.upper() == "DESC"
            nulls_last = False
            if self._at("NULLS"):
                self._place += 1
                nulls_last = self._next().text.upper() == "LAST"
            keys.append((path, descending, nulls_last))
            if not self._take(","):
                break
        for path, descending, nulls_last in reversed(keys):
            there = [row for row in rows if follow(self._store, self._table, row, path) is not None]
            empty = [row for row in rows if follow(self._store, self._table, row, path) is None]
            there.sort(key=lambda row: _folded(follow(self._store, self._table, row, path)), reverse=descending)
            rows[:] = there + empty if nulls_last else empty + there

    def _number(self, keyword: str) -> int | None:
        if not self._at(keyword):
            return None
        self._place += 1
        token = self._next()
        if token.kind != "number" or not token.text.isdigit():
            raise self._unexpected(token)
        return int(token.text)

    def _split(self, soql: str) -> list[_Token]:
        tokens, at, end = [], 0, len(soql.rstrip())
        while at < end:
            match = TOKEN.match(soql, at)
            if match is None or match.lastgroup is None:
                at = end - len(soql[at:end].lstrip())
                raise QueryFault("MALFORMED_QUERY", f"unexpected char: '{soql[at]}'", *self._position(at))
            tokens.append(_Token(match.lastgroup, match[match.lastgroup], match.start(match.lastgroup)))
            at = match.end()
        return [*tokens, _Token("end", "<EOF>", len(soql))]

    def _peek(self) -> _Token:
        return self._tokens[self._place]

    def _next(self) -> _Token:
        token = self._peek()
        if token.kind != "end":
            self._place += 1
        return token

    def _at(self, keyword: str) -> bool:
        token = self._peek()
        return token.kind == "name" and token.text.upper() == keyword

    def _keyword(self, keyword: str) -> None:
        if not self._at(keyword):
            raise self._unexpected(self._peek())
        self._place += 1

    def _take(self, sign: str) -> bool:
        if self._peek().text != sign or self._peek().kind != "sign":
            return False
        self._place += 1
        return True

    def _sign(self, sign: str) -> None:
        if not self._take(sign):
            raise self._unexpected(self._peek())

    def _name(self) -> str:
        token = self._next()
        if token.kind != "name":
            raise self._unexpected(token)
        return token.text

    def _unexpected(self, token: _Token) -> QueryFault:
        return QueryFault("MALFORMED_QUERY", f"unexpected token: '{token.text}'", *self._position(token.at))

    def _position(self, at: int) -> tuple[int, int]:
        before = self._soql[:at]
        return before.count("\n") + 1, at - before.rfind("\n")


def _folded(value: Value) -> Any:
    """A value as it compares: strings without case, numbers as decimals."""
    if isinstance(value, str):
        return value.casefold() if long_id(value) != value else value
    return Decimal(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _like(pattern: str) -> re.Pattern[str]:
    parts = (".*" if letter == "%" else "." if letter == "_" else re.escape(letter) for letter in pattern)
    return re.compile("".join(parts), re.IGNORECASE | re.DOTALL)


def _both(left: Condition, right: Condition) -> Condition:
    return lambda row: left(row) and right(row)


def _either(left: Condition, right: Condition) -> Condition:
    return lambda row: left(row) or right(row)
