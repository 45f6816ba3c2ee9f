"""Google Calendar's payloads as types of ours, and the fields that our attributes are read from."""

from collections.abc import Collection
from typing import Any

import strawberry

from connectors.providers.google_calendar.payloads import (
    AttendeePayload,
    BusyPayload,
    CalendarPayload,
    EventPayload,
    MomentPayload,
    PersonPayload,
)
from resolvers.mapping import Reader, mapping
from resolvers.reading import Reading, day, flag, identity, iso_time, list_of, one_of, text
from schema.providers.google_calendar import (
    GoogleCalendar,
    GoogleCalendarAccessRole,
    GoogleCalendarAttendee,
    GoogleCalendarBusy,
    GoogleCalendarEvent,
    GoogleCalendarEventStatus,
    GoogleCalendarFreeBusy,
    GoogleCalendarMoment,
    GoogleCalendarPerson,
    GoogleCalendarResponse,
)

FIELDS = {
    "upstream_id": "id",
    "event_id": "id",
    "status": "status",
    "summary": "summary",
    "description": "description",
    "location": "location",
    "start": "start",
    "end": "end",
    "all_day": "start",
    "recurrence": "recurrence",
    "organizer": "organizer",
    "attendees": "attendees",
    "html_link": "htmlLink",
    "created_at": "created",
    "updated_at": "updated",
    "transparent": "transparency",
    "recurring_event_id": "recurringEventId",
}


def event_fields(attributes: Collection[str]) -> frozenset[str]:
    """The fields of an event that these attributes are read from."""
    return frozenset(FIELDS[name] for name in FIELDS.keys() & attributes)


def event_identity(id: Any, calendar_id: Any) -> strawberry.ID:
    """An id."""
    return strawberry.ID(f"{text(calendar_id)} {identity(id)}")


def is_day(value: Any) -> bool:
    """A start."""
    return "date" in value


def given(value: Any) -> bool:
    """A boolean that is left out where it is false."""
    return value is not None and flag(value)


def is_transparent(value: Any) -> bool:
    """`transparent` or `opaque`; the latter is left out."""
    return value is not None and text(value) == "transparent"


def invited(value: Any) -> list[GoogleCalendarAttendee]:
    """The attendees, where there are any."""
    return [to_attendee(one) for one in value or ()]


@mapping("google_calendar", "calendar")
def to_calendar(read: Reader[CalendarPayload]) -> GoogleCalendar:
    return GoogleCalendar(
        upstream_id=read("id", identity),
        summary=read.maybe("summary", text),
        description=read.maybe("description", text),
        location=read.maybe("location", text),
        time_zone=read.maybe("timeZone", text),
        access_role=read.maybe("accessRole", one_of(GoogleCalendarAccessRole)),
        primary=read("primary", given),
    )


@mapping("google_calendar", "moment")
def to_moment(read: Reader[MomentPayload]) -> GoogleCalendarMoment:
    return GoogleCalendarMoment(
        date=read.maybe("date", day),
        date_time=read.maybe("dateTime", iso_time),
        time_zone=read.maybe("timeZone", text),
    )


@mapping("google_calendar", "person")
def to_person(read: Reader[PersonPayload]) -> GoogleCalendarPerson:
    return GoogleCalendarPerson(
        email=read.maybe("email", text),
        display_name=read.maybe("displayName", text),
        is_self=read("self", given),
    )


@mapping("google_calendar", "attendee")
def to_attendee(read: Reader[AttendeePayload]) -> GoogleCalendarAttendee:
    return GoogleCalendarAttendee(
        email=read.maybe("email", text),
        display_name=read.maybe("displayName", text),
        response=read("responseStatus", one_of(GoogleCalendarResponse)),
        comment=read.maybe("comment", text),
        optional=read("optional", given),
        organizer=read("organizer", given),
        is_self=read("self", given),
    )


@mapping("google_calendar", "event")
def to_event(read: Reader[EventPayload]) -> GoogleCalendarEvent:
    return GoogleCalendarEvent(
        upstream_id=read("id", event_identity, "calendar_id"),
        event_id=read("id", identity),
        status=read("status", one_of(GoogleCalendarEventStatus)),
        summary=read.maybe("summary", text),
        description=read.maybe("description", text),
        location=read.maybe("location", text),
        start=read("start", to_moment),
        end=read("end", to_moment),
        all_day=read("start", is_day),
        recurrence=read.maybe("recurrence", list_of(text)),
        organizer=read.maybe("organizer", to_person),
        attendees=read("attendees", invited),
        html_link=read.maybe("htmlLink", text),
        created_at=read.maybe("created", iso_time),
        updated_at=read.maybe("updated", iso_time),
        transparent=read("transparency", is_transparent),
        calendar_id=read("calendar_id", text),
        recurring_event_id=read.maybe("recurringEventId", event_identity, "calendar_id"),
    )


@mapping("google_calendar", "busy time")
def to_busy(read: Reader[Any]) -> GoogleCalendarBusy:
    return GoogleCalendarBusy(start=read("start", iso_time), end=read("end", iso_time))


def to_free_busy(calendar: str, payload: BusyPayload | None) -> GoogleCalendarFreeBusy:
    """When one calendar is taken; what Google leaves out is not known to it."""
    read = Reading("google_calendar", "free/busy", payload or {"errors": [{"reason": "notFound"}]})
    return GoogleCalendarFreeBusy(
        calendar_id=strawberry.ID(calendar),
        busy=read.maybe("busy", list_of(to_busy)) or [],
        problem=read.maybe("errors", first_reason),
    )


def first_reason(errors: Any) -> str | None:
    """Google's word for the first thing that went wrong."""
    return text(errors[0]["reason"]) if errors else None
