"""Lists below a calendar and below an event."""

from typing import Any

from connectors.providers.google_calendar.client import GoogleCalendarClient
from resolvers.connections import Pages
from resolvers.providers.google_calendar import reads
from resolvers.providers.google_calendar.convert import to_event
from schema.providers.google_calendar import GoogleCalendar, GoogleCalendarEvent

fields = reads.fields

INSTANCES = Pages(GoogleCalendarClient, GoogleCalendarClient.list_instances, to_event, select=reads.selected_fields)


@fields.connection(GoogleCalendar, reads.EVENTS, needs=("upstream_id",))
def events(
    root: GoogleCalendar,
    since: reads.Since = None,
    until: reads.Until = None,
    words: reads.Words = None,
    single: reads.Single = True,
    order_by: reads.Order = None,
) -> dict[str, Any]:
    """Its events."""
    return reads.wanted(root.upstream_id, since, until, words, single, order_by)


@fields.connection(GoogleCalendarEvent, INSTANCES, needs=("upstream_id",))
def instances(root: GoogleCalendarEvent) -> dict[str, Any]:
    """The single events of a series."""
    calendar, id = reads.parted(root.upstream_id)
    return {"calendar": calendar, "event": id}
