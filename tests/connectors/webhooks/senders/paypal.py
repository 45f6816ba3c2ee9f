"""Source: https://developer.paypal.com/api/rest/webhooks/event-names/"""

import zlib
from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256

from connectors.providers.paypal.webhooks import webhooks
from connectors.webhooks.signatures.paypal import Accept
from tests.connectors.webhooks.certificates import LEAF_KEY, ROOT, served
from tests.connectors.webhooks.senders import Example, json_with

PEM = served()


def capture(id: str, status: str, second: int) -> bytes:
    return json_with(
        {
            "id": id,
            "event_version": "1.0",
            "create_time": f"2026-05-28T20:00:{second:02}.123Z",
            "resource_type": "capture",
            "resource_version": "2.0",
            "event_type": f"PAYMENT.CAPTURE.{status}",
            "summary": "Zoë paid",
            "resource": {
                "id": "42311647XV020574X",
                "status": status,
                "supplementary_data": {"related_ids": {"order_id": "5O190127TN364715T"}},
                "links": [{"href": "https://api.paypal.com/v2/checkout/orders/5O190127TN364715T", "rel": "up"}],
            },
        }
    )


def sign(body: bytes, secret: str, now: float) -> Mapping[str, str]:
    time = datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    content = f"transmission-1|{time}|{secret}|{zlib.crc32(body)}".encode()
    return {
        "paypal-transmission-id": "transmission-1",
        "paypal-transmission-time": time,
        "paypal-transmission-sig": b64encode(LEAF_KEY.sign(content, padding.PKCS1v15(), SHA256())).decode(),
        "paypal-cert-url": "https://api.paypal.com/v1/notifications/certs/CERT-360caa42-fca2a594-1d93a270",
        "paypal-auth-algo": "SHA256withRSA",
    }


async def fetch(url: str, accept: Accept) -> RSAPublicKey:
    return accept(PEM)


EXAMPLE = Example(
    body=capture("WH-1", "COMPLETED", 1),
    ids=("WH-1",),
    types=("PAYMENT.CAPTURE.COMPLETED",),
    sign=sign,
    secrets=("1JE4291016473214C", "8PT597110X687430L"),
    ordered=(capture("WH-1", "PENDING", 1), capture("WH-2", "COMPLETED", 2)),
    webhooks=lambda: webhooks(fetch, lambda: [ROOT]),
    stale=frozenset({"42311647XV020574X", "5O190127TN364715T", "transactions.list"}),
)
