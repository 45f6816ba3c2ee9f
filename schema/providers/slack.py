"""Slack's part of the graph."""

from datetime import datetime
from enum import Enum
from typing import Annotated

import strawberry
from strawberry.scalars import JSON

from schema.messages import Message, MessageAuthor
from schema.relay import Node
from schema.scalars import Long


@strawberry.enum(description="What kind of conversation a channel is.")
class SlackChannelKind(Enum):
    PUBLIC = strawberry.enum_value("public_channel", description="Everybody in the workspace can read it and join.")
    PRIVATE = strawberry.enum_value("private_channel", description="Only its members know of it.")
    GROUP_MESSAGE = strawberry.enum_value("mpim", description="A conversation of a few people.")
    DIRECT_MESSAGE = strawberry.enum_value("im", description="A conversation of two.")


@strawberry.enum(description="What search results are sorted by.")
class SlackSearchOrder(Enum):
    RELEVANCE = strawberry.enum_value("score", description="The best match first.")
    TIME = strawberry.enum_value("timestamp", description="The newest message first.")


@strawberry.enum(description="The kinds of files that a list can be narrowed to.")
class SlackFileKind(Enum):
    IMAGES = strawberry.enum_value("images", description="Pictures.")
    PDFS = strawberry.enum_value("pdfs", description="PDF documents.")
    SNIPPETS = strawberry.enum_value("snippets", description="Snippets of text and code.")
    POSTS = strawberry.enum_value("spaces", description="Posts.")
    ZIPS = strawberry.enum_value("zips", description="ZIP archives.")
    GOOGLE_DOCS = strawberry.enum_value("gdocs", description="Documents that lie at Google.")


@strawberry.type(description="A workspace: its channels, messages, people and files. Lists are read forward only.")
class SlackQuery:
    pass


@strawberry.type(description="A conversation: a channel, a private channel, or a direct message.")
class SlackChannel(Node):
    kind: SlackChannelKind = strawberry.field(description="What kind of conversation it is.")
    name: str | None = strawberry.field(description="Its name without `#`; null for direct messages.")
    topic: str | None = strawberry.field(description="What it is about just now.")
    purpose: str | None = strawberry.field(description="What it is there for.")
    created_at: datetime = strawberry.field(description="When it was made.")
    is_archived: bool = strawberry.field(description="Whether nobody can post any more.")
    is_general: bool = strawberry.field(description="Whether it is the channel that everybody is in.")
    is_member: bool | None = strawberry.field(description="Whether the app is in it, where that is said.")
    is_shared_externally: bool = strawberry.field(description="Whether people of other organizations are in it.")
    member_count: int | None = strawberry.field(description="How many are in it, where that is said.")
    creator_ref: strawberry.Private[str | None]
    user_ref: strawberry.Private[str | None]


@strawberry.type(description="Somebody's place in a channel.")
class SlackMember:
    user_id: strawberry.ID = strawberry.field(description="Slack's id of who it is.")


@strawberry.type(description="A person or a bot in the workspace.")
class SlackUser(Node, MessageAuthor):
    name: str = strawberry.field(description="The handle, unique in the workspace.")
    real_name: str | None = strawberry.field(description="Full name.")
    display_name: str | None = strawberry.field(description="The name that the person wants to be shown.")
    email: str | None = strawberry.field(description="Email address; null for bots, and without `users:read.email`.")
    title: str | None = strawberry.field(description="What the person does.")
    phone: str | None = strawberry.field(description="Phone number, as it was typed in.")
    status_text: str | None = strawberry.field(description="What the person is up to.")
    status_emoji: str | None = strawberry.field(description="The emoji beside it, with colons.")
    image_url: str | None = strawberry.field(description="A picture, 192 pixels wide.")
    time_zone: str | None = strawberry.field(description="Time zone in the IANA database; null once deactivated.")
    is_bot: bool = strawberry.field(description="Whether it is a bot.")
    is_admin: bool | None = strawberry.field(
        description="Whether the person runs the workspace; null once deactivated."
    )
    is_owner: bool | None = strawberry.field(
        description="Whether the person owns the workspace; null once deactivated."
    )
    is_guest: bool | None = strawberry.field(description="Whether it is a guest; null once deactivated.")
    is_deactivated: bool = strawberry.field(description="Whether the account was deactivated.")
    updated_at: datetime | None = strawberry.field(description="When the profile last changed.")


@strawberry.type(description="An emoji under a message, and who put it there.")
class SlackReaction:
    name: str = strawberry.field(description="The emoji's name, without colons.")
    count: int = strawberry.field(description="How many people reacted with it.")
    user_ids: list[strawberry.ID] = strawberry.field(description="Slack's ids of some of them; often all.")


@strawberry.type(description="A file, without its content.")
class SlackFile(Node):
    name: str | None = strawberry.field(description="File name.")
    title: str | None = strawberry.field(description="Title.")
    mime_type: str | None = strawberry.field(description="Media type, such as `image/png`.")
    file_type: str | None = strawberry.field(description="Slack's word for the type: `png`, `pdf`, `csv` ...")
    size: Long | None = strawberry.field(description="Size in bytes.")
    created_at: datetime = strawberry.field(description="When it was shared first.")
    is_external: bool | None = strawberry.field(description="Whether it lies outside Slack.")
    is_public: bool | None = strawberry.field(description="Whether it was shared in a public channel.")
    download_url: str | None = strawberry.field(description="Where the content is, for requests with a token of Slack.")
    permalink: str | None = strawberry.field(description="The page of the file in Slack.")
    user_ref: strawberry.Private[str | None]


@strawberry.type(description="A message, or a reply in a thread. Its upstream id is `<channel>/<ts>`.")
class SlackMessage(Node, Message):
    ts: str = strawberry.field(description="Slack's id of it within its channel: the time, with six decimals.")
    text: str = strawberry.field(description="The text in Slack's markup (mrkdwn).")
    created_at: datetime = strawberry.field(description="When it was posted.")
    edited_at: datetime | None = strawberry.field(description="When it was last changed.")
    subtype: str | None = strawberry.field(description="Slack's word for what is no plain message: `channel_join` ...")
    username: str | None = strawberry.field(description="The name it was posted under, where the message has one.")
    bot_id: str | None = strawberry.field(description="Slack's id of the app that posted it, if one did.")
    thread_ts: str | None = strawberry.field(description="The `ts` of its thread's first message, if it is in one.")
    reply_count: int | None = strawberry.field(description="How many replies it has, where it began a thread.")
    latest_reply_at: datetime | None = strawberry.field(description="When the last reply came.")
    reactions: list[SlackReaction] = strawberry.field(description="Emoji under it.")
    files: list[SlackFile] = strawberry.field(description="Files in it that the app may see.")
    blocks: JSON | None = strawberry.field(description="The same as `text` in Slack's Block Kit, where it has that.")
    channel_ref: strawberry.Private[str]
    permalink_ref: strawberry.Private[str | None]
    user_ref: strawberry.Private[str | None]


@strawberry.input(description="A message to post.")
class SlackMessageInput:
    channel: strawberry.ID = strawberry.field(
        description="Slack's or the global id of the channel. Slack's id of a user sends it directly."
    )
    text: str | None = strawberry.field(
        default=None, description="Up to 40,000 characters in Slack's markup. With `blocks`, what notifications say."
    )
    blocks: JSON | None = strawberry.field(default=None, description="A list of up to 50 blocks of Slack's Block Kit.")
    thread_ts: str | None = strawberry.field(default=None, description="The `ts` of the message that it replies to.")
    broadcast: bool = strawberry.field(default=False, description="Show a reply in the channel as well.")
    unfurl_links: bool | None = strawberry.field(default=None, description="Whether links to pages are previewed.")
    unfurl_media: bool | None = strawberry.field(default=None, description="Whether links to media are previewed.")


@strawberry.type(description="The message was posted.")
class SlackMessagePosted:
    message: SlackMessage = strawberry.field(description="The message.")


@strawberry.type(description="The message has its new text.")
class SlackMessageUpdated:
    message: SlackMessage = strawberry.field(description="The message.")


@strawberry.type(description="The message is gone.")
class SlackMessageDeleted:
    upstream_id: strawberry.ID = strawberry.field(description="The id it had: `<channel>/<ts>`.")


@strawberry.type(description="The emoji is under the message, as it may have been before.")
class SlackReactionAdded:
    already_there: bool = strawberry.field(description="Whether the app had reacted so before.")


@strawberry.type(description="The emoji of the app is not under the message (any more).")
class SlackReactionRemoved:
    was_there: bool = strawberry.field(description="Whether the app had reacted so before.")


@strawberry.type(description="Nothing was done: there is no such channel, or the app does not know of it.")
class SlackChannelNotFound:
    channel_id: strawberry.ID = strawberry.field(description="The id that was given.")


@strawberry.type(description="Nothing was done: the app is not in the channel. Invite it.")
class SlackNotInChannel:
    channel_id: strawberry.ID = strawberry.field(description="The id that was given.")


@strawberry.type(description="Nothing was done: the channel is archived.")
class SlackChannelArchived:
    channel_id: strawberry.ID = strawberry.field(description="The id that was given.")


@strawberry.type(description="Nothing was done: there is no such message (any more).")
class SlackMessageNotFound:
    ts: str = strawberry.field(description="The `ts` that was given.")


@strawberry.type(description="Nothing was done: Slack does not take the message as it is.")
class SlackMessageInvalid:
    code: str = strawberry.field(description="Slack's code for why: `no_text`, `msg_too_long`, `invalid_blocks` ...")


@strawberry.type(description="Nothing was done: whoever runs the workspace, or Slack, does not let the app do it.")
class SlackNotPermitted:
    code: str = strawberry.field(description="Slack's code for why: `restricted_action`, `cant_update_message` ...")


@strawberry.type(description="Nothing was done: the workspace has no such emoji, or the message has too many.")
class SlackReactionInvalid:
    code: str = strawberry.field(description="Slack's code for why: `invalid_name`, `too_many_emoji` ...")


SlackPostMessageResult = Annotated[
    SlackMessagePosted
    | SlackChannelNotFound
    | SlackNotInChannel
    | SlackChannelArchived
    | SlackMessageNotFound
    | SlackMessageInvalid
    | SlackNotPermitted,
    strawberry.union("SlackPostMessageResult", description="What came of posting a message."),
]
SlackUpdateMessageResult = Annotated[
    SlackMessageUpdated
    | SlackChannelNotFound
    | SlackChannelArchived
    | SlackMessageNotFound
    | SlackMessageInvalid
    | SlackNotPermitted,
    strawberry.union("SlackUpdateMessageResult", description="What came of changing a message."),
]
SlackDeleteMessageResult = Annotated[
    SlackMessageDeleted | SlackChannelNotFound | SlackMessageNotFound | SlackNotPermitted,
    strawberry.union("SlackDeleteMessageResult", description="What came of deleting a message."),
]
SlackAddReactionResult = Annotated[
    SlackReactionAdded
    | SlackChannelNotFound
    | SlackNotInChannel
    | SlackChannelArchived
    | SlackMessageNotFound
    | SlackReactionInvalid
    | SlackNotPermitted,
    strawberry.union("SlackAddReactionResult", description="What came of reacting to a message."),
]
SlackRemoveReactionResult = Annotated[
    SlackReactionRemoved
    | SlackChannelNotFound
    | SlackNotInChannel
    | SlackChannelArchived
    | SlackMessageNotFound
    | SlackReactionInvalid
    | SlackNotPermitted,
    strawberry.union("SlackRemoveReactionResult", description="What came of taking a reaction back."),
]

__all__ = [name for name in dict(globals()) if name.startswith("Slack")]


@strawberry.type(description="That somebody reacted to a message, or took that back.")
class SlackReactionChange:
    name: str = strawberry.field(description="The emoji's name, without colons.")
    occurred_at: datetime = strawberry.field(description="When.")
    user_id: strawberry.ID = strawberry.field(description="Slack's id of who did it.")
    message_ref: strawberry.Private[str]


@strawberry.type(description="That somebody came into a channel, or left it.")
class SlackMembershipChange:
    user_id: strawberry.ID = strawberry.field(description="Slack's id of who it was.")
    channel_id: strawberry.ID = strawberry.field(description="Slack's id of the channel.")


@strawberry.type(description="A slash command that somebody gave.")
class SlackCommand:
    command: str = strawberry.field(description="The command, with its slash.")
    text: str = strawberry.field(description="What stands behind it.")
    user_id: strawberry.ID = strawberry.field(description="Slack's id of who gave it.")
    channel_id: strawberry.ID = strawberry.field(description="Slack's id of where.")
    response_url: str | None = strawberry.field(
        description="Where an answer can be posted, up to five times in half an hour: whoever knows it, can."
    )
    trigger_id: str | None = strawberry.field(description="What opens a view, within three seconds.")


@strawberry.type(description="What somebody did with a message, a shortcut or a view.")
class SlackInteraction:
    type: str = strawberry.field(description="Slack's word: `block_actions`, `view_submission`, `message_action` ...")
    callback_id: str | None = strawberry.field(description="The app's own name of the shortcut or view.")
    user_id: strawberry.ID = strawberry.field(description="Slack's id of who did it.")
    payload: JSON = strawberry.field(description="All that Slack tells of it, as Slack tells it.")
