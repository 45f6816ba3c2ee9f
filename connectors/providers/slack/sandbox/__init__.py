"""Slack's sandbox: a workspace that its official libraries take for real."""

from connectors.providers.slack.sandbox.server import BOT_TOKEN, USER_TOKEN, SlackSandbox

__all__ = ["BOT_TOKEN", "USER_TOKEN", "SlackSandbox"]
