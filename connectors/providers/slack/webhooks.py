"""Slack's webhooks: events of the Events API as JSON; slash commands and what people do with messages as forms.

Source: https://docs.slack.dev/apis/events-api and https://docs.slack.dev/interactivity/handling-user-interaction
"""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qs

import orjson

from connectors.providers.slack.client import members_of, messages_of
from connectors.webhooks.delivery import Delivery, Event
from connectors.webhooks.sender import Reply, Webhooks
from connectors.webhooks.signatures import slack

Json = Mapping[str, Any]

FORM = "application/x-www-form-urlencoded"
CHALLENGE = "url_verification"
COMMAND = "slash_command"
"""Our word for the type of what Slack gives none."""

CHANGED = ("message_changed", "message_deleted", "message_replied")
"""Subtypes of `message` that tell what became of one; the others tell of a new one."""

REACTIONS = ("reaction_added", "reaction_removed")
MEMBERSHIPS = ("member_joined_channel", "member_left_channel")
PEOPLE = ("user_change", "team_join")
CHANNELS = frozenset(
    f"{kind}_{change}"
    for kind in ("channel", "group")
    for change in ("created", "rename", "archive", "unarchive", "deleted")
)


def read(delivery: Delivery) -> Sequence[Event]:
    """The one event in a delivery, or none in the challenge by which Slack tries an address."""
    if delivery.headers.get("content-type", "").partition(";")[0].strip().lower() == FORM:
        return [_from_form(delivery)]
    body = orjson.loads(delivery.body)
    if body["type"] == CHALLENGE:
        return []
    if body["type"] != "event_callback":
        return [_of_its_own(delivery, body)]
    return [_from_callback(body)]


def reply(delivery: Delivery) -> Reply | None:
    """The challenge, given back. Source: https://docs.slack.dev/reference/events/url_verification"""
    if CHALLENGE.encode() not in delivery.body or delivery.body[:1] != b"{":
        return None
    body = orjson.loads(delivery.body)
    return Reply(body=str(body["challenge"]).encode(), media_type="text/plain") if body["type"] == CHALLENGE else None


def stale(event: Event) -> Collection[str]:
    """What we read of Slack and is otherwise now: of messages, channels, their members, people and files."""
    told, type = event.payload.get("event", {}), event.type
    if type in ("message", *CHANGED):
        return _messages_of(told["channel"])
    if type in REACTIONS:
        channel = told["item"].get("channel")
        return _messages_of(channel) if channel else ()
    if type in MEMBERSHIPS:
        return told["channel"], members_of(told["channel"]), "users.conversations"
    if type in PEOPLE:
        email = (told["user"].get("profile") or {}).get("email")
        return told["user"]["id"], "users.list", *((email.lower(),) if email else ())
    if type in CHANNELS:
        return _id_of(told["channel"]), "conversations.list", "users.conversations"
    if type.startswith("file_"):
        return *((told["file_id"],) if "file_id" in told else ()), "files.list"
    return ()


def _from_callback(body: Json) -> Event:
    told = body["event"]
    type, subtype = str(told["type"]), told.get("subtype")
    if type == "message" and subtype in CHANGED:
        type = subtype
    version = told.get("event_ts") or body.get("event_time")
    return Event(
        provider="slack",
        id=str(body["event_id"]),
        type=type,
        payload=_without_token(body),
        object=_object(type, told),
        version=None if version is None else float(version),
    )


def _object(type: str, told: Json) -> str | None:
    """What an event is about, as narrowly as its successors would be."""
    if type in ("message", "app_mention"):
        return f"{told['channel']}/{told['ts']}"
    if type in CHANGED:
        return f"{told['channel']}/{told.get('deleted_ts') or told['message']['ts']}"
    if type in REACTIONS:
        item = told["item"]
        return f"{item.get('channel')}/{item.get('ts')}/{told['reaction']}/{told['user']}"
    if type in MEMBERSHIPS:
        return f"{told['channel']}/{told['user']}"
    if type in PEOPLE:
        return str(told["user"]["id"])
    return _id_of(told["channel"]) if type in CHANNELS else None


def _from_form(delivery: Delivery) -> Event:
    """A slash command, or what somebody did with a message or a view."""
    form = {name: values[0] for name, values in parse_qs(delivery.body.decode(), keep_blank_values=True).items()}
    if "payload" in form:
        return _of_its_own(delivery, orjson.loads(form["payload"]))
    return _of_its_own(delivery, {"type": COMMAND, "command": form["command"], **form})


def _of_its_own(delivery: Delivery, told: Json) -> Event:
    """What Slack gives no id, and does not repeat: no two bodies are the same."""
    id = hashlib.blake2b(delivery.body, digest_size=16).hexdigest()
    return Event(provider="slack", id=id, type=str(told["type"]), payload=_without_token(told))


def _without_token(told: Json) -> dict[str, Any]:
    """Without Slack's old verification token: that is a secret."""
    return {name: value for name, value in told.items() if name != "token"}


def _messages_of(channel: str) -> tuple[str, ...]:
    return messages_of(channel), "search.messages", "files.list"


def _id_of(channel: Any) -> str:
    return str(channel["id"] if isinstance(channel, Mapping) else channel)


WEBHOOKS = Webhooks(
    secrets="SLACK_SIGNING_SECRET",
    sandbox_secret="sandbox",  # noqa: S106  # not one of anybody's
    verify=slack.verify,
    read=read,
    stale=stale,
    reply=reply,
)
