"""Calendars are watched, so that what changes in them becomes an event here."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast

import strawberry

from connectors.errors import UpstreamRejected
from resolvers.context import Info
from resolvers.providers.google_calendar import changes, reads
from schema.fields import Calls
from schema.problems import BadInput
from schema.providers.google_calendar import (
    GoogleCalendarQuery,
    GoogleCalendarUnwatched,
    GoogleCalendarUnwatchResult,
    GoogleCalendarWatch,
    GoogleCalendarWatchRejected,
    GoogleCalendarWatchResult,
)

if TYPE_CHECKING:
    from connectors.providers.google_calendar.watches import Watch
    from connectors.providers.google_calendar.watching import Watching

PATH = "/webhooks/google_calendar"

fields = changes.fields


@fields.mutation(calls=Calls(upstream="google_calendar", operation="channels.open"))
async def google_calendar_watch(
    info: Info, calendar: reads.CalendarId = strawberry.ID(reads.PRIMARY)
) -> GoogleCalendarWatchResult | None:
    """Have Google tell of what changes in a calendar, until that is ended. Done again, it does no more.

    `PUNNET_PUBLIC_URL` must be where Google reaches this gateway, by HTTPS.
    """
    desk = await desk_in(info)
    if info.context.public_url is None:
        raise BadInput("Google must know where to reach this gateway: set PUNNET_PUBLIC_URL")
    try:
        watch = await desk.watch(
            info.context.scope, reads.calendar_of(calendar), info.context.public_url.rstrip("/") + PATH
        )
    except UpstreamRejected as error:
        return GoogleCalendarWatchRejected(reason=error.reason)
    return to_watch(watch)


@fields.mutation(calls=Calls(upstream="google_calendar", operation="channels.stop"))
async def google_calendar_unwatch(
    info: Info, calendar: reads.CalendarId = strawberry.ID(reads.PRIMARY)
) -> GoogleCalendarUnwatchResult | None:
    """Have Google tell nothing more of a calendar."""
    desk = await desk_in(info)
    try:
        was_watched = await desk.unwatch(info.context.scope, reads.calendar_of(calendar))
    except UpstreamRejected as error:
        return GoogleCalendarWatchRejected(reason=error.reason)
    return GoogleCalendarUnwatched(calendar=calendar, was_watched=was_watched)


@fields.on(GoogleCalendarQuery)
async def watches(info: Info) -> list[GoogleCalendarWatch] | None:
    """The user's calendars that are watched."""
    return [to_watch(watch) for watch in await (await desk_in(info)).list(info.context.scope)]


async def desk_in(info: Info) -> "Watching":
    """Who sees to watches here. Raises `BadInput` where notifications are not taken."""
    office = info.context.office
    if office is None or "google_calendar" not in office.senders:
        raise BadInput("notifications of Google are not taken here: set GOOGLE_CALENDAR_WEBHOOK_SECRET")
    return cast("Watching", (await office.inbox()).desks["google_calendar"])


def to_watch(watch: "Watch") -> GoogleCalendarWatch:
    return GoogleCalendarWatch(
        calendar_id=strawberry.ID(watch.calendar),
        expires_at=datetime.fromtimestamp(watch.expires_at, UTC),
        renews_at=datetime.fromtimestamp(watch.renew_at, UTC),
    )
