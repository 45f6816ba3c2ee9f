"""How Google Calendar's part of the graph gets its values."""

from resolvers.providers.google_calendar.changes import fields

__all__ = ["fields"]
