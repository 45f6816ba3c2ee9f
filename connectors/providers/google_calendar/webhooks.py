"""Google Calendar's push channels: a notification says that a calendar changed, and nothing of what did.

What changed is pulled, and each changed event is told as an event of its own: see `watching`.
Source: https://developers.google.com/workspace/calendar/api/guides/push
"""

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from connectors.webhooks.delivery import Delivery, Event
from connectors.webhooks.sender import Desk, Webhooks, untimed
from connectors.webhooks.signatures import google

if TYPE_CHECKING:
    from connectors.webhooks.durable import Durable
    from connectors.webhooks.inbox import Inbox
    from connectors.webhooks.sender import Sender

NOTIFICATION = "notification"
"""The type of what makes us pull. Those of what is pulled begin with `event.`."""

OPENED = "sync"
"""The state that a channel tells of when it opens: nothing has happened."""


def read(delivery: Delivery) -> Sequence[Event]:
    """A notification. Messages of a channel have growing numbers; `object` is the watch that the channel is of."""
    if delivery.headers["x-goog-resource-state"] == OPENED:
        return []
    channel, number = delivery.headers["x-goog-channel-id"], int(delivery.headers["x-goog-message-number"])
    watch = channel.partition("-")[0]
    payload = {"watch": watch, "state": delivery.headers["x-goog-resource-state"]}
    return [
        Event(provider="google_calendar", id=f"{channel}/{number}", type=NOTIFICATION, payload=payload, object=watch)
    ]


def stale(event: Event) -> Collection[str]:
    """The event and its series, lists of events, and when people are free."""
    if event.type == NOTIFICATION:
        return ()
    ids = (event.payload.get("id"), event.payload.get("recurringEventId"))
    return [id for id in ids if id] + ["events.list", "events.instances", "freebusy.query"]


def desk(durable: "Durable", inbox: "Inbox", sender: "Sender") -> Desk:
    """Who pulls, and keeps channels open."""
    from connectors.providers.google_calendar.watching import Watching  # loads SQLAlchemy

    return Watching(durable, inbox, sender)


WEBHOOKS = Webhooks(
    secrets="GOOGLE_CALENDAR_WEBHOOK_SECRET",
    sandbox_secret="sandbox",  # noqa: S106  # not one of anybody's
    verify=untimed(google.verify),
    read=read,
    stale=stale,
    desk=desk,
)
