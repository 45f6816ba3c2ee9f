"""The tables of the outbox. Times are Unix time in seconds; ids are ours."""

from sqlalchemy import Column, Float, Index, Integer, MetaData, String, Table, Text

TABLES = MetaData()

ENDPOINTS = Table(
    "punnet_webhook_endpoints",
    TABLES,
    Column("id", String(32), primary_key=True),
    Column("url", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("topics", Text, nullable=False),  # a list, as JSON
    Column("rate_per_s", Float(53)),
    Column("next_slot_at", Float(53), nullable=False),  # when its rate lets it be called again
    Column("disabled", String(16)),  # why
    Column("sealed", Text, nullable=False),  # its secret and the one before
    Column("rotated_at", Float(53)),  # when the one replaced the other
    Column("created_at", Float(53), nullable=False),
)

MESSAGES = Table(
    "punnet_webhook_messages",
    TABLES,
    Column("id", String(32), primary_key=True),
    Column("type", Text, nullable=False),
    Column("body", Text, nullable=False),  # the very text that is sent
    Column("created_at", Float(53), nullable=False),
)

Index("punnet_webhook_messages_created", MESSAGES.c.created_at)

DELIVERIES = Table(
    "punnet_webhook_deliveries",
    TABLES,
    Column("id", String(32), primary_key=True),
    Column("message", String(32), nullable=False),
    Column("endpoint", String(32), nullable=False),
    Column("type", Text, nullable=False),  # its message's
    Column("state", String(16), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("failures", Integer, nullable=False),  # attempts that failed since its schedule began
    Column("next_attempt_at", Float(53)),
    Column("created_at", Float(53), nullable=False),
    Column("ended_at", Float(53)),
)

Index("punnet_webhook_deliveries_message", DELIVERIES.c.message)
Index("punnet_webhook_deliveries_created", DELIVERIES.c.created_at, DELIVERIES.c.id)
Index("punnet_webhook_deliveries_state", DELIVERIES.c.state, DELIVERIES.c.next_attempt_at)
Index("punnet_webhook_deliveries_ended", DELIVERIES.c.ended_at)
Index("punnet_webhook_deliveries_endpoint", DELIVERIES.c.endpoint, DELIVERIES.c.created_at)

ATTEMPTS = Table(
    "punnet_webhook_attempts",
    TABLES,
    Column("delivery", String(32), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("at", Float(53), nullable=False),
    Column("latency_s", Float(53), nullable=False),
    Column("status", Integer),  # HTTP's, where there was an answer
    Column("error", Text),  # what happened instead
)
