"""PayPal, a REST API with JSON bodies and OAuth 2 client credentials."""
