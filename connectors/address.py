"""Where requests go, worked out once for all that ask the same."""

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache

import httpx2

Origin = tuple[str, str, int]
"""Scheme, host as it is in ASCII, port."""

KEPT_CHARACTERS = 1_000

_PLAIN = re.compile(r"(https?://[^/?#]+)(/(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/?]|%[0-9A-Fa-f]{2})*)")


@dataclass(frozen=True)
class Address:
    """A URL, and what is sent of it: `host` is the value of that header, `target` the path with the query."""

    text: str
    origin: Origin
    host: str
    target: str

    @cached_property
    def url(self) -> httpx2.URL:
        """For those who want it whole or in other parts."""
        return httpx2.URL(self.text)


def origin_of(url: httpx2.URL) -> Origin:
    """Where a URL leads."""
    return (url.scheme, url.raw_host.decode("ascii"), url.port or (443 if url.scheme == "https" else 80))


def parsed(url: httpx2.URL | str) -> Address:
    """The address that httpx2 makes of a URL, normalized. Raises `httpx2.InvalidURL`."""
    whole = httpx2.URL(url)
    return Address(str(whole), origin_of(whole), whole.netloc.decode("ascii"), whole.raw_path.decode("ascii"))


def address(url: str) -> Address:
    """The same at a tenth of the cost, or at none where the URL is not too long to be kept."""
    return _kept(url) if len(url) <= KEPT_CHARACTERS else _read(url)


def _read(url: str) -> Address:
    """A path and a query in which nothing has to be encoded or resolved are taken as they are."""
    plain = _PLAIN.fullmatch(url)
    if plain is None or "/." in url:
        return parsed(url)
    base, target = plain.groups()
    there = _base(base)
    return Address(url, there.origin, there.host, target)


_kept = lru_cache(maxsize=1024)(_read)
_base = lru_cache(maxsize=1024)(parsed)
