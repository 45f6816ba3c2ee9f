"""Senders of webhooks that are no provider, found by their files."""
