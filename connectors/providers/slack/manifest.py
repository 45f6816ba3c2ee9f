"""Slack's manifest."""

from collections.abc import Mapping

from connectors.auth.auth import Auth
from connectors.policy import CachePolicy, Policy, ThrottlePolicy
from connectors.protocols.rest import ids_in
from connectors.providers.slack.client import SlackClient
from connectors.providers.slack.judge import judge
from connectors.providers.slack.oauth import by_users
from connectors.providers.slack.sandbox import BOT_TOKEN, USER_TOKEN, SlackSandbox
from connectors.providers.slack.sandbox.users import USERS
from connectors.providers.slack.tokens import SlackTokens
from connectors.upstream import Credentials, Upstream


def per_minute(calls: int, *, burst: int) -> ThrottlePolicy:
    """A tier: Slack counts by the minute, and lets bursts pass."""
    return ThrottlePolicy(per_second=calls / 60, burst=burst, concurrency=10)


def tokens(values: Mapping[str, str]) -> Auth:
    return SlackTokens(values["SLACK_BOT_TOKEN"], values.get("SLACK_USER_TOKEN"))


TIER_2, TIER_3, TIER_4 = per_minute(20, burst=20), per_minute(50, burst=50), per_minute(100, burst=100)
POSTING = ThrottlePolicy(per_second=1, burst=3, concurrency=1)
"""One message a second in each channel, with short bursts."""

UPSTREAM = Upstream(
    name="slack",
    title="Slack",
    base_url="https://slack.com",
    base_url_variable="SLACK_BASE_URL",
    docs_url="https://docs.slack.dev/reference/methods",
    client=SlackClient,
    credentials=(
        Credentials(
            variables=("SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET"),
            optional=("SLACK_SCOPES", "SLACK_USER_SCOPES"),
            make=by_users,
        ),
        Credentials(variables=("SLACK_BOT_TOKEN",), optional=("SLACK_USER_TOKEN",), make=tokens),
    ),
    sandbox=SlackSandbox,
    sandbox_environment={"SLACK_BOT_TOKEN": BOT_TOKEN, "SLACK_USER_TOKEN": USER_TOKEN},
    sandbox_users=USERS,
    judge=judge,
    # Each method has its own bucket, named after it, and posting one for each channel. The tier of a method is on its
    # page. Source: https://docs.slack.dev/apis/web-api/rate-limits
    policy=Policy(
        throttle=TIER_3,
        buckets={
            "chat.postMessage:*": POSTING,
            "conversations.list": TIER_2,
            "users.list": TIER_2,
            "search.messages": TIER_2,
            "conversations.members": TIER_4,
            "users.info": TIER_4,
            "files.info": TIER_4,
            "chat.getPermalink": TIER_4,
        },
        cache=CachePolicy(ids=ids_in),
    ),
)
