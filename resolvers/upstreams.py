"""The field that shows operators how the upstreams are doing. It is there where the operator's token is set."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime

from connectors.clock import Clock
from connectors.connector import Connector
from connectors.pipeline.tally import Failure, Histogram, OperationTally, quantile_s
from resolvers.context import Info
from schema.fields import Fields
from schema.problems import Forbidden
from schema.scalars import Long
from schema.upstreams import (
    CircuitStatus,
    UpstreamCache,
    UpstreamCircuit,
    UpstreamFailure,
    UpstreamOperation,
    UpstreamOutcome,
    UpstreamQueue,
    UpstreamStanding,
    UpstreamState,
)

OPERATORS = "operators"
"""What stands among the providers where there are operators."""

fields = Fields(OPERATORS)


@fields.query
def upstreams(info: Info) -> list[UpstreamState] | None:
    """How each upstream is doing. Needs the operator's token: `Authorization: Bearer ...`."""
    if not info.context.operator:
        raise Forbidden("`upstreams` needs the operator's token, in the header `Authorization: Bearer ...`")
    connectors = sorted(info.context.connectors.values(), key=lambda connector: connector.upstream.name)
    return [to_state(connector) for connector in connectors]


def to_state(connector: Connector) -> UpstreamState:
    vitals, now = connector.vitals, connector.clock.now()
    tally = vitals.tally
    durations = [operation.durations for operation in tally.operations.values()]
    circuits = [
        UpstreamCircuit(credential=name, status=CircuitStatus(circuit.state(now)), opened=Long(circuit.opened))
        for name, circuit in vitals.circuits.items()
    ]
    queues = [
        UpstreamQueue(
            credential=credential,
            bucket=bucket,
            in_flight=queue.flying,
            waiting=queue.waiting,
            paused_ms=queue.bucket.paused_s(now) * 1000,
            remaining=queue.bucket.left(now),
        )
        for (credential, bucket), queue in vitals.queues.items()
    ]
    return UpstreamState(
        name=connector.upstream.name,
        title=connector.upstream.title,
        standing=UpstreamStanding.SANDBOX if connector.emulator else UpstreamStanding.REAL,
        calls=Long(sum(sum(operation.outcomes.values()) for operation in tally.operations.values())),
        credentials_fetched=Long(tally.credentials),
        p50_ms=quantile_ms(durations, 0.5),
        p99_ms=quantile_ms(durations, 0.99),
        circuits=circuits,
        queues=queues,
        cache=to_cache(connector),
        last_failure=to_failure(tally.last_failure, connector.clock) if tally.last_failure else None,
        operations=[to_operation(name, operation) for name, operation in sorted(tally.operations.items())],
    )


def to_cache(connector: Connector) -> UpstreamCache:
    results = Counter[str]()
    for operation in connector.vitals.tally.operations.values():
        results.update(operation.cache)
    reads = results.total() - results["off"]
    spared = results["hit"] + results["shared"] + results["stale"]
    return UpstreamCache(
        ratio=spared / reads if reads else None,
        hits=Long(results["hit"]),
        shared=Long(results["shared"]),
        stale=Long(results["stale"]),
        revalidated=Long(results["revalidated"]),
        misses=Long(results["miss"]),
        entries=connector.answers.count,
        bytes=Long(connector.answers.weight),
    )


def to_operation(name: str, tally: OperationTally) -> UpstreamOperation:
    return UpstreamOperation(
        name=name,
        outcomes=[UpstreamOutcome(outcome=outcome, calls=Long(n)) for outcome, n in sorted(tally.outcomes.items())],
        retries=Long(tally.retries),
        waited_ms=tally.waited_s * 1000,
        p50_ms=quantile_ms([tally.durations], 0.5),
        p99_ms=quantile_ms([tally.durations], 0.99),
    )


def to_failure(failure: Failure, clock: Clock) -> UpstreamFailure:
    ended = clock.time() - (clock.now() - failure.at)
    return UpstreamFailure(
        operation=failure.operation,
        outcome=failure.outcome,
        reason=failure.reason,
        at=datetime.fromtimestamp(ended, UTC),
    )


def quantile_ms(durations: Sequence[Histogram], share: float) -> float | None:
    seconds = quantile_s(durations, share)
    return None if seconds is None else seconds * 1000
