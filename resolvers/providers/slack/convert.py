"""Slack's payloads as types of ours: names and units change here, once."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

import strawberry
from strawberry.scalars import JSON

from connectors.providers.slack.payloads import (
    ChannelPayload,
    FilePayload,
    MemberPayload,
    MessagePayload,
    UserPayload,
)
from resolvers.reading import Reading, flag, integer, text, unix_time
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

T = TypeVar("T")

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def to_channel(payload: ChannelPayload) -> SlackChannel:
    read = Reading("slack", "channel", payload)
    return SlackChannel(
        upstream_id=read("id", identity),
        kind=kind_of(payload),
        name=read.maybe("name", filled),
        topic=read.maybe("topic", value_of),
        purpose=read.maybe("purpose", value_of),
        created_at=read("created", unix_time),
        is_archived=bool(read.maybe("is_archived", flag)),
        is_general=bool(read.maybe("is_general", flag)),
        is_member=read.maybe("is_member", flag),
        is_shared_externally=bool(read.maybe("is_ext_shared", flag)),
        member_count=read.maybe("num_members", integer),
        creator_ref=read.maybe("creator", text),
        user_ref=read.maybe("user", text),
    )


def to_member(payload: MemberPayload) -> SlackMember:
    read = Reading("slack", "member", payload)
    return SlackMember(user_id=read("user", identity))


def to_user(payload: UserPayload) -> SlackUser:
    read = Reading("slack", "user", payload)
    profile = Reading("slack", "user.profile", payload.get("profile") or {})
    return SlackUser(
        upstream_id=read("id", identity),
        name=read("name", text),
        real_name=profile.maybe("real_name", filled),
        display_name=profile.maybe("display_name", filled),
        email=profile.maybe("email", filled),
        title=profile.maybe("title", filled),
        phone=profile.maybe("phone", filled),
        status_text=profile.maybe("status_text", filled),
        status_emoji=profile.maybe("status_emoji", filled),
        image_url=profile.maybe("image_192", filled),
        time_zone=read.maybe("tz", text),
        is_bot=read("is_bot", flag),
        is_admin=read.maybe("is_admin", flag),
        is_owner=read.maybe("is_owner", flag),
        is_guest=read.maybe("is_restricted", flag),
        is_deactivated=bool(read.maybe("deleted", flag)),
        updated_at=read.maybe("updated", unix_time),
    )


def to_file(payload: FilePayload) -> SlackFile:
    read = Reading("slack", "file", payload)
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


def to_message(payload: MessagePayload) -> SlackMessage:
    read = Reading("slack", "message", payload)
    return SlackMessage(
        upstream_id=read("ts", in_channel(payload)),
        ts=read("ts", text),
        text=read("text", text),
        created_at=read("ts", moment),
        edited_at=read.maybe("edited", edited),
        subtype=read.maybe("subtype", text),
        username=read.maybe("username", filled),
        bot_id=read.maybe("bot_id", text),
        thread_ts=read.maybe("thread_ts", text),
        reply_count=read.maybe("reply_count", integer),
        latest_reply_at=read.maybe("latest_reply", moment),
        reactions=read.maybe("reactions", reactions) or [],
        files=read.maybe("files", files) or [],
        blocks=read.maybe("blocks", as_it_is),
        channel_ref=read("channel", text),
        permalink_ref=read.maybe("permalink", text),
        user_ref=read.maybe("user", filled),
    )


def kind_of(payload: ChannelPayload) -> SlackChannelKind:
    """A conversation's kind, which Slack tells by flags."""
    if payload.get("is_im"):
        return SlackChannelKind.DIRECT_MESSAGE
    if payload.get("is_mpim"):
        return SlackChannelKind.GROUP_MESSAGE
    return SlackChannelKind.PRIVATE if payload.get("is_private") else SlackChannelKind.PUBLIC


def identity(value: Any) -> strawberry.ID:
    """An id."""
    return strawberry.ID(text(value))


def filled(value: Any) -> str | None:
    """A string; Slack leaves empty what nobody filled in."""
    return text(value) or None


def value_of(topic: Any) -> str | None:
    """A topic or a purpose, if somebody set one."""
    return filled(topic["value"])


def size(value: Any) -> Long:
    """A number of bytes."""
    return Long(integer(value))


def as_it_is(value: Any) -> JSON:
    """Any JSON."""
    return JSON(value)


def moment(ts: Any) -> datetime:
    """A message's `ts` as the time that it is."""
    try:
        return EPOCH + timedelta(microseconds=int(Decimal(text(ts)) * 1_000_000))
    except InvalidOperation as error:
        raise ValueError from error


def ts_of(time: datetime) -> str:
    """A time as a `ts`."""
    microseconds = (time - EPOCH) // timedelta(microseconds=1)
    return f"{microseconds // 1_000_000}.{microseconds % 1_000_000:06}"


def edited(value: Any) -> datetime:
    """When a message was edited."""
    return moment(value["ts"])


def in_channel(payload: MessagePayload) -> Callable[[Any], strawberry.ID]:
    """A message's `ts` and channel as the id that it has in the graph."""

    def place(ts: Any) -> strawberry.ID:
        return message_id(text(payload["channel"]), text(ts))

    return place


def message_id(channel: str, ts: str) -> strawberry.ID:
    return strawberry.ID(f"{channel}/{ts}")


def reactions(value: Any) -> list[SlackReaction]:
    """A list of reactions."""
    return [to_reaction(one) for one in listed(value)]


def to_reaction(payload: Any) -> SlackReaction:
    read = Reading("slack", "message.reactions", payload)
    return SlackReaction(name=read("name", text), count=read("count", integer), user_ids=read("users", identities))


def identities(value: Any) -> list[strawberry.ID]:
    """A list of ids."""
    return [identity(one) for one in listed(value)]


def files(value: Any) -> list[SlackFile]:
    """A list of files; those that were deleted, or that the app may not see, are left out."""
    there = [one for one in listed(value) if one.get("mode") != "tombstone" and "file_access" not in one]
    return [to_file(one) for one in there]


def listed(value: Any) -> list[Any]:
    """A list."""
    if not isinstance(value, list):
        raise TypeError
    return value
