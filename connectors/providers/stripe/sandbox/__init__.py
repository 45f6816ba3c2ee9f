"""Stripe's sandbox: an account in test mode that its official libraries take for real."""

from connectors.providers.stripe.sandbox.server import KEY, StripeSandbox

__all__ = ["KEY", "StripeSandbox"]
