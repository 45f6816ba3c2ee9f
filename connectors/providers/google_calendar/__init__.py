"""Google Calendar, a REST API with JSON bodies and field selection."""
