"""Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md"""

from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime

from standardwebhooks.webhooks import Webhook

from tests.connectors.webhooks.senders import Example, json_with


def known(secret: str) -> str:
    return "whsec_" + b64encode(secret.encode()).decode()


def sign(body: bytes, secret: str, now: float) -> Mapping[str, str]:
    signature = Webhook(known(secret)).sign("msg_1", datetime.fromtimestamp(now, UTC), body.decode())
    return {"webhook-id": "msg_1", "webhook-timestamp": f"{int(now)}", "webhook-signature": signature}


EXAMPLE = Example(
    body=json_with({"type": "user.created", "timestamp": "2026-05-28T20:00:00Z", "data": {"name": "Zoë"}}),
    ids=("msg_1",),
    types=("user.created",),
    sign=sign,
    known=known,
    takes_any=True,
)
