"""What operators see of the upstreams: how each is doing, as far as this process has seen since it started."""

import datetime
from enum import Enum

import strawberry

from schema.scalars import Long


@strawberry.enum(description="What is behind a provider.")
class UpstreamStanding(Enum):
    REAL = strawberry.enum_value("real", description="The upstream itself.")
    SANDBOX = strawberry.enum_value("sandbox", description="An emulator with invented data.")


@strawberry.enum(description="Whether calls are let through.")
class CircuitStatus(Enum):
    CLOSED = strawberry.enum_value("closed", description="They are.")
    OPEN = strawberry.enum_value("open", description="They are not: too many failed.")
    HALF_OPEN = strawberry.enum_value("half-open", description="A few are, to see whether the upstream is back.")


@strawberry.type(description="The circuit breaker of one credential.")
class UpstreamCircuit:
    credential: str = strawberry.field(description="What the credential is called here. It is no secret.")
    status: CircuitStatus = strawberry.field(description="Whether calls are let through.")
    opened: Long = strawberry.field(description="How often it has opened.")


@strawberry.type(description="The calls that draw on one allowance of the upstream.")
class UpstreamQueue:
    credential: str = strawberry.field(description="What the credential is called here. It is no secret.")
    bucket: str = strawberry.field(description="The allowance, by the provider's name for it.")
    in_flight: int = strawberry.field(description="Calls that are sent and not answered.")
    waiting: int = strawberry.field(description="Calls that wait for their turn.")
    paused_ms: float = strawberry.field(description="For how long the upstream still wants to be left alone.")
    remaining: float | None = strawberry.field(
        description="What the upstream says is left, in its own unit; null where it does not say."
    )


@strawberry.type(description="What the cache spared the upstream.")
class UpstreamCache:
    ratio: float | None = strawberry.field(
        description="The share of reads for which the upstream was not asked, from 0 to 1; null before the first."
    )
    hits: Long = strawberry.field(description="Reads answered from memory.")
    shared: Long = strawberry.field(description="Reads that had the answer to an identical one in flight.")
    stale: Long = strawberry.field(description="Reads answered with what was no longer fresh.")
    revalidated: Long = strawberry.field(description="Reads for which the upstream said that nothing has changed.")
    misses: Long = strawberry.field(description="Reads for which the upstream was asked.")
    entries: int = strawberry.field(description="Answers that are kept.")
    bytes: Long = strawberry.field(description="What they take in memory, about.")


@strawberry.type(description="A call that got no usable answer.")
class UpstreamFailure:
    operation: str = strawberry.field(description="What was called.")
    outcome: str = strawberry.field(description="How the answer was taken (`failed`), or the code of an error.")
    reason: str | None = strawberry.field(description="The upstream's own code, or its HTTP status.")
    at: datetime.datetime = strawberry.field(description="When it ended.")


@strawberry.type(description="Calls by what became of them.")
class UpstreamOutcome:
    outcome: str = strawberry.field(description="How the answer was taken (`ok`), or the code of an error.")
    calls: Long = strawberry.field(description="How many.")


@strawberry.type(description="One operation of an upstream.")
class UpstreamOperation:
    name: str = strawberry.field(description="What it is called in errors, logs and metrics.")
    outcomes: list[UpstreamOutcome] = strawberry.field(description="All calls, those from the cache too.")
    retries: Long = strawberry.field(description="Attempts beyond each call's first.")
    waited_ms: float = strawberry.field(description="What calls waited, all together.")
    p50_ms: float | None = strawberry.field(description="Half of the calls that were sent took no longer, about.")
    p99_ms: float | None = strawberry.field(description="99 of 100 calls that were sent took no longer, about.")


@strawberry.type(description="An upstream, as this process has seen it since it started.")
class UpstreamState:
    name: str = strawberry.field(description="The provider.")
    title: str = strawberry.field(description="What the upstream calls itself.")
    standing: UpstreamStanding = strawberry.field(description="What is behind the provider.")
    calls: Long = strawberry.field(description="All calls, those from the cache too.")
    credentials_fetched: Long = strawberry.field(description="How often new credentials were fetched.")
    p50_ms: float | None = strawberry.field(description="Half of the calls that were sent took no longer, about.")
    p99_ms: float | None = strawberry.field(description="99 of 100 calls that were sent took no longer, about.")
    circuits: list[UpstreamCircuit] = strawberry.field(
        description="A breaker for each credential in use, and for fetching credentials (`...:auth`)."
    )
    queues: list[UpstreamQueue] = strawberry.field(description="One for each credential and allowance in use.")
    cache: UpstreamCache = strawberry.field(description="What the cache spared the upstream.")
    last_failure: UpstreamFailure | None = strawberry.field(description="The latest call without a usable answer.")
    operations: list[UpstreamOperation] = strawberry.field(description="By name, those called so far.")
