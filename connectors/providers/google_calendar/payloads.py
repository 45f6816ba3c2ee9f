"""What Google Calendar sends, under its own names: the parts that we read.

Times are RFC 3339 with an offset; days of all-day events ISO 8601, their `end` the day behind the last.
Source: https://developers.google.com/workspace/calendar/api/v3/reference
"""

from typing import NotRequired, TypedDict


class CalendarPayload(TypedDict):
    id: str
    summary: NotRequired[str]
    description: NotRequired[str]
    location: NotRequired[str]
    timeZone: NotRequired[str]
    accessRole: NotRequired[str]
    primary: NotRequired[bool]


class MomentPayload(TypedDict, total=False):
    """`date` for all-day events, else `dateTime`."""

    date: str
    dateTime: str
    timeZone: str


class PersonPayload(TypedDict, total=False):
    email: str
    displayName: str
    self: bool


class AttendeePayload(PersonPayload, total=False):
    responseStatus: str
    optional: bool
    organizer: bool
    comment: str


class EventPayload(TypedDict, total=False):
    """`calendar_id` is ours: the client puts it in, as an event's id says nothing without it."""

    calendar_id: str
    id: str
    etag: str
    status: str
    summary: str
    description: str
    location: str
    htmlLink: str
    created: str
    updated: str
    start: MomentPayload
    end: MomentPayload
    recurrence: list[str]
    recurringEventId: str
    organizer: PersonPayload
    attendees: list[AttendeePayload]
    transparency: str


class ChannelPayload(TypedDict):
    """A channel that notifications come by. `expiration` is in milliseconds, as text."""

    id: str
    resourceId: str
    expiration: NotRequired[str]


class BusyPayload(TypedDict, total=False):
    """When a calendar is taken, or why nobody can say."""

    busy: list[dict[str, str]]
    errors: list[dict[str, str]]
