"""An emulator of one PayPal merchant account."""

from connectors.providers.paypal.sandbox.server import CLIENT_ID, CLIENT_SECRET, PayPalSandbox

__all__ = ["CLIENT_ID", "CLIENT_SECRET", "PayPalSandbox"]
