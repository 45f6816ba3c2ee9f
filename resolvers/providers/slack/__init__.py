"""How Slack's part of the graph gets its values."""

from resolvers.providers.slack.messages import fields

__all__ = ["fields"]
