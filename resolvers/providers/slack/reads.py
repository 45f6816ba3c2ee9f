"""What can be read: single objects, lists, and the links between objects."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from operator import attrgetter
from typing import Annotated, Any

import strawberry

from connectors.paging import Page, Window
from connectors.providers.slack.client import SlackClient
from resolvers.connections import Pages, connect
from resolvers.context import Info
from resolvers.cursors import listing_of
from resolvers.providers.slack.convert import to_channel, to_file, to_member, to_message, to_user, ts_of
from resolvers.providers.slack.fetching import (
    channels_by_id,
    files_by_id,
    messages_by_id,
    place_of,
    users_by_email,
    users_by_id,
)
from schema.fields import Calls, Fields, Slicing
from schema.providers.slack import (
    SlackChannel,
    SlackChannelKind,
    SlackFile,
    SlackFileKind,
    SlackMember,
    SlackMessage,
    SlackQuery,
    SlackSearchOrder,
    SlackUser,
)
from schema.relay import Connection, bounded, upstream_id_of

Id = Annotated[strawberry.ID, strawberry.argument(description="Slack's own id, or the global one.")]
MessageId = Annotated[
    strawberry.ID, strawberry.argument(description="`<channel>/<ts>` with Slack's ids, or the global id.")
]
Kinds = Annotated[
    list[SlackChannelKind] | None,
    strawberry.argument(description="Only conversations of these kinds. Without it, public and private channels."),
]
WithoutArchived = Annotated[bool, strawberry.argument(description="Leave out what is archived.")]

PERMALINK = Calls(upstream="slack", operation="chat.getPermalink")
USUAL_KINDS = (SlackChannelKind.PUBLIC, SlackChannelKind.PRIVATE)

fields = Fields("slack")
fields.group("slack", SlackQuery)
fields.node(SlackChannel, via=channels_by_id)
fields.node(SlackUser, via=users_by_id)
fields.node(SlackFile, via=files_by_id)
fields.node(SlackMessage, via=messages_by_id)

link = partial(fields.link, via=users_by_id, key=attrgetter("user_ref"), needs=("user_ref",))
link(SlackMessage, "author", description="Who wrote it, as `user`.")
link(SlackMessage, "user", description="Who wrote it; null for what no user wrote.")
link(SlackFile, "user", description="Who shared it.")
link(SlackChannel, "user", description="The other one in a direct message; null for all else.")
link(SlackMember, "user", key=attrgetter("user_id"), needs=("user_id",), description="Who it is; null for strangers.")
link(
    SlackChannel,
    "creator",
    key=attrgetter("creator_ref"),
    needs=("creator_ref",),
    description="Who made it; null for direct messages.",
)
fields.link(
    SlackMessage,
    "channel",
    via=channels_by_id,
    key=attrgetter("channel_ref"),
    needs=("channel_ref",),
    description="Where it was posted.",
)


@fields.on(SlackQuery, calls=channels_by_id.calls)
async def channel(info: Info, id: Id) -> SlackChannel | None:
    """One conversation; null where there is none, or the app does not know of it."""
    return await channels_by_id.find(info, id)


@fields.on(SlackQuery, calls=users_by_id.calls)
async def user(info: Info, id: Id) -> SlackUser | None:
    """One person or bot, deactivated ones too; null where there is none."""
    return await users_by_id.find(info, id)


@fields.on(SlackQuery, calls=users_by_email.calls)
async def user_by_email(
    info: Info, email: Annotated[str, strawberry.argument(description="The address, in any case.")]
) -> SlackUser | None:
    """The person with an address; null where there is none, or their account was deactivated."""
    return await users_by_email.load(info, bounded(email, "email"))


@fields.on(SlackQuery, calls=files_by_id.calls)
async def file(info: Info, id: Id) -> SlackFile | None:
    """One file; null where there is none, or the app may not see it."""
    return await files_by_id.find(info, id)


@fields.on(SlackQuery, calls=messages_by_id.calls)
async def message(info: Info, id: MessageId) -> SlackMessage | None:
    """One message, be it a reply or not; null where there is none."""
    wanted = upstream_id_of(id, "SlackMessage")
    place_of(wanted)
    return await messages_by_id.load(info, wanted)


@fields.on(SlackMessage, needs=("channel_ref", "ts", "permalink_ref"), calls=PERMALINK)
async def permalink(root: strawberry.Parent[SlackMessage], info: Info) -> str | None:
    """The page of the message in Slack; search brings it along."""
    if root.permalink_ref is not None:
        return root.permalink_ref
    return await info.context.client(SlackClient).get_permalink(root.channel_ref, root.ts)


MESSAGES = Pages(SlackClient, SlackClient.list_messages, to_message)


class Replies(Pages[SlackMessage]):
    """Replies to a message; Slack is not asked where the message itself says that it began no thread."""

    async def connection(
        self, root: SlackMessage, info: Info, arguments: Mapping[str, Any], slicing: Slicing
    ) -> Connection[SlackMessage]:
        silent = root.permalink_ref is not None  # found by search, it says nothing of its thread
        if root.thread_ts == root.ts or (root.thread_ts is None and silent):
            return await super().connection(root, info, arguments, slicing)
        listing = listing_of("slack", self.paging.operation, arguments)
        return await connect(none, self.paging, self.make, info, "slack", listing, slicing)


async def none(window: Window) -> Page[Any]:
    """The whole of a list in which there is nothing."""
    return Page([])


REPLIES = Replies(SlackClient, SlackClient.list_replies, to_message)
FILES = Pages(SlackClient, SlackClient.list_files, to_file)


def types_of(kinds: Sequence[SlackChannelKind] | None) -> list[str]:
    """Kinds of conversations in Slack's words."""
    return sorted({str(kind.value) for kind in kinds or USUAL_KINDS})


@fields.connection(SlackQuery, Pages(SlackClient, SlackClient.list_channels, to_channel))
@fields.connection(SlackUser, Pages(SlackClient, SlackClient.list_channels_of, to_channel), needs=("upstream_id",))
def channels(
    root: SlackQuery | SlackUser, kinds: Kinds = None, exclude_archived: WithoutArchived = False
) -> dict[str, Any]:
    """Conversations, of one person or of the workspace: all public ones, and of the others those the app is in."""
    owner = {"user": root.upstream_id} if isinstance(root, SlackUser) else {}
    return {**owner, "types": types_of(kinds), "exclude_archived": exclude_archived}


@fields.connection(SlackQuery, Pages(SlackClient, SlackClient.list_users, to_user))
def users(root: SlackQuery) -> dict[str, Any]:
    """Everybody in the workspace, bots and deactivated accounts too."""
    return {}


@fields.connection(SlackChannel, Pages(SlackClient, SlackClient.list_members, to_member), needs=("upstream_id",))
def members(root: SlackChannel) -> dict[str, Any]:
    """Who is in it."""
    return {"channel": root.upstream_id}


@fields.connection(SlackChannel, MESSAGES, needs=("upstream_id",))
def messages(
    root: SlackChannel,
    after_time: Annotated[
        datetime | None, strawberry.argument(description="Only messages that were posted later.")
    ] = None,
    before_time: Annotated[
        datetime | None, strawberry.argument(description="Only messages that were posted earlier.")
    ] = None,
) -> dict[str, Any]:
    """Messages, newest first, without replies."""
    return {
        "channel": root.upstream_id,
        "oldest": after_time and ts_of(after_time),
        "latest": before_time and ts_of(before_time),
    }


@fields.connection(SlackMessage, REPLIES, needs=("channel_ref", "ts", "thread_ts", "permalink_ref"))
def replies(root: SlackMessage) -> dict[str, Any]:
    """Replies in the thread that it began, oldest first."""
    return {"channel": root.channel_ref, "thread": root.ts}


@fields.connection(SlackQuery, FILES)
@fields.connection(SlackChannel, FILES, needs=("upstream_id",))
@fields.connection(SlackUser, FILES, needs=("upstream_id",))
def files(
    root: SlackQuery | SlackChannel | SlackUser,
    kinds: Annotated[list[SlackFileKind] | None, strawberry.argument(description="Only files of these kinds.")] = None,
) -> dict[str, Any]:
    """Files that the app may see, newest first."""
    return {
        "channel": root.upstream_id if isinstance(root, SlackChannel) else None,
        "user": root.upstream_id if isinstance(root, SlackUser) else None,
        "types": sorted({str(kind.value) for kind in kinds or ()}),
    }


@fields.connection(SlackQuery, Pages(SlackClient, SlackClient.search_messages, to_message))
def search_messages(
    root: SlackQuery,
    query: Annotated[str, strawberry.argument(description="What one types in Slack: `from:@ada in:general quinces`.")],
    order: Annotated[SlackSearchOrder, strawberry.argument(description="What comes first.")] = (
        SlackSearchOrder.RELEVANCE
    ),
) -> dict[str, Any]:
    """Messages that the person behind `SLACK_USER_TOKEN` can see; Slack lets no bot search."""
    return {"query": bounded(query, "query"), "sort": str(order.value)}
