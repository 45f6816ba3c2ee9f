"""What can be changed at the Slack sandbox: messages are posted, changed and deleted, and reacted to."""

from typing import Any

import orjson

from connectors.providers.slack.sandbox.parameters import Refused, flag, required, text
from connectors.providers.slack.sandbox.reads import Method, Reads
from connectors.providers.slack.sandbox.story import BOT_ID, EMOJI
from connectors.providers.slack.sandbox.workspace import Json, Workspace

MAX_TEXT_CHARACTERS = 40_000
MAX_BLOCKS = 50


class Writes:
    """The writing methods of one workspace."""

    def __init__(self, workspace: Workspace, reads: Reads) -> None:
        self._workspace = workspace
        self._reads = reads

    def methods(self) -> dict[str, Method]:
        return {
            "chat.postMessage": self.post,
            "chat.update": self.update,
            "chat.delete": self.delete,
            "reactions.add": self.react,
            "reactions.remove": self.take_back,
        }

    def post(self, actor: str, given: Json) -> Json:
        channel = self._writable(actor, self._place(actor, required(given, "channel")))
        said = _said(given)
        facts: Json = {"blocks": said["blocks"]} if said["blocks"] else {}
        if actor == self._workspace.bot:
            facts |= {"bot_id": BOT_ID}
        thread = text(given, "thread_ts")
        if thread:
            parent = self._workspace.message(channel["id"], thread)
            if parent is None or parent.get("thread_ts", thread) != thread:
                raise Refused("thread_not_found")
            facts |= {"thread_ts": thread, "parent_user_id": parent["user"]}
            if flag(given, "reply_broadcast"):
                facts |= {"subtype": "thread_broadcast"}
        message = self._workspace.post(channel["id"], actor, said["text"], **facts)
        return {"channel": channel["id"], "ts": message["ts"], "message": message}

    def update(self, actor: str, given: Json) -> Json:
        channel, message = self._own(actor, given, "cant_update_message")
        said = _said(given)
        self._workspace.now += 1
        message |= {"text": said["text"], "edited": {"user": actor, "ts": f"{self._workspace.now}.000000"}}
        if said["blocks"]:
            message["blocks"] = said["blocks"]
        return {"channel": channel, "ts": message["ts"], "text": message["text"], "message": message}

    def delete(self, actor: str, given: Json) -> Json:
        channel, message = self._own(actor, given, "cant_delete_message")
        self._workspace.delete(channel, message)
        return {"channel": channel, "ts": message["ts"]}

    def react(self, actor: str, given: Json) -> Json:
        message, name = self._reacted(actor, given)
        reactions = message.setdefault("reactions", [])
        reaction = next((one for one in reactions if one["name"] == name), None)
        if reaction is None:
            reaction = {"name": name, "users": [], "count": 0}
            reactions.append(reaction)
        if actor in reaction["users"]:
            raise Refused("already_reacted")
        reaction["users"].append(actor)
        reaction["count"] += 1
        return {}

    def take_back(self, actor: str, given: Json) -> Json:
        message, name = self._reacted(actor, given)
        reactions = message.get("reactions", [])
        reaction = next((one for one in reactions if one["name"] == name and actor in one["users"]), None)
        if reaction is None:
            raise Refused("no_reaction")
        reaction["users"].remove(actor)
        reaction["count"] -= 1
        if not reaction["count"]:
            reactions.remove(reaction)
        if not reactions:
            message.pop("reactions")
        return {}

    def _place(self, actor: str, channel: str) -> str:
        """A channel's id; for a user's id that of the direct message, and for a name that of the channel."""
        for id, one in self._workspace.channels.items():
            if one.get("user") == channel and actor in self._workspace.members[id]:
                return id
            if one.get("name") == channel.lstrip("#"):
                return id
        return channel

    def _writable(self, actor: str, id: str) -> Json:
        channel = self._reads.visible(actor, id)
        if channel["is_archived"]:
            raise Refused("is_archived")
        if actor not in self._workspace.members[id]:
            raise Refused("not_in_channel")
        return channel

    def _own(self, actor: str, given: Json, refusal: str) -> tuple[str, Json]:
        channel = self._reads.visible(actor, required(given, "channel"))["id"]
        message = self._workspace.message(channel, required(given, "ts"))
        if message is None:
            raise Refused("message_not_found")
        if message["user"] != actor:
            raise Refused(refusal)
        return channel, message

    def _reacted(self, actor: str, given: Json) -> tuple[Json, str]:
        channel = self._writable(actor, required(given, "channel"))["id"]
        message = self._workspace.message(channel, required(given, "timestamp"))
        name = required(given, "name").strip(":")
        if message is None:
            raise Refused("message_not_found")
        if name.partition("::")[0] not in EMOJI:
            raise Refused("invalid_name")
        return message, name


def _said(given: Json) -> dict[str, Any]:
    """The text and the blocks of a message that is to be posted, checked."""
    said, blocks = text(given, "text"), given.get("blocks")
    if isinstance(blocks, str):
        try:
            blocks = orjson.loads(blocks)
        except orjson.JSONDecodeError:
            raise Refused("invalid_blocks_format") from None
    if blocks and not (isinstance(blocks, list) and all(isinstance(b, dict) and "type" in b for b in blocks)):
        raise Refused("invalid_blocks")
    if blocks and len(blocks) > MAX_BLOCKS:
        raise Refused("invalid_blocks")
    if not said and not blocks:
        raise Refused("no_text")
    if said and len(said) > MAX_TEXT_CHARACTERS:
        raise Refused("msg_too_long")
    return {"text": said or "", "blocks": blocks}
