import gzip
import sys
import tracemalloc
from collections.abc import Callable

import brotli  # type: ignore[import-untyped]
import pytest

from connectors.wires.coding import TooLarge, Undecodable, decoded

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

CONTENT = b'{"things": [1, 2, 3]}' * 50
PACKED = {"gzip": gzip.compress(CONTENT), "br": brotli.compress(CONTENT), "zstd": zstd.compress(CONTENT)}


@pytest.mark.parametrize("coding", PACKED)
def test_content_comes_unpacked(coding: str) -> None:
    assert decoded(PACKED[coding], coding, 1050) == CONTENT


@pytest.mark.parametrize("coding", ["gzip", "zstd"])
def test_members_follow_each_other(coding: str) -> None:
    assert decoded(PACKED[coding] * 3, coding, 3150) == CONTENT * 3


@pytest.mark.parametrize("coding", PACKED)
@pytest.mark.parametrize("limit", [0, 1, 100, 1049])
def test_more_than_allowed_is_not_unpacked(coding: str, limit: int) -> None:
    with pytest.raises(TooLarge):
        decoded(PACKED[coding], coding, limit)


@pytest.mark.parametrize(
    ("coding", "pack"), [("gzip", gzip.compress), ("br", brotli.compress), ("zstd", zstd.compress)]
)
def test_a_bomb_does_not_go_off(coding: str, pack: Callable[[bytes], bytes]) -> None:
    bomb = pack(b"0" * 50_000_000)
    tracemalloc.start()
    try:
        with pytest.raises(TooLarge):
            decoded(bomb, coding, 1_000_000)
        assert tracemalloc.get_traced_memory()[1] < 10_000_000
    finally:
        tracemalloc.stop()


def test_codings_are_undone_in_reverse() -> None:
    assert decoded(gzip.compress(PACKED["br"]), "br, GZIP", 1050) == CONTENT


@pytest.mark.parametrize("coding", PACKED)
def test_no_content_needs_no_unpacking(coding: str) -> None:
    assert decoded(b"", coding, 10) == b""


@pytest.mark.parametrize("coding", PACKED)
@pytest.mark.parametrize("content", [b"plain text", b"\0"])
def test_content_that_is_something_else_is_refused(coding: str, content: bytes) -> None:
    with pytest.raises(Undecodable):
        decoded(content, coding, 1050)


@pytest.mark.parametrize("coding", PACKED)
def test_content_that_is_cut_off_is_refused(coding: str) -> None:
    with pytest.raises(Undecodable):
        decoded(PACKED[coding][:-3], coding, 1050)


def test_an_unknown_coding_is_refused() -> None:
    with pytest.raises(Undecodable):
        decoded(b"x", "compress", 10)
