"""Upstreams: manifest, client, pipeline and sandbox of each third-party API. Knows nothing of GraphQL types of ours."""
