"""HubSpot's sandbox: an account that its official libraries take for real."""

from connectors.providers.hubspot.sandbox.server import TOKEN, HubSpotSandbox

__all__ = ["TOKEN", "HubSpotSandbox"]
