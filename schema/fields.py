"""Fields: what one module adds to the graph, from outside the classes it adds to.

A module that fills a provider's types makes one `Fields`, decorates resolvers with it, and declares links (a field that
fetches by key) and connections (a field that pages). Because these are declared, a planner can know what an operation
will fetch before anything runs. `compose` turns all `Fields` into one schema.
"""

import inspect
from collections.abc import Awaitable, Callable, Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from operator import attrgetter
from typing import Annotated, Any, Optional, Protocol, TypeVar, get_type_hints, overload

import strawberry
from strawberry.annotation import StrawberryAnnotation
from strawberry.types import Info
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.field import StrawberryField

from schema.relay import Connection

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, kw_only=True)
class Calls:
    """What fetching costs, for whoever plans an operation before it runs.

    A call of `operation` serves up to `keys` keys, and of a list it gives up to `page` items to each. Objects that come
    as a list which nobody bounds are counted as `items` for each key.

    - `gathered`: so many of these go out as one call, together with all else asked of the upstream at the same time.
    - `brings` names what comes along with the objects where it is selected on them: what is `brought_by` the same name.
    - `rereads`: going on from a cursor may take one page more, as the upstream has marks for its pages only.
    - `count` is the operation that says how long a list is, where that is a call of its own.
    - `per_point`: so many requests for lists use up one point of the upstream's budget, and each call one at least.
    """

    upstream: str
    operation: str
    keys: int = 1
    page: int = 1
    items: int | None = None
    gathered: int = 1
    brings: str | None = None
    rereads: bool = False
    count: str | None = None
    per_point: int | None = None


@dataclass(frozen=True)
class Wanted:
    """So many `keys` that one parent has fetched by `calls`, `times` one after another.

    `gives` is the GraphQL type of what these keys stand for; without it, what is wanted next needs this one's answer.
    """

    calls: Calls
    keys: int = 1
    gives: str | None = None
    times: int = 1


Wants = Callable[[Any, Mapping[str, Any]], Iterable[Wanted]]
"""What a field fetches for one parent, worked out from the schema and the field's arguments."""


class Loader(Protocol):
    """Something that fetches by key, many keys at a time. `result` is the Python type of what one key gives."""

    result: Any

    @property
    def calls(self) -> Calls:
        """What it asks of its upstream."""

    def load(self, info: Info, key: Hashable) -> Awaitable[Any]:
        """What `key` stands for, `None` for a miss; raises what went wrong with this key."""

    def load_many(self, info: Info, keys: Collection[Hashable]) -> Awaitable[list[Any]]:
        """The same for many keys, in their order; what went wrong with one is an error value in its place."""


@dataclass(frozen=True)
class Slicing:
    """Relay's four arguments, as the client gave them."""

    first: int | None
    after: str | None
    last: int | None = None
    before: str | None = None


@dataclass(frozen=True, eq=False)
class Link:
    """How a field that fetches by key does so, for whoever has many parents at hand.

    `key` is an attribute of the parent or a function of it. It may give `None` (nothing to fetch), an error value, or
    the target itself where the parent's own payload brought it along; it does wherever the parent was fetched by
    `Calls` whose `brings` is `brought_by`.
    """

    via: Loader
    key: str | Callable[[Any], Any]
    brought_by: str | None = None

    def is_answer(self, kind: type) -> bool:
        """Whether a key of this type is no key, but what the field gives."""
        target = self.via.result
        return issubclass(kind, (Exception, type(None), *([target] if isinstance(target, type) else [])))

    async def follow(self, root: Any, info: Info) -> Any:
        """What the field gives for one parent."""
        wanted = attrgetter(self.key)(root) if isinstance(self.key, str) else self.key(root)
        return wanted if self.is_answer(type(wanted)) else await self.via.load(info, wanted)


class Pager(Protocol):
    """Something that reads a list page by page. `node` is the Python type of its items.

    The first page costs nothing where the parent was fetched by `Calls` whose `brings` is `brought_by`.
    """

    node: type
    brought_by: str | None

    @property
    def calls(self) -> Calls:
        """What it asks of its upstream."""

    async def connection(self, root: Any, info: Info, arguments: Mapping[str, Any], slicing: Slicing) -> Any:
        """The part of the list that `slicing` names."""


@dataclass(frozen=True)
class Addition:
    """One field for one type. `needs` are the attributes of the parent that must have been fetched for it.

    `parent` is a Strawberry type, or the name of a root type: `Query`, `Mutation`, `Subscription`.
    """

    parent: type | str
    field: StrawberryField
    needs: frozenset[str]


@dataclass(frozen=True)
class Refetch:
    """How `node(id:)` fetches one type again."""

    type: type
    loader: Loader


FIRST = Annotated[
    Optional[int], strawberry.argument(description="How many, from the start or behind `after`. Default 20.")
]
AFTER = Annotated[Optional[str], strawberry.argument(description="A cursor: only what comes behind it.")]
LAST = Annotated[Optional[int], strawberry.argument(description="How many, from the end or in front of `before`.")]
BEFORE = Annotated[Optional[str], strawberry.argument(description="A cursor: only what comes in front of it.")]
SLICING = {
    name: StrawberryArgument(name, None, StrawberryAnnotation(annotation))
    for name, annotation in (("first", FIRST), ("after", AFTER), ("last", LAST), ("before", BEFORE))
}
"""Relay's four arguments, for all connections: working them out takes longer than all else of a connection."""


class Fields:
    """The additions of one module; they are in the graph when all of `providers` are.

    A resolver that takes its parent (`root`) and arguments alone, or says what it calls, gives the same again while
    these and the upstreams' answers are the same: answers that are made of nothing else may be remembered.
    """

    def __init__(self, *providers: str) -> None:
        self.providers = frozenset(providers)
        self.additions: list[Addition] = []
        self.refetches: list[Refetch] = []

    @overload
    def query(self, resolver: F) -> F: ...

    @overload
    def query(self, *, calls: Calls | Wants) -> Callable[[F], F]: ...

    def query(self, resolver: F | None = None, *, calls: Calls | Wants | None = None) -> F | Callable[[F], F]:
        """A root query field. `calls` says what it asks of an upstream, here and below; without it, nothing."""
        return self._root("Query", resolver, calls)

    @overload
    def mutation(self, resolver: F) -> F: ...

    @overload
    def mutation(self, *, calls: Calls | Wants) -> Callable[[F], F]: ...

    def mutation(self, resolver: F | None = None, *, calls: Calls | Wants | None = None) -> F | Callable[[F], F]:
        """A root mutation field; flat, because only those run in order."""
        return self._root("Mutation", resolver, calls)

    def subscription(self, resolver: F, *, value: Callable[[Any], Any] | None = None, link: Link | None = None) -> F:
        """A root subscription field: an async generator of events, each executed like a query of its own.

        The field gives what `value` makes of an event or what `link` finds by it, and without either the event itself.
        """
        metadata = {"value": value, "link": link}
        field = strawberry.subscription(resolver=resolver, description=_text(resolver), metadata=metadata)
        self._append("Subscription", field, ())
        return resolver

    def group(self, name: str, type_: type) -> None:
        """A root query field without a value of its own, which gathers a provider's fields: `stripe { ... }`."""

        def enter(root: Any) -> Any:
            return type_()

        enter.__name__ = name
        enter.__annotations__["return"] = type_
        field = strawberry.field(resolver=enter, description=type_.__strawberry_definition__.description)  # type: ignore[attr-defined]
        self._append("Query", field, ())

    def on(self, type_: type, *, needs: tuple[str, ...] = (), calls: Calls | Wants | None = None) -> Callable[[F], F]:
        """A field of `type_` with a hand-written resolver, whose docstring describes the field.

        `needs` names the attributes of the parent that it reads.
        """
        return lambda resolver: self._add(type_, resolver, needs, calls)

    def link(
        self,
        type_: type,
        name: str,
        *,
        via: Loader,
        key: str | Callable[[Any], Any],
        description: str,
        needs: tuple[str, ...] = (),
        brought_by: str | None = None,
    ) -> None:
        """A field of `type_` that fetches by key, as `Link` says. `needs` are what a `key` function reads."""
        link = Link(via, key, brought_by)

        async def follow(root: Any, info: Info) -> Any:
            return await link.follow(root, info)

        follow.__name__ = name
        follow.__annotations__ = {"info": Info}
        field = strawberry.field(resolver=follow, description=description, metadata={"link": link})
        field.type_annotation = _nullable(via.result)
        self._append(type_, field, (key,) if isinstance(key, str) else needs)

    def connection(self, type_: type, pager: Pager, *, needs: tuple[str, ...] = ()) -> Callable[[F], F]:
        """A field of `type_` that pages.

        The decorated function takes the parent (and arguments of the field's own) and gives the arguments that the
        pager reads the list with; its docstring describes the field. `first`, `after`, `last` and `before` are
        added to it.
        """

        def decorate(arguments_of: F) -> F:
            async def page(root: Any, info: Info, **given: Any) -> Any:
                slicing = Slicing(*(given.pop(name, None) for name in SLICING))
                return await pager.connection(root, info, arguments_of(root, **given), slicing)

            root, *own = inspect.signature(arguments_of).parameters.values()
            hints = get_type_hints(arguments_of, include_extras=True) if own else {}
            kind = inspect.Parameter.KEYWORD_ONLY
            parameters = [
                inspect.Parameter("root", root.kind),
                inspect.Parameter("info", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=Info),
                *(
                    p.replace(
                        kind=kind,
                        annotation=hints[p.name],
                        default=strawberry.UNSET if p.default is None else p.default,
                    )
                    for p in own
                ),
            ]
            page.__name__ = arguments_of.__name__
            page.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
            page.__annotations__ = {p.name: p.annotation for p in parameters[1:]}
            field = strawberry.field(resolver=page, description=_text(arguments_of), metadata={"pager": pager})
            field.type_annotation = _nullable(Connection[pager.node])  # type: ignore[name-defined]
            field.arguments = [*field.arguments, *SLICING.values()]
            self._append(type_, field, needs)
            return arguments_of

        return decorate

    def node(self, type_: type, *, via: Loader) -> None:
        """Let `node(id:)` fetch `type_`."""
        self.refetches.append(Refetch(type_, via))

    def _root(self, parent: str, resolver: F | None, calls: Calls | Wants | None) -> F | Callable[[F], F]:
        return self._add(parent, resolver, ()) if resolver else lambda late: self._add(parent, late, (), calls)

    def _add(self, parent: type | str, resolver: F, needs: tuple[str, ...], calls: Calls | Wants | None = None) -> F:
        field = strawberry.field(resolver=resolver, description=_text(resolver), metadata={"calls": calls})
        self._append(parent, field, needs)
        return resolver

    def _append(self, parent: type | str, field: StrawberryField, needs: tuple[str, ...]) -> None:
        self.additions.append(Addition(parent, field, frozenset(needs)))


@cache
def _nullable(type_: Any) -> StrawberryAnnotation:
    """The type of fields that may be null, worked out once for all that have it."""
    return StrawberryAnnotation(Optional[type_])


def _text(function: Callable[..., Any]) -> str:
    text = inspect.getdoc(function)
    if not text:
        raise TypeError(f"{function.__qualname__} needs a docstring: it is the field's description")
    return " ".join(text.split())
