"""Reads that need not be sent: identical ones in flight share one answer, fresh ones come from memory (RFC 9111)."""

from dataclasses import dataclass
from functools import partial
from weakref import ref

import httpx2
from cachetools import LRUCache

from connectors.call import Call, Record, Send, Stage, call_of, rebuilt
from connectors.errors import UpstreamTimeout
from connectors.judgement import Outcome, verdict_of
from connectors.pipeline.flights import Flight
from connectors.pipeline.limit import Limit
from connectors.pipeline.setup import Setup, record_of

FRESHNESS = frozenset(("cache-control", "expires", "pragma"))
"""Headers by which an upstream says whether its answer may be kept, and for how long."""

ENTRY_BYTES, HEADER_BYTES = 2_000, 150
"""What the objects around an answer and around each of its headers take."""


@dataclass(frozen=True)
class Stored:
    """An answer kept until `fresh_until`, and after that as long as `etag` can tell that it still holds."""

    key: bytes
    response: httpx2.Response
    fresh_until: float
    etag: str | None

    @property
    def weight(self) -> int:
        """What it takes in memory, about, in bytes."""
        headers = sum(len(name) + len(value) + HEADER_BYTES for name, value in self.response.headers.raw)
        return ENTRY_BYTES + len(self.key) + headers + len(self.response.content)


def key_of(request: httpx2.Request, call: Call) -> bytes:
    """Equal for requests with equal answers: same principal, method, address, headers and body."""
    headers = [part for header in request.headers.raw for part in header]
    address = f"{call.scope.principal}\0{request.method}\0{request.url}".encode()
    return b"\0".join((address, *headers, b"", request.content))


def lifetime_s(response: httpx2.Response, ttl_s: float | None = None) -> float | None:
    """Seconds for which HTTP calls an answer fresh; 0 if it must be validated first; `None` if it must not be kept.

    `ttl_s` goes for an answer that says nothing of it (a heuristic freshness, given by the manifest). Entries are kept
    by principal, so `private` is no obstacle. Source: RFC 9111, sections 3, 4.2 and 4.2.2.
    """
    if response.status_code != 200 or "*" in response.headers.get("vary", ""):
        return None
    if ttl_s is not None and not FRESHNESS.intersection(response.headers):
        return ttl_s
    directives = {
        name.strip().lower(): value.strip(' "')
        for name, _, value in (part.partition("=") for part in response.headers.get("cache-control", "").split(","))
    }
    if "no-store" in directives:
        return None
    age = directives.get("max-age", "")
    return float(age) if age.isascii() and age.isdecimal() and "no-cache" not in directives else 0.0


def cache(setup: Setup) -> Stage:
    """Share identical reads in flight and keep what HTTP allows, at most `max_bytes`, the least recently used go first.

    The last caller to go away cancels the call it shared with others. Each waits to its own deadline: one who has more
    time than the caller who began goes on alone when that one's is over. What begins after a write has ended shares
    nothing that began before.
    """
    clock, policy = setup.clock, setup.policy.cache
    kept: LRUCache[bytes, Stored] = LRUCache(policy.max_bytes, getsizeof=lambda stored: stored.weight)
    flights: dict[bytes, Flight] = {}

    def around(send: Send) -> Send:
        async def fetch(request: httpx2.Request, key: bytes, stored: Stored | None) -> httpx2.Response:
            etag = stored.etag if stored else None
            asked = rebuilt(request, headers={"If-None-Match": etag}) if etag else request
            response = await send(asked)
            if response.status_code == 304 and stored:
                record_of(request).cache = "revalidated"
                renewed_s = lifetime_s(httpx2.Response(200, headers=response.headers), policy.ttl_s) or 0.0
                kept[key] = Stored(key, stored.response, clock.now() + renewed_s, etag)
                return stored.response
            if verdict_of(response).outcome is not Outcome.OK:
                return response
            etag = response.headers.get("etag")
            if etag is None and policy.ttl_s is None and "cache-control" not in response.headers:
                return response
            fresh_s = lifetime_s(response, policy.ttl_s)
            if fresh_s is not None and (fresh_s > 0 or etag):
                entry = Stored(key, response, clock.now() + fresh_s, etag)
                if entry.weight <= kept.maxsize:
                    kept[key] = entry
            return response

        def holds(key: bytes, there: ref[Stored]) -> bool:
            stored = there()
            return stored is not None and kept.get(key) is stored and clock.now() < stored.fresh_until

        def noted(response: httpx2.Response, key: bytes, record: Record) -> httpx2.Response:
            """An answer on its way out; if it is kept, its record can say for how long."""
            stored = kept.get(key)
            if stored and stored.response is response:
                record.holds = partial(holds, key, ref(stored))
            return response

        async def write(request: httpx2.Request) -> httpx2.Response:
            try:
                return await send(request)
            finally:
                flights.clear()

        async def boarded(flight: Flight, key: bytes) -> httpx2.Response:
            try:
                return await flight.answer()
            finally:
                if flight.over and flights.get(key) is flight:
                    del flights[key]

        async def joined(flight: Flight, key: bytes, call: Call) -> httpx2.Response:
            try:
                with Limit(call.scope.deadline - clock.now()):
                    return await boarded(flight, key)
            except TimeoutError as error:
                raise UpstreamTimeout(setup.upstream, call.operation, "the operation's deadline has passed") from error

        async def cached(request: httpx2.Request) -> httpx2.Response:
            call, record = call_of(request), record_of(request)
            if call.anonymous:
                return await send(request)
            if not call.safe:
                return await write(request)
            if not (policy.share or policy.max_bytes):
                return await send(request)
            key = key_of(request, call)
            stored = kept.get(key)
            if stored and clock.now() < stored.fresh_until:
                record.cache = "hit"
                return noted(stored.response, key, record)
            if not policy.share:
                record.cache = "miss"
                return noted(await fetch(request, key, stored), key, record)
            flight = flights.get(key)
            if flight and not flight.over:
                record.cache = "shared"
                try:
                    return noted(await joined(flight, key, call), key, record)
                except UpstreamTimeout:
                    if clock.now() < flight.deadline or clock.now() >= call.scope.deadline:
                        raise
            record.cache = "miss"
            flight = flights[key] = Flight(lambda: fetch(request, key, stored), call.scope.deadline)
            return noted(await boarded(flight, key), key, record)

        return cached

    return around
