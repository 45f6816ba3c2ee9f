"""A schema where anything may go wrong anywhere, the same way each time it is asked.

What a field gives depends on the seed of its object and on the field's name, by a hash: a fine value, null, a wrong
type, an exception raised, an exception as a value, an error out of range. So two executors see the same trouble.
"""

import asyncio
import math
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from enum import Enum
from hashlib import blake2b
from typing import Annotated, Any, Optional

import strawberry
from strawberry.types import Info

from schema.execution.columns import Uniform
from schema.fields import Calls, Fields

TROUBLE = 8
"""One value in so many is trouble."""


class Odd(Exception):
    """Trouble, as a resolver raises it."""


def dice(seed: str, name: str, sides: int) -> int:
    """A number below `sides` that depends on nothing but its arguments."""
    return int.from_bytes(blake2b(f"{seed}/{name}".encode(), digest_size=4).digest()) % sides


def spoiled(seed: str, name: str, fine: Callable[[], Any]) -> Any:
    """A fine value, most of the time."""
    match dice(seed, name, TROUBLE * 4):
        case 0:
            raise Odd(f"{name} of {seed} raised")
        case 1:
            return Odd(f"{name} of {seed} is an error value")
        case 2:
            return None
        case 3:
            return object
        case _:
            return fine()


@strawberry.enum(description="A colour.")
class Colour(Enum):
    RED = "red"
    BLUE = "blue"


@strawberry.interface(description="Anything with a name.")
class Named:
    seed: strawberry.Private[str]
    name: str = strawberry.field(description="Its name.")


class _Attributes:
    """Attributes that are worked out, and may go wrong, when they are read."""

    seed: str

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name == "seed":
            raise AttributeError(name)
        return spoiled(self.seed, name, lambda: FINE[name](self.seed))


def _make(kind: type, seed: str) -> Any:
    """An object. Some things are read by column: all items of a list, or some of them only."""
    if kind is Thing and (dice(seed, "mapped alone", 3) == 0 or dice(seed[:-1], "mapped together", 3) == 0):
        kind = MappedThing
    made: Any = object.__new__(kind)
    made.seed = seed
    return made


def _things(seed: str, name: str) -> Sequence[Any]:
    count = dice(seed, f"{name} count", 4)
    found: list[Any] = [
        None if dice(seed, f"{name} {n} null", TROUBLE * 2) == 0 else _make(Thing, f"{seed}.{n}") for n in range(count)
    ]
    return Shelf(found) if set(map(type, found)) == {MappedThing} else found


def _anything(seed: str, name: str) -> Any:
    kind = (Thing, Other)[dice(seed, f"{name} kind", 2)]
    return 7 if dice(seed, f"{name} stray", TROUBLE * 2) == 0 else _make(kind, f"{seed}.{name}")


@strawberry.type(description="A thing.")
class Thing(_Attributes, Named):
    must: str = strawberry.field(description="Never null, if all is well.")
    count: int | None = strawberry.field(description="A 32-bit number.")
    ratio: float | None = strawberry.field(description="A finite number.")
    flag: bool | None = strawberry.field(description="Yes or no.")
    colour: Colour | None = strawberry.field(description="A colour.")
    words: list[str | None] | None = strawberry.field(description="Words.")
    strict_words: list[str] = strawberry.field(description="Words, none of them null.")
    grid: list[list[int | None] | None] | None = strawberry.field(description="Numbers in rows.")
    strict_grid: list[list[int]] | None = strawberry.field(description="Numbers in rows, none null.")
    child: Optional["Thing"] = strawberry.field(description="A thing.")
    strict_child: "Thing" = strawberry.field(description="A thing.")
    children: list[Optional["Thing"]] | None = strawberry.field(description="Things.")
    strict_children: list["Thing"] = strawberry.field(description="Things, none of them null.")
    rows: list[list["Thing"] | None] = strawberry.field(description="Things in rows.")
    anything: Optional[Annotated["Anything", strawberry.lazy("tests.schema.execution.nasty")]] = strawberry.field(
        description="A thing or another."
    )
    named: list[Named] | None = strawberry.field(description="Anything with a name.")


class MappedThing(Thing):
    """A thing whose attributes are read a column at a time."""

    @classmethod
    def __columns__(cls, objects: Sequence[Any]) -> Callable[[str], tuple[list[Any], set[type]]]:
        def column(name: str) -> tuple[list[Any], set[type]]:
            values = [_told(one, name) for one in objects]
            return values, set(map(type, values))

        return column


class Shelf(Uniform[MappedThing]):
    """Things that are all read by column."""

    kind = MappedThing

    def __init__(self, things: Sequence[MappedThing]) -> None:
        self._things = things

    def __len__(self) -> int:
        return len(self._things)

    def __getitem__(self, index: Any) -> Any:
        return self._things[index]


def _told(thing: Thing, name: str) -> Any:
    try:
        return getattr(thing, name)
    except Odd as error:
        return error


@strawberry.type(description="Another thing.")
class Other(_Attributes, Named):
    count: int = strawberry.field(description="A 32-bit number.")
    child: Thing | None = strawberry.field(description="A thing.")


Anything = Annotated[Thing | Other, strawberry.union("Anything", description="A thing or another.")]

FINE: dict[str, Callable[[str], Any]] = {
    "name": lambda seed: f"name of {seed}",
    "must": lambda seed: f"must of {seed}",
    "count": lambda seed: (1, -5, 2**31, 2.0, 2.5, "12", math.nan, True)[dice(seed, "count value", 8)],
    "ratio": lambda seed: (1.5, 2, math.nan, math.inf, "1.5", "x")[dice(seed, "ratio value", 6)],
    "flag": lambda seed: (True, False, 1, "yes")[dice(seed, "flag value", 4)],
    "colour": lambda seed: (Colour.RED, Colour.BLUE, "red", "green")[dice(seed, "colour value", 4)],
    "words": lambda seed: ["a", None, 3, "d"][: dice(seed, "words value", 5)],
    "strict_words": lambda seed: ["a", "b", None, "d"][: dice(seed, "strict words value", 5)],
    "grid": lambda seed: [[1, None], None, [2**40], 5, [3]][: dice(seed, "grid value", 6)],
    "strict_grid": lambda seed: [[1, 2], [3], [None], []][: dice(seed, "strict grid value", 5)],
    "child": lambda seed: _make(Thing, f"{seed}.c"),
    "strict_child": lambda seed: _make(Thing, f"{seed}.s"),
    "children": lambda seed: _things(seed, "children"),
    "strict_children": lambda seed: tuple(_things(seed, "strict children")),
    "rows": lambda seed: [_things(seed, "rows 1"), None, _things(seed, "rows 2")][: dice(seed, "rows value", 4)],
    "anything": lambda seed: _anything(seed, "anything"),
    "named": lambda seed: [_anything(seed, "named 1"), _anything(seed, "named 2")],
}


THINGS = Calls(upstream="nasty", operation="things.get")


@dataclass
class Slowly:
    """A loader that gives a thing for a key, later."""

    result: Any = Thing
    calls: Calls = THINGS

    def load(self, info: Info, key: Any) -> Awaitable[Any]:
        async def later() -> Any:
            await asyncio.sleep(0)
            found = spoiled(str(key), "loaded", lambda: _make(Thing, f"{key}.l"))
            if isinstance(found, Exception):
                raise found
            return found

        return later()

    async def load_many(self, info: Info, keys: Collection[Any]) -> list[Any]:
        return await asyncio.gather(*(self.load(info, key) for key in keys), return_exceptions=True)


def nasty_fields(*, slow: bool) -> Fields:
    """Root fields and resolvers; with `slow` some of them wait."""
    fields = Fields()

    @fields.query
    def thing(seed: str = "root") -> Thing | None:
        """A thing."""
        made: Thing = _make(Thing, seed)
        return made

    @fields.query
    def things(count: int = 3) -> Sequence[Thing]:
        """Things."""
        return [_make(Thing, f"r{n}") for n in range(count)]

    @fields.query
    def shelf(count: int = 3) -> Sequence[Thing]:
        """Things that are all read by column."""
        made: Any = [object.__new__(MappedThing) for _ in range(count)]
        for n, thing in enumerate(made):
            thing.seed = f"s{n}"
        return Shelf(made)

    @fields.query
    def strict_thing(seed: str = "strict") -> Thing:
        """A thing that must be there."""
        made: Thing = spoiled(seed, "strict thing", lambda: _make(Thing, seed))
        return made

    @fields.on(Thing)
    def asked(root: strawberry.Parent[Thing], times: int = 1) -> str:
        """What a resolver says, where the path and the argument play a part."""
        return str(spoiled(root.seed, "asked", lambda: f"{root.seed} " * times))

    @fields.on(Thing)
    def place(root: strawberry.Parent[Thing], info: Info) -> str | None:
        """Where it stands in the answer."""
        return ".".join(str(key) for key in info.path.as_list())

    @fields.mutation
    def change(seed: str = "m") -> Thing | None:
        """Change a thing."""
        found: Thing | None = spoiled(seed, "change", lambda: _make(Thing, seed))
        return found

    @fields.mutation
    def strict_change(seed: str = "m") -> Thing:
        """Change a thing that must be there."""
        found: Thing = spoiled(seed, "strict change", lambda: _make(Thing, seed))
        return found

    if slow:

        @fields.on(Thing)
        async def slow_word(root: strawberry.Parent[Thing]) -> str:
            """A word that takes its time."""
            for _ in range(dice(root.seed, "slowness", 3)):
                await asyncio.sleep(0)
            word: str = spoiled(root.seed, "slow word", lambda: "word")
            return word

        @fields.on(Thing)
        async def slow_children(root: strawberry.Parent[Thing]) -> Sequence[Thing] | None:
            """Things that take their time."""
            await asyncio.sleep(0)
            found: Sequence[Thing] = spoiled(root.seed, "slow children", lambda: _things(root.seed, "slow children"))
            return found

        fields.link(Thing, "linked", via=Slowly(), key=lambda t: _key(t.seed), description="A thing, by key.")
    return fields


def _key(seed: str) -> Any:
    return (f"k{dice(seed, 'key', 3)}", None, Odd(f"key of {seed}"), seed)[dice(seed, "key kind", 4)]
