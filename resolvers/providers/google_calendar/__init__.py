"""How Google Calendar's part of the graph gets its values."""

from resolvers.providers.google_calendar.events import fields

__all__ = ["fields"]
