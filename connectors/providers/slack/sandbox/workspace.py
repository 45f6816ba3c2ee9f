"""What the Slack sandbox keeps: people, channels, messages and files."""

from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass
class Workspace:
    """`messages` of a channel stand in the order of their `ts`, replies among them; `files` are newest first.

    `bot` is the user that the app acts as; `now` is the time of the latest message, in Unix seconds.
    """

    bot: str
    now: int
    users: dict[str, Json] = field(default_factory=dict)
    channels: dict[str, Json] = field(default_factory=dict)
    members: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    messages: defaultdict[str, list[Json]] = field(default_factory=lambda: defaultdict(list))
    files: dict[str, Json] = field(default_factory=dict)

    def message(self, channel: str, ts: str) -> Json | None:
        """One message of a channel, reply or not."""
        messages = self.messages[channel]
        place = bisect_left(messages, ts, key=lambda message: str(message["ts"]))
        found = messages[place] if place < len(messages) else None
        return found if found and found["ts"] == ts else None

    def post(self, channel: str, user: str, text: str, **facts: Any) -> Json:
        """A new message, a second later than everything before."""
        self.now += 1
        message = {"type": "message", "user": user, "ts": f"{self.now}.000100", "text": text, **facts}
        self.messages[channel].append(message)
        self._count(channel, message.get("thread_ts"))
        return message

    def delete(self, channel: str, message: Json) -> None:
        """A message is gone; replies to it stay."""
        self.messages[channel].remove(message)
        self._count(channel, message.get("thread_ts"))

    def replies(self, channel: str, thread: str) -> list[Json]:
        """The replies in a thread, oldest first, without its first message."""
        return [m for m in self.messages[channel] if m.get("thread_ts") == thread and m["ts"] != thread]

    def _count(self, channel: str, thread: str | None) -> None:
        parent = self.message(channel, thread) if thread else None
        if parent is None or thread is None:
            return
        replies = self.replies(channel, thread)
        for name in ("thread_ts", "reply_count", "reply_users_count", "latest_reply", "reply_users"):
            parent.pop(name, None)
        if replies:
            users = list(dict.fromkeys(reply["user"] for reply in replies))
            parent |= {
                "thread_ts": thread,
                "reply_count": len(replies),
                "reply_users_count": len(users),
                "latest_reply": replies[-1]["ts"],
                "reply_users": users[:5],
            }
