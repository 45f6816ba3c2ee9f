"""How Salesforce's part of the graph gets its values."""

from resolvers.providers.salesforce.writes import fields

__all__ = ["fields"]
