from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable

import pytest

from connectors.paging import Position
from resolvers.cursors import CursorCodec, listing_of
from schema.problems import InvalidCursor

CODEC = CursorCodec(b"secret")
LISTING = listing_of("stripe", "charges.list", {"customer": "cus_1"})


@pytest.mark.parametrize("position", [Position(), Position("ch_1"), Position(None, 25), Position("tökén==", 7)])
def test_a_cursor_brings_its_position_back(position: Position) -> None:
    assert CODEC.decode(LISTING, CODEC.encode(LISTING, position)) == position


def test_a_cursor_of_another_list_is_invalid() -> None:
    other = listing_of("stripe", "charges.list", {"customer": "cus_2"})

    with pytest.raises(InvalidCursor):
        CODEC.decode(other, CODEC.encode(LISTING, Position("ch_1")))


def test_a_cursor_of_another_gateway_is_invalid() -> None:
    with pytest.raises(InvalidCursor):
        CODEC.decode(LISTING, CursorCodec(b"other").encode(LISTING, Position("ch_1")))


def test_no_altered_byte_goes_unnoticed() -> None:
    sealed = urlsafe_b64decode(CODEC.encode(LISTING, Position("ch_123")) + "==")

    for place in range(len(sealed)):
        altered = sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :]
        with pytest.raises(InvalidCursor):
            CODEC.decode(LISTING, urlsafe_b64encode(altered).decode())


@pytest.mark.parametrize(
    "alter",
    [
        lambda cursor: cursor + "!!!!",
        lambda cursor: cursor + "\n",
        lambda cursor: " " + cursor,
        lambda cursor: cursor[:9] + "\r\n" + cursor[9:],
        lambda cursor: cursor + "=",
        lambda cursor: cursor + "=" * (-len(cursor) % 4),
        lambda cursor: cursor + "====",
        lambda cursor: cursor[:5] + "." + cursor[5:],
        lambda cursor: cursor + "A",
        lambda cursor: cursor[:-1] + chr(ord(cursor[-1]) + 1),
    ],
)
@pytest.mark.parametrize("position", [Position("c"), Position("ch_1"), Position("ch_12")])
def test_no_altered_letter_goes_unnoticed(position: Position, alter: Callable[[str], str]) -> None:
    cursor = CODEC.encode(LISTING, position)

    if alter(cursor) != cursor:
        with pytest.raises(InvalidCursor):
            CODEC.decode(LISTING, alter(cursor))


@pytest.mark.parametrize("cursor", ["", "x", "ch_123", "☃", "AAAA" * 1000, "=", "%00"])
def test_anything_else_is_invalid_and_nothing_worse(cursor: str) -> None:
    with pytest.raises(InvalidCursor):
        CODEC.decode(LISTING, cursor)


def test_the_order_of_arguments_does_not_matter() -> None:
    assert listing_of("a", "b", {"x": 1, "y": 2}) == listing_of("a", "b", {"y": 2, "x": 1})
