"""From what the operator decides to an outbox. It loads SQLAlchemy, so it is imported where webhooks are sent only."""

from connectors.auth.seal import Seal
from connectors.connector import ConfigurationError
from connectors.webhooks.durable import Durable
from connectors.webhooks.outbox.outbox import Outbox
from connectors.webhooks.outbox.records import OutboxPolicy
from connectors.wires import GuardedWire

ANSWER_BYTES = 1024 * 1024
"""The most that a receiver may answer; nobody reads it."""

CONNECTIONS = 500
"""To one host: many endpoints may be there, each with its own limit, and none is to wait for another."""


def opened(durable: Durable, keys: str, policy: OutboxPolicy) -> Outbox:
    """The outbox, its secrets sealed with `keys`. Raises `ConfigurationError`."""
    try:
        seal = Seal(keys)
    except ValueError as error:
        raise ConfigurationError(f"PUNNET_ENCRYPTION_KEY: {error}") from error
    wire = GuardedWire(
        answer_bytes=ANSWER_BYTES,
        timeout_s=policy.timeout_s,
        connections=CONNECTIONS,
        allow_private=policy.allow_private,
    )
    return Outbox(durable, seal, wire, policy)
