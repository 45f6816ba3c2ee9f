"""The secrets that an endpoint's messages are signed with.

Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import secrets
from base64 import b64encode
from dataclasses import dataclass, field

from connectors.webhooks.outbox.records import previous_until
from connectors.webhooks.signatures.standard import SECRET, sign

SECRET_BYTES = 32


def new_secret() -> str:
    """A secret as receivers are given it."""
    return SECRET + b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


@dataclass(frozen=True)
class Keys:
    """`current` took the place of `previous` at `rotated_at`, Unix time in seconds."""

    current: str = field(repr=False)
    previous: str | None = field(default=None, repr=False)
    rotated_at: float | None = None

    def rotated(self, now: float) -> "Keys":
        """These with a new secret."""
        return Keys(new_secret(), self.current, now)

    def signatures(self, id: str, body: bytes, now: float) -> str:
        """The header `webhook-signature` of a message that goes out now; the current secret's signature is first."""
        good = [self.current]
        if self.previous is not None and now < (previous_until(self.rotated_at) or 0.0):
            good.append(self.previous)
        return " ".join(sign(id, int(now), body, secret) for secret in good)
