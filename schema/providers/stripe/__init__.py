"""Stripe's part of the graph."""
