"""How Slack's part of the graph gets its values."""

from resolvers.providers.slack.events import fields

__all__ = ["fields"]
