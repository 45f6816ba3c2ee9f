"""SendGrid's payloads as types of ours."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any, TypeVar, cast

import strawberry
from strawberry.scalars import JSON

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
from resolvers.reading import Reading, integer, iso_time, one_of, text, unix_time
from schema.providers.sendgrid import (
    SendGridContact,
    SendGridContactList,
    SendGridContacts,
    SendGridGeneration,
    SendGridMailFault,
    SendGridMessage,
    SendGridMessageEvent,
    SendGridMessageStatus,
    SendGridStats,
    SendGridSuppression,
    SendGridTemplate,
    SendGridTemplateVersion,
)

T = TypeVar("T")


def to_template(payload: TemplatePayload) -> SendGridTemplate:
    read = Reading("sendgrid", "template", payload)
    return SendGridTemplate(
        upstream_id=read("id", identity),
        name=read("name", text),
        generation=read("generation", one_of(SendGridGeneration)),
        updated_at=read("updated_at", utc_time),
        versions=read("versions", list_of(to_version)),
    )


def to_version(payload: TemplateVersionPayload) -> SendGridTemplateVersion:
    read = Reading("sendgrid", "template version", payload)
    return SendGridTemplateVersion(
        upstream_id=read("id", identity),
        name=read("name", text),
        subject=read.maybe("subject", text),
        active=read("active", one_or_zero),
        updated_at=read("updated_at", utc_time),
    )


def to_contact(payload: ContactPayload) -> SendGridContact:
    read = Reading("sendgrid", "contact", payload)
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


def to_contacts(payload: ContactsPayload) -> SendGridContacts:
    read = Reading("sendgrid", "contacts", payload)
    return SendGridContacts(
        nodes=[to_contact(contact) for contact in payload["result"]], total_count=read("contact_count", integer)
    )


def to_list(payload: ContactListPayload) -> SendGridContactList:
    read = Reading("sendgrid", "list", payload)
    return SendGridContactList(
        upstream_id=read("id", identity), name=read("name", text), contact_count=read("contact_count", integer)
    )


def to_suppression(payload: SuppressionPayload) -> SendGridSuppression:
    read = Reading("sendgrid", "suppression", payload)
    return SendGridSuppression(
        email=read("email", text),
        created_at=read("created", unix_time),
        reason=read.maybe("reason", filled),
        status=read.maybe("status", filled),
        ip=read.maybe("ip", filled),
    )


def to_stats(payload: DayPayload) -> SendGridStats:
    """The sums of one period."""
    whole = Reading("sendgrid", "stats", payload)
    metrics = payload["stats"][0].get("metrics") if payload.get("stats") else None
    read = Reading("sendgrid", "metrics", metrics or {})
    return SendGridStats(
        date=whole("date", day),
        requests=read("requests", integer),
        processed=read("processed", integer),
        delivered=read("delivered", integer),
        deferred=read("deferred", integer),
        bounces=read("bounces", integer),
        bounce_drops=read("bounce_drops", integer),
        blocks=read("blocks", integer),
        invalid_emails=read("invalid_emails", integer),
        spam_reports=read("spam_reports", integer),
        spam_report_drops=read("spam_report_drops", integer),
        unsubscribes=read("unsubscribes", integer),
        unsubscribe_drops=read("unsubscribe_drops", integer),
        opens=read("opens", integer),
        unique_opens=read("unique_opens", integer),
        clicks=read("clicks", integer),
        unique_clicks=read("unique_clicks", integer),
    )


def to_message(payload: MessagePayload) -> SendGridMessage:
    read = Reading("sendgrid", "message", payload)
    return SendGridMessage(
        upstream_id=read("msg_id", identity),
        from_email=read("from_email", text),
        to_email=read("to_email", text),
        subject=read.maybe("subject", text),
        status=read("status", one_of(SendGridMessageStatus)),
        opens_count=read.maybe("opens_count", integer),
        clicks_count=read.maybe("clicks_count", integer),
        last_event_at=read.maybe("last_event_time", iso_time),
    )


def to_events(payload: MessagePayload) -> list[SendGridMessageEvent]:
    """What happened to a message, as its own details tell it."""
    return Reading("sendgrid", "message", payload)("events", list_of(to_event))


def to_event(payload: EventPayload) -> SendGridMessageEvent:
    read = Reading("sendgrid", "event", payload)
    return SendGridMessageEvent(
        name=read("event_name", text),
        processed_at=read("processed", iso_time),
        reason=read.maybe("reason", filled),
        url=read.maybe("url", filled),
    )


def to_fault(payload: ErrorPayload) -> SendGridMailFault:
    read = Reading("sendgrid", "error", payload)
    return SendGridMailFault(message=read("message", text), field=read.maybe("field", text))


def identity(value: Any) -> strawberry.ID:
    """An id."""
    if not value:
        raise ValueError
    return strawberry.ID(text(value))


def filled(value: Any) -> str | None:
    """A string; an empty one says that nothing is known."""
    return text(value) or None


def one_or_zero(value: Any) -> bool:
    """1 or 0."""
    return {1: True, 0: False}[integer(value)]


def utc_time(value: Any) -> datetime:
    """A date and time, in UTC without saying so."""
    return datetime.strptime(text(value), "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)


def day(value: Any) -> date:
    """A date in ISO 8601."""
    return date.fromisoformat(text(value))


def json_object(value: Any) -> JSON:
    """An object."""
    if not isinstance(value, dict):
        raise TypeError
    return cast(JSON, value)


def list_of(convert: Callable[[Any], T]) -> Callable[[Any], list[T]]:
    """A list, each of its items converted."""

    def converted(value: Any) -> list[T]:
        if not isinstance(value, list):
            raise TypeError
        return [convert(item) for item in value]

    converted.__name__ = "a list"
    return converted
