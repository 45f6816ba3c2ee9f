"""Webhooks: what upstreams send us, and what we send to others."""
