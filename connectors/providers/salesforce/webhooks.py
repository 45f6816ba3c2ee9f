"""Salesforce's outbound messages: SOAP, up to 100 records in one, each as often and in whatever order it pleases.

Source: https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_om_outboundmessaging_wsdl.htm
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import partial
from xml.sax.saxutils import quoteattr

from lxml import etree

from connectors.protocols.soap.envelope import NAMESPACES
from connectors.protocols.soap.xml import parsed
from connectors.providers.salesforce.client import ANY_QUERY, KINDS
from connectors.providers.salesforce.partner import XSI_TYPE, record
from connectors.webhooks.delivery import Delivery, Event, each_readable
from connectors.webhooks.sender import Reply, Webhooks, untimed
from connectors.webhooks.signatures import salesforce
from connectors.webhooks.signatures.salesforce import OUTBOUND

TIMES = ("SystemModstamp", "LastModifiedDate")
"""The columns that tell when a record was changed; one must be chosen in the message for its events to be in order."""

ACK = (
    f'<?xml version="1.0" encoding="UTF-8"?><Envelope xmlns={quoteattr(NAMESPACES["1.1"])}><Body>'
    f"<notificationsResponse xmlns={quoteattr(OUTBOUND)}><Ack>true</Ack></notificationsResponse></Body></Envelope>"
)


def read(delivery: Delivery) -> Sequence[Event]:
    """`type` is the kind of record; the payload is it, as far as its columns were chosen, with the message's ids.

    The session id that Salesforce may send along is left out: that is a credential.
    """
    notifications = parsed(delivery.body).find(f".//{{{OUTBOUND}}}notifications")
    if notifications is None:
        raise ValueError("not an outbound message")
    ids = {name: notifications.findtext(f"{{{OUTBOUND}}}{name}") for name in ("OrganizationId", "ActionId")}
    told = notifications.iterfind(f"{{{OUTBOUND}}}Notification")
    return each_readable(delivery, told, partial(_event, ids))


def stale(event: Event) -> Collection[str]:
    """Queries of its kind, and those of which nobody knows what they are about."""
    return KINDS.get(event.type.lower(), event.type), ANY_QUERY


def acknowledge(delivery: Delivery) -> Reply:
    """Tell Salesforce that it need not send the message again."""
    return Reply(body=ACK.encode(), media_type="text/xml; charset=utf-8")


def _event(ids: dict[str, str | None], notification: etree._Element) -> Event:
    id, told = (notification.find(f"{{{OUTBOUND}}}{name}") for name in ("Id", "sObject"))
    if id is None or not id.text or told is None:
        raise ValueError("a notification has an id and a record")
    kind = told.get(XSI_TYPE, "").rpartition(":")[2]
    values = record(told)
    if not kind or not values.get("Id"):
        raise ValueError("a record has a type and an id")
    at = next((values[column] for column in TIMES if values.get(column)), None)
    return Event(
        provider="salesforce",
        id=id.text,
        type=kind,
        payload={**ids, "record": {"type": kind, **values}},
        object=values["Id"],
        version=datetime.fromisoformat(at).timestamp() if at else None,
    )


WEBHOOKS = Webhooks(
    secrets="SALESFORCE_WEBHOOK_SECRET",
    sandbox_secret="sandbox",  # noqa: S106  # not one of anybody's
    verify=untimed(salesforce.verify),
    read=read,
    stale=stale,
    reply=acknowledge,
)
