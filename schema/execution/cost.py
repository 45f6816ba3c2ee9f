"""What an operation is going to ask of the upstreams, worked out from its plan before anything runs.

Every connection is taken to be as full as it was asked for, and every reference to lead to something else, so that the
estimate is what will be called at most. Lists that nobody bounds are taken to be as long as their `Calls` say.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import groupby
from typing import Any

from graphql import (
    GraphQLError,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLType,
    TypeNameMetaFieldDef,
    get_argument_values,
    get_named_type,
    is_abstract_type,
    is_enum_type,
    is_input_object_type,
)
from graphql.execution import Executor
from strawberry.types.field import StrawberryField

from schema.execution.limits import refusal
from schema.execution.plan import FieldPlan, Plan, Selection, selection_of, variables_in
from schema.fields import Calls, Link, Pager, Wanted, Wants

USUAL_LENGTH = 20
"""How many items a connection gives that was not asked for a number of them, and any list of which nothing is known."""

ESTIMATES_KEPT, FETCHES_KEPT, KEY_CHARACTERS = 100, 1_000, 1_000
"""Of one plan: so many estimates, with so many fetches in all, whose variables take so many characters each."""

MOST_FIELDS = 10_000

MOST_WORK = 20_000
"""What an operation may take of us beside its calls: a list that came along with its parent, some 50 us, counts one."""

IDLE, PART, AT_ONCE = 4.0, 2.0, 0.1
"""What a list or a resolver counts that is waited for and makes no call: most of these fail. What each object's part of
its own counts (`@defer`). And what a resolver counts that gives its value at once, as all of introspection do."""


@dataclass(slots=True, eq=False)
class Fetch:
    """Calls that can begin at the same time, once those of an earlier `level` have answered (levels count from 1).

    `paths` are the fields they are made for, and those that cost nothing more beside them. `keys` are asked for in
    `parts`, of which a call takes `gathered`. `requests` counts lists, those inside of lists as often as they come.
    """

    level: int
    upstream: str
    operations: list[str]
    paths: list[str]
    keys: int
    parts: int
    gathered: int
    per_point: int | None
    requests: int = 0

    @property
    def operation(self) -> str:
        """What the upstream calls it; the names of several in one call are joined."""
        return "+".join(sorted(set(self.operations)))

    @property
    def calls(self) -> int:
        return -(-self.parts // self.gathered)

    @property
    def points(self) -> int:
        """What they use up of the upstream's budget; 0 where it does not count in points."""
        return max(self.calls, round(self.requests / self.per_point)) if self.per_point else 0


@dataclass(frozen=True)
class Estimate:
    """All calls of one operation, in the order of its fields."""

    fetches: tuple[Fetch, ...]

    @property
    def levels(self) -> list[list[Fetch]]:
        """The fetches by level."""
        ordered = sorted(self.fetches, key=lambda fetch: fetch.level)
        return [list(level) for _, level in groupby(ordered, key=lambda fetch: fetch.level)]

    @property
    def calls(self) -> dict[str, int]:
        """How many calls each upstream gets."""
        return _totals((fetch.upstream, fetch.calls) for fetch in self.fetches)

    @cached_property
    def total(self) -> int:
        """How many calls there are in all."""
        return sum(self.calls.values())

    @property
    def points(self) -> dict[str, int]:
        """How many points they use up, for the upstreams that count so."""
        return _totals((fetch.upstream, fetch.points) for fetch in self.fetches if fetch.per_point)


@dataclass(slots=True)
class _Known:
    """The estimates of one plan, by the values of those variables that make a difference."""

    variables: tuple[tuple[str, bool], ...] = ()
    estimates: dict[tuple[Any, ...], Estimate] = field(default_factory=dict)

    def key(self, values: Mapping[str, Any]) -> tuple[Any, ...]:
        return tuple(
            _hashable(values.get(name)) if by_value else values.get(name) is not None
            for name, by_value in self.variables
        )

    def keep(self, walk: "_Walk", values: Mapping[str, Any], estimate: Estimate) -> None:
        """Remember what a walk has found, unless that takes more room than it is worth."""
        new = walk.variables.difference(self.variables)
        kept = len(self.estimates)
        if new or kept >= ESTIMATES_KEPT or (kept + 1) * len(estimate.fetches) > FETCHES_KEPT:
            self.estimates.clear()
            self.variables += tuple(sorted(new))
        key = self.key(values)
        if len(repr(key)) <= KEY_CHARACTERS:
            self.estimates[key] = estimate


def estimated(plan: Plan, executor: Executor[Any]) -> Estimate:
    """The calls of what `executor` is to execute. Raises `GraphQLError` where they are beyond counting."""
    known: _Known = plan.costs or _Known()
    plan.costs = known
    values = executor.variable_values.coerced
    estimate = known.estimates.get(known.key(values))
    if estimate is None:
        walk = _Walk(executor, in_parts=not plan.breadth_first)
        walk.selection(plan.root, 1, _Origin(), "")
        estimate = Estimate(tuple(walk.fetches.values()))
        known.keep(walk, values, estimate)
    return estimate


@dataclass(frozen=True, eq=False, slots=True)
class _Origin:
    """Where the objects of a selection come from: the fetch that gave them, and what came along with them."""

    fetch: Fetch | None = None
    brings: str | None = None


class _Walk:
    """One walk over a plan. `variables` are those that it looked at, and whether for more than being there."""

    def __init__(self, executor: Executor[Any], *, in_parts: bool) -> None:
        self.fetches: dict[Any, Fetch] = {}
        self._in_parts = in_parts
        self._parts: set[int] = set()
        self.variables: set[tuple[str, bool]] = set()
        self._executor = executor
        self._fields_left = MOST_FIELDS
        self._work_left: float = MOST_WORK

    def selection(
        self, selection: Selection, count: int, origin: _Origin, path: str, length: int = USUAL_LENGTH
    ) -> None:
        """The fields of `count` objects of one type. Lists that are read from these have `length` items."""
        followed: dict[Link, tuple[int, _Origin]] = {}
        self._fields_left -= len(selection.fields)
        if self._fields_left < 0:
            message = f"The operation has too many fields to say what it costs: {MOST_FIELDS:,} at most."
            raise refusal("TOO_MANY_UPSTREAM_CALLS", message)
        if self._in_parts:
            self._split(selection, count)
        for plan in selection.fields:
            source = plan.definition.extensions.get("strawberry-definition")
            if not isinstance(source, StrawberryField):
                if plan.definition is not TypeNameMetaFieldDef:
                    self._described(plan, count)
                continue
            here = f"{path}.{plan.key}" if path else plan.key
            link, pager, calls = map(source.metadata.get, ("link", "pager", "calls"))
            if link is not None:
                if link not in followed:
                    followed[link] = self._linked(plan, link, count, origin, here)
                self._below(plan, *followed[link], here)
            elif pager is not None:
                self._listed(plan, pager, count, origin, here)
            elif calls is not None:
                self._written(plan, calls, count, origin, here)
            else:
                self._spend(0 if plan.read else count * (IDLE if source.is_async else AT_ONCE))
                self._below(plan, count * length ** _lists(plan.definition.type), origin, here)

    def _split(self, selection: Selection, count: int) -> None:
        """The parts that begin at each of `count` objects; those that began further up have been counted there."""
        usages = {
            id(detail.defer_usage) for field in selection.fields for detail in field.details if detail.defer_usage
        }
        self._spend(PART * count * len(usages - self._parts))
        self._parts |= usages

    def _spend(self, work: float) -> None:
        self._work_left -= work
        if self._work_left < 0:
            message = "The operation asks for too much at once, even where no upstream is called: ask for fewer items."
            raise refusal("TOO_MANY_VALUES", message)

    def _described(self, field: FieldPlan, count: float) -> None:
        """What introspection says of `count` types, fields or whatever it is about."""
        self._spend(count * AT_ONCE)
        if _lists(field.definition.type):
            count *= self._lengths.get(field.nodes[0].name.value, 1.0)
        for selection in self._selections(field):
            for inner in selection.fields:
                self._described(inner, count)

    @cached_property
    def _lengths(self) -> dict[str, float]:
        """How long the lists of introspection are on average."""
        types = self._executor.schema.type_map.values()
        owners = [type_ for type_ in types if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType)]
        fields = [field for owner in owners for field in owner.fields.values()]
        inputs = sum(len(type_.fields) for type_ in types if is_input_object_type(type_))
        values = sum(len(type_.values) for type_ in types if is_enum_type(type_))
        return {
            "types": len(types),
            "fields": len(fields) / len(types),
            "args": sum(len(field.args) for field in fields) / len(fields),
            "inputFields": inputs / len(types),
            "enumValues": values / len(types),
            "directives": len(self._executor.schema.directives),
        }

    def _linked(self, field: FieldPlan, link: Link, count: int, origin: _Origin, path: str) -> tuple[int, _Origin]:
        """How many objects a link gives, and from where. What came along brings nothing along itself."""
        if _came_along(link.brought_by, origin, path):
            return count, _Origin(origin.fetch)
        calls = link.via.calls
        return count * _items(field, calls), self._fetch(calls, count, origin, path)

    def _listed(self, field: FieldPlan, pager: Pager, count: int, origin: _Origin, path: str) -> None:
        """A connection of each of `count` objects."""
        calls = pager.calls
        given = self._arguments(field, by_value=("first", "last"), by_presence=("after",))
        if given is None:
            self._spend(count * IDLE)
            return
        asked = (given[name] for name in ("first", "last") if given.get(name) is not None)
        size = max(0, next(asked, USUAL_LENGTH))
        looked_at = size or int(self._selects(field, "totalCount", "pageInfo"))
        pages = -(-looked_at // calls.page) + bool(calls.rereads and given.get("after") is not None)
        self._spend(0 if pages else count * IDLE)
        if pages and origin.fetch and _came_along(pager.brought_by, origin, path):
            self._spend(count)
            origin.fetch.requests += count
            pages -= 1
        if calls.gathered > 1:
            for _ in range(pages):
                origin = self._fetch(calls, count, origin, path, lists=True)
        elif pages:
            origin = self._fetch(calls, count, origin, path, times=pages)
        if calls.count and self._selects(field, "totalCount"):
            self._fetch(replace(calls, operation=calls.count), count, origin, f"{path}.totalCount")
        self._below(field, count, origin, path, length=size)

    def _selects(self, field: FieldPlan, *names: str) -> bool:
        """Whether one of these fields is selected on what a field gives."""
        return any(inner.nodes[0].name.value in names for one in self._selections(field) for inner in one.fields)

    def _written(self, field: FieldPlan, calls: Calls | Wants, count: int, origin: _Origin, path: str) -> None:
        """A field with a hand-written resolver."""
        wanted = [Wanted(calls)] if isinstance(calls, Calls) else self._wanted(field, calls)
        found = 0
        for one in wanted:
            reached = self._fetch(one.calls, count * one.keys, origin, path, times=one.times)
            if one.gives:
                self._below(field, count * one.keys, reached, path, gives=one.gives)
            else:
                origin, found = reached, count * one.keys * _items(field, one.calls)
        if found:
            self._below(field, found, origin, path, length=self._length(field))

    def _length(self, field: FieldPlan) -> int:
        """How many items a connection gives that a resolver makes."""
        if _lists(field.definition.type) or "first" not in field.definition.args:
            return USUAL_LENGTH
        first = (self._arguments(field, by_value=("first",)) or {}).get("first")
        return USUAL_LENGTH if first is None else max(0, first)

    def _wanted(self, field: FieldPlan, wants: Wants) -> list[Wanted]:
        given = self._arguments(field)
        graph = self._executor.schema._strawberry_schema  # type: ignore[attr-defined]
        return [] if given is None else list(wants(graph, given))

    def _below(
        self,
        field: FieldPlan,
        count: int,
        origin: _Origin,
        path: str,
        *,
        length: int = USUAL_LENGTH,
        gives: str | None = None,
    ) -> None:
        """What is selected on `count` objects that a field gives; where their type is open, on as many of each."""
        for selection in self._selections(field, gives):
            self.selection(selection, count, origin, path, length)

    def _selections(self, field: FieldPlan, gives: str | None = None) -> list[Selection]:
        named = get_named_type(field.definition.type)
        types: Iterable[GraphQLObjectType] = ()
        if isinstance(named, GraphQLObjectType):
            types = (named,)
        elif is_abstract_type(named):
            types = self._executor.schema.get_possible_types(named)
        return [selection_of(field, type_, self._executor) for type_ in types if gives in (None, type_.name)]

    def _arguments(
        self, field: FieldPlan, by_value: tuple[str, ...] | None = None, by_presence: tuple[str, ...] = ()
    ) -> Mapping[str, Any] | None:
        """The arguments of a field; `None` where they are wrong, so that it fails before it asks anything.

        `by_value` are those whose values make a difference, all unless given.
        """
        if field.arguments is not None:
            return field.arguments
        for argument in field.nodes[0].arguments or ():
            name = argument.name.value
            if by_value is None or name in by_value or name in by_presence:
                self.variables |= {(variable, name not in by_presence) for variable in variables_in(argument)}
        try:
            return get_argument_values(field.definition, field.nodes[0], self._executor.variable_values)
        except GraphQLError:
            return None

    def _fetch(
        self, calls: Calls, keys: int, origin: _Origin, path: str, *, times: int = 1, lists: bool = False
    ) -> _Origin:
        """Note that `keys` are asked for, `times` times; what is gathered joins what goes out at the same time."""
        place = (origin.fetch, calls.upstream) if calls.gathered > 1 else (path, calls)
        fetch = self.fetches.get(place)
        if fetch is None:
            level = origin.fetch.level + 1 if origin.fetch else 1
            fetch = Fetch(level, calls.upstream, [], [], 0, 0, calls.gathered, calls.per_point)
            self.fetches[place] = fetch
        fetch.operations.append(calls.operation)
        fetch.paths.append(path)
        fetch.keys += keys
        fetch.parts += times * -(-keys // calls.keys)
        fetch.requests += keys if lists else 0
        return _Origin(fetch, calls.brings)


def _came_along(brought_by: str | None, origin: _Origin, path: str) -> bool:
    """Whether what a field gives was fetched with the object; if so, that is noted there."""
    if origin.fetch is None or brought_by is None or brought_by != origin.brings:
        return False
    origin.fetch.paths.append(path)
    return True


def _items(field: FieldPlan, calls: Calls) -> int:
    """How many objects one key gives."""
    if not _lists(field.definition.type):
        return 1
    return USUAL_LENGTH if calls.items is None else calls.items


def _lists(type_: GraphQLType) -> int:
    """How many lists are around the type."""
    lists = 0
    while isinstance(type_, GraphQLList | GraphQLNonNull):
        lists += isinstance(type_, GraphQLList)
        type_ = type_.of_type
    return lists


def _hashable(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(map(_hashable, value))
    return tuple((key, _hashable(inner)) for key, inner in value.items()) if isinstance(value, dict) else value


def _totals(pairs: Iterable[tuple[str, int]]) -> dict[str, int]:
    totals: dict[str, int] = {}
    for name, number in pairs:
        totals[name] = totals.get(name, 0) + number
    return totals
