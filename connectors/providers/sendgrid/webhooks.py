"""SendGrid's event webhook: what became of mail, many events in one delivery.

Source: https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event
"""

from collections.abc import Collection, Mapping, Sequence

import orjson

from connectors.webhooks.delivery import Delivery, Event
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
    told = sorted(orjson.loads(delivery.body), key=lambda one: one["timestamp"])
    return [
        Event(
            provider="sendgrid",
            id=str(one["sg_event_id"]),
            type=str(one["event"]),
            payload=one,
            object=one.get("sg_message_id"),
        )
        for one in told
    ]


def stale(event: Event) -> Collection[str]:
    """The message with its events, the day's numbers, and lists of addresses that get no mail."""
    message = (event.object,) if event.object else ()
    return *message, "messages.list", "stats.get", *SUPPRESSES.get(event.type, ())


WEBHOOKS = Webhooks(
    secrets="SENDGRID_WEBHOOK_PUBLIC_KEY",
    verify=later("sendgrid"),
    read=read,
    stale=stale,
)
