"""Answers that are kept: what they are found by, and how they are written down for other processes."""

import zlib
from dataclasses import dataclass, field
from hashlib import blake2b

import httpx2
import orjson

from connectors.call import Call
from connectors.headers import fields_of, pairs_of, texts_of
from connectors.judgement import Outcome, Verdict, verdict_of
from connectors.pipeline.freshness import Freshness, validators
from connectors.request import address_of

ENTRY_BYTES, HEADER_BYTES = 2_000, 150
"""What the objects around an answer and around each of its headers take."""

COMPRESSED_FROM_BYTES = 1_000

UNPACKED = frozenset((b"connection", b"content-encoding", b"content-length", b"set-cookie", b"transfer-encoding"))
"""Response headers that go with the one response they came with."""


@dataclass(slots=True, eq=False, weakref_slot=True)
class Entry:
    """An answer with its verdict, found by `key`, thrown out by any of its `tags`.

    `weight` is what it takes in memory, about, in bytes.
    """

    key: bytes
    response: httpx2.Response
    freshness: Freshness
    tags: tuple[str, ...]
    weight: int = field(init=False)

    def __post_init__(self) -> None:
        headers = sum([len(name) + len(value) + HEADER_BYTES for name, value in pairs_of(self.response)])
        self.weight = ENTRY_BYTES + len(self.key) + headers + len(self.response.content)

    @property
    def validators(self) -> dict[str, str]:
        """The request headers that ask whether it still holds."""
        return validators(texts_of(self.response))


def key_of(request: httpx2.Request, call: Call, credential: str, account: str = "") -> bytes:
    """Equal for requests with equal answers: same principal, credentials, account, method, address, headers and body.

    As all headers are part of it, the host is too, and whatever an answer's `Vary` names (RFC 9111, section 4.1).
    """
    there, scope = address_of(request), call.scope
    whose = f"{scope.principal}\0{credential}\0{account}\0{request.method}\0{there.origin[0]}\0{there.target}"
    head = "\0".join((whose, *fields_of(request).values(), "\0"))
    return head.encode() + request.content


def digest(key: bytes) -> str:
    """A key that tells nothing, for where others can read it."""
    return blake2b(key, digest_size=20).hexdigest()


def packed(entry: Entry) -> bytes:
    """An entry as bytes, without its key. Cookies stay behind."""
    response, verdict, fresh = entry.response, verdict_of(entry.response), entry.freshness
    headers = [(n.decode("latin-1"), v.decode("latin-1")) for n, v in pairs_of(response) if n not in UNPACKED]
    times = (fresh.born, fresh.fresh_s, fresh.refreshing_s, fresh.failing_s)
    head = orjson.dumps((response.status_code, verdict.outcome.value, verdict.reason, times, entry.tags, headers))
    plain = len(head).to_bytes(4) + head + response.content
    return b"z" + zlib.compress(plain, 1) if len(plain) >= COMPRESSED_FROM_BYTES else b"p" + plain


def unpacked(key: bytes, value: bytes) -> Entry | None:
    """The entry that `packed` made into bytes; `None` for what it cannot have made."""
    try:
        return _unpacked(key, value)
    except (ValueError, TypeError, zlib.error):
        return None


def _unpacked(key: bytes, value: bytes) -> Entry:
    plain = zlib.decompress(value[1:]) if value[:1] == b"z" else value[1:]
    size = int.from_bytes(plain[:4])
    status, outcome, reason, (born, fresh_s, refreshing_s, failing_s), tags, headers = orjson.loads(plain[4 : 4 + size])
    response = httpx2.Response(status, headers=[tuple(header) for header in headers], content=plain[4 + size :])
    response.extensions["verdict"] = Verdict(Outcome(outcome), reason)
    fresh = Freshness(born=born, fresh_s=fresh_s, refreshing_s=refreshing_s, failing_s=failing_s)
    return Entry(key, response, fresh, tuple(tags))
