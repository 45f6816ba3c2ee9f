"""What can be read: calendars, events, instances of recurring ones, and when people are free."""

from collections.abc import Collection, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Annotated, Any

import strawberry

from connectors.providers.google_calendar.client import MOST_CALENDARS, GoogleCalendarClient
from resolvers.batching import Loaded, batch, found
from resolvers.connections import Pages
from resolvers.context import Info
from resolvers.providers.google_calendar.convert import event_fields, to_calendar, to_event, to_free_busy
from schema.compose import attributes_anywhere, selected_attributes
from schema.fields import Calls, Fields
from schema.problems import BadInput
from schema.providers.google_calendar import (
    GoogleCalendar,
    GoogleCalendarEvent,
    GoogleCalendarFreeBusy,
    GoogleCalendarOrder,
    GoogleCalendarQuery,
)
from schema.relay import bounded, upstream_id_of

PRIMARY = "primary"

CalendarId = Annotated[
    strawberry.ID, strawberry.argument(description="Google's own id, the global one, or `primary`: the user's own.")
]
EventId = Annotated[
    strawberry.ID, strawberry.argument(description="The global id, or Google's own, which needs its `calendar`.")
]
OfEvent = Annotated[
    strawberry.ID, strawberry.argument(description="The calendar that it is in, where `id` is not the global one.")
]
Since = Annotated[datetime | None, strawberry.argument(description="Only what ends after this.")]
Until = Annotated[datetime | None, strawberry.argument(description="Only what begins before this.")]
Words = Annotated[str | None, strawberry.argument(description="Only what has these words in it, attendees included.")]
Single = Annotated[bool, strawberry.argument(description="Recurring events event by event, not as a series.")]
Order = Annotated[GoogleCalendarOrder | None, strawberry.argument(description="In which order. Google's own if unset.")]

fields = Fields("google_calendar")
fields.group("google_calendar", GoogleCalendarQuery)


@batch(GoogleCalendarClient, max_keys=1, operation="calendars.get")
async def calendars_by_id(client: GoogleCalendarClient, ids: Sequence[str]) -> Loaded[GoogleCalendar]:
    return [await found(client.get_calendar(id), to_calendar) for id in ids]


@batch(
    GoogleCalendarClient,
    max_keys=1,
    operation="events.get",
    select=lambda info: event_fields(attributes_anywhere(info, GoogleCalendarEvent)),
)
async def events_by_id(
    client: GoogleCalendarClient, ids: Sequence[str], select: Collection[str]
) -> Loaded[GoogleCalendarEvent]:
    """By calendar and event, with a blank between."""
    return [await found(client.get_event(*parted(id), select), to_event) for id in ids]


fields.node(GoogleCalendar, via=calendars_by_id)
fields.node(GoogleCalendarEvent, via=events_by_id)
fields.link(
    GoogleCalendarEvent,
    "calendar",
    via=calendars_by_id,
    key=attrgetter("calendar_id"),
    needs=("calendar_id",),
    description="The calendar that it is in.",
)
fields.link(
    GoogleCalendarEvent,
    "series",
    via=events_by_id,
    key=attrgetter("recurring_event_id"),
    needs=("recurring_event_id",),
    description="The recurring event that it belongs to, if it does.",
)


@fields.on(GoogleCalendarQuery, calls=calendars_by_id.calls)
async def calendar(info: Info, id: CalendarId = strawberry.ID(PRIMARY)) -> GoogleCalendar | None:
    """One calendar of the user's list; null where it is not in there."""
    return await calendars_by_id.load(info, calendar_of(id))


@fields.on(GoogleCalendarQuery, calls=events_by_id.calls)
async def event(info: Info, id: EventId, calendar: OfEvent = strawberry.ID(PRIMARY)) -> GoogleCalendarEvent | None:
    """One event; null where there is none (any more)."""
    return await events_by_id.load(info, " ".join(place_of(id, calendar)))


@fields.on(GoogleCalendarQuery, calls=Calls(upstream="google_calendar", operation="freebusy.query"))
async def free_busy(
    info: Info,
    calendars: Annotated[
        list[strawberry.ID],
        strawberry.argument(description="Up to 50: ids of either kind, or the addresses of people in the domain."),
    ],
    since: Annotated[datetime, strawberry.argument(description="From when.")],
    until: Annotated[datetime, strawberry.argument(description="Until when.")],
) -> list[GoogleCalendarFreeBusy] | None:
    """When calendars are taken, in the order they are named."""
    if not 1 <= len(calendars) <= MOST_CALENDARS:
        raise BadInput(f"`calendars` takes 1 to {MOST_CALENDARS} ids")
    if since >= until:
        raise BadInput("`until` must be after `since`")
    ids = [calendar_of(id) for id in calendars]
    taken = await info.context.client(GoogleCalendarClient).free_busy(ids, since.isoformat(), until.isoformat())
    return [to_free_busy(id, taken.get(id)) for id in ids]


@fields.connection(GoogleCalendarQuery, Pages(GoogleCalendarClient, GoogleCalendarClient.list_calendars, to_calendar))
def calendars(root: GoogleCalendarQuery) -> dict[str, Any]:
    """The calendars in the user's list."""
    return {}


def selected_fields(info: Info) -> frozenset[str]:
    """What the current field selects of the events it gives."""
    return event_fields(selected_attributes(info))


EVENTS = Pages(GoogleCalendarClient, GoogleCalendarClient.list_events, to_event, select=selected_fields)


@fields.connection(GoogleCalendarQuery, EVENTS)
def events(
    root: GoogleCalendarQuery,
    calendar: CalendarId = strawberry.ID(PRIMARY),
    since: Since = None,
    until: Until = None,
    words: Words = None,
    single: Single = True,
    order_by: Order = None,
) -> dict[str, Any]:
    """Events of one calendar."""
    return wanted(calendar_of(calendar), since, until, words, single, order_by)


def wanted(
    calendar: str,
    since: datetime | None,
    until: datetime | None,
    words: str | None,
    single: bool,
    order_by: GoogleCalendarOrder | None,
) -> dict[str, Any]:
    """How to read a list of events. Raises `BadInput` for an order that series do not have."""
    if order_by is GoogleCalendarOrder.START_TIME and not single:
        raise BadInput("`orderBy: START_TIME` needs `single: true`")
    return {
        "calendar": calendar,
        "time_min": since.isoformat() if since else None,
        "time_max": until.isoformat() if until else None,
        "q": words and bounded(words, "words"),
        "single": single,
        "order_by": str(order_by.value) if order_by else None,
    }


def calendar_of(id: str) -> str:
    """A calendar's id at Google."""
    return upstream_id_of(id, "GoogleCalendar")


def place_of(id: str, calendar: str) -> tuple[str, str]:
    """A calendar's and an event's id at Google, of either kind of id."""
    known = upstream_id_of(id, "GoogleCalendarEvent")
    return parted(known) if " " in known else (calendar_of(calendar), known)


def parted(id: str) -> tuple[str, str]:
    """Calendar and event of an id that names both."""
    calendar, _, event = id.partition(" ")
    return calendar, event
