"""How PayPal's part of the graph gets its values."""

from resolvers.providers.paypal.events import fields

__all__ = ["fields"]
