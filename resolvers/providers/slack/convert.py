"""Slack's payloads as types of ours: names and units change here, once."""

from datetime import UTC, datetime, timedelta
from typing import Any

import strawberry
from strawberry.scalars import JSON

from connectors.providers.slack.payloads import (
    ChannelPayload,
    FilePayload,
    MemberPayload,
    MessagePayload,
    ReactionPayload,
    UserPayload,
)
from resolvers.mapping import Reader, mapping
from resolvers.reading import decimal, filled, flag, identity, inside, integer, list_of, maybe_inside, text, unix_time
from schema.providers.slack import (
    SlackChannel,
    SlackChannelKind,
    SlackFile,
    SlackMember,
    SlackMessage,
    SlackReaction,
    SlackUser,
)
from schema.scalars import Long

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def kind_of(is_im: Any, is_mpim: Any, is_private: Any) -> SlackChannelKind:
    """A conversation's kind, which Slack tells by flags."""
    if is_im:
        return SlackChannelKind.DIRECT_MESSAGE
    if is_mpim:
        return SlackChannelKind.GROUP_MESSAGE
    return SlackChannelKind.PRIVATE if is_private else SlackChannelKind.PUBLIC


def flag_if_set(value: Any) -> bool:
    """A boolean; false where Slack leaves it out."""
    return value is not None and flag(value)


def size(value: Any) -> Long:
    """A number of bytes."""
    return Long(integer(value))


def moment(ts: Any) -> datetime:
    """A message's `ts` as the time that it is."""
    return EPOCH + timedelta(microseconds=int(decimal(ts) * 1_000_000))


def ts_of(time: datetime) -> str:
    """A time as a `ts`; one without an offset is taken for UTC."""
    aware = time if time.tzinfo else time.replace(tzinfo=UTC)
    microseconds = (aware - EPOCH) // timedelta(microseconds=1)
    return f"{microseconds // 1_000_000}.{microseconds % 1_000_000:06}"


def message_id(channel: str, ts: str) -> strawberry.ID:
    """The id that a message has in the graph."""
    return strawberry.ID(f"{channel}/{ts}")


def place_in(ts: Any, channel: Any) -> strawberry.ID:
    """A message's `ts` and channel as its id."""
    return message_id(text(channel), text(ts))


@mapping("slack", "channel")
def to_channel(read: Reader[ChannelPayload]) -> SlackChannel:
    return SlackChannel(
        upstream_id=read("id", identity),
        kind=read("is_im", kind_of, "is_mpim", "is_private"),
        name=read.maybe("name", filled),
        topic=read.maybe("topic", inside("value", filled)),
        purpose=read.maybe("purpose", inside("value", filled)),
        created_at=read("created", unix_time),
        is_archived=read("is_archived", flag_if_set),
        is_general=read("is_general", flag_if_set),
        is_member=read.maybe("is_member", flag),
        is_shared_externally=read("is_ext_shared", flag_if_set),
        member_count=read.maybe("num_members", integer),
        creator_ref=read.maybe("creator", text),
        user_ref=read.maybe("user", text),
    )


@mapping("slack", "member")
def to_member(read: Reader[MemberPayload]) -> SlackMember:
    return SlackMember(user_id=read("user", identity))


@mapping("slack", "user")
def to_user(read: Reader[UserPayload]) -> SlackUser:
    return SlackUser(
        upstream_id=read("id", identity),
        name=read("name", text),
        real_name=read.maybe("profile", maybe_inside("real_name", filled)),
        display_name=read.maybe("profile", maybe_inside("display_name", filled)),
        email=read.maybe("profile", maybe_inside("email", filled)),
        title=read.maybe("profile", maybe_inside("title", filled)),
        phone=read.maybe("profile", maybe_inside("phone", filled)),
        status_text=read.maybe("profile", maybe_inside("status_text", filled)),
        status_emoji=read.maybe("profile", maybe_inside("status_emoji", filled)),
        image_url=read.maybe("profile", maybe_inside("image_192", filled)),
        time_zone=read.maybe("tz", text),
        is_bot=read("is_bot", flag),
        is_admin=read.maybe("is_admin", flag),
        is_owner=read.maybe("is_owner", flag),
        is_guest=read.maybe("is_restricted", flag),
        is_deactivated=read("deleted", flag_if_set),
        updated_at=read.maybe("updated", unix_time),
    )


@mapping("slack", "file")
def to_file(read: Reader[FilePayload]) -> SlackFile:
    return SlackFile(
        upstream_id=read("id", identity),
        name=read.maybe("name", text),
        title=read.maybe("title", text),
        mime_type=read.maybe("mimetype", text),
        file_type=read.maybe("filetype", text),
        size=read.maybe("size", size),
        created_at=read("created", unix_time),
        is_external=read.maybe("is_external", flag),
        is_public=read.maybe("is_public", flag),
        download_url=read.maybe("url_private", filled),
        permalink=read.maybe("permalink", filled),
        user_ref=read.maybe("user", filled),
    )


@mapping("slack", "message.reactions")
def to_reaction(read: Reader[ReactionPayload]) -> SlackReaction:
    return SlackReaction(
        name=read("name", text), count=read("count", integer), user_ids=read("users", list_of(identity))
    )


def files(value: Any) -> list[SlackFile]:
    """A list of files; those that were deleted, or that the app may not see, are left out."""
    there = [one for one in value or () if one.get("mode") != "tombstone" and "file_access" not in one]
    return [to_file(one) for one in there]


def reactions(value: Any) -> list[SlackReaction]:
    """A list of reactions; none where there is none."""
    return list_of(to_reaction)([] if value is None else value)


@mapping("slack", "message")
def to_message(read: Reader[MessagePayload]) -> SlackMessage:
    return SlackMessage(
        upstream_id=read("ts", place_in, "channel"),
        ts=read("ts", text),
        excerpt=read("text", text),
        occurred_at=read("ts", moment),
        text=read("text", text),
        created_at=read("ts", moment),
        edited_at=read.maybe("edited", inside("ts", moment)),
        subtype=read.maybe("subtype", text),
        username=read.maybe("username", filled),
        bot_id=read.maybe("bot_id", text),
        thread_ts=read.maybe("thread_ts", text),
        reply_count=read.maybe("reply_count", integer),
        latest_reply_at=read.maybe("latest_reply", moment),
        reactions=read("reactions", reactions),
        files=read("files", files),
        blocks=read.maybe("blocks", JSON),
        channel_ref=read("channel", text),
        permalink_ref=read.maybe("permalink", text),
        user_ref=read.maybe("user", filled),
    )
