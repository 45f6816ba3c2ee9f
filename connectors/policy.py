"""How patient we are with one upstream: frozen options, given by its manifest, read by the stages."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase


@dataclass(frozen=True, kw_only=True)
class RetryPolicy:
    """`attempts` counts the first try. Waits are drawn from 0 to `base_s * 2^n`, never above `cap_s` (full jitter)."""

    attempts: int = 3
    base_s: float = 0.2
    cap_s: float = 5.0


@dataclass(frozen=True, kw_only=True)
class BudgetPolicy:
    """Retries may add `retry_share` to the traffic of the first tries; `reserve` retries are free, for quiet times."""

    retry_share: float = 0.2
    reserve: int = 10


@dataclass(frozen=True, kw_only=True)
class BreakerPolicy:
    """Opens when at least the share `rate` of the attempts of the last `window_s` failed, of at least `volume` of them.

    After `cooldown_s` it is half open and admits `probes` attempts; that many successes close it, one failure opens it.
    """

    rate: float = 0.5
    volume: int = 10
    window_s: float = 30.0
    cooldown_s: float = 10.0
    probes: int = 1


@dataclass(frozen=True, kw_only=True)
class ThrottlePolicy:
    """At most `per_second` on average, `burst` at once, `concurrency` in flight, for each bucket and credential.

    `per_second` and `burst` are in the unit of `Call.cost`, `concurrency` counts calls.
    """

    per_second: float = 50.0
    burst: int = 50
    concurrency: int = 25


@dataclass(frozen=True, kw_only=True)
class OperationCache:
    """What goes for answers that do not say otherwise (`Cache-Control`, `Expires`), in seconds.

    They are fresh for `ttl_s`, and "not found" for `negative_ttl_s`. A stale one is used for `stale_while_revalidate_s`
    while a newer one is fetched, and for `stale_if_error_s` where the upstream fails. `insists` disregards what an
    answer says about caching: for upstreams that forbid it out of habit, and data that may be so old all the same.
    """

    ttl_s: float = 0.0
    negative_ttl_s: float = 0.0
    stale_while_revalidate_s: float = 0.0
    stale_if_error_s: float = 0.0
    insists: bool = False


HTTP_ONLY = OperationCache()
"""Answers are kept as they say themselves."""


@dataclass(frozen=True, kw_only=True)
class CachePolicy:
    """`max_bytes` of answers are kept in the process, each for as long as HTTP lets us (RFC 9111); 0 keeps none.

    `operations` has rules for those whose name matches a pattern with `*` (`customers.*`), the first match counts.
    `ids` finds those of the objects in an answer, by which it can be evicted (see `Call.evicts`). `share` lets
    identical reads in flight have one answer.
    """

    max_bytes: int = 16 * 1024 * 1024
    operations: Mapping[str, OperationCache] = field(default_factory=dict)
    ids: Callable[[bytes], Iterable[str]] | None = None
    share: bool = True

    def rule_of(self, operation: str) -> OperationCache:
        """The rule for one operation."""
        matches = (rule for pattern, rule in self.operations.items() if fnmatchcase(operation, pattern))
        return next(matches, HTTP_ONLY)


@dataclass(frozen=True, kw_only=True)
class Policy:
    """`timeout_s` bounds one attempt, `budget_s` a call with all its attempts and waits, `answer_bytes` an answer.

    `buckets` has limits of their own for those whose `Call.bucket` matches a pattern with `*` (`tier2:*`), the first
    match counts; `throttle` is for all others. `http2` lets calls share connections where the upstream offers HTTP/2,
    which costs us more: it is for upstreams that want few connections.
    """

    timeout_s: float = 10.0
    budget_s: float = 25.0
    answer_bytes: int = 32 * 1024 * 1024
    http2: bool = False
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    budget: BudgetPolicy = field(default_factory=BudgetPolicy)
    breaker: BreakerPolicy = field(default_factory=BreakerPolicy)
    throttle: ThrottlePolicy = field(default_factory=ThrottlePolicy)
    buckets: Mapping[str, ThrottlePolicy] = field(default_factory=dict)
    cache: CachePolicy = field(default_factory=CachePolicy)

    def throttle_of(self, bucket: str) -> ThrottlePolicy:
        """The limits of one bucket."""
        matches = (policy for pattern, policy in self.buckets.items() if fnmatchcase(bucket, pattern))
        return next(matches, self.throttle)
