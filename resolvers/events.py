"""Subscription fields: which events of a provider can be followed, each declared in a line.

    events = Events(fields, "stripe", subject=lambda payload: payload["data"]["object"])
    events.tell("refund_created", "refund.created", to_refund, "Money is given back.", ID)

The first gives `stripeRefundCreated(id:)`, an object made of what the event says. Where an event says only what it is
about, `events.load` fetches that by key through a batch, as a link does: with what the subscription selects of it.
"""

import inspect
from collections.abc import AsyncGenerator, Callable, Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any, Optional, get_type_hints

import strawberry

from connectors.webhooks.delivery import Event
from connectors.webhooks.hub import SubscriberTooSlow
from resolvers.context import Info
from schema.fields import Fields, Link, Loader
from schema.problems import EventsUnavailable, Forbidden, TooSlow
from schema.relay import upstream_id_of


def _itself(value: Any) -> Any:
    return value


@dataclass(frozen=True, kw_only=True)
class Filter:
    """The argument `name` of a subscription: only events come whose subject gives what `read` makes of its value.

    `of` finds that in the subject of an event; one in which it is not to be found does not come either.
    """

    name: str
    of: Callable[[Any], Any]
    description: str
    type: Any = strawberry.ID
    read: Callable[[str], Any] = _itself


def by_id(name: str, of: Callable[[Any], Any], type_name: str, description: str) -> Filter:
    """The argument `name` takes an id of what is of this GraphQL type: the upstream's own, or the global one."""
    return Filter(name=name, of=of, read=partial(upstream_id_of, type_name=type_name), description=description)


class Events:
    """The subscription fields of one provider. `subject` finds in an event's payload what the event is about."""

    def __init__(self, fields: Fields, provider: str, *, subject: Callable[[Any], Any] = _itself) -> None:
        self._fields = fields
        self._provider = provider
        self._subject = subject

    def tell(
        self, name: str, types: str | Collection[str], make: Callable[[Any], Any], description: str, *filters: Filter
    ) -> None:
        """A field `name`, with the provider's in front, that gives what `make` makes of the subject of each event."""
        result = get_type_hints(make)["return"]
        stream = self._stream(name, types, result, description, filters)
        self._fields.subscription(stream, value=lambda event: make(self._subject(event.payload)))

    def load(
        self,
        name: str,
        types: str | Collection[str],
        via: Loader,
        key: Callable[[Any], Any],
        description: str,
        *filters: Filter,
    ) -> None:
        """A field `name`, with the provider's in front, that fetches what the `key` of an event's subject is of."""
        stream = self._stream(name, types, via.result, description, filters)
        self._fields.subscription(stream, link=Link(via, lambda event: key(self._subject(event.payload))))

    def _passes(self, event: Event, wanted: Iterable[tuple[Filter, Any]]) -> bool:
        with suppress(KeyError, TypeError, AttributeError):
            subject = self._subject(event.payload)
            return all(one.of(subject) == value for one, value in wanted)
        return False

    def _stream(
        self, name: str, types: str | Collection[str], result: Any, description: str, filters: tuple[Filter, ...]
    ) -> Callable[..., AsyncGenerator[Event, None]]:
        """The resolver that gives the events that pass the filters."""
        followed = (types,) if isinstance(types, str) else types

        async def stream(info: Info, **given: str | None) -> AsyncGenerator[Event, None]:
            hub = info.context.hub
            if self._provider in hub.private and not info.context.operator:
                raise Forbidden("these events are of all users: following them needs the operator's token")
            if self._provider in hub.unheard:
                raise EventsUnavailable(f"nothing is heard of {self._provider}: set {hub.unheard[self._provider]}")
            wanted = [(one, one.read(value)) for one in filters if (value := given.get(one.name)) is not None]
            with hub.follow(self._provider, followed) as events:
                try:
                    async for event in events:
                        if not wanted or self._passes(event, wanted):
                            yield event
                except SubscriberTooSlow:
                    raise TooSlow("events came faster than they were taken: subscribe again") from None

        parameter, keyword = inspect.Parameter, inspect.Parameter.KEYWORD_ONLY
        arguments = {
            one.name: Annotated[Optional[one.type], strawberry.argument(description=one.description)] for one in filters
        }
        stream.__name__ = f"{self._provider}_{name}"
        stream.__doc__ = description
        stream.__annotations__ = {"info": Info, **arguments, "return": AsyncGenerator[Optional[result], None]}
        stream.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
            [
                parameter("info", parameter.POSITIONAL_OR_KEYWORD, annotation=Info),
                *(
                    parameter(name, keyword, annotation=type, default=strawberry.UNSET)
                    for name, type in arguments.items()
                ),
            ],
            return_annotation=stream.__annotations__["return"],
        )
        return stream
