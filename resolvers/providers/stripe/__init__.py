"""How Stripe's part of the graph gets its values."""

from resolvers.providers.stripe.payments import fields

__all__ = ["fields"]
