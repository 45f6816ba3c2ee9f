"""What can be read."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any, TypeVar

import strawberry

from connectors.providers.sendgrid.client import MOST_CONTACTS, SendGridClient
from resolvers.batching import Loaded, align, batch, found
from resolvers.connections import Pages
from resolvers.context import Info
from resolvers.providers.sendgrid.convert import (
    to_contact,
    to_contacts,
    to_events,
    to_list,
    to_message,
    to_stats,
    to_suppression,
    to_template,
)
from schema.fields import Calls, Fields
from schema.problems import BadInput
from schema.providers.sendgrid import (
    SendGridContact,
    SendGridContactList,
    SendGridContacts,
    SendGridGenerationFilter,
    SendGridMessage,
    SendGridMessageEvent,
    SendGridPeriod,
    SendGridQuery,
    SendGridStats,
    SendGridSuppressionKind,
    SendGridTemplate,
)
from schema.relay import bounded

T = TypeVar("T")

MOST_MESSAGES = 1_000

Id = Annotated[strawberry.ID, strawberry.argument(description="SendGrid's own id, or the global one.")]

fields = Fields("sendgrid")
fields.group("sendgrid", SendGridQuery)


@batch(SendGridClient, max_keys=1, operation="templates.get")
async def templates_by_id(client: SendGridClient, ids: Sequence[str]) -> Loaded[SendGridTemplate]:
    return [await found(client.get_template(id), to_template) for id in ids]


@batch(SendGridClient, max_keys=1, operation="lists.get")
async def lists_by_id(client: SendGridClient, ids: Sequence[str]) -> Loaded[SendGridContactList]:
    return [await found(client.get_list(id), to_list) for id in ids]


@batch(SendGridClient, max_keys=1, operation="messages.get")
async def messages_by_id(client: SendGridClient, ids: Sequence[str]) -> Loaded[SendGridMessage]:
    return [await found(client.get_message(id), to_message) for id in ids]


@batch(SendGridClient, max_keys=1, operation="messages.get")
async def events_by_message(client: SendGridClient, ids: Sequence[str]) -> Loaded[list[SendGridMessageEvent]]:
    return [await found(client.get_message(id), to_events) for id in ids]


@batch(SendGridClient, max_keys=MOST_CONTACTS, operation="contacts.batch")
async def contacts_by_id(client: SendGridClient, ids: Sequence[str]) -> Loaded[SendGridContact]:
    return align(ids, await client.read_contacts(ids), key=lambda contact: contact["id"], make=to_contact)


@batch(SendGridClient, max_keys=MOST_CONTACTS, operation="contacts.by_email")
async def contacts_by_email(client: SendGridClient, emails: Sequence[str]) -> Loaded[SendGridContact]:
    found = await client.read_contacts_by_email(emails)
    return [to_contact(found[email]) if email in found else None for email in emails]


fields.node(SendGridTemplate, via=templates_by_id)
fields.node(SendGridContact, via=contacts_by_id)
fields.node(SendGridContactList, via=lists_by_id)
fields.node(SendGridMessage, via=messages_by_id)


@fields.on(SendGridQuery, calls=templates_by_id.calls)
async def template(info: Info, id: Id) -> SendGridTemplate | None:
    """One template; null where there is none."""
    return await templates_by_id.find(info, id)


@fields.on(SendGridQuery, calls=contacts_by_id.calls)
async def contact(info: Info, id: Id) -> SendGridContact | None:
    """One contact; null where there is none."""
    return await contacts_by_id.find(info, id)


@fields.on(SendGridQuery, calls=contacts_by_email.calls)
async def contact_by_email(
    info: Info, email: Annotated[str, strawberry.argument(description="The address, in any case.")]
) -> SendGridContact | None:
    """The contact with this address; null where there is none."""
    return await contacts_by_email.load(info, bounded(email, "email").lower())


@fields.on(SendGridQuery, calls=lists_by_id.calls)
async def contact_list(info: Info, id: Id) -> SendGridContactList | None:
    """One list of contacts; null where there is none."""
    return await lists_by_id.find(info, id)


@fields.on(SendGridQuery, calls=messages_by_id.calls)
async def message(info: Info, id: Id) -> SendGridMessage | None:
    """One message of the last 30 days; null where there is none."""
    return await messages_by_id.find(info, id)


@fields.on(SendGridQuery, calls=Calls(upstream="sendgrid", operation="contacts.recent"))
async def recent_contacts(info: Info) -> SendGridContacts | None:
    """The 50 contacts that were added last, and how many there are."""
    return to_contacts(await info.context.client(SendGridClient).recent_contacts())


@fields.on(SendGridQuery, calls=Calls(upstream="sendgrid", operation="contacts.search"))
async def search_contacts(
    info: Info,
    query: Annotated[
        str, strawberry.argument(description="In SendGrid's own query language: `email LIKE '%@quartz.example'`.")
    ],
) -> SendGridContacts | None:
    """The first 50 contacts for which a condition holds, and how many there are."""
    return to_contacts(await info.context.client(SendGridClient).search_contacts(bounded(query, "query")))


@fields.on(SendGridQuery, calls=Calls(upstream="sendgrid", operation="stats.get"))
async def stats(
    info: Info,
    start: Annotated[date, strawberry.argument(description="The first day.")],
    end: Annotated[date | None, strawberry.argument(description="The last day. Today, if it is left out.")] = None,
    by: Annotated[SendGridPeriod, strawberry.argument(description="How long to sum up.")] = SendGridPeriod.DAY,
) -> Sequence[SendGridStats] | None:
    """What became of the mail of some time, earliest first."""
    days = await info.context.client(SendGridClient).stats(
        start_date=start.isoformat(), end_date=end.isoformat() if end else None, aggregated_by=str(by.value)
    )
    return to_stats.all(days)


@fields.on(SendGridQuery, calls=Calls(upstream="sendgrid", operation="messages.list", page=MOST_MESSAGES))
async def messages(
    info: Info,
    query: Annotated[
        str, strawberry.argument(description="In SendGrid's own query language: `to_email='ada@april.example'`.")
    ],
    limit: Annotated[int, strawberry.argument(description="How many at most, up to 1,000.")] = 20,
) -> Sequence[SendGridMessage] | None:
    """Messages of the last 30 days, latest event first. SendGrid cannot page them, and asks for an add-on."""
    if not 1 <= limit <= MOST_MESSAGES:
        raise BadInput(f"`limit` must be from 1 to {MOST_MESSAGES:,}, not {limit}")
    found = await info.context.client(SendGridClient).search_messages(bounded(query, "query"), limit)
    return to_message.all(found)


fields.link(
    SendGridMessage,
    "events",
    via=events_by_message,
    key="upstream_id",
    description="What happened to it, earliest first; read message by message.",
)


@fields.connection(SendGridQuery, Pages(SendGridClient, SendGridClient.list_templates, to_template))
def templates(
    root: SendGridQuery,
    generation: Annotated[
        SendGridGenerationFilter | None, strawberry.argument(description="Only those. Without it, all.")
    ] = None,
) -> dict[str, Any]:
    """Templates, those changed last first."""
    return {"generations": str(generation.value) if generation else "legacy,dynamic"}


@fields.connection(SendGridQuery, Pages(SendGridClient, SendGridClient.list_lists, to_list))
def contact_lists(root: SendGridQuery) -> dict[str, Any]:
    """Lists of contacts."""
    return {}


@fields.connection(SendGridQuery, Pages(SendGridClient, SendGridClient.list_suppressions, to_suppression))
def suppressions(
    root: SendGridQuery,
    kind: Annotated[SendGridSuppressionKind, strawberry.argument(description="Why they get no mail.")],
    email: Annotated[str | None, strawberry.argument(description="Only this address.")] = None,
    since: Annotated[datetime | None, strawberry.argument(description="Only those suppressed from then on.")] = None,
    until: Annotated[datetime | None, strawberry.argument(description="Only those suppressed by then.")] = None,
) -> dict[str, Any]:
    """Addresses that get no mail, latest first."""
    return {
        "kind": str(kind.value),
        "email": email and bounded(email, "email"),
        "start_time": int(since.timestamp()) if since else None,
        "end_time": int(until.timestamp()) if until else None,
    }
