"""SendGrid's payloads as types of ours."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from connectors.providers.sendgrid.payloads import (
    ContactListPayload,
    ContactPayload,
    ContactsPayload,
    DayPayload,
    ErrorPayload,
    EventPayload,
    MessagePayload,
    SuppressionPayload,
    TemplatePayload,
    TemplateVersionPayload,
)
from resolvers.mapping import Reader, mapping
from resolvers.reading import (
    Reading,
    day,
    filled,
    identity,
    integer,
    iso_time,
    json_object,
    list_of,
    one_of,
    text,
    unix_time,
)
from schema.providers.sendgrid import (
    SendGridContact,
    SendGridContactList,
    SendGridContacts,
    SendGridGeneration,
    SendGridMailFault,
    SendGridMessage,
    SendGridMessageEvent,
    SendGridMessageStatus,
    SendGridSender,
    SendGridStats,
    SendGridSuppression,
    SendGridTemplate,
    SendGridTemplateVersion,
)


def one_or_zero(value: Any) -> bool:
    """1 or 0."""
    return {1: True, 0: False}[integer(value)]


def utc_time(value: Any) -> datetime:
    """A date and time, in UTC without saying so."""
    return datetime.strptime(text(value), "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)


def metric(name: str) -> Callable[[Any], int]:
    """One of the sums of a period."""

    def read(stats: Any) -> int:
        return integer(stats[0]["metrics"][name])

    read.__name__ = f"an integer as {name}"
    return read


@mapping("sendgrid", "template version")
def to_version(read: Reader[TemplateVersionPayload]) -> SendGridTemplateVersion:
    return SendGridTemplateVersion(
        upstream_id=read("id", identity),
        name=read("name", text),
        subject=read.maybe("subject", text),
        active=read("active", one_or_zero),
        updated_at=read("updated_at", utc_time),
    )


@mapping("sendgrid", "template")
def to_template(read: Reader[TemplatePayload]) -> SendGridTemplate:
    return SendGridTemplate(
        upstream_id=read("id", identity),
        name=read("name", text),
        generation=read("generation", one_of(SendGridGeneration)),
        updated_at=read("updated_at", utc_time),
        versions=read("versions", list_of(to_version)),
    )


@mapping("sendgrid", "contact")
def to_contact(read: Reader[ContactPayload]) -> SendGridContact:
    return SendGridContact(
        upstream_id=read("id", identity),
        email=read("email", text),
        first_name=read.maybe("first_name", filled),
        last_name=read.maybe("last_name", filled),
        phone_number=read.maybe("phone_number", filled),
        city=read.maybe("city", filled),
        country=read.maybe("country", filled),
        list_ids=read("list_ids", list_of(identity)),
        custom_fields=read.maybe("custom_fields", json_object),
        created_at=read("created_at", iso_time),
        updated_at=read("updated_at", iso_time),
    )


@mapping("sendgrid", "contacts")
def to_contacts(read: Reader[ContactsPayload]) -> SendGridContacts:
    return SendGridContacts(nodes=read("result", list_of(to_contact)), total_count=read("contact_count", integer))


@mapping("sendgrid", "list")
def to_list(read: Reader[ContactListPayload]) -> SendGridContactList:
    return SendGridContactList(
        upstream_id=read("id", identity), name=read("name", text), contact_count=read("contact_count", integer)
    )


@mapping("sendgrid", "suppression")
def to_suppression(read: Reader[SuppressionPayload]) -> SendGridSuppression:
    return SendGridSuppression(
        email=read("email", text),
        created_at=read("created", unix_time),
        reason=read.maybe("reason", filled),
        status=read.maybe("status", filled),
        ip=read.maybe("ip", filled),
    )


@mapping("sendgrid", "statistics")
def to_stats(read: Reader[DayPayload]) -> SendGridStats:
    return SendGridStats(
        date=read("date", day),
        requests=read("stats", metric("requests")),
        processed=read("stats", metric("processed")),
        delivered=read("stats", metric("delivered")),
        deferred=read("stats", metric("deferred")),
        bounces=read("stats", metric("bounces")),
        bounce_drops=read("stats", metric("bounce_drops")),
        blocks=read("stats", metric("blocks")),
        invalid_emails=read("stats", metric("invalid_emails")),
        spam_reports=read("stats", metric("spam_reports")),
        spam_report_drops=read("stats", metric("spam_report_drops")),
        unsubscribes=read("stats", metric("unsubscribes")),
        unsubscribe_drops=read("stats", metric("unsubscribe_drops")),
        opens=read("stats", metric("opens")),
        unique_opens=read("stats", metric("unique_opens")),
        clicks=read("stats", metric("clicks")),
        unique_clicks=read("stats", metric("unique_clicks")),
    )


def message_status(value: Any) -> SendGridMessageStatus:
    """A status, which SendGrid writes with a space where it is about a single message."""
    return one_of(SendGridMessageStatus)(text(value).replace(" ", "_"))


def sender(value: Any) -> SendGridSender:
    """An address that a mail was sent from."""
    return SendGridSender(email=text(value))


@mapping("sendgrid", "message")
def to_message(read: Reader[MessagePayload]) -> SendGridMessage:
    return SendGridMessage(
        upstream_id=read("msg_id", identity),
        excerpt=read.maybe("subject", text),
        occurred_at=read.maybe("last_event_time", iso_time),
        author=read("from_email", sender),
        from_email=read("from_email", text),
        to_email=read("to_email", text),
        subject=read.maybe("subject", text),
        status=read("status", message_status),
        opens_count=read.maybe("opens_count", integer),
        clicks_count=read.maybe("clicks_count", integer),
        last_event_at=read.maybe("last_event_time", iso_time),
    )


def to_events(payload: MessagePayload) -> list[SendGridMessageEvent]:
    """What happened to a message, as its own details tell it."""
    return Reading("sendgrid", "message", payload)("events", list_of(to_event))


@mapping("sendgrid", "event")
def to_event(read: Reader[EventPayload]) -> SendGridMessageEvent:
    return SendGridMessageEvent(
        name=read("event_name", text),
        processed_at=read("processed", iso_time),
        reason=read.maybe("reason", filled),
        url=read.maybe("url", filled),
    )


@mapping("sendgrid", "error")
def to_fault(read: Reader[ErrorPayload]) -> SendGridMailFault:
    return SendGridMailFault(message=read("message", text), field=read.maybe("field", text))
