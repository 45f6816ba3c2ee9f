"""SendGrid's event webhook: what became of mail, many events in one delivery.

Source: https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import orjson

from connectors.webhooks.delivery import Delivery, Event, each_readable
from connectors.webhooks.sender import Webhooks, later

SUPPRESSES: Mapping[str, tuple[str, ...]] = {
    "bounce": ("bounces", "blocks"),
    "dropped": ("invalid_emails",),
    "spamreport": ("spam_reports",),
    "unsubscribe": ("unsubscribes",),
}
"""The lists of suppressions that an event may add an address to."""


def read(delivery: Delivery) -> Sequence[Event]:
    """The events in the order of their times. None of them makes an earlier one pointless, so they have no version."""
    events = each_readable(delivery, orjson.loads(delivery.body), _event)
    return sorted(events, key=lambda event: event.payload["timestamp"])


def stale(event: Event) -> Collection[str]:
    """The message with its events, the day's numbers, and lists of addresses that get no mail."""
    message = (event.object,) if event.object else ()
    return *message, "messages.list", "stats.get", *SUPPRESSES.get(event.type, ())


def _event(told: Mapping[str, Any]) -> Event:
    """An event. Raises `ValueError` without a time too: they are put in order by it."""
    if not isinstance(told["timestamp"], int | float):
        raise ValueError("no time")
    message = told.get("sg_message_id")
    return Event(
        provider="sendgrid",
        id=str(told["sg_event_id"]),
        type=str(told["event"]),
        payload=told,
        object=None if message is None else str(message),
    )


WEBHOOKS = Webhooks(
    secrets="SENDGRID_WEBHOOK_PUBLIC_KEY",
    verify=later("sendgrid"),
    read=read,
    stale=stale,
)
