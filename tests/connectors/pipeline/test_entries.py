"""Answers as bytes, for replicas to share."""

import pytest

from connectors.pipeline.entries import unpacked


@pytest.mark.parametrize(
    "value", [b"", b"z", b"znot deflated", b"p\x00\x00", b"p\x00\x00\x00\x02[]", b"p\x00\x00\x00\x01{"]
)
def test_what_no_replica_can_have_written_is_no_answer(value: bytes) -> None:
    assert unpacked(b"key", value) is None
