"""What can be followed: what becomes of mail.

Source: https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event
"""

from operator import itemgetter
from typing import Any

from strawberry.scalars import JSON

from resolvers.events import Events, Filter
from resolvers.mapping import Reader, mapping
from resolvers.providers.sendgrid import mail
from resolvers.providers.sendgrid.reads import messages_by_id
from resolvers.reading import filled, identity, integer, list_of, text, unix_time
from schema.providers.sendgrid import SendGridMailEvent

fields = mail.fields

OWN = frozenset(
    "email timestamp event smtp-id useragent ip sg_event_id sg_message_id reason status response attempt url "
    "url_offset category asm_group_id type bounce_classification tls cert_err pool sg_machine_open sg_content_type "
    "marketing_campaign_id marketing_campaign_name singlesend_id singlesend_name template_id sg_template_id "
    "sg_template_name send_at newsletter domain from".split()
)
"""SendGrid's names; all others are what was sent along with the mail."""


def whole(value: Any) -> int:
    """A number, which SendGrid writes as text."""
    return integer(int(value))


def names(value: Any) -> list[str]:
    """Categories: one, several, or none."""
    return [value] if isinstance(value, str) else list_of(text)(value or [])


def custom(told: Any) -> JSON | None:
    """What is not SendGrid's own."""
    return JSON({name: value for name, value in told.items() if name not in OWN}) or None


@mapping("sendgrid", "event")
def to_mail_event(read: Reader[Any]) -> SendGridMailEvent:
    return SendGridMailEvent(
        event_id=read("sg_event_id", identity),
        occurred_at=read("timestamp", unix_time),
        email=read("email", text),
        message_id=read.maybe("sg_message_id", identity),
        reason=read.maybe("reason", filled),
        response=read.maybe("response", filled),
        status=read.maybe("status", filled),
        bounce_type=read.maybe("type", filled),
        attempt=read.maybe("attempt", whole),
        url=read.maybe("url", filled),
        ip=read.maybe("ip", filled),
        user_agent=read.maybe("useragent", filled),
        categories=read("category", names),
        custom_arguments=read.maybe("custom_arguments", JSON),
    )


def happened(told: Any) -> SendGridMailEvent:
    """An event, with what was sent along in a place of its own."""
    return to_mail_event({**told, "custom_arguments": custom(told)})


fields.link(
    SendGridMailEvent,
    "message",
    via=messages_by_id,
    key="message_id",
    description="The mail, where the account has its history of email activity.",
)

TO = Filter(
    name="email",
    of=lambda told: told["email"].lower(),
    read=str.lower,
    type=str,
    description="Only mail to this address.",
)
CATEGORY = Filter(
    name="category",
    of=lambda told: told["category"],
    type=str,
    description="Only mail that is counted under this name, and under no other.",
)
MESSAGE = Filter(name="message", of=itemgetter("sg_message_id"), description="Only this mail, by SendGrid's id of it.")

events = Events(fields, "sendgrid")

for name, type_, description in (
    ("processed", "processed", "A mail is on its way."),
    ("delivered", "delivered", "The receiving server took a mail."),
    ("deferred", "deferred", "The receiving server put a mail off."),
    ("bounced", "bounce", "The receiving server refused a mail."),
    ("dropped", "dropped", "A mail was not sent, because the address gets none."),
    ("opened", "open", "Somebody opened a mail."),
    ("clicked", "click", "Somebody followed a link in a mail."),
    ("spam_reported", "spamreport", "Somebody called a mail spam."),
    ("unsubscribed", "unsubscribe", "Somebody wants no mail any more."),
    ("group_unsubscribed", "group_unsubscribe", "Somebody wants no mail of one group any more."),
    ("group_resubscribed", "group_resubscribe", "Somebody wants mail of one group again."),
):
    events.tell(name, type_, happened, description, TO, CATEGORY, MESSAGE)
