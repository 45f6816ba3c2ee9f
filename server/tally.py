"""Counting GraphQL requests: what metrics show of the side that clients see."""

from collections import defaultdict
from collections.abc import Sequence

from graphql import GraphQLFormattedError

from connectors.pipeline.tally import Histogram
from server.operations import Execution, Operation

UNREAD = "unread"
"""The kind of a request in which no operation was found."""


class RequestTally:
    """The requests of one transport: `ended` by kind of operation and status, `errors` by code, `durations` by kind.

    `executions` are the answers by whose execution they are from.
    """

    def __init__(self) -> None:
        self.in_flight = 0
        self.ended: defaultdict[tuple[str, int], int] = defaultdict(int)
        self.durations: defaultdict[str, Histogram] = defaultdict(Histogram)
        self.errors: defaultdict[str, int] = defaultdict(int)
        self.executions: defaultdict[Execution, int] = defaultdict(int)

    def note(
        self,
        status: int,
        duration_s: float,
        errors: Sequence[GraphQLFormattedError],
        operation: Operation | None,
        execution: Execution,
    ) -> None:
        """A request has been answered."""
        kind = operation.type if operation else UNREAD
        self.ended[kind, status] += 1
        self.durations[kind].add(duration_s)
        self.executions[execution] += 1
        for error in errors:
            self.errors[error["extensions"]["code"]] += 1
