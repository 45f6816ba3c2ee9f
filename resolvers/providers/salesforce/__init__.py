"""How Salesforce's part of the graph gets its values."""

from resolvers.providers.salesforce.events import fields

__all__ = ["fields"]
