"""How much of an answer came from the cache, and how old that is: `extensions.cache`."""

from collections.abc import Iterable
from typing import Any

from connectors.call import Record

USES = {"miss": "misses", "hit": "hits", "stale": "hits", "shared": "shared", "revalidated": "revalidated"}
"""What a call counts as. Stale answers are hits that have `staleS` as well."""


def staleness(calls: Iterable[Record]) -> dict[str, Any]:
    """The extension of an answer that holds stale data, which is told unasked; of any other nothing."""
    return {"cache": described(calls)} if any(call.stale_s is not None for call in calls) else {}


def described(calls: Iterable[Record]) -> dict[str, Any]:
    """How the calls used the cache, by operation; ages are those of the oldest answer, in seconds.

    `staleS`, there and for all of them together, is there only where there is stale data. Calls that the cache has
    nothing to do with (writes) are left out.
    """
    operations: dict[tuple[str, str], dict[str, Any]] = {}
    for call in calls:
        use = USES.get(call.cache)
        if use is None:
            continue
        name = call.upstream, call.operation
        told = operations.setdefault(name, {"upstream": name[0], "operation": name[1], "hits": 0, "misses": 0})
        told[use] = told.get(use, 0) + 1
        for fact, seconds in (("ageS", call.age_s), ("staleS", call.stale_s)):
            if seconds is not None:
                told[fact] = max(told.get(fact, 0.0), round(seconds, 1))
    stale = [told["staleS"] for told in operations.values() if "staleS" in told]
    return {**({"staleS": max(stale)} if stale else {}), "operations": list(operations.values())}
