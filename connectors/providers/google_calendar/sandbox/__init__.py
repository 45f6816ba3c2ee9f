"""An emulator of one user's calendars."""

from connectors.providers.google_calendar.sandbox.server import ENVIRONMENT, GoogleCalendarSandbox

__all__ = ["ENVIRONMENT", "GoogleCalendarSandbox"]
