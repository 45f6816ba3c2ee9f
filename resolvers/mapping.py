"""Mappings: from an upstream's payload to an object of ours, declared once for each type.

    @mapping("stripe", "customer")
    def to_customer(read: Reader[CustomerPayload]) -> StripeCustomer:
        return StripeCustomer(
            upstream_id=read("id", identity),
            name=read.maybe("name", text),
            created_at=read("created", unix_time),
        )

The function runs once, when it is declared: `read` notes where each attribute comes from, and what is returned is the
pattern of all such objects. `to_customer(payload)` then gives a `StripeCustomer` that keeps its payload and converts a
value when it is first read. Whoever has many of them (the executor does) reads an attribute of all at a time; those
that `to_customer.all(payloads)` gives need not even be made for that.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from operator import attrgetter, itemgetter
from typing import Any, Generic, NoReturn, TypeVar, cast

from connectors.errors import PayloadMismatch
from resolvers.reading import AS_THEY_ARE, converted
from schema.execution.columns import Uniform

P = TypeVar("P")
T = TypeVar("T")

payload_of = attrgetter("_payload")
new = object.__new__

NONE = type(None)


class Reader(Generic[P]):
    """Notes where attributes come from. What is wrong there harms its attribute only, just as with `Reading`."""

    def __init__(self, upstream: str, noun: str) -> None:
        self._upstream = upstream
        self._noun = noun

    def __call__(self, key: str, convert: Callable[..., T], *beside: str) -> T:
        """A value that the upstream always gives. `convert` gets what lies `beside` it as well, `None` if absent."""
        return cast(T, self._noted(key, convert, beside, optional=False))

    def maybe(self, key: str, convert: Callable[..., T], *beside: str) -> T | None:
        """A value that may be null or absent."""
        return cast(T, self._noted(key, convert, beside, optional=True))

    @property
    def payload(self) -> P:
        """The payload as it is."""
        return cast(P, _Whole())

    def _noted(self, key: str, convert: Callable[..., Any], beside: tuple[str, ...], *, optional: bool) -> "_Converted":
        guarded = partial(converted, self._upstream, self._noun, key, convert)
        plain = AS_THEY_ARE.get(convert, frozenset()) | ({NONE} if optional else set())
        return _Converted(key, convert, guarded, beside, optional, plain)


def mapping(upstream: str, noun: str) -> Callable[[Callable[[Reader[P]], T]], "Mapper[P, T]"]:
    """Make a mapping of a function that declares one. `noun` says what the payload is, for messages.

    The objects are instances of a subclass of the declared type, under its name. They cannot be changed;
    `dataclasses.replace` gives a plain object of the declared type. The mapping raises `PayloadMismatch` for a payload
    that is no object at all.
    """

    return lambda declaration: Mapper(upstream, noun, declaration)


class Mapper(Generic[P, T]):
    """A mapping: gives the object of one payload, or those of many."""

    def __init__(self, upstream: str, noun: str, declaration: Callable[[Reader[P]], T]) -> None:
        pattern = declaration(Reader(upstream, noun))
        self.__name__, self.__doc__ = declaration.__name__, declaration.__doc__
        self.__annotations__ = {"return": type(pattern)}
        self._mismatch = partial(PayloadMismatch, upstream, noun, path=noun, expected="an object")
        self._kind = _subclass(pattern)
        self._keep = self._kind._payload.__set__

    def __call__(self, payload: P) -> T:
        if type(payload) is not dict and not isinstance(payload, Mapping):
            raise self._mismatch()
        made: T = new(self._kind)
        self._keep(made, payload)
        return made

    def all(self, payloads: Sequence[P]) -> Sequence[T]:
        """The objects of `payloads`, in their order: what a field that gives a list of them returns."""
        if set(map(type, payloads)) - {dict}:
            return list(map(self, payloads))
        return _Rows(self._kind, self, payloads)


class _Rows(Uniform[T]):
    """Objects that are made when somebody asks for one: who reads by column does not."""

    def __init__(self, kind: type[T], make: Callable[[Any], T], payloads: Sequence[Any]) -> None:
        self.kind = kind
        self.payloads = payloads
        self._make = make

    @cached_property
    def _objects(self) -> list[T]:
        return list(map(self._make, self.payloads))

    def __len__(self) -> int:
        return len(self.payloads)

    def __iter__(self) -> Iterator[T]:
        return iter(self._objects)

    def __getitem__(self, index: Any) -> Any:
        return self._objects[index] if isinstance(index, slice) else self._make(self.payloads[index])


class _Attribute:
    """One attribute of all objects of a mapping: read from each when it is first asked for, and kept from then on."""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, instance: Any, owner: type) -> Any:
        if instance is None:
            raise AttributeError(self._name)
        value = instance.__dict__[self._name] = self.of(instance._payload)
        return value

    def of(self, payload: Any) -> Any:
        """Its value in the object of one payload."""
        raise NotImplementedError

    def column(self, payloads: Sequence[Any]) -> tuple[list[Any], set[type]]:
        """Its values in the objects of many, and the types of these."""
        values = list(map(self.of, payloads))
        return values, set(map(type, values))


class _Whole(_Attribute):
    def of(self, payload: Any) -> Any:
        return payload


class _Constant(_Attribute):
    def __init__(self, value: Any) -> None:
        self._value = value

    def of(self, payload: Any) -> Any:
        return self._value


@dataclass(eq=False)
class _Converted(_Attribute):
    """What `convert` makes of the value at `key` and those `beside` it; what is of `plain` types stays as it is.

    `guarded` is `convert` that gives error values.
    """

    key: str
    convert: Callable[..., Any]
    guarded: Callable[..., Any]
    beside: tuple[str, ...]
    optional: bool
    plain: frozenset[type]

    def of(self, payload: Any) -> Any:
        value = payload.get(self.key)
        if value is None and self.optional:
            return None
        return self.guarded(value, *map(payload.get, self.beside))

    def column(self, payloads: Sequence[Any]) -> tuple[list[Any], set[type]]:
        """As they lie there, after one look at their types, or converted in one go; one by one where that fails."""
        try:
            values = list(map(itemgetter(self.key), payloads))
            kinds = set(map(type, values))
            if kinds <= self.plain:
                return values, kinds
            if not any(issubclass(kind, Exception) or (self.optional and kind is NONE) for kind in kinds):
                beside = ([payload.get(key) for payload in payloads] for key in self.beside)
                values = list(map(self.convert, values, *beside))
                return values, set(map(type, values))
        except Exception:
            return super().column(payloads)
        return super().column(payloads)


class _Mapped:
    """What all mapped objects have in common."""

    __slots__ = ("_payload",)

    _attributes: Mapping[str, _Attribute]
    _plain: type

    def __new__(cls, *arguments: Any, **named: Any) -> Any:
        return cls._plain(*arguments, **named)

    def __setattr__(self, name: str, value: Any) -> NoReturn:
        raise AttributeError(f"{name} of a mapped object cannot be changed: use dataclasses.replace")

    @classmethod
    def __columns__(cls, objects: Sequence[Any]) -> Callable[[str], tuple[list[Any], set[type]]]:
        """What reads an attribute, by its name, of all `objects`: see `schema.execution.columns`."""
        attributes = cls._attributes
        payloads = objects.payloads if isinstance(objects, _Rows) else list(map(payload_of, objects))
        return lambda name: attributes[name].column(payloads)


def _subclass(pattern: Any) -> Any:
    """The class of the mapped objects."""
    plain = type(pattern)
    attributes = {
        name: value if isinstance(value, _Attribute) else _Constant(value) for name, value in vars(pattern).items()
    }
    members = {"_attributes": attributes, "_plain": plain, "__module__": plain.__module__, "__slots__": ()}
    return type(plain.__name__, (_Mapped, plain), {**members, **attributes})
