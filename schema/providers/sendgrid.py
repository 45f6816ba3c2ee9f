"""SendGrid's types: mails and their templates, contacts in lists, suppressed addresses, statistics."""

import datetime
from enum import Enum
from typing import Annotated

import strawberry
from strawberry.scalars import JSON

from schema.messages import Message, MessageAuthor
from schema.relay import Node

UNKNOWN = strawberry.enum_value("unknown", description="A word that SendGrid has and this gateway does not know yet.")


@strawberry.enum(description="How a template's text is filled in.")
class SendGridGeneration(Enum):
    LEGACY = strawberry.enum_value("legacy", description="By substitution tags.")
    DYNAMIC = strawberry.enum_value("dynamic", description="By Handlebars.")
    UNKNOWN = UNKNOWN


@strawberry.enum(description="The generations of templates that a list can be narrowed to.")
class SendGridGenerationFilter(Enum):
    LEGACY = strawberry.enum_value("legacy", description="Only those with substitution tags.")
    DYNAMIC = strawberry.enum_value("dynamic", description="Only those with Handlebars.")


@strawberry.enum(description="Why an address gets no mail.")
class SendGridSuppressionKind(Enum):
    BOUNCE = strawberry.enum_value("bounces", description="Its server refused a mail for good.")
    BLOCK = strawberry.enum_value("blocks", description="Its server refused a mail for now. The next one is tried.")
    SPAM_REPORT = strawberry.enum_value("spam_reports", description="Its owner called a mail spam.")
    INVALID_EMAIL = strawberry.enum_value("invalid_emails", description="It is no address, or its domain is none.")
    UNSUBSCRIBE = strawberry.enum_value("unsubscribes", description="Its owner wants no mail at all.")


@strawberry.enum(description="For how long statistics are summed up.")
class SendGridPeriod(Enum):
    DAY = strawberry.enum_value("day", description="Day by day.")
    WEEK = strawberry.enum_value("week", description="By weeks.")
    MONTH = strawberry.enum_value("month", description="By months.")


@strawberry.enum(description="What became of a message.")
class SendGridMessageStatus(Enum):
    PROCESSED = strawberry.enum_value("processed", description="It is on its way.")
    DELIVERED = strawberry.enum_value("delivered", description="The receiving server took it.")
    NOT_DELIVERED = strawberry.enum_value("not_delivered", description="It was refused, or never sent.")
    UNKNOWN = UNKNOWN


@strawberry.type(description="SendGrid: mail that goes out, and what becomes of it.")
class SendGridQuery:
    pass


@strawberry.type(description="One version of a template.")
class SendGridTemplateVersion:
    upstream_id: strawberry.ID = strawberry.field(description="SendGrid's id of the version.")
    name: str = strawberry.field(description="Its name.")
    subject: str | None = strawberry.field(description="The subject of mails that are made from it.")
    active: bool = strawberry.field(description="Whether it is the one that is sent.")
    updated_at: datetime.datetime = strawberry.field(description="When it was last changed.")


@strawberry.type(description="A template for mails.")
class SendGridTemplate(Node):
    name: str = strawberry.field(description="Its name.")
    generation: SendGridGeneration = strawberry.field(description="How its text is filled in.")
    updated_at: datetime.datetime = strawberry.field(description="When it was last changed.")
    versions: list[SendGridTemplateVersion] = strawberry.field(description="Its versions.")


@strawberry.type(description="Somebody whom marketing writes to.")
class SendGridContact(Node):
    email: str = strawberry.field(description="The address, in lower case.")
    first_name: str | None = strawberry.field(description="Given name.")
    last_name: str | None = strawberry.field(description="Family name.")
    phone_number: str | None = strawberry.field(description="Telephone number.")
    city: str | None = strawberry.field(description="City.")
    country: str | None = strawberry.field(description="Country, as it was entered.")
    list_ids: list[strawberry.ID] = strawberry.field(description="SendGrid's ids of the lists it is in.")
    custom_fields: JSON | None = strawberry.field(description="The account's own fields, by name.")
    created_at: datetime.datetime = strawberry.field(description="When it was added.")
    updated_at: datetime.datetime = strawberry.field(description="When it was last changed.")


@strawberry.type(description="Some of the contacts that were looked for. SendGrid gives the first 50 and no more.")
class SendGridContacts:
    nodes: list[SendGridContact] = strawberry.field(description="The first 50 at most.")
    total_count: int = strawberry.field(description="How many there are in all.")


@strawberry.type(description="A list of contacts.")
class SendGridContactList(Node):
    name: str = strawberry.field(description="Its name.")
    contact_count: int = strawberry.field(description="How many contacts are in it.")


@strawberry.type(description="An address that gets no mail.")
class SendGridSuppression:
    email: str = strawberry.field(description="The address.")
    created_at: datetime.datetime = strawberry.field(description="Since when.")
    reason: str | None = strawberry.field(
        description="What the receiving server said. Null where nobody gives a reason."
    )
    status: str | None = strawberry.field(description="Its status code (RFC 3463), for bounces and blocks.")
    ip: str | None = strawberry.field(description="The address that the mail came from, for spam reports.")


@strawberry.type(description="How many mails of a period had which fate.")
class SendGridStats:
    date: datetime.date = strawberry.field(description="The first day of the period.")
    requests: int = strawberry.field(description="Handed over.")
    processed: int = strawberry.field(description="Sent out.")
    delivered: int = strawberry.field(description="Taken by the receiving servers.")
    deferred: int = strawberry.field(description="Put off by the receiving servers; one mail may count several times.")
    bounces: int = strawberry.field(description="Refused for good.")
    bounce_drops: int = strawberry.field(description="Not sent, because of an earlier bounce.")
    blocks: int = strawberry.field(description="Refused for now.")
    invalid_emails: int = strawberry.field(description="Not sent, because the address is none.")
    spam_reports: int = strawberry.field(description="Called spam.")
    spam_report_drops: int = strawberry.field(description="Not sent, because of an earlier spam report.")
    unsubscribes: int = strawberry.field(description="Answered by unsubscribing.")
    unsubscribe_drops: int = strawberry.field(description="Not sent, because the address is unsubscribed.")
    opens: int = strawberry.field(description="How often mails were opened.")
    unique_opens: int = strawberry.field(description="How many mails were opened.")
    clicks: int = strawberry.field(description="How often links were followed.")
    unique_clicks: int = strawberry.field(description="In how many mails a link was followed.")


@strawberry.type(description="Something that happened to a message.")
class SendGridMessageEvent:
    name: str = strawberry.field(description="What: `processed`, `delivered`, `open`, `click`, `bounced` ...")
    processed_at: datetime.datetime = strawberry.field(description="When.")
    reason: str | None = strawberry.field(description="Why, where a server gave a reason.")
    url: str | None = strawberry.field(description="The link that was followed.")


@strawberry.type(description="Whom a mail came from.")
class SendGridSender(MessageAuthor):
    email: str = strawberry.field(description="The address that it was sent from.")


@strawberry.type(description="A mail of the last 30 days.")
class SendGridMessage(Node, Message):
    author: SendGridSender = strawberry.field(description="Whom it came from.")
    from_email: str = strawberry.field(description="Who sent it.")
    to_email: str = strawberry.field(description="Who was to get it.")
    subject: str | None = strawberry.field(description="Its subject.")
    status: SendGridMessageStatus = strawberry.field(description="What became of it.")
    opens_count: int | None = strawberry.field(description="How often it was opened.")
    clicks_count: int | None = strawberry.field(description="How often a link in it was followed.")
    last_event_at: datetime.datetime | None = strawberry.field(description="When something last happened to it.")


@strawberry.input(description="An address, and perhaps a name.")
class SendGridAddressInput:
    email: str = strawberry.field(description="The address.")
    name: str | None = strawberry.field(default=None, description="The name to show beside it.")


@strawberry.input(description="One mail among those that are sent together: who gets it, and what is different in it.")
class SendGridPersonalizationInput:
    to: list[SendGridAddressInput] = strawberry.field(description="Who gets it; they see each other.")
    cc: list[SendGridAddressInput] | None = strawberry.field(default=None, description="Who gets a copy.")
    bcc: list[SendGridAddressInput] | None = strawberry.field(default=None, description="Who gets one unseen.")
    subject: str | None = strawberry.field(default=None, description="Its subject, over that of the mail.")
    data: JSON | None = strawberry.field(default=None, description="What a dynamic template is filled in with.")
    send_at: datetime.datetime | None = strawberry.field(default=None, description="When, over that of the mail.")


@strawberry.input(description="A part of a mail's text.")
class SendGridContentInput:
    type: str = strawberry.field(description="`text/plain` first, then `text/html`.")
    value: str = strawberry.field(description="The text.")


@strawberry.input(description="A file that goes with a mail.")
class SendGridAttachmentInput:
    content: str = strawberry.field(description="The file in base64; all of them 30 MB at most.")
    filename: str = strawberry.field(description="Its name.")
    type: str | None = strawberry.field(default=None, description="Its media type.")
    content_id: str | None = strawberry.field(
        default=None, description="An id by which the text shows it in its place (`cid:`)."
    )


@strawberry.input(description="A mail, to one or to many.")
class SendGridMailInput:
    sender: SendGridAddressInput = strawberry.field(name="from", description="Who sends it: a verified sender.")
    personalizations: list[SendGridPersonalizationInput] = strawberry.field(
        description="1 to 1,000 mails, each with recipients of its own."
    )
    reply_to: SendGridAddressInput | None = strawberry.field(default=None, description="Where answers go.")
    subject: str | None = strawberry.field(default=None, description="Its subject, where no template has one.")
    content: list[SendGridContentInput] | None = strawberry.field(
        default=None, description="Its text, where no template has it."
    )
    template_id: strawberry.ID | None = strawberry.field(default=None, description="SendGrid's or the global id.")
    attachments: list[SendGridAttachmentInput] | None = strawberry.field(default=None, description="Files.")
    categories: list[str] | None = strawberry.field(default=None, description="Up to 10 names to count it under.")
    send_at: datetime.datetime | None = strawberry.field(default=None, description="When, up to 72 hours ahead.")
    batch_id: str | None = strawberry.field(
        default=None, description="What `sendgridMakeBatch` gave, to be able to call it off."
    )
    sandbox: bool = strawberry.field(default=False, description="Only check it, and send nothing.")


@strawberry.input(description="Somebody to write to, known by the address.")
class SendGridContactInput:
    email: str = strawberry.field(description="The address.")
    first_name: str | None = strawberry.field(default=None, description="Given name.")
    last_name: str | None = strawberry.field(default=None, description="Family name.")
    phone_number: str | None = strawberry.field(default=None, description="Telephone number.")
    city: str | None = strawberry.field(default=None, description="City.")
    country: str | None = strawberry.field(default=None, description="Country.")
    custom_fields: JSON | None = strawberry.field(default=None, description="By the ids of the account's own fields.")


@strawberry.type(description="SendGrid has the mail and will deliver it.")
class SendGridMailAccepted:
    message_id: str | None = strawberry.field(
        description="What the ids of its messages begin with. Null for a mail that was only checked."
    )


@strawberry.type(description="What is wrong with a part of a mail.")
class SendGridMailFault:
    message: str = strawberry.field(description="What is wrong, for developers.")
    field: str | None = strawberry.field(description="Where: `personalizations.0.to`. Null for the mail as a whole.")


@strawberry.type(description="The mail was not taken. Nothing was sent.")
class SendGridMailRejected:
    faults: list[SendGridMailFault] = strawberry.field(description="What is wrong with it.")


@strawberry.type(description="Mails can be scheduled under this id, and called off together.")
class SendGridBatch:
    batch_id: str = strawberry.field(description="Give it as `batchId` with each mail.")


@strawberry.type(description="What was scheduled under the id is not going to be sent.")
class SendGridBatchCalledOff:
    batch_id: str = strawberry.field(description="The id.")


@strawberry.type(description="SendGrid is adding and changing the contacts.")
class SendGridContactsQueued:
    job_id: str = strawberry.field(description="SendGrid's id of the job; most take less than a minute.")


@strawberry.type(description="The address gets mail again.")
class SendGridSuppressionLifted:
    email: str = strawberry.field(description="The address.")


@strawberry.type(description="The address was not suppressed for this reason.")
class SendGridNotSuppressed:
    email: str = strawberry.field(description="The address.")


SendGridSendMailResult = Annotated[
    SendGridMailAccepted | SendGridMailRejected,
    strawberry.union("SendGridSendMailResult", description="What came of handing over a mail."),
]
SendGridLiftSuppressionResult = Annotated[
    SendGridSuppressionLifted | SendGridNotSuppressed,
    strawberry.union("SendGridLiftSuppressionResult", description="What came of letting an address get mail again."),
]


@strawberry.type(description="Something that happened to a mail, as SendGrid tells it when it happens.")
class SendGridMailEvent:
    event_id: strawberry.ID = strawberry.field(description="SendGrid's id of it.")
    occurred_at: datetime.datetime = strawberry.field(description="When.")
    email: str = strawberry.field(description="Who was to get the mail.")
    message_id: strawberry.ID | None = strawberry.field(description="SendGrid's id of the mail.")
    reason: str | None = strawberry.field(description="Why, as a server or SendGrid says.")
    response: str | None = strawberry.field(description="What the receiving server answered.")
    status: str | None = strawberry.field(description="Its status code (RFC 3463), for bounces.")
    bounce_type: str | None = strawberry.field(description="`bounce` for good, `blocked` for now.")
    attempt: int | None = strawberry.field(description="Which attempt was put off.")
    url: str | None = strawberry.field(description="The link that was followed.")
    ip: str | None = strawberry.field(description="The address of whoever opened it or followed a link.")
    user_agent: str | None = strawberry.field(description="With what.")
    categories: list[str] = strawberry.field(description="The names that it is counted under.")
    custom_arguments: JSON | None = strawberry.field(description="What was sent with it to be told again.")
