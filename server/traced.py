"""What became of the upstream calls of an operation, for a client that asks: `extensions.trace`, `extensions.cache`."""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Any

from connectors.call import Record
from server.freshness import described
from server.operations import Answer


def traced(answer: Answer, shared: bool) -> Answer:
    """The answer with the calls of its execution, in the order in which they began.

    `shared` says that the execution was begun for another request, which saw the same calls.
    """
    scope = answer.scope
    if scope is None:
        return answer
    calls = sorted(scope.calls, key=lambda record: record.began)
    return answer.extended(trace={"shared": shared, "calls": [_call(record, scope.began) for record in calls]})


def cached(answer: Answer, shared: bool) -> Answer:
    """The answer with how much of it came from the cache."""
    return answer if answer.scope is None else answer.extended(cache=described(answer.scope.calls))


async def at_last(
    parts: AsyncGenerator[Answer, None], tell: Callable[[Answer, bool], Answer]
) -> AsyncGenerator[Answer, None]:
    """The parts of an answer, the last one with what `tell` adds to it."""
    async with aclosing(parts):
        async for part in parts:
            yield part if part.more else tell(part, False)


async def each(
    answers: AsyncGenerator[Answer, None], tell: Callable[[Answer, bool], Answer]
) -> AsyncGenerator[Answer, None]:
    """The answers of a subscription, each with what `tell` adds to it."""
    async with aclosing(answers):
        async for answer in answers:
            yield tell(answer, False)


def _call(record: Record, began: float) -> dict[str, Any]:
    """Names, numbers and codes; what does not apply to the call is left out."""
    facts = {
        "upstream": record.upstream,
        "operation": record.operation,
        "startMs": _ms(record.began - began),
        "durationMs": _ms(record.duration_s),
        "waitedMs": _ms(record.waited_s),
        "attempts": record.attempts,
        "cache": record.cache,
        "outcome": record.outcome,
        "reason": record.reason,
        "status": record.status,
        "bytes": record.bytes,
        "keys": record.keys,
    }
    return {name: fact for name, fact in facts.items() if fact is not None}


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 2)
