"""Cursors: opaque, tamper-evident, and good only for the list they were made for."""

import hashlib
import hmac
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Mapping
from typing import Any

import orjson

from connectors.paging import Position
from schema.problems import InvalidCursor

SEAL_BYTES = 12


class CursorCodec:
    """Positions to cursors and back, sealed with a keyed BLAKE2b (RFC 7693) over the position and its list.

    Every replica that is to read a cursor needs the same `secret`.
    """

    def __init__(self, secret: bytes) -> None:
        self._key = hashlib.blake2b(secret, digest_size=32, person=b"punnet cursor").digest()

    def encode(self, listing: bytes, position: Position) -> str:
        body = orjson.dumps([position.cursor, position.skip])
        return _written(self._seal(listing, body) + body)

    def decode(self, listing: bytes, cursor: str) -> Position:
        """Raises `InvalidCursor` for all that `encode` did not make, letter for letter, with the same `listing`."""
        try:
            sealed = b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        except ValueError:
            sealed = b""
        seal, body = sealed[:SEAL_BYTES], sealed[SEAL_BYTES:]
        if _written(sealed) != cursor or not hmac.compare_digest(seal, self._seal(listing, body)):
            raise InvalidCursor("the cursor was not made by this list with these arguments")
        upstream_cursor, skip = orjson.loads(body)
        return Position(upstream_cursor, skip)

    def _seal(self, listing: bytes, body: bytes) -> bytes:
        return hashlib.blake2b(listing + body, key=self._key, digest_size=SEAL_BYTES).digest()


def _written(sealed: bytes) -> str:
    return urlsafe_b64encode(sealed).rstrip(b"=").decode()


def listing_of(upstream: str, operation: str, arguments: Mapping[str, Any]) -> bytes:
    """What identifies a list: its upstream operation and the arguments it is read with."""
    identity = orjson.dumps([upstream, operation, arguments], option=orjson.OPT_SORT_KEYS, default=str)
    return hashlib.blake2b(identity, digest_size=16).digest()
