"""Keeps calendars watched: opens channels, renews them before they end, and pulls what changed when one says so.

Source: https://developers.google.com/workspace/calendar/api/guides/sync
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from secrets import token_hex
from typing import Any
from uuid import uuid4

import structlog
from sqlalchemy.exc import IntegrityError

from connectors.call import Scope
from connectors.connector import Connector
from connectors.errors import ConnectionRequired, CursorExpired, NotFound, ReauthorizationRequired, UpstreamError
from connectors.providers.google_calendar import watches
from connectors.providers.google_calendar.client import GoogleCalendarClient
from connectors.providers.google_calendar.payloads import EventPayload
from connectors.providers.google_calendar.watches import TABLES, Watch
from connectors.providers.google_calendar.webhooks import NOTIFICATION
from connectors.webhooks.delivery import Event
from connectors.webhooks.durable import Durable
from connectors.webhooks.inbox import Inbox
from connectors.webhooks.sender import Sender
from connectors.webhooks.signatures.google import token_of

RENEWAL = "google_calendar.renew"

PRIMARY = "primary"
"""What Google calls the user's own calendar, whatever its id is."""

LASTS_S = 7 * 86_400.0
"""How long a channel is asked for; Google may give less."""

AHEAD_S = 86_400.0
"""How long before its end a channel is renewed: no later than at half of its time."""

LOOK_S = 30.0
"""How often to look for channels to renew."""

AGAIN_S = (60.0, 3600.0)
"""How long to wait after a renewal that failed, at first and at most."""

PATIENCE_S = 60.0
"""How long the calls of one pull or one renewal may take."""

MOMENT = timedelta(seconds=2)
"""Google writes the time of an event's making without its fraction, and may touch the event a little later."""

log = structlog.get_logger("punnet.webhooks")


class Watching:
    """The watches of Google Calendar, a `Desk`. All methods raise `SQLAlchemyError` or `OSError` without a database."""

    def __init__(self, durable: Durable, inbox: Inbox, sender: Sender) -> None:
        assert sender.connector is not None
        self._durable = durable
        self._clock = durable.clock
        self._inbox = inbox
        self._connector: Connector = sender.connector
        self._secret = sender.secrets[0]
        self._look_at = self._clock.now()
        durable.register(RENEWAL, self._renew, sweep=self._look_around)

    async def watch(self, scope: Scope, calendar: str, address: str) -> Watch:
        """Have `scope`'s user told of what changes in a calendar from now on, at `address`; again does no more.

        Where it was another address, the channel is renewed soon.

        Raises `UpstreamError` where Google does not want to.
        """
        client = self._connector.client(scope)
        calendar = await self._named(client, calendar)
        async with await self._durable.database.begin(TABLES) as connection:
            known = await watches.of_calendar(connection, scope.user, calendar)
            if known and known.address != address:
                moved = {"address": address, "renew_at": self._clock.time()}
                await watches.update(connection, known.id, moved)
        if known:
            return known
        id = uuid4().hex
        watch = Watch(id=id, user=scope.user, principal=scope.principal, calendar=calendar, address=address)
        watch = replace(watch, renew_at=self._clock.time() + PATIENCE_S)
        try:  # first, as Google may tell of a change before it answers
            async with await self._durable.database.begin(TABLES) as connection:
                await watches.add(connection, watch)
        except IntegrityError:
            return await self.watch(scope, calendar, address)
        try:
            opened = await self._open(client, watch)
            await self._pull(client, opened)
        except UpstreamError:
            async with await self._durable.database.begin(TABLES) as connection:
                await watches.remove(connection, id)
            raise
        return opened

    async def unwatch(self, scope: Scope, calendar: str) -> bool:
        """Have the user told no longer; whether they were. What Google sends in spite of that is dropped."""
        client = self._connector.client(scope)
        calendar = await self._named(client, calendar)
        async with await self._durable.database.begin(TABLES) as connection:
            watch = await watches.of_calendar(connection, scope.user, calendar)
            if watch:
                await watches.remove(connection, watch.id)
        if watch:
            await self._close(client, watch)
        return watch is not None

    async def list(self, scope: Scope) -> Sequence[Watch]:
        """What the user watches."""
        async with await self._durable.database.begin(TABLES) as connection:
            return await watches.of_user(connection, scope.user)

    async def handle(self, event: Event) -> None:
        """Pull, if there is something to pull; whose consent has ended is not watched on. Raises `UpstreamError`."""
        watch = await self._get(event.payload["watch"]) if event.type == NOTIFICATION else None
        if watch:
            try:
                await self._pull(self._client(watch), watch)
            except (ConnectionRequired, ReauthorizationRequired) as error:
                await self._end(watch, error)

    async def _pull(self, client: GoogleCalendarClient, watch: Watch) -> None:
        """Put what changed into the inbox, each change once, and remember how far that was.

        What is there when a watch begins has not changed. Where Google has forgotten how far we were (410), everything
        that changed since is read by its time, or all there is, if that is too long ago.
        """
        try:
            found = await client.sync(watch.calendar, watch.sync_token)
            changed = found.events
        except CursorExpired:
            found = await client.sync(watch.calendar, None)
            changed = await self._since(client, watch)
        told = sorted((_event(watch, one) for one in changed), key=lambda event: event.version or 0.0)
        if told:
            await self._inbox.accept(told)
        times = (watch.seen_until, found.updated, *(one.get("updated") for one in changed))
        seen_until = max((time for time in times if time), default=None)
        async with await self._durable.database.begin(TABLES) as connection:
            reached = {"sync_token": found.sync_token, "seen_until": seen_until}
            await watches.update(connection, watch.id, reached)

    async def _since(self, client: GoogleCalendarClient, watch: Watch) -> Sequence[EventPayload]:
        """What changed since the latest change that is known."""
        try:
            return await client.changed_since(watch.calendar, watch.seen_until)
        except CursorExpired:
            return await client.changed_since(watch.calendar, None)

    async def _open(self, client: GoogleCalendarClient, watch: Watch) -> Watch:
        """The watch with one more channel, if nobody else has opened that meanwhile."""
        generation = watch.generation + 1
        channel = f"{watch.id}-{generation}-{token_hex(4)}"
        asked_at = self._clock.time()
        opened = await client.open_channel(
            watch.calendar, channel, token_of(channel, self._secret), watch.address, lasts_s=LASTS_S
        )
        expires_at = int(opened["expiration"]) / 1000 if "expiration" in opened else asked_at + LASTS_S
        renewed = replace(
            watch,
            generation=generation,
            channel=channel,
            resource=opened["resourceId"],
            expires_at=expires_at,
            renew_at=expires_at - min(AHEAD_S, (expires_at - asked_at) / 2),
        )
        names = ("generation", "channel", "resource", "expires_at", "renew_at")
        values: dict[str, Any] = {name: getattr(renewed, name) for name in names}
        async with await self._durable.database.begin(TABLES) as connection:
            is_ours = await watches.update(connection, watch.id, values, generation=watch.generation)
        if not is_ours:
            await self._close(client, renewed)
        return renewed

    async def _close(self, client: GoogleCalendarClient, watch: Watch) -> None:
        """End a channel. One that cannot be ended now ends by itself."""
        if watch.channel and watch.resource:
            try:
                await client.stop_channel(watch.channel, watch.resource)
            except UpstreamError as error:
                log.warning("a channel is left to end", provider="google_calendar", error=str(error))

    async def _look_around(self, living: object) -> None:
        """Have what is due renewed: once, however many processes look."""
        if self._clock.now() < self._look_at:
            return
        self._look_at = self._clock.now() + LOOK_S
        async with await self._durable.database.begin(TABLES) as connection:
            due = await watches.due(connection, self._clock.time())
        for id, generation in due:
            await self._durable.start(RENEWAL, f"{RENEWAL}/{id}/{generation}", id, generation)

    async def _renew(self, id: str, generation: int) -> None:
        """The workflow: try until there is another channel, or the watch is gone."""
        wait_s, longest_s = AGAIN_S
        while True:
            try:
                await self._renew_once(id, generation)
            except Exception as error:  # there is a next time
                log.warning("a channel is not renewed yet", watch=id, error=type(error).__name__)
            else:
                return
            await self._clock.sleep(wait_s)
            wait_s = min(wait_s * 2, longest_s)

    async def _renew_once(self, id: str, generation: int) -> None:
        """Open another channel, unless that is done, and pull what was missed. A watch that makes no sense ends."""
        watch = await self._get(id)
        if watch is None:
            return
        client = self._client(watch)
        try:
            if watch.generation == generation:
                await self._open(client, watch)
                await self._close(client, watch)
            await self._pull(client, watch)
            log.info("calendar watched on", watch=id)
        except (NotFound, ConnectionRequired, ReauthorizationRequired) as error:
            await self._end(watch, error)

    async def _end(self, watch: Watch, why: UpstreamError) -> None:
        """Watch a calendar no longer that is gone, or whose user agrees no longer. Its channel ends by itself."""
        log.warning("a calendar is not watched any more", watch=watch.id, code=why.code)
        async with await self._durable.database.begin(TABLES) as connection:
            await watches.remove(connection, watch.id)

    async def _named(self, client: GoogleCalendarClient, calendar: str) -> str:
        """A calendar by its id: that of the user's own one may be known to others as well."""
        return (await client.get_calendar(calendar))["id"] if calendar == PRIMARY else calendar

    async def _get(self, id: str) -> Watch | None:
        async with await self._durable.database.begin(TABLES) as connection:
            return await watches.get(connection, id)

    def _client(self, watch: Watch) -> GoogleCalendarClient:
        now = self._clock.now()
        scope = Scope(principal=watch.principal, user=watch.user, began=now, deadline=now + PATIENCE_S)
        client: GoogleCalendarClient = self._connector.client(scope)
        return client


def _event(watch: Watch, changed: EventPayload) -> Event:
    """A change as an event. Its id holds the event's tag, which is another one after each change."""
    id, updated = changed["id"], changed.get("updated")
    tag = (changed.get("etag") or updated or "").strip('"')
    return Event(
        provider="google_calendar",
        id=f"{watch.calendar}/{id}/{tag}",
        type=_type(watch, changed),
        payload=dict(changed),
        object=f"{watch.calendar}/{id}",
        version=datetime.fromisoformat(updated).timestamp() if updated else None,
    )


def _type(watch: Watch, changed: EventPayload) -> str:
    """Google does not say what changed. New is what was made since we looked, or a moment before it was changed."""
    created, updated = changed.get("created"), changed.get("updated")
    if changed.get("status") == "cancelled":
        return "event.cancelled"
    if created is None or updated is None:
        return "event.updated"
    lived = datetime.fromisoformat(updated) - datetime.fromisoformat(created)
    return "event.created" if created > (watch.seen_until or created) or lived < MOMENT else "event.updated"
