"""Counting webhooks that come in: what metrics and operators look at."""

from collections import defaultdict

from connectors.pipeline.tally import Histogram

BOUNDS_S = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 30.0, 120.0, 600.0, 3600.0)


class InboxTally:
    """By provider: events `received` and stored, `duplicates`, deliveries `refused` by reason.

    `left_out` counts events that could not be read, in deliveries from which others were taken. `ended` counts events
    by their last state, `failures` attempts that failed, `durations` the time from receipt to the end of those that
    were handled.
    """

    def __init__(self) -> None:
        self.received: defaultdict[str, int] = defaultdict(int)
        self.duplicates: defaultdict[str, int] = defaultdict(int)
        self.refused: defaultdict[tuple[str, str], int] = defaultdict(int)
        self.left_out: defaultdict[str, int] = defaultdict(int)
        self.ended: defaultdict[tuple[str, str], int] = defaultdict(int)
        self.failures: defaultdict[str, int] = defaultdict(int)
        self.durations: defaultdict[str, Histogram] = defaultdict(lambda: Histogram(BOUNDS_S))
