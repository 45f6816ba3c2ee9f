"""How PayPal's part of the graph gets its values."""

from resolvers.providers.paypal.payments import fields

__all__ = ["fields"]
