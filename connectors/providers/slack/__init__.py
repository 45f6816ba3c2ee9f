"""Slack: channels, messages, people and files, over RPC by HTTP."""
