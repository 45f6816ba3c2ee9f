"""Google Calendar's types: calendars, events, and when people are free."""

import datetime
from enum import Enum
from typing import Annotated

import strawberry

from schema.relay import Node

UNKNOWN = strawberry.enum_value("unknown", description="A word that Google has and this gateway does not know yet.")


@strawberry.enum(description="What the user may do with a calendar.")
class GoogleCalendarAccessRole(Enum):
    FREE_BUSY_READER = strawberry.enum_value("freeBusyReader", description="See when it is taken.")
    READER = strawberry.enum_value("reader", description="Read its events.")
    WRITER = strawberry.enum_value("writer", description="Change its events.")
    OWNER = strawberry.enum_value("owner", description="Do everything.")
    UNKNOWN = UNKNOWN


@strawberry.enum(description="Whether an event takes place.")
class GoogleCalendarEventStatus(Enum):
    CONFIRMED = strawberry.enum_value("confirmed", description="It does.")
    TENTATIVE = strawberry.enum_value("tentative", description="It may.")
    CANCELLED = strawberry.enum_value("cancelled", description="It does not.")
    UNKNOWN = UNKNOWN


@strawberry.enum(description="What somebody said to an invitation.")
class GoogleCalendarResponse(Enum):
    NEEDS_ACTION = strawberry.enum_value("needsAction", description="Nothing yet.")
    DECLINED = strawberry.enum_value("declined", description="No.")
    TENTATIVE = strawberry.enum_value("tentative", description="Maybe.")
    ACCEPTED = strawberry.enum_value("accepted", description="Yes.")
    UNKNOWN = UNKNOWN


@strawberry.enum(description="What can be said to an invitation.")
class GoogleCalendarAnswer(Enum):
    DECLINED = strawberry.enum_value("declined", description="No.")
    TENTATIVE = strawberry.enum_value("tentative", description="Maybe.")
    ACCEPTED = strawberry.enum_value("accepted", description="Yes.")


@strawberry.enum(description="Who is told of a change by mail.")
class GoogleCalendarSendUpdates(Enum):
    ALL = strawberry.enum_value("all", description="Everybody who is invited.")
    EXTERNAL_ONLY = strawberry.enum_value("externalOnly", description="Those who do not use Google Calendar.")
    NONE = strawberry.enum_value("none", description="Nobody.")


@strawberry.enum(description="In which order events come.")
class GoogleCalendarOrder(Enum):
    START_TIME = strawberry.enum_value("startTime", description="As they begin; needs `single`.")
    UPDATED = strawberry.enum_value("updated", description="As they were last changed.")


@strawberry.type(description="Google Calendar: the calendars of the user whose credentials these are.")
class GoogleCalendarQuery:
    pass


@strawberry.type(description="A calendar in the user's list.")
class GoogleCalendar(Node):
    summary: str | None = strawberry.field(description="Its name.")
    description: str | None = strawberry.field(description="What it is for.")
    location: str | None = strawberry.field(description="Where it is.")
    time_zone: str | None = strawberry.field(description="Its time zone, by the IANA's name.")
    access_role: GoogleCalendarAccessRole | None = strawberry.field(description="What the user may do with it.")
    primary: bool = strawberry.field(description="Whether it is the user's own.")


@strawberry.type(description="The start or the end of an event: a day, or a moment.")
class GoogleCalendarMoment:
    date: datetime.date | None = strawberry.field(
        description="The day, for all-day events. As an end it is the day behind the last one."
    )
    date_time: datetime.datetime | None = strawberry.field(description="The moment, for all others.")
    time_zone: str | None = strawberry.field(description="The time zone it was given in, by the IANA's name.")


@strawberry.type(description="Somebody at an event.")
class GoogleCalendarPerson:
    email: str | None = strawberry.field(description="The address.")
    display_name: str | None = strawberry.field(description="The name, where Google knows it.")
    is_self: bool = strawberry.field(description="Whether it is the user.")


@strawberry.type(description="Somebody who is invited.")
class GoogleCalendarAttendee:
    email: str | None = strawberry.field(description="The address.")
    display_name: str | None = strawberry.field(description="The name, where Google knows it.")
    response: GoogleCalendarResponse = strawberry.field(description="What they said.")
    comment: str | None = strawberry.field(description="What they said with it.")
    optional: bool = strawberry.field(description="Whether it goes without them.")
    organizer: bool = strawberry.field(description="Whether they invited.")
    is_self: bool = strawberry.field(description="Whether it is the user.")


@strawberry.type(
    description="An event, or a series. `upstreamId` is the calendar's id and the event's, with a blank between."
)
class GoogleCalendarEvent(Node):
    event_id: strawberry.ID = strawberry.field(description="Google's id of it in its calendar.")
    status: GoogleCalendarEventStatus = strawberry.field(description="Whether it takes place.")
    summary: str | None = strawberry.field(description="Its title.")
    description: str | None = strawberry.field(description="What it is about; may hold HTML.")
    location: str | None = strawberry.field(description="Where it takes place, as somebody wrote it.")
    start: GoogleCalendarMoment = strawberry.field(description="When it begins.")
    end: GoogleCalendarMoment = strawberry.field(description="When it ends; this moment is not part of it.")
    all_day: bool = strawberry.field(description="Whether it takes whole days.")
    recurrence: list[str] | None = strawberry.field(
        description="How it recurs (RFC 5545: RRULE, EXRULE, RDATE, EXDATE); null for a single event."
    )
    organizer: GoogleCalendarPerson | None = strawberry.field(description="Who invited.")
    attendees: list[GoogleCalendarAttendee] = strawberry.field(description="Who is invited.")
    html_link: str | None = strawberry.field(description="Its page in Google Calendar.")
    created_at: datetime.datetime | None = strawberry.field(description="When it was made.")
    updated_at: datetime.datetime | None = strawberry.field(description="When it was last changed.")
    transparent: bool = strawberry.field(description="Whether the time counts as free all the same.")
    calendar_id: strawberry.Private[str]
    recurring_event_id: strawberry.Private[str | None]


@strawberry.type(description="A time that is taken.")
class GoogleCalendarBusy:
    start: datetime.datetime = strawberry.field(description="From when.")
    end: datetime.datetime = strawberry.field(description="Until when.")


@strawberry.type(description="When a calendar is taken.")
class GoogleCalendarFreeBusy:
    calendar_id: strawberry.ID = strawberry.field(description="Google's id of the calendar.")
    busy: list[GoogleCalendarBusy] = strawberry.field(description="When it is taken, in order.")
    problem: str | None = strawberry.field(description="Google's word for why nobody can say: `notFound` ...")


@strawberry.input(description="The start or the end of an event: either a day or a moment.")
class GoogleCalendarMomentInput:
    date: datetime.date | None = strawberry.field(
        default=None, description="The day, for all-day events. As an end it is the day behind the last one."
    )
    date_time: datetime.datetime | None = strawberry.field(default=None, description="The moment, for all others.")
    time_zone: str | None = strawberry.field(
        default=None, description="The time zone, by the IANA's name; recurring events need it."
    )


@strawberry.input(description="Somebody to invite.")
class GoogleCalendarAttendeeInput:
    email: str = strawberry.field(description="The address.")
    optional: bool = strawberry.field(default=False, description="Whether it goes without them.")


@strawberry.input(description="An event to put into a calendar.")
class GoogleCalendarEventInput:
    summary: str = strawberry.field(description="Its title.")
    start: GoogleCalendarMomentInput = strawberry.field(description="When it begins.")
    end: GoogleCalendarMomentInput = strawberry.field(description="When it ends.")
    description: str | None = strawberry.field(default=None, description="What it is about.")
    location: str | None = strawberry.field(default=None, description="Where it takes place.")
    attendees: list[GoogleCalendarAttendeeInput] | None = strawberry.field(default=None, description="Whom to invite.")
    recurrence: list[str] | None = strawberry.field(
        default=None, description="How it recurs (RFC 5545): `RRULE:FREQ=WEEKLY;COUNT=10`."
    )


@strawberry.input(description="What shall be different. What is not given stays; null takes away.")
class GoogleCalendarEventChanges:
    summary: str | None = strawberry.field(default=strawberry.UNSET, description="Its title.")
    start: GoogleCalendarMomentInput | None = strawberry.field(default=strawberry.UNSET, description="Its start.")
    end: GoogleCalendarMomentInput | None = strawberry.field(default=strawberry.UNSET, description="Its end.")
    description: str | None = strawberry.field(default=strawberry.UNSET, description="What it is about.")
    location: str | None = strawberry.field(default=strawberry.UNSET, description="Where it takes place.")
    attendees: list[GoogleCalendarAttendeeInput] | None = strawberry.field(
        default=strawberry.UNSET, description="Who is invited, all of them."
    )


@strawberry.type(description="The event is in the calendar as it is here.")
class GoogleCalendarEventSaved:
    event: GoogleCalendarEvent = strawberry.field(description="The event.")


@strawberry.type(description="The event is gone.")
class GoogleCalendarEventDeleted:
    event_id: strawberry.ID = strawberry.field(description="Google's id of it.")


@strawberry.type(description="There is no such event, or no such calendar.")
class GoogleCalendarEventNotFound:
    event_id: strawberry.ID | None = strawberry.field(description="Google's id of the event that was asked for.")


@strawberry.type(description="Google does not take the event. Nothing was changed.")
class GoogleCalendarEventRejected:
    reason: str = strawberry.field(description="Google's word for why: `timeRangeEmpty`, `required` ...")


@strawberry.type(description="The user is not invited to the event, so there is nothing to answer.")
class GoogleCalendarNotInvited:
    event_id: strawberry.ID = strawberry.field(description="Google's id of the event.")


GoogleCalendarSaveEventResult = Annotated[
    GoogleCalendarEventSaved | GoogleCalendarEventRejected | GoogleCalendarEventNotFound,
    strawberry.union("GoogleCalendarSaveEventResult", description="What came of putting in or changing an event."),
]
GoogleCalendarDeleteEventResult = Annotated[
    GoogleCalendarEventDeleted | GoogleCalendarEventNotFound,
    strawberry.union("GoogleCalendarDeleteEventResult", description="What came of taking an event out."),
]
GoogleCalendarRespondResult = Annotated[
    GoogleCalendarEventSaved | GoogleCalendarNotInvited | GoogleCalendarEventNotFound,
    strawberry.union("GoogleCalendarRespondResult", description="What came of answering an invitation."),
]


@strawberry.type(description="That an event does not take place any more: nothing else may be known of it.")
class GoogleCalendarCancellation:
    event_id: strawberry.ID = strawberry.field(description="Google's id that it had in its calendar.")
    calendar_id: strawberry.ID = strawberry.field(description="Google's id of the calendar.")
    series_id: strawberry.ID | None = strawberry.field(description="Google's id of the series, if it was in one.")


@strawberry.type(description="A calendar of the user's that is watched: what changes in it can be followed.")
class GoogleCalendarWatch:
    calendar_id: strawberry.ID = strawberry.field(description="Google's id of the calendar.")
    expires_at: datetime.datetime = strawberry.field(description="When its channel ends, unless it is renewed.")
    renews_at: datetime.datetime = strawberry.field(description="From when on it is renewed.")


@strawberry.type(description="Google does not tell of changes in this calendar.")
class GoogleCalendarWatchRejected:
    reason: str | None = strawberry.field(
        description="Google's word for why: `notFound`, `push.webhookUrlNotHttps` ..."
    )


GoogleCalendarWatchResult = Annotated[
    GoogleCalendarWatch | GoogleCalendarWatchRejected,
    strawberry.union("GoogleCalendarWatchResult", description="What came of it."),
]


@strawberry.type(description="The calendar is not watched any more.")
class GoogleCalendarUnwatched:
    calendar: strawberry.ID = strawberry.field(description="The calendar, as it was named.")
    was_watched: bool = strawberry.field(description="Whether it was until now.")


GoogleCalendarUnwatchResult = Annotated[
    GoogleCalendarUnwatched | GoogleCalendarWatchRejected,
    strawberry.union("GoogleCalendarUnwatchResult", description="What came of it."),
]
