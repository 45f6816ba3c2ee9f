"""SendGrid, a REST API with JSON bodies."""
