"""What the stages know of an upstream at the moment, for those who look on: metrics, and the graph's own upstreams."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from connectors.pipeline.backoff import RetryBudget
from connectors.pipeline.circuit import Breaker
from connectors.pipeline.queue import Queue
from connectors.pipeline.tally import Tally
from connectors.policy import BudgetPolicy


@dataclass(slots=True)
class Vitals:
    """Each stage puts its own part in when it is made; everyone else only reads.

    `circuits` are by credential, `queues` by credential and bucket; `tally` counts calls. Where a stage is missing, its
    part is empty.
    """

    circuits: Mapping[str, Breaker] = field(default_factory=dict)
    queues: Mapping[tuple[str, str], Queue] = field(default_factory=dict)
    tally: Tally = field(default_factory=Tally)
    retries: RetryBudget = field(default_factory=lambda: RetryBudget(BudgetPolicy()))
