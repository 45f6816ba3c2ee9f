"""What an operation selects of our types, as what to ask of a GraphQL upstream that has the same fields.

Our types keep the upstream's own names, with a prefix on types, so a field is asked for by its name, and what a link or
a computed field `needs` by the names of those attributes. A connection below an object comes in the same document as
the object, under a key of its own; what did not come along (further pages, objects fetched by key) is read by `Nested`.
"""

import inspect
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from enum import Enum
from functools import partial
from types import NoneType
from typing import Any, Generic, Protocol, TypeVar, get_type_hints

from graphql import GraphQLError, GraphQLObjectType
from strawberry.utils.str_converters import to_camel_case

from connectors.errors import NotFound, PayloadMismatch, UpstreamError
from connectors.paging import Page, Paging, Window
from connectors.protocols.graphql.ask import Ask
from resolvers.batching import Batch, Loaded, batch
from resolvers.connections import beside_of, checked, connect, needed
from resolvers.context import Info
from resolvers.cursors import listing_of
from schema.compose import Graph
from schema.fields import SLICING, Calls, Fields, Slicing
from schema.problems import BadInput, InvalidCursor, Problem
from schema.relay import Connection
from schema.selection import Composite, Selected, everywhere, selected

T = TypeVar("T")

MAX_PAGE = 100
TYPENAME = Ask("__typename")
KINDS = {dict: "an object", list: "a list", str: "a string", int: "an integer", bool: "a boolean", NoneType: "null"}
CONNECTIONS = "connections"
"""What comes along with an object that was asked for with `Projection.here`."""


class NodeClient(Protocol):
    """What a client must offer beside its root fields."""

    async def nodes(self, ids: Sequence[str], type_: str, select: tuple[Ask, ...]) -> list[Any]:
        """Objects in the order of their ids; `None` for a miss, an error value for a failure."""

    async def field(self, node_id: str, type_: str, field: Ask) -> Any:
        """One field of one object, in the upstream's own shape; `None` where the upstream gives null."""


class Sourced(Protocol):
    """An object of ours that keeps its payload, in which connections may have come along."""

    upstream_id: Any
    source: Mapping[str, Any]


class Projection:
    """The selections on one upstream's types.

    `prefix` is what our names of its types have before the upstream's. A document has up to `roots` root fields.
    `per_point` is as `Calls` says.
    """

    def __init__(self, client: type[Any], prefix: str, *, roots: int = 100, per_point: int | None = None) -> None:
        self.client: type[Any] = client
        self.upstream: str = client.upstream
        self._prefix = prefix
        self._roots = roots
        self._per_point = per_point
        self._asked_apart: dict[tuple[str, str], Nested[Any] | Lookup] = {}

    def calls(self, operation: str, *, page: int = 1, alone: bool = False) -> Calls:
        """What a root field costs that is asked for with `here`: its share of a document, or one of its own."""
        return Calls(
            upstream=self.upstream,
            operation=operation,
            page=page,
            gathered=1 if alone else self._roots,
            brings=CONNECTIONS,
            per_point=self._per_point,
        )

    def batch(
        self, type_: type, operation: str, *, max_keys: int = 100, per_call: int | None = None
    ) -> Callable[[Callable[..., Awaitable[Loaded[T]]]], Batch[T]]:
        """Make a batch of objects of `type_`, which come without their connections. `per_call` as for `batch`."""
        return batch(
            self.client,
            max_keys=max_keys,
            operation=operation,
            select=self.anywhere(type_),
            per_call=per_call,
            gathered=self._roots,
            per_point=self._per_point,
        )

    def here(self, info: Info) -> tuple[Ask, ...]:
        """What the current field selects of the object it gives, connections included.

        A connection whose arguments make no sense is left out: it says so itself, when its turn comes.
        """
        return selected(info).once(self._here, info)

    def _here(self, info: Info) -> tuple[Ask, ...]:
        return self.below([selected(info)], info)

    def held(self, info: Info, name: str) -> tuple[Ask, ...]:
        """What the current field selects of the object that its result holds as `name`, connections included."""
        return self.below([child for child in selected(info).children if child.name == name], info)

    def anywhere(self, type_: type) -> Callable[[Info], tuple[Ask, ...]]:
        """What the whole operation selects of `type_`, without connections: what a batch asks for."""

        def select(info: Info) -> tuple[Ask, ...]:
            own = info._raw_info.schema.get_type(type_.__name__)
            assert isinstance(own, GraphQLObjectType)
            return self._asked(own, everywhere(info, type_.__name__), info, nested=False)

        return select

    def nodes(self, make: Callable[[Any], T], *, max_keys: int = 100) -> Batch[T]:
        """Objects by the upstream's ids: the batch for `Fields.node` of the type that `make` makes."""
        type_: Any = get_type_hints(make)["return"]

        async def nodes(client: NodeClient, ids: Sequence[str], select: tuple[Ask, ...]) -> Any:
            return [made(found, make) for found in await client.nodes(ids, self.upstream_type(type_.__name__), select)]

        nodes.__annotations__["return"] = Loaded[type_]
        return self.batch(type_, "nodes", max_keys=max_keys)(nodes)

    def connection(
        self, fields: Fields, type_: type, name: str, make: Callable[[Any], Any], description: str, **arguments: Any
    ) -> None:
        """Add a connection to `type_`, whose nodes `make` makes. `arguments` are its own, as annotations by name."""

        def declared(root: Any, **given: Any) -> dict[str, Any]:
            return given

        kind, optional = inspect.Parameter.KEYWORD_ONLY, {"default": None}
        own = [inspect.Parameter(arg, kind, annotation=hint, **optional) for arg, hint in arguments.items()]
        root = inspect.Parameter("root", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=type_)
        declared.__name__, declared.__doc__ = name, description
        declared.__annotations__ = {"root": type_, **arguments}
        declared.__signature__ = inspect.Signature([root, *own])  # type: ignore[attr-defined]
        nested = Nested(self, self.upstream_type(type_.__name__), to_camel_case(name), make)
        self._asked_apart[type_.__name__, to_camel_case(name)] = nested
        fields.connection(type_, nested)(declared)

    def lookup(self, type_: type, name: str) -> "Lookup":
        """How a field of `type_` is read that takes arguments and gives one object."""
        lookup = self._asked_apart[type_.__name__, name] = Lookup(self, self.upstream_type(type_.__name__))
        return lookup

    def upstream_type(self, name: str) -> str:
        """The upstream's name of a type of ours."""
        return name.removeprefix(self._prefix)

    def below(self, fields: Sequence[Selected], info: Info, *, nested: bool = True) -> tuple[Ask, ...]:
        """What is selected below `fields`, which are one field at one place or several to be merged."""
        own = fields[0].type if fields else None
        if not isinstance(own, Composite):
            return ()
        children = [child for field in fields for child in field.children]
        return self._asked(own, children, info, nested=nested)

    def _asked(self, own: Composite, selections: Iterable[Selected], info: Info, *, nested: bool) -> tuple[Ask, ...]:
        plain: dict[tuple[str, str], list[Selected]] = {}
        apart: dict[tuple[str, str], list[Selected]] = {}
        for field in selections:
            on = self._condition(own, field)
            if (field.parent.name, field.name) in self._asked_apart:
                plain.setdefault((on, "id"), [])
                apart.setdefault((on, field.key), []).append(field)
                continue
            for name in self._names(field, info):
                merged = plain.setdefault((on, name), [])
                merged += [field] if name == field.name else []
        asks = [
            Ask(name, fields=self.below(fields, info, nested=nested), on=on) for (on, name), fields in plain.items()
        ]
        if nested:
            asks += [ask for (on, _), fields in apart.items() for ask in self._apart(fields, info, on)]
        return tuple(asks) if asks and isinstance(own, GraphQLObjectType) else (TYPENAME, *asks)

    def _apart(self, fields: Sequence[Selected], info: Info, on: str) -> list[Ask]:
        """What to ask for one key: nothing where it stands for different things at merged places, to be read later.

        Nor where its arguments are wrong, which it says itself when its turn comes.
        """
        first, *others = fields
        try:
            if any((other.name, other.arguments) != (first.name, first.arguments) for other in others):
                return []
            return self._asked_apart[first.parent.name, first.name].first(fields, info, on)
        except (Problem, GraphQLError):
            return []

    def _condition(self, own: Composite, field: Selected) -> str:
        """The upstream type to narrow to, where `field` is not asked of every object of `own`."""
        parent = field.parent
        if parent.name == own.name or isinstance(own, GraphQLObjectType):
            return ""
        return self.upstream_type(parent.name)

    def _names(self, field: Selected, info: Info) -> list[str]:
        if field.name == "id":
            return ["id"]
        graph = info.schema
        assert isinstance(graph, Graph)
        needs = graph.needs(field.parent.name, field.name)
        return sorted("id" if name == "upstream_id" else to_camel_case(name) for name in needs)


class Nested(Generic[T]):
    """A connection of an object. What `Fields.connection` is given.

    Its arguments go to the upstream under their own names. Its cursors name the object they belong to.
    """

    def __init__(self, projection: Projection, type_: str, name: str, make: Callable[[Any], T]) -> None:
        self.node: type = get_type_hints(make)["return"]
        self.paging = Paging(f"{type_}.{name}", MAX_PAGE, "yes", counts=True)
        self.brought_by: str | None = CONNECTIONS
        self.calls = projection.calls("node", page=MAX_PAGE)
        self._projection = projection
        self._type = type_
        self._make = make

    def first(self, fields: Sequence[Selected], info: Info, on: str) -> list[Ask]:
        """The first page, to be fetched with the object, if `connection` is going to read one. Raises `Problem`.

        `fields` differ in their selections at most.
        """
        window = self._window(fields, info)
        return [self._ask(fields, info, _in_upstream_terms(window, owner=None), on)] if window.limit else []

    async def connection(
        self, root: Sourced, info: Info, arguments: Mapping[str, Any], slicing: Slicing
    ) -> Connection[T] | None:
        """`arguments` are not looked at: what the client gave is read from the selection, here as in `first`."""
        field = selected(info)
        came = [root.source[_key(field)]] if _key(field) in root.source else []
        if came == [None]:
            return None
        listed = field.once(_is_listed_on, field)

        async def fetch(window: Window) -> Page[Any]:
            asked = _in_upstream_terms(window, owner=root.upstream_id)
            if came:
                return self._page(came.pop(), root.upstream_id, asked, listed=listed)
            client: NodeClient = info.context.client(self._projection.client)
            ask = self._ask([field], info, asked, "")
            page = await client.field(root.upstream_id, self._type, ask)
            return self._page(page, root.upstream_id, asked, listed=listed)

        upstream, listing = self._projection.upstream, field.once(self._listing, field)
        make: Callable[[Any], Any] = partial(made, make=self._make)
        return await connect(fetch, self.paging, make, info, upstream, listing, slicing)

    def _window(self, fields: Sequence[Selected], info: Info) -> Window:
        """The first page that `connect` is going to ask for; its limit is 0 where it asks for none."""
        field, given = fields[0], fields[0].arguments
        slicing = Slicing(*(given.get(name) for name in SLICING))
        limit, backward = checked(slicing)
        cursor = slicing.before if backward else slicing.after
        mark = None if cursor is None else info.context.cursors.decode(self._listing(field), cursor).cursor
        after, before = (None, mark) if backward else (mark, None)
        beside = beside_of([child for field in fields for child in field.children])
        limit = min(needed(limit, beside, backward=backward, count=beside.total), MAX_PAGE)
        return Window(limit, after=after, before=before, backward=backward, count=beside.total)

    def _ask(self, selections: Sequence[Selected], info: Info, window: Window, on: str) -> Ask:
        field, children = selections[0], [child for field in selections for child in field.children]
        inner = [*children, *(child for edge in children if edge.name == "edges" for child in edge.children)]
        holders = [child for child in inner if child.name in ("nodes", "node")]
        listed = _is_listed(children)
        fields: list[Ask] = []
        if listed:
            node = [Ask("node", fields=self._projection.below(holders, info))] if holders else []
            ends = ("hasPreviousPage", "startCursor") if window.backward else ("hasNextPage", "endCursor")
            fields += [Ask("edges", fields=(Ask("cursor"), *node)), Ask("pageInfo", fields=tuple(map(Ask, ends)))]
        if window.count or not listed:
            fields.append(Ask("totalCount"))
        place: dict[str, Any] = {"last" if window.backward else "first": window.limit if listed else 1}
        place |= {"after": window.after} if window.after else {}
        place |= {"before": window.before} if window.before else {}
        return Ask(field.name, place | _declared(field), tuple(fields), key=_key(field), on=on)

    def _page(self, payload: Any, owner: str, window: Window, *, listed: bool) -> Page[Any]:
        """`listed` says that more than the total was asked for. Raises the error that stands for a part."""
        if payload is None:
            return Page([], cursors=[])
        self._check(payload, self.paging.operation, dict)
        total = self._part(payload, "totalCount", int) if window.count else None
        if not listed:
            return Page([], cursors=[], total=total)
        edges, info = self._part(payload, "edges", list, NoneType) or [], self._part(payload, "pageInfo", dict)
        items, cursors = zip(*map(partial(self._edge, owner), edges), strict=True) if edges else ((), ())
        more, end = ("hasPreviousPage", "startCursor") if window.backward else ("hasNextPage", "endCursor")
        next_cursor = f"{owner} {self._part(info, end, str)}" if self._part(info, more, bool) else None
        return Page(items, next_cursor=next_cursor, cursors=cursors, total=total)

    def _edge(self, owner: str, edge: Any) -> tuple[Any, str]:
        """Its node and its cursor; a failed or empty edge has no cursor."""
        if edge is None or isinstance(edge, UpstreamError):
            return edge, ""
        self._check(edge, "edges", dict)
        missing = PayloadMismatch(self._projection.upstream, self.paging.operation, path="node", expected="a node")
        return edge.get("node", missing), f"{owner} {self._part(edge, 'cursor', str)}"

    def _part(self, payload: dict[str, Any], name: str, *types: type) -> Any:
        return self._check(payload.get(name, ...), name, *types)

    def _check(self, value: Any, path: str, *types: type) -> Any:
        """A value of one of these types. Raises the error that it is, or that it is not what the upstream documents."""
        if isinstance(value, UpstreamError):
            raise value
        if not isinstance(value, types):
            expected = " or ".join(KINDS[type_] for type_ in types)
            raise PayloadMismatch(self._projection.upstream, self.paging.operation, path=path, expected=expected)
        return value

    def _listing(self, field: Selected) -> bytes:
        return listing_of(self._projection.upstream, self.paging.operation, _declared(field))


class Lookup:
    """A field of an object that takes arguments, which go to the upstream under their own names, and gives one object.

    Like a connection's first page it comes with the object under a key of its own, or is read later.
    """

    def __init__(self, projection: Projection, type_: str) -> None:
        self._projection = projection
        self._type = type_

    def first(self, fields: Sequence[Selected], info: Info, on: str) -> list[Ask]:
        """What to ask for together with the object."""
        field = fields[0]
        return [Ask(field.name, _declared(field), self._projection.below(fields, info), key=_key(field), on=on)]

    async def payload(self, root: Sourced, info: Info) -> Any:
        """What the upstream has for the current field of `root`; `None` for a miss."""
        field = selected(info)
        client: NodeClient = info.context.client(self._projection.client)
        try:
            if _key(field) not in root.source:
                (ask,) = self.first([field], info, "")
                return await client.field(root.upstream_id, self._type, ask)
            if isinstance(found := root.source[_key(field)], UpstreamError):
                raise found
            return found
        except NotFound:
            return None


def made(payload: Any, make: Callable[[Any], T]) -> T | UpstreamError | None:
    """What `make` makes of a payload; a miss and an error value stay what they are."""
    if payload is None or isinstance(payload, UpstreamError):
        return payload
    try:
        return make(payload)
    except PayloadMismatch as error:
        return error


def _is_listed_on(field: Selected) -> bool:
    return _is_listed(field.children)


def _is_listed(children: Iterable[Selected]) -> bool:
    """Whether more is selected on a connection than its total."""
    return any(child.name in ("edges", "nodes", "pageInfo") for child in children)


def _key(field: Selected) -> str:
    """Where a connection is answered: apart from all plain fields, which have the upstream's names."""
    return f"{field.key}_"


def _declared(field: Selected) -> dict[str, Any]:
    """The arguments that are not about paging, as they go to the upstream; those that are null are left out."""
    given = {name: value for name, value in field.arguments.items() if name not in SLICING and value is not None}
    return {name: _plain(name, value) for name, value in given.items()}


def _plain(name: str, value: Any) -> Any:
    if isinstance(value, Enum):
        if value.name == "UNKNOWN":
            raise BadInput(f"`UNKNOWN` is an answer, it cannot be asked for in `{name}`")
        return value.value
    if isinstance(value, Mapping):
        return {key: _plain(name, inner) for key, inner in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(name, inner) for inner in value]
    return value


def _in_upstream_terms(window: Window, *, owner: str | None) -> Window:
    """The window with the upstream's own cursors, out of marks that name the object before the cursor.

    Raises `InvalidCursor` where that is not `owner`; `None` leaves it to be found out later.
    """
    mark = window.before if window.backward else window.after
    if mark is None:
        return window
    belongs_to, _, cursor = mark.partition(" ")
    if owner not in (None, belongs_to):
        raise InvalidCursor("the cursor was made for the list of another object")
    return replace(window, before=cursor) if window.backward else replace(window, after=cursor)
