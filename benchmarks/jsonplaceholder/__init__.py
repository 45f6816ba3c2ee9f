"""The public workload as a provider of its own: posts and their authors over a REST API of three routes."""
