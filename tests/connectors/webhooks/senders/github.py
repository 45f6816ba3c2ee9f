"""Source: https://docs.github.com/en/webhooks/webhook-events-and-payloads#issues"""

import hashlib
import hmac
from collections.abc import Mapping

from tests.connectors.webhooks.senders import Example, json_with


def issue(action: str, second: int) -> bytes:
    about = {"node_id": "I_1", "updated_at": f"2026-05-28T20:00:{second:02}Z"}
    return json_with({"action": action, "issue": about, "repository": {"full_name": "april/basket"}})


def sign(body: bytes, secret: str, now: float) -> Mapping[str, str]:
    signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    id = hashlib.sha256(body).hexdigest()[:8]
    return {"x-hub-signature-256": f"sha256={signature}", "x-github-event": "issues", "x-github-delivery": id}


BODY = issue("opened", 1)

EXAMPLE = Example(
    body=BODY,
    ids=(hashlib.sha256(BODY).hexdigest()[:8],),
    types=("issues.opened",),
    sign=sign,
    timed=False,
    takes_any=True,
    ordered=(BODY, issue("closed", 2)),
    stale=frozenset({"*"}),
)
