"""How HubSpot's part of the graph gets its values."""

from resolvers.providers.hubspot.events import fields

__all__ = ["fields"]
