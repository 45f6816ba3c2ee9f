"""Addresses, the short way and httpx2's."""

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.address import address, parsed

BASES = (
    "https://toy.example",
    "http://127.0.0.1:8080",
    "HTTPS://Toy.example:443",
    "https://me:x@toy.example",
    "http://[::1]:80",
)
PARTS = st.sampled_from([*"aZ0-._~!$&'()*+,;=:@/?%#[]{}|\\^` \"<>ä\n", "/..", "/./", "%2F", "%c3%a4", "%zz"])


@given(st.sampled_from(BASES), st.lists(PARTS, max_size=12))
def test_an_address_is_what_httpx2_makes_of_it(base: str, parts: list[str]) -> None:
    url = "".join((base, "/", *parts))
    try:
        theirs = parsed(url)
    except httpx2.InvalidURL:
        with pytest.raises(httpx2.InvalidURL):
            address(url)
        return

    ours = address(url)
    assert (ours.origin, ours.host, ours.target) == (theirs.origin, theirs.host, theirs.target)
    assert ours.url == theirs.url
