"""What was written to a person, and what they wrote back: Slack's direct messages and SendGrid's mails as one list."""

from collections.abc import Mapping
from functools import partial
from operator import attrgetter
from typing import Any

import strawberry

from connectors.errors import ResultWindowExceeded
from connectors.paging import Position, Slice, collect, paging_of
from connectors.providers.sendgrid.client import SendGridClient
from connectors.providers.slack.client import SlackClient
from resolvers.connections import DEFAULT_FIRST
from resolvers.context import Info
from resolvers.cursors import listing_of
from resolvers.merging import Parts, Places, Reads, latest, moment, read_merged
from resolvers.providers.sendgrid.convert import to_message as to_mail
from resolvers.providers.sendgrid.reads import MOST_MESSAGES
from resolvers.providers.slack.convert import to_message
from resolvers.providers.slack.fetching import users_by_email
from schema.fields import AFTER, FIRST, Calls, Fields, Slicing, Wanted
from schema.messages import Message
from schema.person import Person
from schema.relay import Connection

CHANNELS, HISTORY = paging_of(SlackClient.list_channels_of), paging_of(SlackClient.list_messages)
MAILS = Calls(upstream="sendgrid", operation="messages.list")

fields = Fields("sendgrid", "slack")


def wanted(graph: Any, given: Mapping[str, Any]) -> list[Wanted]:
    """The mails; the member of the workspace, their conversation with the app, and its pages."""
    first = given.get("first")
    items = DEFAULT_FIRST if first is None else max(1, first)
    channels = Calls(upstream="slack", operation=CHANNELS.operation)
    history = Calls(upstream="slack", operation=HISTORY.operation)
    pages = -(-items // HISTORY.max_limit)
    return [Wanted(MAILS), Wanted(users_by_email.calls), Wanted(channels), Wanted(history, times=pages)]


@fields.on(Person, needs=("email",), calls=wanted)
async def messages(
    root: strawberry.Parent[Person], info: Info, first: FIRST = None, after: AFTER = None
) -> Connection[Message] | None:
    """What our Slack app and this person wrote to each other directly, and mails to them by SendGrid, newest first.

    Replies in threads are not in it, and mails are those of the last 30 days. Where one of the two fails, there is an
    edge in front whose node is null, with the error; going on from a later cursor gives what it lacked.
    """
    listing = listing_of("person", "messages", {"email": root.email})

    def read(anchor: str, at: Places, limit: int) -> Reads[Message]:
        return (
            _from_slack(info, root.email, at.get("slack", Position()), limit),
            _from_sendgrid(info, root.email, at.get("sendgrid", Position()), limit),
        )

    slicing = Slicing(first, after)
    return await read_merged(info, listing, slicing, read, anchor="", time=attrgetter("occurred_at"))


async def _from_slack(info: Info, email: str, at: Position, limit: int) -> Parts[Message]:
    """The conversation of the app and the member with the address. A place in it is a message's `ts`."""
    user = await users_by_email.load(info, email)
    if user is None:
        return {}
    slack = info.context.client(SlackClient)
    direct = partial(slack.list_channels_of, user=str(user.upstream_id), types=["im"])
    channels = await collect(direct, CHANNELS, upstream="slack", limit=1)
    if not channels.items:
        return {}
    earlier = partial(slack.list_messages, channel=channels.items[0]["id"], latest=at.cursor)
    part = await collect(earlier, HISTORY, upstream="slack", limit=limit)
    positions = [Position(message["ts"]) for message in part.items]
    return {"slack": Slice([to_message(message) for message in part.items], positions, more=part.more)}


async def _from_sendgrid(info: Info, email: str, at: Position, limit: int) -> Parts[Message]:
    """The mails to the address: SendGrid gives the latest 1,000 and cannot page."""
    if '"' in email:
        return {}  # what a query of SendGrid's cannot name
    found = await info.context.client(SendGridClient).search_messages(f'to_email="{email}"', MOST_MESSAGES)
    mails = [to_mail(mail) for mail in found]
    by_key = {(moment(mail.occurred_at).isoformat(), str(mail.upstream_id)): mail for mail in mails}
    part: Slice[Message] = latest(by_key, at, limit)
    if len(found) == MOST_MESSAGES and not part.more:
        message = f"only the latest {MOST_MESSAGES:,} mails to an address can be read"
        raise ResultWindowExceeded("sendgrid", MAILS.operation, message)
    return {"sendgrid": part}
