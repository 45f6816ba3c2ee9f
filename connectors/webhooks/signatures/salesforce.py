"""Salesforce signs no outbound message: it sends it to the address that it was given, in which a secret may be.

A secret may name the organization as well (`00D...:secret`); then the message must say that it is from there.
Source: https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_om_outboundmessaging_understanding.htm
"""

from collections.abc import Sequence
from urllib.parse import parse_qs, urlsplit

from connectors.protocols.soap.xml import parsed
from connectors.webhooks.delivery import Delivery, Unverified
from connectors.webhooks.signatures.checks import matches

OUTBOUND = "http://soap.sforce.com/2005/09/outbound"
"""The namespace of an outbound message."""

SHORT = 15
"""An id with three characters more is the same one."""


def verify(delivery: Delivery, secrets: Sequence[str], now: float) -> None:
    """Secrets are what stands as `token` in the query of the address, after an organization's id and a colon or not."""
    given = parse_qs(urlsplit(delivery.url).query).get("token", [])
    known = [secret.rpartition(":") for secret in secrets]
    matches(given, [token for _, _, token in known])
    organizations = {organization[:SHORT] for organization, _, token in known if token in given}
    if "" not in organizations and _organization(delivery.body)[:SHORT] not in organizations:
        raise Unverified("it is from another organization")


def _organization(body: bytes) -> str:
    try:
        return parsed(body).findtext(f".//{{{OUTBOUND}}}OrganizationId") or "none"
    except ValueError:
        raise Unverified("it does not say which organization it is from") from None
