"""Slack's operations."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, cast

from connectors.errors import (
    CursorExpired,
    NotFound,
    PayloadMismatch,
    ResultWindowExceeded,
    UpstreamRejected,
)
from connectors.paging import Page, Window, paged
from connectors.protocols.rest import Rest
from connectors.providers.slack.payloads import (
    ChannelPayload,
    DonePayload,
    FilePayload,
    MemberPayload,
    MessagePayload,
    RefusedPayload,
    UserPayload,
    WrittenPayload,
)
from connectors.upstream import Endpoint

PAGE = 200
"""What Slack recommends as the most to ask of a list. Source: https://docs.slack.dev/apis/web-api/pagination"""

NUMBERED_PAGE = 100
"""How many items the lists with numbered pages are read by, always: page 2 begins where page 1 of that size ends."""

MOST_SEARCH_PAGES = 100

MESSAGES = ("conversations.*", "search.*", "chat.*")
"""The reads that tell of messages, by what their operations have in common."""

NOT_POSTED = frozenset(
    "channel_not_found not_in_channel is_archived no_text msg_too_long msg_blocks_too_long invalid_blocks "
    "invalid_blocks_format too_many_attachments cannot_reply_to_message thread_not_found restricted_action "
    "restricted_action_read_only_channel restricted_action_thread_only_channel "
    "restricted_action_non_threadable_channel".split()
)
NOT_CHANGED = frozenset(
    "channel_not_found message_not_found is_inactive cant_update_message edit_window_closed no_text msg_too_long "
    "msg_blocks_too_long invalid_blocks invalid_blocks_format".split()
)
NOT_DELETED = frozenset(
    "channel_not_found message_not_found cant_delete_message compliance_exports_prevent_deletion".split()
)
NOT_REACTED = frozenset(
    "channel_not_found message_not_found not_in_channel is_archived thread_locked invalid_name already_reacted "
    "no_reaction too_many_emoji too_many_reactions".split()
)
"""Why a message is not posted, changed or deleted, and a reaction not made or taken back: for the caller to act on.

Source: the errors on each method's page.
"""


class SlackClient:
    """One workspace, as far as the app may see it. Slack has one version of its API, and adds to it.

    Lists are read forward only. A list may have fewer items than asked for on any page; its end is where there is no
    next cursor. A cursor that Slack does not know (any more) raises `CursorExpired`. What Slack does not know, or the
    app may not see, raises `NotFound`; a channel that the app must join first `UpstreamRejected` (`not_in_channel`). A
    token without the scope for a method raises `NotAuthorized`.

    Writes cannot be repeated, as Slack knows no idempotency key: one that fails at Slack raises `OutcomeUnknown`. A
    refusal that the caller can act on is returned.
    """

    upstream = "slack"

    def __init__(self, endpoint: Endpoint) -> None:
        self._rest = Rest(endpoint)

    async def get_channel(self, id: str) -> ChannelPayload:
        """One conversation, with the number of its members.

        Source: https://docs.slack.dev/reference/methods/conversations.info
        """
        body = await self._get("conversations.info", {"channel": id, "include_num_members": True}, id)
        return cast(ChannelPayload, self._rest.object(body.get("channel"), "conversations.info", path="channel"))

    @paged("conversations.list", max_limit=PAGE)
    async def list_channels(
        self, window: Window, *, types: Sequence[str], exclude_archived: bool = False
    ) -> Page[ChannelPayload]:
        """Conversations of the workspace. `types` are of `public_channel`, `private_channel`, `mpim` and `im`.

        All public ones are there, and those of the others that the app is in.
        Source: https://docs.slack.dev/reference/methods/conversations.list
        """
        query = {"types": ",".join(types), "exclude_archived": exclude_archived or None}
        return await self._list("conversations.list", window, query, "channels")

    @paged("users.conversations", max_limit=PAGE)
    async def list_channels_of(
        self, window: Window, *, user: str, types: Sequence[str], exclude_archived: bool = False
    ) -> Page[ChannelPayload]:
        """Conversations that somebody is in; of private ones, those that the app is in as well.

        Source: https://docs.slack.dev/reference/methods/users.conversations
        """
        query = {"user": user, "types": ",".join(types), "exclude_archived": exclude_archived or None}
        return await self._list("users.conversations", window, query, "channels")

    @paged("conversations.members", max_limit=PAGE)
    async def list_members(self, window: Window, *, channel: str) -> Page[MemberPayload]:
        """The ids of those who are in a conversation.

        Source: https://docs.slack.dev/reference/methods/conversations.members
        """
        page = await self._list("conversations.members", window, {"channel": channel}, "members", members_of(channel))
        return Page([{"channel": channel, "user": user} for user in page.items], page.next_cursor)

    @paged("conversations.history", max_limit=PAGE)
    async def list_messages(
        self, window: Window, *, channel: str, oldest: str | None = None, latest: str | None = None
    ) -> Page[MessagePayload]:
        """Messages of a conversation, newest first, without replies. `oldest` and `latest` are exclusive `ts`.

        Apps that are sold outside Slack's marketplace get 15 messages at most, once a minute.
        Source: https://docs.slack.dev/reference/methods/conversations.history
        """
        query = {"channel": channel, "oldest": oldest, "latest": latest}
        page = await self._list("conversations.history", window, query, "messages", messages_of(channel))
        return Page([placed(message, channel) for message in page.items], page.next_cursor)

    @paged("conversations.replies", max_limit=PAGE)
    async def list_replies(self, window: Window, *, channel: str, thread: str) -> Page[MessagePayload]:
        """Replies in a thread, oldest first. `thread` is the `ts` of its first message, which is left out.

        Slack sends the first message along as one more item.
        Source: https://docs.slack.dev/reference/methods/conversations.replies
        """
        one_more = Window(window.limit + 1, window.after)
        query = {"channel": channel, "ts": thread}
        page = await self._list("conversations.replies", one_more, query, "messages", messages_of(channel))
        replies = [placed(message, channel) for message in page.items]
        return Page([reply for reply in replies if reply["ts"] != thread], page.next_cursor)

    async def get_message(self, channel: str, ts: str) -> MessagePayload:
        """One message, be it a reply or not.

        Source: https://docs.slack.dev/messaging/retrieving-messages
        """
        method = "conversations.replies"
        query = {"channel": channel, "ts": ts, "oldest": ts, "latest": ts, "inclusive": True, "limit": 1}
        for found in self._items(await self._get(method, query, messages_of(channel)), method, "messages"):
            message = placed(found, channel)
            if message["ts"] == ts:
                return message
        raise NotFound(self.upstream, method, status=200, reason="message_not_found")

    async def get_permalink(self, channel: str, ts: str) -> str:
        """The address of a message. Source: https://docs.slack.dev/reference/methods/chat.getPermalink"""
        query = {"channel": channel, "message_ts": ts}
        permalink = (await self._get("chat.getPermalink", query, messages_of(channel))).get("permalink")
        if not isinstance(permalink, str):
            raise PayloadMismatch(self.upstream, "chat.getPermalink", path="permalink", expected="text")
        return permalink

    @paged("users.list", max_limit=PAGE)
    async def list_users(self, window: Window) -> Page[UserPayload]:
        """Everybody in the workspace, bots and deactivated members too.

        Source: https://docs.slack.dev/reference/methods/users.list
        """
        return await self._list("users.list", window, {}, "members")

    async def get_user(self, id: str) -> UserPayload:
        """One member, deactivated ones too. Source: https://docs.slack.dev/reference/methods/users.info"""
        body = await self._get("users.info", {"user": id}, id)
        return cast(UserPayload, self._rest.object(body.get("user"), "users.info", path="user"))

    async def find_user(self, email: str) -> UserPayload:
        """The active member with an address, in any case. Raises `NotFound` (`users_not_found`).

        Source: https://docs.slack.dev/reference/methods/users.lookupByEmail
        """
        body = await self._get("users.lookupByEmail", {"email": email}, email.lower())
        return cast(UserPayload, self._rest.object(body.get("user"), "users.lookupByEmail", path="user"))

    @paged("files.list", max_limit=NUMBERED_PAGE, counts=True)
    async def list_files(
        self, window: Window, *, channel: str | None = None, user: str | None = None, types: Sequence[str] = ()
    ) -> Page[FilePayload]:
        """Files that the app can see, newest first. `types` are Slack's words: `images`, `pdfs`, `snippets` ...

        Source: https://docs.slack.dev/reference/methods/files.list
        """
        query = {"channel": channel, "user": user, "types": ",".join(types) or None}
        body = await self._get("files.list", {**query, **_numbered(window)})
        return self._numbered_page("files.list", body, "files")

    async def get_file(self, id: str) -> FilePayload:
        """One file, without its content. Source: https://docs.slack.dev/reference/methods/files.info"""
        body = await self._get("files.info", {"file": id, "count": 1}, id)
        return cast(FilePayload, self._rest.object(body.get("file"), "files.info", path="file"))

    @paged("search.messages", max_limit=NUMBERED_PAGE, counts=True)
    async def search_messages(self, window: Window, *, query: str, sort: str = "score") -> Page[MessagePayload]:
        """Messages that the user behind the token can see, by `score` (best first) or `timestamp` (newest first).

        `query` is what one types in Slack: `from:@ada in:general before:2026-01-01 quinces`. It takes a user's token;
        without one it raises `NotAuthorized`. Past 100 pages of 100 it raises `ResultWindowExceeded`.
        Source: https://docs.slack.dev/reference/methods/search.messages
        """
        method, page = "search.messages", _numbered(window)
        if int(page["page"]) > MOST_SEARCH_PAGES:
            message = f"only the first {MOST_SEARCH_PAGES * NUMBERED_PAGE:,} results can be read: narrow the search"
            raise ResultWindowExceeded(self.upstream, method, message)
        body = await self._get(method, {"query": query, "sort": sort, **page})
        found = self._numbered_page(method, self._rest.object(body.get("messages"), method, path="messages"), "matches")
        messages = [placed(match, _id_in(match.get("channel"))) for match in found.items]
        return Page(messages, found.next_cursor, total=found.total)

    async def post_message(
        self,
        channel: str,
        *,
        text: str | None,
        blocks: Sequence[Any] | None = None,
        thread: str | None = None,
        broadcast: bool = False,
        unfurl_links: bool | None = None,
        unfurl_media: bool | None = None,
    ) -> WrittenPayload | RefusedPayload:
        """Post a message, as a reply where `thread` is the `ts` of a message. A refusal is one of `NOT_POSTED`.

        `channel` may be a user's id: that is a direct message. `text` has 40,000 characters at most. A channel takes
        about one message a second.
        Source: https://docs.slack.dev/reference/methods/chat.postMessage
        """
        body = {
            "channel": channel,
            "text": text,
            "blocks": blocks,
            "thread_ts": thread,
            "reply_broadcast": broadcast or None,
            "unfurl_links": unfurl_links,
            "unfurl_media": unfurl_media,
        }
        posted = await self._write("chat.postMessage", body, NOT_POSTED, bucket=f"chat.postMessage:{channel}")
        return cast(WrittenPayload | RefusedPayload, posted)

    async def update_message(
        self, channel: str, ts: str, *, text: str | None, blocks: Sequence[Any] | None = None
    ) -> WrittenPayload | RefusedPayload:
        """Give a message of the app's own another text. A refusal is one of `NOT_CHANGED`.

        Source: https://docs.slack.dev/reference/methods/chat.update
        """
        body = {"channel": channel, "ts": ts, "text": text, "blocks": blocks}
        return cast(WrittenPayload | RefusedPayload, await self._write("chat.update", body, NOT_CHANGED))

    async def delete_message(self, channel: str, ts: str) -> DonePayload | RefusedPayload:
        """Delete a message of the app's own. A refusal is one of `NOT_DELETED`.

        Source: https://docs.slack.dev/reference/methods/chat.delete
        """
        body = {"channel": channel, "ts": ts}
        return cast(DonePayload | RefusedPayload, await self._write("chat.delete", body, NOT_DELETED))

    async def add_reaction(self, channel: str, ts: str, name: str) -> DonePayload | RefusedPayload:
        """React to a message with an emoji, without colons. A refusal is one of `NOT_REACTED`.

        Source: https://docs.slack.dev/reference/methods/reactions.add
        """
        body = {"channel": channel, "timestamp": ts, "name": name}
        return cast(DonePayload | RefusedPayload, await self._write("reactions.add", body, NOT_REACTED))

    async def remove_reaction(self, channel: str, ts: str, name: str) -> DonePayload | RefusedPayload:
        """Take a reaction of the app's own back. A refusal is one of `NOT_REACTED`.

        Source: https://docs.slack.dev/reference/methods/reactions.remove
        """
        body = {"channel": channel, "timestamp": ts, "name": name}
        return cast(DonePayload | RefusedPayload, await self._write("reactions.remove", body, NOT_REACTED))

    async def _get(self, method: str, query: Mapping[str, Any], *about: str) -> Mapping[str, Any]:
        body = await self._rest.get(f"/api/{method}", query, operation=method, bucket=method, about=about)
        return self._rest.object(body, method)

    async def _list(self, method: str, window: Window, query: Mapping[str, Any], name: str, *about: str) -> Page[Any]:
        try:
            body = await self._get(method, {**query, "limit": window.limit, "cursor": window.after}, *about)
        except UpstreamRejected as error:
            if error.reason == "invalid_cursor" and window.after is not None:
                raise CursorExpired(self.upstream, method) from error
            raise
        told = body.get("response_metadata")
        cursor = told.get("next_cursor") if isinstance(told, dict) else None
        return Page(self._items(body, method, name), next_cursor=cursor or None)

    async def _write(
        self, method: str, body: Mapping[str, Any], results: Collection[str], bucket: str | None = None
    ) -> Any:
        """What came of it, or a refusal whose reason is one of `results`."""
        given = {name: value for name, value in body.items() if value is not None}
        typed = {"Content-Type": "application/json; charset=utf-8"}  # without a charset, Slack warns
        try:
            answer = await self._rest.post(
                f"/api/{method}", given, operation=method, headers=typed, bucket=bucket or method, evicts=MESSAGES
            )
        except UpstreamRejected as error:
            if error.reason in results:
                return {"ok": False, "error": error.reason}
            raise
        return self._rest.object(answer, method)

    def _numbered_page(self, method: str, body: Mapping[str, Any], name: str) -> Page[Any]:
        paging = self._rest.object(body.get("paging"), method, path="paging")
        page, count, total = (paging.get(key) for key in ("page", "count", "total"))
        if not (isinstance(page, int) and isinstance(count, int) and isinstance(total, int)):
            raise PayloadMismatch(self.upstream, method, path="paging", expected="page, count and total")
        following = str(page + 1) if page * count < total else None
        return Page(self._items(body, method, name), next_cursor=following, total=total)

    def _items(self, body: Mapping[str, Any], method: str, name: str) -> list[Any]:
        """The items of a list. Messages are objects that have a `ts`."""
        value = body.get(name)
        if not isinstance(value, list):
            raise PayloadMismatch(self.upstream, method, path=name, expected="a list")
        if name in ("messages", "matches") and not all(isinstance(item, dict) and "ts" in item for item in value):
            raise PayloadMismatch(self.upstream, method, path=name, expected="messages")
        return value


def messages_of(channel: str) -> str:
    """The tag of answers that tell of a channel's messages."""
    return f"messages of {channel}"


def members_of(channel: str) -> str:
    """The tag of answers that tell who is in a channel."""
    return f"members of {channel}"


def _numbered(window: Window) -> dict[str, Any]:
    """The parameters of a page by its number, which is what stands for a cursor."""
    return {"count": NUMBERED_PAGE, "page": window.after or "1"}


def placed(message: Mapping[str, Any], channel: Any) -> MessagePayload:
    """A message with the channel that it was read from."""
    return cast(MessagePayload, {**message, "channel": channel})


def _id_in(channel: Any) -> Any:
    """The id of a channel that Slack sent along, or whatever it sent."""
    return channel.get("id") if isinstance(channel, dict) else channel
