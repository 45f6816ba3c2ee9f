"""Content codings of answers, undone without unpacking more than is allowed (RFC 9110, section 8.4.1)."""

import sys
import zlib
from collections.abc import Callable
from typing import Protocol

import brotli  # type: ignore[import-untyped]

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

ACCEPTED = "gzip, br, zstd"


class TooLarge(Exception):
    """The content is larger than allowed."""


class Undecodable(Exception):
    """The content is not what its coding says, it is cut off, or we do not know the coding."""


class _Decompressor(Protocol):
    """What zlib and zstd have in common."""

    @property
    def eof(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


def decoded(body: bytes, codings: str, limit: int) -> bytes:
    """What was packed into `body` by `codings`, the value of `Content-Encoding`: at most `limit` bytes.

    Raises `TooLarge` before more than that is unpacked, and `Undecodable`.
    """
    for coding in reversed([name.strip().lower() for name in codings.split(",")]):
        if coding == "identity" or not body:
            continue
        unpack = UNPACKED.get(coding)
        if unpack is None:
            raise Undecodable(f"the content coding is none of {ACCEPTED}")
        try:
            body = unpack(body, limit)
        except (zlib.error, zstd.ZstdError, brotli.error) as error:
            raise Undecodable(f"the content is not {coding}") from error
        if len(body) > limit:
            raise TooLarge(f"the answer is larger than {limit} bytes")
    return body


def _unpacked(make: Callable[[], _Decompressor], body: bytes, limit: int) -> bytes:
    """The members of `body`, one after the other; it stops when it is beyond `limit`."""
    content = bytearray()
    while body and len(content) <= limit:
        member = make()
        content += member.decompress(body, limit + 1 - len(content))
        if not member.eof and len(content) <= limit:
            raise Undecodable("the content is cut off")
        body = member.unused_data
    return bytes(content)


def _gunzipped(body: bytes, limit: int) -> bytes:
    return _unpacked(lambda: zlib.decompressobj(wbits=16 + zlib.MAX_WBITS), body, limit)


def _unzstd(body: bytes, limit: int) -> bytes:
    return _unpacked(zstd.ZstdDecompressor, body, limit)


def _unbrotlied(body: bytes, limit: int) -> bytes:
    stream = brotli.Decompressor()
    content = bytearray(stream.process(body, output_buffer_limit=limit + 1))
    while not stream.is_finished() and len(content) <= limit:
        if stream.can_accept_more_data():
            raise Undecodable("the content is cut off")
        content += stream.process(b"", output_buffer_limit=limit + 1)
    return bytes(content)


UNPACKED: dict[str, Callable[[bytes, int], bytes]] = {
    "gzip": _gunzipped,
    "x-gzip": _gunzipped,
    "br": _unbrotlied,
    "zstd": _unzstd,
}
