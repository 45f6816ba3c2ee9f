"""An emulator of one SendGrid account."""

from connectors.providers.sendgrid.sandbox.server import KEY, SendGridSandbox

__all__ = ["KEY", "SendGridSandbox"]
