"""Running a plan: a selection set is run for all its objects at once, field by field; its rows are put together last.

Everything in here is a column: one entry for each parent. An entry is a value, `None`, or a `Failure` on its way up to
the next place that may be null. What waits, waits beside the other fields of its selection set, and all rows of one
field go on together.

What has nothing to wait for gives its column at once, without a coroutine. What waits holds no objects that have been
read: of an upstream's answer with many values, only the selected ones stay in memory until the links are there.
"""

import asyncio
from collections.abc import Callable, Sequence
from functools import cached_property, lru_cache, partial
from itertools import accumulate, chain
from typing import Any, cast

from graphql import (
    ExecutionResult,
    GraphQLError,
    GraphQLLeafType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    OperationType,
    TypeNameMetaFieldDef,
    Undefined,
    get_argument_values,
    introspection_types,
    is_abstract_type,
    is_enum_type,
    is_leaf_type,
)
from graphql.execution import Executor
from graphql.execution.executor import invalid_return_type_error
from graphql.pyutils import Path, is_iterable
from strawberry.types import Info

from schema.execution.columns import NULL, Column, Kinds, Objects, coercer, is_uniform, kinds_of, passing
from schema.execution.coming import Coming, arrived, begun, then, together
from schema.execution.places import Cells, Failure, cells_of, is_failure, parent_path
from schema.execution.plan import FieldPlan, Selection, selection_of
from schema.fields import Link

TURNS_TO_LOAD = 5
"""Of the event loop, until a loader has called: two to gather keys, and those of the tasks on the way to the wire.

A connection beside a link with a longer chain of calls begins behind them: the work for many pages would hold that up.
"""


def at_a_place(info_class: type[Info]) -> type[Info]:
    """Infos of resolvers that work out where they are when they are asked: most resolvers want the context only.

    They are made of the context, what gives graphql-core's info, and the field's plan.
    """
    base: Any = info_class

    class Placed(base):  # type: ignore[misc]
        def __init__(self, context: object, raw_info: Callable[[], Any], field: FieldPlan) -> None:
            self._context = context
            self._place = raw_info
            self._plan = field

        @cached_property
        def _raw_info(self) -> Any:
            return self._place()

        @cached_property
        def _field(self) -> Any:
            return self._plan.definition.extensions["strawberry-definition"]

        @property
        def context(self) -> Any:
            return self._context

    return Placed


class Run:
    """One execution of one plan. `executor` is graphql-core's: it knows the variables, the context and the types.

    `info_class` is one that `at_a_place` gives.
    """

    def __init__(self, executor: Executor[Any], info_class: type[Info]) -> None:
        self._executor = executor
        self._info_class = info_class
        self._failures = 0
        self._handled: list[tuple[Failure, Path | None]] = []

    async def operation(self, plan: Selection) -> ExecutionResult:
        """The answer, its errors in the order in which it is written."""
        executor = self._executor
        serially = executor.operation.operation is OperationType.MUTATION
        roots = [executor.root_value]
        (data,) = await (self._serially(plan, roots) if serially else arrived(self._rows(plan, roots, None)))
        if is_failure(data):
            self._handled.append((data, None))
        for failure, path in sorted(self._handled, key=lambda handled: handled[0].order):
            executor.collected_errors.add(failure.error, path)
        del executor.async_helpers  # They refer back to it, so that all of a request would wait for the collector.
        return ExecutionResult(None if is_failure(data) else data, executor.collected_errors.errors or None)

    async def _serially(self, plan: Selection, objects: Sequence[Any]) -> Column:
        """The one row of a mutation: each field has ended before the next begins, and a failure ends it all."""
        data: dict[str, Any] = {}
        for field in plan.fields:
            (data[field.key],) = await arrived(self._field(field, Objects(objects), None))
            if is_failure(data[field.key]):
                return [data[field.key]]
        return [data]

    def _rows(self, plan: Selection, objects: Sequence[Any], place: Cells | None) -> Coming:
        """One row for each object: a dict in the order of the selection, or the failure that took its place."""
        if not plan.fields:
            return [{} for _ in objects]
        parents = Objects(objects)
        columns: list[Coming] = []
        for field in plan.fields:
            read = None if field.read is None else parents.read(field.read)
            if read and field.passes and field.passes(*read):
                columns.append(read[0])
            elif field.link is not None:
                columns.append(self._followed(field, field.link, *parents.read(field.link.key), place))
            elif field.suspends:
                turns = TURNS_TO_LOAD if field.behind else 0
                columns.append(begun(partial(self._field, field, parents, place), turns))
            else:
                columns.append(self._field(field, parents, place))
        return together(columns, partial(self._assembled, plan))

    def _assembled(self, plan: Selection, columns: Sequence[Column]) -> Column:
        rows: Column = plan.assemble(columns)
        if self._failures:
            for column in columns:
                for row, value in enumerate(column):
                    if is_failure(value) and not is_failure(rows[row]):
                        rows[row] = value
        return rows

    def _field(self, field: FieldPlan, parents: Objects, place: Cells | None) -> Coming:
        """The column of one field: answers, and failures only where its type is non-null."""
        if field.read is not None:
            values = list(parents.read(field.read)[0])
        else:
            values = self._resolved(field, parents.objects, place)
        return self._complete(field.definition.type, values, cells_of(place, field))

    async def _followed(self, field: FieldPlan, link: Link, keys: Column, kinds: Kinds, place: Cells | None) -> Column:
        """All keys of the level at once, each once; and each answer worked out once, where that makes no difference.

        It does where something fails: then every place needs errors of its own, and all of them are worked out.
        """
        answers = {kind for kind in kinds if link.is_answer(kind)}
        wanted = list(dict.fromkeys([key for key in keys if type(key) not in answers] if answers else keys))
        loaded = await self._loaded(field, link, wanted, place) if wanted else []
        if field.shareable and answers <= NULL and len(wanted) < len(keys):
            trial = Run(self._executor, self._info_class)
            cells = Cells(place, field, lambda i: (keys.index(wanted[i]), ()))
            completed = await arrived(trial._complete(field.definition.type, loaded, cells))
            if not trial._failures:
                shared = dict(zip(wanted, completed, strict=True))
                return list(map({None: None, **shared}.__getitem__, keys))
        found = dict(zip(wanted, loaded, strict=True))
        values = [key if type(key) in answers else found[key] for key in keys]
        return await arrived(self._complete(field.definition.type, values, cells_of(place, field)))

    # From parents to values: what a field gives for each parent, an exception where it fails.

    async def _loaded(self, field: FieldPlan, link: Link, keys: list[Any], place: Cells | None) -> Column:
        try:
            return await link.via.load_many(self._info(field, place, 0), keys)
        except Exception as error:
            return [error] * len(keys)

    def _resolved(self, field: FieldPlan, objects: Sequence[Any], place: Cells | None) -> Column:
        """Object by object; some may have to be awaited. What introspects does not look at where it is."""
        executor, definition = self._executor, field.definition
        if definition is TypeNameMetaFieldDef:
            return [field.parent.name] * len(objects)
        resolve = definition.resolve or executor.field_resolver
        arguments = field.arguments
        try:
            if arguments is None:
                arguments = get_argument_values(definition, field.nodes[0], executor.variable_values)
        except GraphQLError as error:
            return [error] * len(objects)
        if field.ask:
            arguments = {field.takes[name]: value for name, value in arguments.items()}
        values: Column = []
        everywhere = self._raw_info(field, place, 0) if field.parent.name in introspection_types else None
        for row, parent in enumerate(objects):
            try:
                if everywhere:
                    values.append(resolve(parent, everywhere, **arguments))
                elif field.ask:
                    values.append(field.ask(parent, self._info(field, place, row), **arguments))
                else:
                    values.append(resolve(parent, self._raw_info(field, place, row), **arguments))
            except Exception as error:
                values.append(error)
        return values

    def _raw_info(self, field: FieldPlan, place: Cells | None, row: int) -> Any:
        path = Path(parent_path(place, row), field.key, field.parent.name)
        return self._executor.build_resolve_info(field.definition, field.nodes, field.parent, path)

    def _info(self, field: FieldPlan, place: Cells | None, row: int) -> Info:
        made: Any = self._info_class
        return cast(Info, made(self._executor.context_value, partial(self._raw_info, field, place, row), field))

    # From values to answers.

    def _complete(self, type_: GraphQLOutputType, values: Sequence[Any], cells: Cells) -> Coming:
        """Answers of `type_`; failures are left only where that is non-null."""
        if isinstance(type_, GraphQLNonNull):
            return self._settled(type_.of_type, values, cells, required=True)
        return then(self._settled(type_, values, cells), partial(self._handle, cells))

    def _handle(self, cells: Cells, answers: Column) -> Column:
        """Null where there are failures."""
        if self._failures:
            for i, answer in enumerate(answers):
                if is_failure(answer):
                    self._handled.append((answer, cells.path(i)))
                    answers[i] = None
        return answers

    def _failure(self, error: Exception, i: int, cells: Cells) -> Failure:
        self._failures += 1
        return cells.failure(error, i)

    def _settled(
        self, type_: GraphQLOutputType, values: Sequence[Any], cells: Cells, *, required: bool = False
    ) -> Coming:
        """Answers for those values that are there once all that waits has ended.

        Errors among them become failures; so do, where values are `required`, those that are missing.
        """
        kinds = kinds_of(values)
        if any(map(_is_awaitable, kinds)):
            return then(
                _awaited(list(values)), lambda ended: self._told(type_, ended, kinds_of(ended), cells, required)
            )
        return self._told(type_, values, kinds, cells, required)

    def _told(
        self, type_: GraphQLOutputType, values: Sequence[Any], kinds: Kinds, cells: Cells, required: bool
    ) -> Coming:
        if not any(map(_is_nothing, kinds)):
            return self._present(type_, values, cells)
        answers: Column = [None] * len(values)
        there: list[int] = []
        for i, value in enumerate(values):
            if isinstance(value, Exception):
                answers[i] = self._failure(value, i, cells)
            elif value is not None and value is not Undefined:
                there.append(i)
            elif required:
                answers[i] = self._failure(_missing(cells.field), i, cells)
        present = self._present(type_, [values[i] for i in there], cells.some(there))
        return then(present, partial(_scattered, answers, there))

    def _present(self, type_: GraphQLOutputType, values: Sequence[Any], cells: Cells) -> Coming:
        """Answers for values that are all there."""
        if not values:
            return []
        if is_leaf_type(type_):
            return self._leaves(type_, list(values), cells)
        if isinstance(type_, GraphQLList):
            return self._lists(type_, values, cells)
        answers: Column = [None] * len(values)
        by_type = self._by_type(type_, values, answers, cells)
        rows: list[Coming] = []
        for object_type, members in by_type.items():
            selection = selection_of(cells.field, object_type, self._executor)
            if len(members) == len(values):
                return self._rows(selection, values, cells)
            some = [values[i] for i in members]
            rows.append(begun(partial(self._rows, selection, some, cells.some(members))))
        return together(rows, partial(_put_together, answers, list(by_type.values())))

    def _leaves(self, type_: GraphQLLeafType, values: Column, cells: Cells) -> Column:
        """As they are, or serialized: all of them in one go, and one by one only where that fails."""
        passes = passing(type_)
        if passes is not None and passes(values, set(map(type, values))):
            return values
        coerce = coercer(type_)
        try:
            if is_enum_type(type_):
                words = {value: coerce(value) for value in set(values)}
                return list(map(words.__getitem__, values))
            return list(map(coerce, values))
        except Exception:
            return [self._leaf(coerce, value, i, cells) for i, value in enumerate(values)]

    def _leaf(self, coerce: Callable[[Any], Any], value: Any, i: int, cells: Cells) -> Any:
        try:
            return coerce(value)
        except Exception as error:
            return self._failure(error, i, cells)

    def _lists(self, type_: GraphQLList[Any], values: Sequence[Any], cells: Cells) -> Coming:
        answers: Column = [None] * len(values)
        members: list[int] = []
        lists: list[Sequence[Any]] = []
        for i, value in enumerate(values):
            try:
                if not is_iterable(value):
                    name = f"{cells.field.parent}.{cells.field.nodes[0].name.value}"
                    raise GraphQLError(f"Expected Iterable, but did not find one for field '{name}'.")
                lists.append(value if is_uniform(value) else list(value))
                members.append(i)
            except Exception as error:
                answers[i] = self._failure(error, i, cells)
        items = lists[0] if len(lists) == 1 else list(chain.from_iterable(lists))
        lengths = list(map(len, lists))
        completed = self._complete(type_.of_type, items, cells.inside(members, lengths))
        return then(completed, lambda items: _scattered(answers, members, self._cut(items, lengths)))

    def _cut(self, items: Column, lengths: Sequence[int]) -> Column:
        """Lists of these lengths; the first failure in its place where one has any."""
        ends = accumulate(lengths)
        lists: Column = [items[end - length : end] for end, length in zip(ends, lengths, strict=True)]
        return [next(filter(is_failure, found), found) for found in lists] if self._failures else lists

    def _by_type(
        self, type_: GraphQLOutputType, values: Sequence[Any], answers: Column, cells: Cells
    ) -> dict[GraphQLObjectType, Sequence[int]]:
        """Which of the values are of which object type. Objects that are read by column are known by their class."""
        if isinstance(type_, GraphQLObjectType) and type_.is_type_of is None:
            return {type_: range(len(values))}
        kinds, known = kinds_of(values), cells.field.types
        of_all = known.get(kinds.pop()) if len(kinds) == 1 else None
        if of_all is not None:
            return {of_all: range(len(values))}
        info = self._raw_info(cells.field, cells.parents, cells.locate(0)[0])
        found: dict[GraphQLObjectType, list[int]] = {}
        for i, value in enumerate(values):
            try:
                object_type = known.get(type(value))
                if object_type is None:
                    object_type = self._type_of(type_, value, info, cells.field)
                    if hasattr(value, "__columns__"):
                        known[type(value)] = object_type
                found.setdefault(object_type, []).append(i)
            except Exception as error:
                answers[i] = self._failure(error, i, cells)
        return dict(found)

    def _type_of(self, type_: GraphQLOutputType, value: Any, info: Any, field: FieldPlan) -> GraphQLObjectType:
        """The object type of one value. Raises what is wrong with it."""
        object_type: Any = type_
        if is_abstract_type(type_):
            name = (type_.resolve_type or self._executor.type_resolver)(value, info, type_)
            object_type = self._executor.ensure_valid_runtime_type(name, type_, field.details, info, value)
        if object_type.is_type_of and not object_type.is_type_of(value, info):
            raise invalid_return_type_error(object_type, value, field.details)
        return cast(GraphQLObjectType, object_type)


def _missing(field: FieldPlan) -> Exception:
    return TypeError(f"Cannot return null for non-nullable field {field.parent}.{field.nodes[0].name.value}.")


def _scattered(answers: Column, members: Sequence[int], column: Column) -> Column:
    """Answers with those of `members` filled in."""
    for i, answer in zip(members, column, strict=True):
        answers[i] = answer
    return answers


def _put_together(answers: Column, places: Sequence[Sequence[int]], columns: Sequence[Column]) -> Column:
    for members, column in zip(places, columns, strict=True):
        _scattered(answers, members, column)
    return answers


@lru_cache(maxsize=1024)
def _is_awaitable(kind: type) -> bool:
    return hasattr(kind, "__await__")


@lru_cache(maxsize=1024)
def _is_nothing(kind: type) -> bool:
    return issubclass(kind, (Exception, type(None), type(Undefined)))


async def _awaited(values: Column) -> Column:
    """The values with everything awaitable among them awaited, side by side; an exception where that fails."""
    pending = [i for i, value in enumerate(values) if hasattr(value, "__await__")]
    if len(pending) == 1:
        try:
            values[pending[0]] = await values[pending[0]]
        except Exception as error:
            values[pending[0]] = error
        return values
    done = await asyncio.gather(*(values[i] for i in pending), return_exceptions=True)
    for i, value in zip(pending, done, strict=True):
        if isinstance(value, BaseException) and not isinstance(value, Exception):
            raise value
        values[i] = value
    return values
