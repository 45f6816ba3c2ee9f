"""The outbox: webhooks that we send, to the endpoints that operators register."""
