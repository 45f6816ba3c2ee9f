"""What can be followed: Slack's events, slash commands, and what people do with messages and views.

Source: https://docs.slack.dev/reference/events
"""

from collections.abc import Callable
from operator import itemgetter
from typing import Any

from strawberry.scalars import JSON

from connectors.providers.slack.client import placed
from connectors.providers.slack.webhooks import COMMAND
from resolvers.events import Events, Filter, by_id
from resolvers.mapping import Reader, mapping
from resolvers.providers.slack import messages
from resolvers.providers.slack.convert import moment, to_message, to_user
from resolvers.providers.slack.fetching import channels_by_id, files_by_id, messages_by_id, users_by_id
from resolvers.reading import filled, identity, inside, text
from schema.providers.slack import (
    SlackCommand,
    SlackInteraction,
    SlackMembershipChange,
    SlackMessage,
    SlackReactionChange,
    SlackUser,
)

fields = messages.fields


def to_changed_message(told: Any) -> SlackMessage:
    """A message as it is now."""
    return to_message(placed(told["message"], told["channel"]))


def to_deleted_message(told: Any) -> SlackMessage:
    """A message as it was."""
    return to_message(placed(told["previous_message"], told["channel"]))


def to_changed_user(told: Any) -> SlackUser:
    """A person as they are now."""
    return to_user(told["user"])


def message_in(item: Any) -> str:
    """What was reacted to, as a message's id."""
    return f"{text(item['channel'])}/{text(item['ts'])}"


@mapping("slack", "reaction")
def to_reaction_change(read: Reader[Any]) -> SlackReactionChange:
    return SlackReactionChange(
        name=read("reaction", text),
        occurred_at=read("event_ts", moment),
        user_id=read("user", identity),
        message_ref=read("item", message_in),
    )


@mapping("slack", "membership")
def to_membership_change(read: Reader[Any]) -> SlackMembershipChange:
    return SlackMembershipChange(user_id=read("user", identity), channel_id=read("channel", identity))


@mapping("slack", "command")
def to_command(read: Reader[Any]) -> SlackCommand:
    return SlackCommand(
        command=read("command", text),
        text=read.maybe("text", text) or "",
        user_id=read("user_id", identity),
        channel_id=read("channel_id", identity),
        response_url=read.maybe("response_url", filled),
        trigger_id=read.maybe("trigger_id", filled),
    )


@mapping("slack", "interaction")
def to_interaction(read: Reader[Any]) -> SlackInteraction:
    return SlackInteraction(
        type=read("type", text),
        callback_id=read.maybe("callback_id", filled),
        user_id=read("user", inside("id", identity)),
        payload=JSON(read.payload),
    )


def channel_of(told: Any) -> Any:
    """The id of the channel that an event is about."""
    channel = told["channel"]
    return channel["id"] if isinstance(channel, dict) else channel


def of(name: str, find: Callable[[Any], Any], type_name: str, description: str) -> Filter:
    """An argument for an id of Slack's."""
    return by_id(name, find, type_name, f"{description}: Slack's own id, or the global one.")


CHANNEL = of("channel", channel_of, "SlackChannel", "Only in this channel")
USER = of("user", lambda told: told["user"], "SlackUser", "Only by this person")
THIS_CHANNEL = of("id", channel_of, "SlackChannel", "Only this channel")
THIS_USER = of("id", lambda told: told["user"]["id"], "SlackUser", "Only this person")
REACTED_IN = of("channel", lambda told: told["item"]["channel"], "SlackChannel", "Only in this channel")
WORD = Filter(name="command", of=lambda told: told["command"], type=str, description="Only this one: `/weather`.")
COMMANDED_IN = of("channel", lambda told: told["channel_id"], "SlackChannel", "Only in this channel")
CALLBACK = Filter(
    name="callback_id",
    of=lambda told: told["callback_id"],
    type=str,
    description="Only with the shortcut or message of this name.",
)

for kind in (SlackReactionChange, SlackMembershipChange, SlackCommand, SlackInteraction):
    fields.link(kind, "user", via=users_by_id, key="user_id", description="Who it was; null for strangers.")
for kind in (SlackMembershipChange, SlackCommand):
    fields.link(kind, "channel", via=channels_by_id, key="channel_id", description="The channel.")
fields.link(SlackReactionChange, "message", via=messages_by_id, key="message_ref", description="The message.")

events = Events(fields, "slack", subject=lambda payload: payload.get("event", payload))
tell, load = events.tell, events.load

tell("message_posted", "message", to_message, "There is a new message; `subtype` says if it is no plain one.", CHANNEL)
tell("message_changed", "message_changed", to_changed_message, "A message has another text.", CHANNEL)
tell("message_deleted", "message_deleted", to_deleted_message, "A message is gone; this is what it was.", CHANNEL)
tell("app_mentioned", "app_mention", to_message, "Somebody called the app by its name.", CHANNEL)
tell("reaction_added", "reaction_added", to_reaction_change, "Somebody reacted to a message.", REACTED_IN, USER)
tell("reaction_removed", "reaction_removed", to_reaction_change, "Somebody took a reaction back.", REACTED_IN, USER)
tell("member_joined", "member_joined_channel", to_membership_change, "Somebody came into a channel.", CHANNEL, USER)
tell("member_left", "member_left_channel", to_membership_change, "Somebody left a channel.", CHANNEL, USER)
tell("user_joined", "team_join", to_changed_user, "There is a new person in the workspace.")
tell("user_changed", "user_change", to_changed_user, "Something about a person changed.", THIS_USER)
tell("command_given", COMMAND, to_command, "Somebody gave a slash command.", WORD, COMMANDED_IN)
tell(
    "interacted",
    ("block_actions", "message_action", "shortcut", "view_submission", "view_closed"),
    to_interaction,
    "Somebody did something with a message, a shortcut or a view of the app's.",
    CALLBACK,
)
load("channel_created", "channel_created", channels_by_id, channel_of, "There is a new channel.")
load(
    "channel_renamed",
    ("channel_rename", "group_rename"),
    channels_by_id,
    channel_of,
    "A channel has another name.",
    THIS_CHANNEL,
)
load(
    "channel_archived",
    ("channel_archive", "group_archive"),
    channels_by_id,
    channel_of,
    "A channel was archived.",
    THIS_CHANNEL,
)
load(
    "channel_unarchived",
    ("channel_unarchive", "group_unarchive"),
    channels_by_id,
    channel_of,
    "A channel is open again.",
    THIS_CHANNEL,
)
load("file_shared", "file_shared", files_by_id, itemgetter("file_id"), "Somebody shared a file.")
