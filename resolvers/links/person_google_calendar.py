"""When a person is met."""

from typing import Any

import strawberry

from resolvers.providers.google_calendar import reads
from schema.fields import Fields
from schema.person import Person

fields = Fields("google_calendar")


@fields.connection(Person, reads.EVENTS, needs=("email",))
def google_calendar_events(
    root: Person,
    calendar: reads.CalendarId = strawberry.ID(reads.PRIMARY),
    since: reads.Since = None,
    until: reads.Until = None,
) -> dict[str, Any]:
    """Events of one calendar that have this address in them: among the attendees, or in the text."""
    return reads.wanted(reads.calendar_of(calendar), since, until, root.email, single=True, order_by=None)
