"""What changes: mail goes out, contacts are kept, addresses get mail again. In doubt nothing is sent twice."""

from datetime import datetime
from typing import Annotated, Any

import strawberry

from connectors.errors import NotFound
from connectors.providers.sendgrid.client import MOST_PERSONALIZATIONS, SendGridClient
from resolvers.context import Info
from resolvers.providers.sendgrid import reads
from resolvers.providers.sendgrid.convert import to_fault
from schema.fields import Calls
from schema.problems import BadInput
from schema.providers.sendgrid import (
    SendGridAddressInput,
    SendGridBatch,
    SendGridBatchCalledOff,
    SendGridContactInput,
    SendGridContactsQueued,
    SendGridLiftSuppressionResult,
    SendGridMailAccepted,
    SendGridMailInput,
    SendGridMailRejected,
    SendGridNotSuppressed,
    SendGridPersonalizationInput,
    SendGridSendMailResult,
    SendGridSuppressionKind,
    SendGridSuppressionLifted,
)
from schema.relay import bounded, upstream_id_of

MOST_CONTACTS_PUT = 30_000

fields = reads.fields


@fields.mutation(calls=Calls(upstream="sendgrid", operation="mail.send"))
async def sendgrid_send_mail(
    info: Info, input: Annotated[SendGridMailInput, strawberry.argument(description="The mail.")]
) -> SendGridSendMailResult | None:
    """Hand a mail over for delivery, now or at a moment to come. It is never sent twice."""
    if not 1 <= len(input.personalizations) <= MOST_PERSONALIZATIONS:
        raise BadInput(f"`personalizations` takes 1 to {MOST_PERSONALIZATIONS:,} entries")
    message_id, errors = await info.context.client(SendGridClient).send_mail(written(input))
    if errors:
        return SendGridMailRejected(faults=[to_fault(error) for error in errors])
    return SendGridMailAccepted(message_id=message_id)


@fields.mutation(calls=Calls(upstream="sendgrid", operation="mail.batch"))
async def sendgrid_make_batch(info: Info) -> SendGridBatch | None:
    """An id for mails that are scheduled together."""
    return SendGridBatch(batch_id=await info.context.client(SendGridClient).make_batch())


@fields.mutation(calls=Calls(upstream="sendgrid", operation="scheduled_sends.cancel"))
async def sendgrid_call_off_batch(
    info: Info, batch_id: Annotated[str, strawberry.argument(description="What the mails were scheduled under.")]
) -> SendGridBatchCalledOff | None:
    """Call off what is scheduled, up to ten minutes before it is due."""
    await info.context.client(SendGridClient).call_off(bounded(batch_id, "batchId"))
    return SendGridBatchCalledOff(batch_id=batch_id)


@fields.mutation(calls=Calls(upstream="sendgrid", operation="contacts.put"))
async def sendgrid_put_contacts(
    info: Info,
    contacts: Annotated[list[SendGridContactInput], strawberry.argument(description="Up to 30,000.")],
    list_ids: Annotated[
        list[strawberry.ID] | None, strawberry.argument(description="Lists to put them into; ids of either kind.")
    ] = None,
) -> SendGridContactsQueued | None:
    """Add contacts, or change those with the same addresses. What is not given stays as it is."""
    if not 1 <= len(contacts) <= MOST_CONTACTS_PUT:
        raise BadInput(f"`contacts` takes 1 to {MOST_CONTACTS_PUT:,} entries")
    client = info.context.client(SendGridClient)
    ids = [upstream_id_of(id, "SendGridContactList") for id in list_ids or ()]
    return SendGridContactsQueued(job_id=await client.put_contacts([_given(vars(one)) for one in contacts], ids))


@fields.mutation(calls=Calls(upstream="sendgrid", operation="suppressions.delete"))
async def sendgrid_lift_suppression(
    info: Info,
    kind: Annotated[SendGridSuppressionKind, strawberry.argument(description="Why it gets no mail.")],
    email: Annotated[str, strawberry.argument(description="The address.")],
) -> SendGridLiftSuppressionResult | None:
    """Let an address get mail again."""
    if not bounded(email, "email"):
        raise BadInput("`email` cannot be empty")
    try:
        await info.context.client(SendGridClient).lift_suppression(str(kind.value), email)
    except NotFound:
        return SendGridNotSuppressed(email=email)
    return SendGridSuppressionLifted(email=email)


def written(mail: SendGridMailInput) -> dict[str, Any]:
    """A mail as SendGrid takes it."""
    template = None if mail.template_id is None else upstream_id_of(mail.template_id, "SendGridTemplate")
    return _given(
        {
            "from": _address(mail.sender),
            "personalizations": [_personalization(one) for one in mail.personalizations],
            "reply_to": mail.reply_to and _address(mail.reply_to),
            "subject": mail.subject,
            "content": mail.content and [vars(part) for part in mail.content],
            "template_id": template,
            "attachments": mail.attachments
            and [
                _given({**vars(file), "disposition": "inline" if file.content_id else None})
                for file in mail.attachments
            ],
            "categories": mail.categories,
            "send_at": _seconds(mail.send_at),
            "batch_id": mail.batch_id,
            "mail_settings": {"sandbox_mode": {"enable": True}} if mail.sandbox else None,
        }
    )


def _personalization(one: SendGridPersonalizationInput) -> dict[str, Any]:
    return _given(
        {
            "to": [_address(address) for address in one.to],
            "cc": one.cc and [_address(address) for address in one.cc],
            "bcc": one.bcc and [_address(address) for address in one.bcc],
            "subject": one.subject,
            "dynamic_template_data": one.data,
            "send_at": _seconds(one.send_at),
        }
    )


def _address(address: SendGridAddressInput) -> dict[str, Any]:
    return _given(vars(address))


def _seconds(moment: datetime | None) -> int | None:
    return None if moment is None else int(moment.timestamp())


def _given(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
