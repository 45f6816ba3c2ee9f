"""PayPal's webhooks: one event each, with the resource as it was then.

Source: https://developer.paypal.com/api/rest/webhooks/event-names/
"""

import asyncio
import warnings
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from time import monotonic
from typing import TYPE_CHECKING, Any

import httpx2
import orjson
from cachetools import LRUCache, TTLCache

from connectors.webhooks.delivery import Delivery, Event, Unverified
from connectors.webhooks.sender import Webhooks
from connectors.wires import GuardedWire
from connectors.wires.tls import tls_context

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.x509 import Certificate

    from connectors.webhooks.signatures.paypal import Accept, Fetch

CERTIFICATE_BYTES = 64 * 1024
MOST_CERTIFICATES = 16
"""PayPal uses one for weeks; what is at an address of one does not change."""

MOST_REFUSED, REFUSED_S = 1_000, 10.0
"""How many addresses without a certificate of PayPal's are remembered, and for how many seconds."""

LISTS: Mapping[str, tuple[str, ...]] = {
    "invoices": ("invoices.list", "invoices.search"),
    "dispute": ("disputes.list",),
    "plan": ("plans.list",),
    "capture": ("transactions.list",),
    "refund": ("transactions.list",),
    "sale": ("transactions.list",),
}
"""The lists that a resource may be new to, by `resource_type`."""


class Certificates:
    """The certificates at PayPal's addresses of them, fetched one at a time. A redirect is not followed.

    Strangers name these addresses. So those that were accepted are kept and nothing else; what was refused is
    remembered for `REFUSED_S`.
    """

    def __init__(self, wire: Callable[[], GuardedWire], now: Callable[[], float] = monotonic) -> None:
        self._wire = wire
        self._known: LRUCache[str, bytes] = LRUCache(MOST_CERTIFICATES)
        self._refused: TTLCache[str, str] = TTLCache(MOST_REFUSED, REFUSED_S, timer=now)
        self._fetching = asyncio.Lock()

    async def __call__(self, url: str, accept: "Accept") -> "RSAPublicKey":
        """What `accept` makes of the certificates at an address that is PayPal's. Raises `Unverified`."""
        known = self._known.get(url)
        if known is None:
            async with self._fetching:
                return await self._looked_up(url, accept)
        return accept(known)

    async def _looked_up(self, url: str, accept: "Accept") -> "RSAPublicKey":
        """The same, while nobody else does it."""
        refused = self._refused.get(url)
        if refused is not None:
            raise Unverified(refused)
        try:
            found = self._known.get(url) or await self._fetched(url)
            key = accept(found)
        except Unverified as error:
            self._refused[url] = str(error)
            raise
        self._known[url] = found
        return key

    async def _fetched(self, url: str) -> bytes:
        wire = self._wire()
        try:
            response = await wire.send(httpx2.Request("GET", url))
        except (httpx2.HTTPError, OSError) as error:
            raise Unverified(f"the certificate could not be fetched: {type(error).__name__}") from error
        finally:
            await wire.close()
        if response.status_code != 200:
            raise Unverified(f"the certificate could not be fetched: status {response.status_code}")
        return response.content


def trusted() -> "Sequence[Certificate]":
    """The authorities that this machine (or `SSL_CERT_FILE`) trusts."""
    from cryptography.utils import CryptographyDeprecationWarning
    from cryptography.x509 import load_der_x509_certificate

    with warnings.catch_warnings():  # of old authorities, some number their certificates as one should not
        warnings.simplefilter("ignore", CryptographyDeprecationWarning)
        return [load_der_x509_certificate(der) for der in tls_context(None, ()).get_ca_certs(binary_form=True)]


def read(delivery: Delivery) -> Sequence[Event]:
    """The resource of an invoice's event has the invoice in it."""
    event = orjson.loads(delivery.body)
    return [
        Event(
            provider="paypal",
            id=str(event["id"]),
            type=str(event["event_type"]),
            payload=event,
            object=id_of(subject_of(event)),
            version=datetime.fromisoformat(event["create_time"]).timestamp(),
        )
    ]


def stale(event: Event) -> Collection[str]:
    """The resource and what it came from: an order and a capture tell of their refunds."""
    subject = subject_of(event.payload)
    origins = [
        link["href"].rpartition("/")[2]
        for link in subject.get("links") or ()
        if link.get("rel") == "up" and isinstance(link.get("href"), str)
    ]
    related = (subject.get("supplementary_data") or {}).get("related_ids") or {}
    ids = [event.object, subject.get("billing_agreement_id"), *origins, *related.values()]
    return [id for id in ids if isinstance(id, str)] + list(LISTS.get(event.payload.get("resource_type", ""), ()))


def subject_of(payload: Mapping[str, Any]) -> Mapping[str, Any]:
    """What an event is about."""
    resource: Mapping[str, Any] = payload["resource"]
    invoice = resource.get("invoice")
    return invoice if isinstance(invoice, Mapping) else resource


def id_of(subject: Mapping[str, Any]) -> str | None:
    """PayPal's id of it; disputes have theirs under a name of its own."""
    id = subject.get("id") or subject.get("dispute_id")
    return id if isinstance(id, str) else None


def webhooks(fetch: "Fetch | None" = None, authorities: "Callable[[], Sequence[Certificate]]" = trusted) -> Webhooks:
    """PayPal as a sender, with certificates of its own, out of `fetch` and vouched for by `authorities`."""
    certificates = fetch or Certificates(lambda: GuardedWire(answer_bytes=CERTIFICATE_BYTES))
    known: list[Certificate] = []

    async def verify(delivery: Delivery, secrets: Sequence[str], now: float, *, tolerance_s: float) -> None:
        from connectors.webhooks.signatures import paypal  # loads X.509

        if not known:
            known.extend(authorities())
        await paypal.verify(delivery, secrets, now, fetch=certificates, authorities=known, tolerance_s=tolerance_s)

    return Webhooks(secrets="PAYPAL_WEBHOOK_ID", verify=verify, read=read, stale=stale)


WEBHOOKS = webhooks
