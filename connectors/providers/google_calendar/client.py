"""Google Calendar's operations."""

import hashlib
from base64 import b32hexencode
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from connectors.errors import CursorExpired, NotFound, PayloadMismatch, UpstreamRejected
from connectors.paging import Page, Window, paged
from connectors.protocols.rest import Rest, segment
from connectors.providers.google_calendar.payloads import (
    AttendeePayload,
    BusyPayload,
    CalendarPayload,
    ChannelPayload,
    EventPayload,
)
from connectors.upstream import Endpoint

VERSION = "/calendar/v3"
"""The version of the API that the payloads are written for."""

SELF = "id"
STALE_TOKENS = frozenset(("invalidPageToken", "invalid", "fullSyncRequired", "updatedMinTooLongAgo"))
"""What Google says of a page token that it does not take (any more)."""

CONFLICT, GONE = 409, 410
MOST_CHANGES = 2500
MOST_CALENDARS = 50


@dataclass(frozen=True)
class Synced:
    """Changes of a calendar. `sync_token` stands for where they lead; `updated` is when it last changed (RFC 3339)."""

    events: Sequence[EventPayload]
    sync_token: str | None
    updated: str | None


class GoogleCalendarClient:
    """Calendars of one user, their events, and when people are free.

    `select` names the event's fields to send (`summary`, `start` ...), `id` is always among them. Lists read forward
    only. What is not there, or was deleted, raises `NotFound`; an answer of another shape `PayloadMismatch`.
    """

    upstream = "google_calendar"

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._rest = Rest(endpoint)

    async def get_calendar(self, id: str) -> CalendarPayload:
        """One calendar of the user's list; `primary` stands for the user's own.

        Source: https://developers.google.com/workspace/calendar/api/v3/reference/calendarList/get
        """
        operation, path = "calendars.get", f"{VERSION}/users/me/calendarList/{segment(id)}"
        return cast(CalendarPayload, self._rest.object(await self._rest.get(path, operation=operation), operation))

    @paged("calendars.list", max_limit=250)
    async def list_calendars(self, window: Window) -> Page[CalendarPayload]:
        """The user's calendars.

        Source: https://developers.google.com/workspace/calendar/api/v3/reference/calendarList/list
        """
        query = {"maxResults": window.limit, "pageToken": window.after}
        return await self._page(f"{VERSION}/users/me/calendarList", query, window, "calendars.list")

    async def get_event(
        self, calendar: str, id: str, select: Collection[str] = (), *, reload: bool = False
    ) -> EventPayload:
        """One event; a recurring one stands for its series. `reload` reads it as it is now (see `Call`).

        Source: https://developers.google.com/workspace/calendar/api/v3/reference/events/get
        """
        operation = "events.get"
        query = {"fields": ",".join(sorted({SELF, *select}))} if select else None
        answer = await self._rest.get(self._event_path(calendar, id), query, operation=operation, reload=reload)
        return self._event(calendar, answer, operation)

    @paged("events.list", max_limit=2500)
    async def list_events(
        self,
        window: Window,
        *,
        calendar: str,
        time_min: str | None = None,
        time_max: str | None = None,
        q: str | None = None,
        single: bool = True,
        order_by: str | None = None,
        select: Collection[str] = (),
    ) -> Page[EventPayload]:
        """Events that end after `time_min` and start before `time_max` (RFC 3339), with the words of `q` in them.

        `single` gives the instances of recurring events in their place. `order_by` is `startTime` (of single ones only)
        or `updated`. Source: https://developers.google.com/workspace/calendar/api/v3/reference/events/list
        """
        query = {
            "timeMin": time_min,
            "timeMax": time_max,
            "q": q,
            "singleEvents": single,
            "orderBy": order_by,
        }
        return await self._events(
            calendar, f"{self._calendar_path(calendar)}/events", query, window, "events.list", select
        )

    @paged("events.instances", max_limit=2500)
    async def list_instances(
        self, window: Window, *, calendar: str, event: str, select: Collection[str] = ()
    ) -> Page[EventPayload]:
        """The single events of a recurring one.

        Source: https://developers.google.com/workspace/calendar/api/v3/reference/events/instances
        """
        path = f"{self._event_path(calendar, event)}/instances"
        return await self._events(calendar, path, {}, window, "events.instances", select)

    async def create_event(
        self, calendar: str, event: Mapping[str, Any], *, idempotency_key: str, send_updates: str
    ) -> EventPayload:
        """Put an event into a calendar. Its id is made of the key, so that a repetition finds it there already.

        `send_updates` is `all`, `externalOnly` or `none`.
        Source: https://developers.google.com/workspace/calendar/api/v3/reference/events/insert
        """
        operation, id = "events.create", event_id_of(idempotency_key)
        answer = await self._rest.post(
            f"{self._calendar_path(calendar)}/events",
            {**event, "id": id},
            query={"sendUpdates": send_updates},
            operation=operation,
            idempotency_key=idempotency_key,
            results=(CONFLICT,),
        )
        if "error" in self._rest.object(answer, operation):
            return await self.get_event(calendar, id)
        return self._event(calendar, answer, operation)

    async def change_event(
        self, calendar: str, id: str, changes: Mapping[str, Any], *, send_updates: str
    ) -> EventPayload:
        """Change some fields of an event; what is null is taken away. A repetition changes nothing more.

        Source: https://developers.google.com/workspace/calendar/api/v3/reference/events/patch
        """
        operation = "events.change"
        answer = await self._rest.post(
            self._event_path(calendar, id),
            changes,
            query={"sendUpdates": send_updates},
            operation=operation,
            method="PATCH",
        )
        return self._event(calendar, answer, operation)

    async def delete_event(self, calendar: str, id: str, *, send_updates: str) -> None:
        """Take an event out of a calendar. What a repetition finds gone after a lost answer has been taken out.

        Source: https://developers.google.com/workspace/calendar/api/v3/reference/events/delete
        """
        try:
            await self._rest.post(
                self._event_path(calendar, id),
                query={"sendUpdates": send_updates},
                operation="events.delete",
                method="DELETE",
                idempotent=True,
            )
        except NotFound:
            if not self._endpoint.in_doubt():
                raise

    async def respond(self, calendar: str, id: str, response: str, comment: str | None) -> EventPayload:
        """Answer an invitation for the user: `accepted`, `declined` or `tentative`.

        Raises `UpstreamRejected` (`notInvited`) where the user is not among the attendees. Two calls: Google takes the
        list of attendees as a whole, so it is read as it is now. Source: https://developers.google.com/workspace/calendar/api/v3/reference/events/patch
        """
        event = await self.get_event(calendar, id, ("attendees",), reload=True)
        attendees: list[AttendeePayload] = event.get("attendees") or []
        if not any(one.get("self") for one in attendees):
            raise UpstreamRejected(self.upstream, "events.change", status=400, reason="notInvited")
        answer: AttendeePayload = {"responseStatus": response, **({"comment": comment} if comment else {})}
        changed = [cast(AttendeePayload, {**one, **answer}) if one.get("self") else one for one in attendees]
        return await self.change_event(calendar, id, {"attendees": changed}, send_updates="all")

    async def free_busy(self, calendars: Sequence[str], start: str, end: str) -> dict[str, BusyPayload]:
        """When up to 50 calendars are taken between two moments (RFC 3339).

        Source: https://developers.google.com/workspace/calendar/api/v3/reference/freebusy/query
        """
        operation = "freebusy.query"
        body = {"timeMin": start, "timeMax": end, "items": [{"id": id} for id in calendars]}
        answer = await self._rest.post(f"{VERSION}/freeBusy", body, operation=operation, safe=True)
        found = self._rest.object(answer, operation).get("calendars")
        return cast(dict[str, BusyPayload], self._rest.object(found, operation, path="calendars"))

    async def open_channel(self, calendar: str, id: str, token: str, address: str, *, lasts_s: float) -> ChannelPayload:
        """Have Google tell an address whenever something changes in a calendar. It may give the channel less time.

        `id` has up to 64 characters and was never used before, `token` up to 256; the address must be HTTPS.
        Source: https://developers.google.com/workspace/calendar/api/v3/reference/events/watch
        """
        operation = "channels.open"
        body = {
            "id": id,
            "type": "web_hook",
            "address": address,
            "token": token,
            "params": {"ttl": str(int(lasts_s))},
        }
        path = f"{self._calendar_path(calendar)}/events/watch"
        answer = self._rest.object(await self._rest.post(path, body, operation=operation, evicts=()), operation)
        if not isinstance(answer.get("resourceId"), str):
            raise PayloadMismatch(self.upstream, operation, path="resourceId", expected="text")
        return cast(ChannelPayload, answer)

    async def stop_channel(self, id: str, resource: str) -> None:
        """Have Google tell us nothing more by a channel; `resource` is what Google called it when it was opened.

        Source: https://developers.google.com/workspace/calendar/api/v3/reference/channels/stop
        """
        body = {"id": id, "resourceId": resource}
        await self._rest.post(f"{VERSION}/channels/stop", body, operation="channels.stop", idempotent=True, evicts=())

    async def sync(self, calendar: str, token: str | None) -> Synced:
        """What changed in a calendar since it gave `token`; without one nothing, but a token for what is to come.

        What was deleted is among it, with little more than its id. Raises `CursorExpired` for a token that Google does
        not know any more. Source: https://developers.google.com/workspace/calendar/api/guides/sync
        """
        tokens = None if token else "nextPageToken,nextSyncToken,updated"
        return await self._changes(calendar, {"syncToken": token, "fields": tokens}, token)

    async def changed_since(self, calendar: str, since: str | None) -> Sequence[EventPayload]:
        """Events that changed after a moment (RFC 3339), deleted ones too; all there are without one.

        Raises `CursorExpired` where that is too long ago for Google.
        Source: https://developers.google.com/workspace/calendar/api/v3/reference/events/list
        """
        query = {"updatedMin": since, "showDeleted": since is not None}
        return (await self._changes(calendar, query, since)).events

    async def _changes(self, calendar: str, query: Mapping[str, Any], since: str | None) -> Synced:
        """All pages of a list. Raises `CursorExpired` where Google does not know about `since`."""
        operation, path = "events.sync", f"{self._calendar_path(calendar)}/events"
        events: list[Any] = []
        page: str | None = None
        while True:
            try:
                asked = {**query, "maxResults": MOST_CHANGES, "pageToken": page}
                answer = self._rest.object(
                    await self._rest.get(path, asked, operation=operation, reload=True), operation
                )
            except UpstreamRejected as error:
                if since is not None and (error.status == GONE or error.reason in STALE_TOKENS):
                    raise CursorExpired(self.upstream, operation) from error
                raise
            events += self._rest.objects(answer.get("items", []), operation, path="items")
            page = answer.get("nextPageToken")
            if page is None:
                break
        placed = [cast(EventPayload, {**event, "calendar_id": calendar}) for event in events]
        return Synced(placed, answer.get("nextSyncToken"), answer.get("updated"))

    async def _events(
        self,
        calendar: str,
        path: str,
        query: Mapping[str, Any],
        window: Window,
        operation: str,
        select: Collection[str],
    ) -> Page[EventPayload]:
        fields = {"fields": f"nextPageToken,items({','.join(sorted({SELF, *select}))})"} if select else {}
        query = {**query, "maxResults": window.limit, "pageToken": window.after, **fields}
        page: Page[Any] = await self._page(path, query, window, operation)
        events: list[Any] = [{**event, "calendar_id": calendar} for event in page.items]
        return Page(events, next_cursor=page.next_cursor)

    async def _page(self, path: str, query: Mapping[str, Any], window: Window, operation: str) -> Page[Any]:
        """Raises `CursorExpired` for a page token that Google does not take (any more)."""
        try:
            answer = self._rest.object(await self._rest.get(path, query, operation=operation), operation)
        except UpstreamRejected as error:
            if window.after and (error.status == 410 or error.reason in STALE_TOKENS):
                raise CursorExpired(self.upstream, operation) from error
            raise
        items = self._rest.objects(answer.get("items", []), operation, path="items")
        return Page(items, next_cursor=answer.get("nextPageToken"))

    def _event(self, calendar: str, answer: Any, operation: str) -> EventPayload:
        return cast(EventPayload, {**self._rest.object(answer, operation), "calendar_id": calendar})

    def _calendar_path(self, calendar: str) -> str:
        if not calendar:
            raise NotFound(self.upstream, "calendars.get", status=404, reason="empty id")
        return f"{VERSION}/calendars/{segment(calendar)}"

    def _event_path(self, calendar: str, id: str) -> str:
        if not id:  # the address without an id is the list's
            raise NotFound(self.upstream, "events.get", status=404, reason="empty id")
        return f"{self._calendar_path(calendar)}/events/{segment(id)}"


def event_id_of(idempotency_key: str) -> str:
    """An event's id that says what the key says: Google takes digits and the letters from a to v (base32hex)."""
    digest = hashlib.blake2b(idempotency_key.encode(), digest_size=20, person=b"punnet event").digest()
    return b32hexencode(digest).decode().lower()
