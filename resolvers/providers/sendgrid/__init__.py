"""How SendGrid's part of the graph gets its values."""

from resolvers.providers.sendgrid.events import fields

__all__ = ["fields"]
