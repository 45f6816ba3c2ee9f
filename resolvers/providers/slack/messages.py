"""What can be changed: messages and reactions. Slack cannot tell a repetition, so none of it is ever sent twice."""

from collections.abc import Sequence
from typing import Annotated, Any, cast

import strawberry
from strawberry.scalars import JSON

from connectors.providers.slack.client import SlackClient
from connectors.providers.slack.payloads import DonePayload, MessagePayload, RefusedPayload, WrittenPayload
from resolvers.context import Info
from resolvers.providers.slack import reads
from resolvers.providers.slack.convert import message_id, to_message
from resolvers.providers.slack.fetching import place_of
from schema.fields import Calls
from schema.problems import BadInput
from schema.providers.slack import (
    SlackAddReactionResult,
    SlackChannelArchived,
    SlackChannelNotFound,
    SlackDeleteMessageResult,
    SlackMessage,
    SlackMessageDeleted,
    SlackMessageInput,
    SlackMessageInvalid,
    SlackMessageNotFound,
    SlackMessagePosted,
    SlackMessageUpdated,
    SlackNotInChannel,
    SlackNotPermitted,
    SlackPostMessageResult,
    SlackReactionAdded,
    SlackReactionInvalid,
    SlackReactionRemoved,
    SlackRemoveReactionResult,
    SlackUpdateMessageResult,
)
from schema.relay import upstream_id_of

Refusal = (
    SlackChannelNotFound
    | SlackNotInChannel
    | SlackChannelArchived
    | SlackMessageNotFound
    | SlackMessageInvalid
    | SlackReactionInvalid
    | SlackNotPermitted
)

INVALID = frozenset(
    "no_text msg_too_long msg_blocks_too_long invalid_blocks invalid_blocks_format too_many_attachments".split()
)
REACTION_INVALID = frozenset(("invalid_name", "too_many_emoji", "too_many_reactions"))

fields = reads.fields

Blocks = Annotated[JSON | None, strawberry.argument(description="A list of up to 50 blocks of Slack's Block Kit.")]
Emoji = Annotated[
    str, strawberry.argument(description="The emoji's name without colons: `thumbsup`, `wave::skin-tone-3`.")
]


@fields.mutation(calls=Calls(upstream="slack", operation="chat.postMessage"))
async def slack_post_message(
    info: Info, input: Annotated[SlackMessageInput, strawberry.argument(description="The message.")]
) -> SlackPostMessageResult | None:
    """Post a message. Where its answer is lost it is not sent again: look before you do."""
    channel = upstream_id_of(input.channel, "SlackChannel")
    answer = await info.context.client(SlackClient).post_message(
        channel,
        text=input.text,
        blocks=sent_blocks(input.blocks),
        thread=input.thread_ts,
        broadcast=input.broadcast,
        unfurl_links=input.unfurl_links,
        unfurl_media=input.unfurl_media,
    )
    if answer["ok"]:
        return SlackMessagePosted(message=written(answer))
    return cast(SlackPostMessageResult, refused(answer, channel, input.thread_ts or ""))


@fields.mutation(calls=Calls(upstream="slack", operation="chat.update"))
async def slack_update_message(
    info: Info,
    id: reads.MessageId,
    text: Annotated[str | None, strawberry.argument(description="The new text, in Slack's markup.")] = None,
    blocks: Blocks = None,
) -> SlackUpdateMessageResult | None:
    """Give a message of the app's own another text."""
    channel, ts = place_of(upstream_id_of(id, "SlackMessage"))
    slack = info.context.client(SlackClient)
    answer = await slack.update_message(channel, ts, text=text, blocks=sent_blocks(blocks))
    if answer["ok"]:
        return SlackMessageUpdated(message=written(answer))
    return cast(SlackUpdateMessageResult, refused(answer, channel, ts))


@fields.mutation(calls=Calls(upstream="slack", operation="chat.delete"))
async def slack_delete_message(info: Info, id: reads.MessageId) -> SlackDeleteMessageResult | None:
    """Delete a message of the app's own."""
    channel, ts = place_of(upstream_id_of(id, "SlackMessage"))
    answer = await info.context.client(SlackClient).delete_message(channel, ts)
    if answer["ok"]:
        return SlackMessageDeleted(upstream_id=message_id(channel, ts))
    return cast(SlackDeleteMessageResult, refused(answer, channel, ts))


@fields.mutation(calls=Calls(upstream="slack", operation="reactions.add"))
async def slack_add_reaction(info: Info, id: reads.MessageId, name: Emoji) -> SlackAddReactionResult | None:
    """React to a message with an emoji."""
    channel, ts = place_of(upstream_id_of(id, "SlackMessage"))
    answer = await info.context.client(SlackClient).add_reaction(channel, ts, name)
    if answer["ok"] or reason_of(answer) == "already_reacted":
        return SlackReactionAdded(already_there=not answer["ok"])
    return cast(SlackAddReactionResult, refused(answer, channel, ts))


@fields.mutation(calls=Calls(upstream="slack", operation="reactions.remove"))
async def slack_remove_reaction(info: Info, id: reads.MessageId, name: Emoji) -> SlackRemoveReactionResult | None:
    """Take a reaction of the app's own back."""
    channel, ts = place_of(upstream_id_of(id, "SlackMessage"))
    answer = await info.context.client(SlackClient).remove_reaction(channel, ts, name)
    if answer["ok"] or reason_of(answer) == "no_reaction":
        return SlackReactionRemoved(was_there=bool(answer["ok"]))
    return cast(SlackRemoveReactionResult, refused(answer, channel, ts))


def sent_blocks(given: JSON | None) -> Sequence[Any] | None:
    """Blocks as Slack takes them."""
    if given is not None and not isinstance(given, list):
        raise BadInput("`blocks` must be a list")
    return given


def written(answer: WrittenPayload) -> SlackMessage:
    """The message that was posted or changed, of which Slack tells the channel and the `ts` beside it."""
    place = {"channel": answer["channel"], "ts": answer["ts"]}
    return to_message(cast(MessagePayload, {**answer["message"], **place}))


def reason_of(answer: WrittenPayload | DonePayload | RefusedPayload) -> str:
    """Slack's code for a refusal."""
    return cast(RefusedPayload, answer)["error"]


def refused(answer: WrittenPayload | DonePayload | RefusedPayload, channel: str, ts: str) -> Refusal:
    """What a refusal means. `ts` is that of the message it is about."""
    reason, place = reason_of(answer), strawberry.ID(channel)
    if reason == "channel_not_found":
        return SlackChannelNotFound(channel_id=place)
    if reason == "not_in_channel":
        return SlackNotInChannel(channel_id=place)
    if reason in ("is_archived", "is_inactive"):
        return SlackChannelArchived(channel_id=place)
    if reason in ("message_not_found", "thread_not_found"):
        return SlackMessageNotFound(ts=ts)
    if reason in INVALID:
        return SlackMessageInvalid(code=reason)
    if reason in REACTION_INVALID:
        return SlackReactionInvalid(code=reason)
    return SlackNotPermitted(code=reason)
