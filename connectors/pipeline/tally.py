"""Counting what became of calls, by operation: what metrics and operators look at."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from connectors.call import Record

BOUNDS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Where one bucket of durations ends and the next begins."""

MOST_OPERATIONS = 500
OTHERS = "others"
"""What the operations beyond that many are counted under."""

UNREMARKABLE = ("not_found", "cancelled")
"""Ways to end that are neither success nor anything that operators should look into."""


class Histogram:
    """How many durations fell between the `bounds_s`, the last of which bounds nothing: `counts` has one entry more."""

    __slots__ = ("bounds_s", "counts", "sum_s")

    def __init__(self, bounds_s: Sequence[float] = BOUNDS_S) -> None:
        self.bounds_s = bounds_s
        self.counts = [0] * (len(bounds_s) + 1)
        self.sum_s = 0.0

    def add(self, seconds: float) -> None:
        self.counts[bisect_left(self.bounds_s, seconds)] += 1
        self.sum_s += seconds


def quantile_s(histograms: Sequence[Histogram], share: float) -> float | None:
    """What `share` of the durations in histograms of the same bounds were no longer than; `None` without any.

    Inside a bucket durations are taken to lie evenly, as Prometheus does it; beyond the last bound, it is that bound.
    Source: https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile
    """
    columns = zip(*(histogram.counts for histogram in histograms), strict=True)
    counts: list[int] = [sum(column) for column in columns]
    rank, below = share * sum(counts), 0.0
    if not rank:
        return None
    bounds_s = histograms[0].bounds_s
    for bucket, count in enumerate(counts[:-1]):
        if below + count >= rank:
            start_s = bounds_s[bucket - 1] if bucket else 0.0
            return start_s + (bounds_s[bucket] - start_s) * (rank - below) / count
        below += count
    return bounds_s[-1]


class OperationTally:
    """The calls of one operation. `durations` are those of the calls that were sent, their attempts and waits included.

    `outcomes` and `cache` count all calls by what their records say.
    """

    __slots__ = ("bytes", "cache", "durations", "outcomes", "retries", "waited_s")

    def __init__(self) -> None:
        self.durations = Histogram()
        self.outcomes: defaultdict[str, int] = defaultdict(int)
        self.cache: defaultdict[str, int] = defaultdict(int)
        self.retries = 0
        self.waited_s = 0.0
        self.bytes = 0


@dataclass(frozen=True, slots=True)
class Failure:
    """A call that got no usable answer, at `at` by the pipeline's clock; the rest is its record's."""

    operation: str
    outcome: str
    reason: str | None
    at: float


class Tally:
    """The calls of one upstream.

    `credentials` counts how often new ones were fetched, `openings` how often a circuit opened, those among them that
    are not kept any longer.
    """

    def __init__(self) -> None:
        self.operations: dict[str, OperationTally] = {}
        self.credentials = 0
        self.openings = 0
        self.last_failure: Failure | None = None

    def note(self, record: Record, *, anonymous: bool) -> None:
        """A call has ended. `anonymous` calls are those that fetch credentials."""
        tally = self.operations.get(record.operation) or self._begun(record.operation)
        outcome = record.outcome
        tally.outcomes[outcome] += 1
        tally.cache[record.cache] += 1
        if record.attempts:
            tally.durations.add(record.duration_s)
            tally.retries += record.attempts - 1
            tally.waited_s += record.waited_s
            tally.bytes += record.bytes or 0
        if outcome == "ok":
            self.credentials += anonymous
        elif outcome not in UNREMARKABLE:
            self.last_failure = Failure(record.operation, outcome, record.reason, record.began + record.duration_s)

    def _begun(self, operation: str) -> OperationTally:
        if len(self.operations) >= MOST_OPERATIONS:
            operation = OTHERS
        return self.operations.setdefault(operation, OperationTally())
