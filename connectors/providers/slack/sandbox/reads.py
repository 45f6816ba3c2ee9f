"""What can be read from the Slack sandbox."""

from base64 import b64decode, b64encode
from collections.abc import Callable, Sequence
from typing import Any

from connectors.providers.slack.sandbox.parameters import Refused, flag, integer, required, text
from connectors.providers.slack.sandbox.workspace import Json, Workspace

MAX_LIMIT = 1000
KINDS = ("public_channel", "private_channel", "mpim", "im")
FILE_KINDS = {"images": ("png",), "pdfs": ("pdf",), "spaces": (), "snippets": (), "zips": (), "gdocs": ()}

Method = Callable[[str, Json], Json]
"""A method: from the user that the token acts as and the arguments to the answer, without `ok`."""


class Reads:
    """The reading methods of one workspace."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def methods(self) -> dict[str, Method]:
        return {
            "auth.test": self.auth_test,
            "conversations.list": self.conversations,
            "conversations.info": self.conversation,
            "conversations.members": self.members,
            "conversations.history": self.history,
            "conversations.replies": self.replies,
            "users.conversations": self.conversations_of,
            "users.list": self.users,
            "users.info": self.user,
            "users.lookupByEmail": self.user_by_email,
            "files.list": self.files,
            "files.info": self.file,
            "chat.getPermalink": self.permalink,
            "search.messages": self.search,
        }

    def auth_test(self, actor: str, given: Json) -> Json:
        user = self._workspace.users[actor]
        return {"url": "https://punnet.slack.com/", "team": "Punnet", "user": user["name"], "user_id": actor}

    def conversations(self, actor: str, given: Json) -> Json:
        return self._conversations(actor, given, lambda channel: self._listed(actor, channel["id"]))

    def conversations_of(self, actor: str, given: Json) -> Json:
        user = text(given, "user") or actor
        if user not in self._workspace.users:
            raise Refused("user_not_found")
        members = self._workspace.members
        return self._conversations(
            actor, given, lambda channel: user in members[channel["id"]] and self._listed(actor, channel["id"])
        )

    def _conversations(self, actor: str, given: Json, keep: Callable[[Json], bool]) -> Json:
        kinds = (text(given, "types") or "public_channel").split(",")
        if not set(kinds) <= set(KINDS):
            raise Refused("invalid_types")
        found = [
            channel for channel in self._workspace.channels.values() if kind_of(channel) in kinds and keep(channel)
        ]
        page, cursor = paged(found, "channel", "id", given)
        shown = [channel for channel in page if not (flag(given, "exclude_archived") and channel["is_archived"])]
        return {"channels": [self._shown(actor, channel) for channel in shown], **_next(cursor)}

    def conversation(self, actor: str, given: Json) -> Json:
        channel = self.visible(actor, required(given, "channel"))
        shown = self._shown(actor, channel)
        if not flag(given, "include_num_members"):
            shown.pop("num_members", None)
        return {"channel": shown}

    def members(self, actor: str, given: Json) -> Json:
        channel = self.visible(actor, required(given, "channel"))
        ids = [{"id": id} for id in self._workspace.members[channel["id"]]]
        page, cursor = paged(ids, "user", "id", given)
        return {"members": [row["id"] for row in page], **_next(cursor)}

    def history(self, actor: str, given: Json) -> Json:
        channel = self.readable(actor, required(given, "channel"))
        messages = self._workspace.messages[channel["id"]]
        top = [
            m
            for m in reversed(messages)
            if m.get("thread_ts", m["ts"]) == m["ts"] or m.get("subtype") == "thread_broadcast"
        ]
        page, cursor = paged(_between(top, given), "next_ts", "ts", given, newest_first=True)
        return {"messages": page, "has_more": bool(cursor), "pin_count": 0, **_next(cursor)}

    def replies(self, actor: str, given: Json) -> Json:
        """The first message comes with each page, beside the replies that `limit` counts it among."""
        channel = self.readable(actor, required(given, "channel"))["id"]
        ts = required(given, "ts")
        message = self._workspace.message(channel, ts)
        if message is None:
            raise Refused("thread_not_found")
        is_first = message.get("thread_ts", ts) == ts
        replies = self._workspace.replies(channel, ts) if is_first else []
        limit = integer(given, "limit", 1000, MAX_LIMIT)
        page, cursor = paged(_between(replies, given), "next_ts", "ts", {**given, "limit": max(1, limit - 1)})
        answer = {"messages": [message, *page], "has_more": bool(cursor)}
        return {**answer, **_next(cursor)}

    def users(self, actor: str, given: Json) -> Json:
        page, cursor = paged(list(self._workspace.users.values()), "user", "id", given)
        return {"members": page, "cache_ts": self._workspace.now, **_next(cursor)}

    def user(self, actor: str, given: Json) -> Json:
        user = self._workspace.users.get(required(given, "user"))
        if user is None:
            raise Refused("user_not_found")
        return {"user": user}

    def user_by_email(self, actor: str, given: Json) -> Json:
        email = required(given, "email").lower()
        for user in self._workspace.users.values():
            if user["profile"].get("email", "").lower() == email and not user["deleted"]:
                return {"user": user}
        raise Refused("users_not_found")

    def files(self, actor: str, given: Json) -> Json:
        channel, user, kinds = text(given, "channel"), text(given, "user"), (text(given, "types") or "all").split(",")
        if not set(kinds) <= {"all", *FILE_KINDS}:
            raise Refused("unknown_type")
        if channel:
            self.visible(actor, channel)
        types = {filetype for kind in kinds for filetype in FILE_KINDS.get(kind, ())}
        found = [
            file
            for file in self._workspace.files.values()
            if self._can_see(actor, file)
            and (channel is None or channel in (*file["channels"], *file["groups"], *file["ims"]))
            and (user is None or file["user"] == user)
            and ("all" in kinds or file["filetype"] in types)
        ]
        rows, paging = numbered(found, given, 100)
        return {"files": rows, "paging": paging}

    def file(self, actor: str, given: Json) -> Json:
        file = self._workspace.files.get(required(given, "file"))
        if file is None or not self._can_see(actor, file):
            raise Refused("file_not_found")
        return {"file": file, "comments": [], **_next("")}

    def permalink(self, actor: str, given: Json) -> Json:
        channel = self.visible(actor, required(given, "channel"))["id"]
        ts = required(given, "message_ts")
        if self._workspace.message(channel, ts) is None:
            raise Refused("message_not_found")
        return {"channel": channel, "permalink": _address(channel, ts)}

    def search(self, actor: str, given: Json) -> Json:
        """All words must be there; `in:name` and `from:@name` narrow it. All score the same: the newest come first."""
        asked = text(given, "query")
        if asked is None:
            raise Refused("no_query")
        words = asked.lower().split()
        names = [word[3:].lstrip("#") for word in words if word.startswith("in:")]
        authors = [word[5:].lstrip("@") for word in words if word.startswith("from:")]
        plain = [word for word in words if not word.startswith(("in:", "from:"))]
        users = self._workspace.users
        found = [
            self._match(channel, message)
            for channel in self._workspace.channels.values()
            if actor in self._workspace.members[channel["id"]] and (not names or channel.get("name") in names)
            for message in self._workspace.messages[channel["id"]]
            if all(word in message["text"].lower() for word in plain)
            and (not authors or users[message["user"]]["name"] in authors)
        ]
        found.sort(key=lambda match: str(match["ts"]), reverse=True)
        rows, paging = numbered(found, given, 20)
        return {"query": asked, "messages": {"matches": rows, "total": paging["total"], "paging": paging}}

    def _match(self, channel: Json, message: Json) -> Json:
        shown = {"id": channel["id"], "name": channel.get("name", ""), "is_private": channel.get("is_private", False)}
        kept: Json = {name: message[name] for name in ("type", "user", "ts", "text", "team") if name in message}
        username = self._workspace.users[message["user"]]["name"]
        return {**kept, "channel": shown, "username": username, "permalink": _address(channel["id"], message["ts"])}

    def visible(self, actor: str, id: str) -> Json:
        """A conversation that the token's user may know of."""
        channel = self._workspace.channels.get(id)
        if channel is None or not self._listed(actor, id):
            raise Refused("channel_not_found")
        return channel

    def readable(self, actor: str, id: str) -> Json:
        """A conversation whose messages the token's user may read: a person all public ones, a bot those it is in."""
        channel = self.visible(actor, id)
        if actor == self._workspace.bot and actor not in self._workspace.members[id]:
            raise Refused("not_in_channel")
        return channel

    def _listed(self, actor: str, id: str) -> bool:
        channel = self._workspace.channels[id]
        return kind_of(channel) == "public_channel" or actor in self._workspace.members[id]

    def _can_see(self, actor: str, file: Json) -> bool:
        return any(self._listed(actor, id) for id in (*file["channels"], *file["groups"], *file["ims"]))

    def _shown(self, actor: str, channel: Json) -> Json:
        if channel.get("is_im"):
            return dict(channel)
        members = self._workspace.members[channel["id"]]
        return {**channel, "is_member": actor in members, "num_members": len(members)}


def kind_of(channel: Json) -> str:
    """The word for a conversation's kind, as `types` takes it."""
    if channel.get("is_im"):
        return "im"
    return "private_channel" if channel["is_private"] else "public_channel"


def paged(
    rows: Sequence[Json], word: str, key: str, given: Json, *, newest_first: bool = False
) -> tuple[list[Json], str]:
    """The rows from the cursor on, and the next cursor, which holds the key of the row that comes next."""
    limit = integer(given, "limit", 100, MAX_LIMIT)
    cursor, start = text(given, "cursor"), 0
    if cursor is not None:
        wanted = _opened(cursor, word)
        if word == "next_ts":
            later = (i for i, row in enumerate(rows) if (row[key] <= wanted if newest_first else row[key] >= wanted))
            start = next(later, len(rows))
        else:
            start = next((i for i, row in enumerate(rows) if row[key] == wanted), -1)
        if start < 0:
            raise Refused("invalid_cursor")
    page = list(rows[start : start + limit])
    following = rows[start + limit : start + limit + 1]
    return page, b64encode(f"{word}:{following[0][key]}".encode()).decode() if following else ""


def numbered(rows: Sequence[Json], given: Json, default: int) -> tuple[list[Json], Json]:
    """A page by its number, and where it lies."""
    count, page = integer(given, "count", default, 100), integer(given, "page", 1, 100)
    start = (page - 1) * count
    pages = -(-len(rows) // count)
    return list(rows[start : start + count]), {"count": count, "total": len(rows), "page": page, "pages": pages}


def _opened(cursor: str, word: str) -> str:
    try:
        found, _, key = b64decode(cursor, validate=True).decode().partition(":")
    except ValueError:
        found = key = ""
    if found != word or not key:
        raise Refused("invalid_cursor")
    return key


def _between(messages: list[Json], given: Json) -> list[Json]:
    """The messages between `oldest` and `latest`, these included where `inclusive`."""
    oldest, latest = text(given, "oldest") or "0", text(given, "latest") or "9"
    for name, value in (("oldest", oldest), ("latest", latest)):
        if not value.replace(".", "", 1).isdecimal():
            raise Refused(f"invalid_ts_{name}")
    if flag(given, "inclusive"):
        return [message for message in messages if oldest <= message["ts"] <= latest]
    return [message for message in messages if oldest < message["ts"] < latest]


def _next(cursor: str) -> Json:
    return {"response_metadata": {"next_cursor": cursor}}


def _address(channel: Any, ts: Any) -> str:
    return f"https://punnet.slack.com/archives/{channel}/p{str(ts).replace('.', '')}"
