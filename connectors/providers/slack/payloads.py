"""What Slack sends, under its own names: the parts that we read.

A `ts` is a message's time in Unix seconds with six decimals, as a string, and its id within its channel; other times
are Unix seconds in UTC.
Source: https://docs.slack.dev/reference/objects
"""

from typing import Any, Literal, NotRequired, TypedDict


class RefusedPayload(TypedDict):
    """What Slack answers, under HTTP 200, where it does not do what it was asked."""

    ok: Literal[False]
    error: str


class TopicPayload(TypedDict):
    """A topic or a purpose; empty where nobody set one."""

    value: str
    creator: str
    last_set: int


class ChannelPayload(TypedDict):
    """A conversation of any kind. A direct message has `user` in place of a name, topic and purpose."""

    id: str
    created: int
    name: NotRequired[str]
    user: NotRequired[str]
    creator: NotRequired[str]
    is_channel: NotRequired[bool]
    is_group: NotRequired[bool]
    is_im: NotRequired[bool]
    is_mpim: NotRequired[bool]
    is_private: NotRequired[bool]
    is_archived: NotRequired[bool]
    is_general: NotRequired[bool]
    is_member: NotRequired[bool]
    is_ext_shared: NotRequired[bool]
    topic: NotRequired[TopicPayload]
    purpose: NotRequired[TopicPayload]
    num_members: NotRequired[int]


class MemberPayload(TypedDict):
    """One of a channel's members. Slack sends bare ids; `channel` is what was asked for."""

    channel: str
    user: str


class ProfilePayload(TypedDict):
    """`email` is there for tokens with the scope `users:read.email`."""

    title: NotRequired[str]
    phone: NotRequired[str]
    email: NotRequired[str]
    real_name: NotRequired[str]
    display_name: NotRequired[str]
    status_text: NotRequired[str]
    status_emoji: NotRequired[str]
    image_192: NotRequired[str]


class UserPayload(TypedDict):
    """A member of the workspace. Deactivated ones have no time zone and no roles."""

    id: str
    name: str
    deleted: bool
    profile: ProfilePayload
    real_name: NotRequired[str]
    tz: NotRequired[str]
    is_admin: NotRequired[bool]
    is_owner: NotRequired[bool]
    is_restricted: NotRequired[bool]
    is_bot: bool
    updated: int


class ReactionPayload(TypedDict):
    """`users` may name fewer people than `count` says."""

    name: str
    count: int
    users: list[str]


class EditedPayload(TypedDict):
    user: str
    ts: str


class FilePayload(TypedDict):
    """A file. One in a message that the token may not see has only `id` and `file_access`."""

    id: str
    created: int
    name: str | None
    title: str | None
    mimetype: str
    filetype: str
    size: int
    user: NotRequired[str]
    is_external: bool
    is_public: bool
    url_private: NotRequired[str]
    permalink: NotRequired[str]
    channels: NotRequired[list[str]]
    groups: NotRequired[list[str]]


class MessagePayload(TypedDict):
    """One message. `channel` is the id of the channel that was read; Slack leaves it out of histories.

    Found by search, it has its `permalink`, and neither reactions nor files.
    """

    channel: str
    type: str
    ts: str
    text: str
    subtype: NotRequired[str]
    user: NotRequired[str]
    bot_id: NotRequired[str]
    username: NotRequired[str]
    thread_ts: NotRequired[str]
    reply_count: NotRequired[int]
    reply_users_count: NotRequired[int]
    latest_reply: NotRequired[str]
    edited: NotRequired[EditedPayload]
    reactions: NotRequired[list[ReactionPayload]]
    files: NotRequired[list[FilePayload]]
    blocks: NotRequired[list[dict[str, Any]]]
    permalink: NotRequired[str]


class WrittenPayload(TypedDict):
    """What Slack tells of a message that was posted or changed."""

    ok: Literal[True]
    channel: str
    ts: str
    message: MessagePayload


class DonePayload(TypedDict):
    """What Slack tells of everything else that was done."""

    ok: Literal[True]
