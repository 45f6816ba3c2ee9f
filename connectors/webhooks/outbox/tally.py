"""Counting attempts: what metrics show of the outbox."""

from collections import Counter
from collections.abc import Mapping

from connectors.pipeline.tally import Histogram
from connectors.webhooks.outbox.schedule import Outcome


class OutboxTally:
    """The attempts of this process. `deliveries` are those of all processes, by state, when last counted."""

    def __init__(self) -> None:
        self.attempts: Counter[Outcome] = Counter()
        self.latencies = Histogram()
        self.deliveries: Mapping[str, int] = {}

    def note(self, outcome: Outcome, latency_s: float) -> None:
        self.attempts[outcome] += 1
        self.latencies.add(latency_s)
