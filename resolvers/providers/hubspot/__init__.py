"""How HubSpot's part of the graph gets its values."""

from resolvers.providers.hubspot.associating import fields

__all__ = ["fields"]
