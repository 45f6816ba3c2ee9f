"""What SendGrid sends, under its own names: the parts that we read.

Times of templates are UTC without saying so (`2026-01-31 09:30:00`), those of suppressions Unix seconds, all others
ISO 8601.
Source: https://www.twilio.com/docs/sendgrid/api-reference
"""

from typing import Any, NotRequired, TypedDict


class ErrorPayload(TypedDict):
    """`field` is null where the fault is the whole request's."""

    message: str
    field: NotRequired[str | None]
    help: NotRequired[Any]


class TemplateVersionPayload(TypedDict):
    """`active` is 1 for the one version that is sent, else 0."""

    id: str
    template_id: str
    active: int
    name: str
    subject: NotRequired[str]
    editor: NotRequired[str]
    updated_at: str


class TemplatePayload(TypedDict):
    """`generation` is `legacy` or `dynamic`."""

    id: str
    name: str
    generation: str
    updated_at: str
    versions: list[TemplateVersionPayload]


class ContactPayload(TypedDict):
    id: str
    email: str
    first_name: str
    last_name: str
    phone_number: str
    city: str
    country: str
    list_ids: list[str]
    custom_fields: dict[str, Any]
    created_at: str
    updated_at: str


class ContactsPayload(TypedDict):
    """The first 50 of `contact_count` contacts."""

    result: list[ContactPayload]
    contact_count: int


class ContactListPayload(TypedDict):
    id: str
    name: str
    contact_count: int


class SuppressionPayload(TypedDict):
    """Bounces, blocks and invalid addresses have a reason, bounces and blocks a status, spam reports an address."""

    created: int
    email: str
    reason: NotRequired[str]
    status: NotRequired[str]
    ip: NotRequired[str]


class DayPayload(TypedDict):
    """What happened from `date` on, for as long as the statistics are summed up by; one element of `stats`."""

    date: str
    stats: list[dict[str, Any]]


class MessagePayload(TypedDict):
    msg_id: str
    from_email: str
    to_email: str
    subject: str
    status: str
    opens_count: NotRequired[int]
    clicks_count: NotRequired[int]
    last_event_time: NotRequired[str]
    template_id: NotRequired[str]
    categories: NotRequired[list[str]]
    events: NotRequired[list["EventPayload"]]


class EventPayload(TypedDict):
    event_name: str
    processed: str
    reason: NotRequired[str]
    url: NotRequired[str]
