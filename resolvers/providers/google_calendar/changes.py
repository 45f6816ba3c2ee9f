"""What can be changed: events are put in, changed, taken out and answered."""

from collections.abc import Mapping
from typing import Annotated, Any

import strawberry

from connectors.errors import NotFound, UpstreamRejected
from connectors.providers.google_calendar.client import GoogleCalendarClient
from resolvers.context import Info
from resolvers.idempotency import sent_key
from resolvers.providers.google_calendar import lists, reads
from resolvers.providers.google_calendar.convert import to_event
from schema.fields import Calls
from schema.problems import BadInput
from schema.providers.google_calendar import (
    GoogleCalendarAnswer,
    GoogleCalendarDeleteEventResult,
    GoogleCalendarEventChanges,
    GoogleCalendarEventDeleted,
    GoogleCalendarEventInput,
    GoogleCalendarEventNotFound,
    GoogleCalendarEventRejected,
    GoogleCalendarEventSaved,
    GoogleCalendarMomentInput,
    GoogleCalendarNotInvited,
    GoogleCalendarRespondResult,
    GoogleCalendarSaveEventResult,
    GoogleCalendarSendUpdates,
)

MAX_KEY_CHARACTERS = 255
NOT_INVITED = "notInvited"

fields = lists.fields

SendUpdates = Annotated[GoogleCalendarSendUpdates, strawberry.argument(description="Who is told of it by mail.")]


@fields.mutation(calls=Calls(upstream="google_calendar", operation="events.create"))
async def google_calendar_create_event(
    info: Info,
    input: Annotated[GoogleCalendarEventInput, strawberry.argument(description="The event.")],
    calendar: reads.CalendarId = strawberry.ID(reads.PRIMARY),
    send_updates: SendUpdates = GoogleCalendarSendUpdates.NONE,
    idempotency_key: Annotated[
        str | None,
        strawberry.argument(
            description="Up to 255 characters that name this one wish: with the same key it is the same event."
        ),
    ] = None,
) -> GoogleCalendarSaveEventResult | None:
    """Put an event into a calendar, and invite people to it."""
    event: dict[str, Any] = {
        "summary": input.summary,
        "start": present(moment("start", input.start)),
        "end": present(moment("end", input.end)),
        "description": input.description,
        "location": input.location,
        "attendees": input.attendees and [vars(one) for one in input.attendees],
        "recurrence": input.recurrence,
    }
    try:
        saved = await info.context.client(GoogleCalendarClient).create_event(
            reads.calendar_of(calendar),
            present(event),
            idempotency_key=sent_key(idempotency_key, MAX_KEY_CHARACTERS),
            send_updates=str(send_updates.value),
        )
    except NotFound:
        return GoogleCalendarEventNotFound(event_id=None)
    except UpstreamRejected as error:
        return GoogleCalendarEventRejected(reason=error.reason)
    return GoogleCalendarEventSaved(event=to_event(saved))


@fields.mutation(calls=Calls(upstream="google_calendar", operation="events.change"))
async def google_calendar_update_event(
    info: Info,
    id: reads.EventId,
    changes: Annotated[GoogleCalendarEventChanges, strawberry.argument(description="What shall be different.")],
    calendar: reads.OfEvent = strawberry.ID(reads.PRIMARY),
    send_updates: SendUpdates = GoogleCalendarSendUpdates.NONE,
) -> GoogleCalendarSaveEventResult | None:
    """Change an event."""
    place = reads.place_of(id, calendar)
    try:
        saved = await info.context.client(GoogleCalendarClient).change_event(
            *place, changed(changes), send_updates=str(send_updates.value)
        )
    except NotFound:
        return GoogleCalendarEventNotFound(event_id=strawberry.ID(place[1]))
    except UpstreamRejected as error:
        return GoogleCalendarEventRejected(reason=error.reason)
    return GoogleCalendarEventSaved(event=to_event(saved))


@fields.mutation(calls=Calls(upstream="google_calendar", operation="events.delete"))
async def google_calendar_delete_event(
    info: Info,
    id: reads.EventId,
    calendar: reads.OfEvent = strawberry.ID(reads.PRIMARY),
    send_updates: SendUpdates = GoogleCalendarSendUpdates.NONE,
) -> GoogleCalendarDeleteEventResult | None:
    """Take an event out of its calendar."""
    place = reads.place_of(id, calendar)
    try:
        await info.context.client(GoogleCalendarClient).delete_event(*place, send_updates=str(send_updates.value))
    except NotFound:
        return GoogleCalendarEventNotFound(event_id=strawberry.ID(place[1]))
    return GoogleCalendarEventDeleted(event_id=strawberry.ID(place[1]))


@fields.mutation(calls=Calls(upstream="google_calendar", operation="events.change"))
async def google_calendar_respond(
    info: Info,
    id: reads.EventId,
    answer: Annotated[GoogleCalendarAnswer, strawberry.argument(description="What the user says.")],
    calendar: reads.OfEvent = strawberry.ID(reads.PRIMARY),
    comment: Annotated[str | None, strawberry.argument(description="What the user says with it.")] = None,
) -> GoogleCalendarRespondResult | None:
    """Answer an invitation for the user. Everybody who is invited is told."""
    place = reads.place_of(id, calendar)
    try:
        saved = await info.context.client(GoogleCalendarClient).respond(*place, str(answer.value), comment)
    except NotFound:
        return GoogleCalendarEventNotFound(event_id=strawberry.ID(place[1]))
    except UpstreamRejected as error:
        if error.reason != NOT_INVITED:
            raise
        return GoogleCalendarNotInvited(event_id=strawberry.ID(place[1]))
    return GoogleCalendarEventSaved(event=to_event(saved))


def changed(changes: GoogleCalendarEventChanges) -> dict[str, Any]:
    """Changes as Google takes them: null takes away."""
    given = {name: value for name, value in vars(changes).items() if value is not strawberry.UNSET}
    for side in ("start", "end"):
        if side in given:
            if given[side] is None:
                raise BadInput(f"an event cannot be without `{side}`")
            given[side] = moment(side, given[side])
    if given.get("attendees"):
        given["attendees"] = [vars(one) for one in given["attendees"]]
    return given


def present(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values that are there: what is new has nothing to take away."""
    return {name: value for name, value in values.items() if value is not None}


def moment(name: str, given: GoogleCalendarMomentInput) -> dict[str, str | None]:
    """A start or an end as Google takes it; null takes the other kind away. Raises `BadInput` for none and for both."""
    if (given.date is None) == (given.date_time is None):
        raise BadInput(f"`{name}` takes either `date` or `dateTime`")
    if given.date_time is None:
        assert given.date is not None
        return {"date": given.date.isoformat(), "dateTime": None, "timeZone": given.time_zone}
    return {"dateTime": given.date_time.isoformat(), "date": None, "timeZone": given.time_zone}
