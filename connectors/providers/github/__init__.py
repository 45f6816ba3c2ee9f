"""GitHub: code hosting, by its GraphQL API."""
