"""How Stripe's part of the graph gets its values."""

from resolvers.providers.stripe.events import fields

__all__ = ["fields"]
