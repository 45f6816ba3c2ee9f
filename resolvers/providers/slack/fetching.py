"""What Slack knows by key: one call a key, and the throttle bounds how many are in flight."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from connectors.errors import NotFound
from connectors.providers.slack.client import SlackClient
from resolvers.batching import Loaded, batch
from resolvers.providers.slack.convert import to_channel, to_file, to_message, to_user
from schema.problems import BadInput
from schema.providers.slack import SlackChannel, SlackFile, SlackMessage, SlackUser

P = TypeVar("P")
T = TypeVar("T")


async def found(payload: Awaitable[P], make: Callable[[P], T]) -> T | None:
    """The object, or `None` where Slack does not know it (any more), or the app may not."""
    try:
        return make(await payload)
    except NotFound:
        return None


@batch(SlackClient, max_keys=1, operation="conversations.info")
async def channels_by_id(slack: SlackClient, ids: Sequence[str]) -> Loaded[SlackChannel]:
    return [await found(slack.get_channel(id), to_channel) for id in ids]


@batch(SlackClient, max_keys=1, operation="users.info")
async def users_by_id(slack: SlackClient, ids: Sequence[str]) -> Loaded[SlackUser]:
    return [await found(slack.get_user(id), to_user) for id in ids]


@batch(SlackClient, max_keys=1, operation="users.lookupByEmail")
async def users_by_email(slack: SlackClient, emails: Sequence[str]) -> Loaded[SlackUser]:
    """The active member with an address, in any case."""
    return [await found(slack.find_user(email), to_user) for email in emails]


@batch(SlackClient, max_keys=1, operation="files.info")
async def files_by_id(slack: SlackClient, ids: Sequence[str]) -> Loaded[SlackFile]:
    return [await found(slack.get_file(id), to_file) for id in ids]


@batch(SlackClient, max_keys=1, operation="conversations.replies")
async def messages_by_id(slack: SlackClient, ids: Sequence[str]) -> Loaded[SlackMessage]:
    """By the ids that messages have in the graph. Raises `BadInput` for what is none."""
    return [await found(slack.get_message(*place_of(id)), to_message) for id in ids]


def place_of(id: str) -> tuple[str, str]:
    """The channel and the `ts` that a message's id is made of."""
    channel, separator, ts = id.partition("/")
    if not (channel and separator and ts):
        raise BadInput(f"{id[:80]!r} is not the id of a message: that is `<channel>/<ts>`")
    return channel, ts
