"""How Stripe's part of the graph gets its values."""

from resolvers.providers.stripe import disputes, events, methods, payments, payouts  # each adds its fields
from resolvers.providers.stripe.reads import fields

__all__ = ["disputes", "events", "fields", "methods", "payments", "payouts"]
