"""What can be followed: changes in the calendars that are watched, each event as it was then."""

from operator import itemgetter
from typing import Any

from resolvers.events import Events, Filter, by_id
from resolvers.mapping import Reader, mapping
from resolvers.providers.google_calendar import reads, watching
from resolvers.providers.google_calendar.convert import to_event
from resolvers.reading import identity
from schema.providers.google_calendar import GoogleCalendarCancellation

fields = watching.fields


@mapping("google_calendar", "cancellation")
def to_cancellation(read: Reader[Any]) -> GoogleCalendarCancellation:
    return GoogleCalendarCancellation(
        event_id=read("id", identity),
        calendar_id=read("calendar_id", identity),
        series_id=read.maybe("recurringEventId", identity),
    )


fields.link(
    GoogleCalendarCancellation,
    "calendar",
    via=reads.calendars_by_id,
    key="calendar_id",
    description="The calendar that it was in.",
)

CALENDAR = by_id(
    "calendar",
    itemgetter("calendar_id"),
    "GoogleCalendar",
    "Only in this calendar: Google's own id, or the global one.",
)
THIS = Filter(name="id", of=itemgetter("id"), description="Only this event, by Google's id of it.")

tell = Events(fields, "google_calendar").tell

tell("event_created", "event.created", to_event, "There is a new event in a calendar that is watched.", CALENDAR)
tell("event_updated", "event.updated", to_event, "An event is otherwise now: it, or answers to it.", CALENDAR, THIS)
tell("event_cancelled", "event.cancelled", to_cancellation, "An event was taken out.", CALENDAR, THIS)
