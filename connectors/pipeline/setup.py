"""What a stage is made from, and the notes stages leave on a request for each other."""

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import httpx2

from connectors.auth.auth import Auth
from connectors.call import Record, Scope, Send
from connectors.clock import Clock, SystemClock
from connectors.judgement import Judge, by_status
from connectors.pipeline.answers import Answers
from connectors.pipeline.limit import Bell
from connectors.pipeline.vitals import Vitals
from connectors.policy import Policy
from connectors.shared import Shared

if TYPE_CHECKING:
    from connectors.spans import Spans


async def _no_entry(request: httpx2.Request) -> httpx2.Response:
    raise RuntimeError("this setup belongs to no pipeline")


@dataclass(frozen=True, kw_only=True)
class Setup:
    """One upstream's share in every stage. `account` tells apart gateways that share a Redis and know the upstream by
    different credentials. `identify` looks up what `auth.credential` may not know yet. `entry` is the whole pipeline;
    `chance` gives numbers from 0 to 1.

    `shared` is what replicas have in common; without it, each process is on its own. `answers` are those that are
    kept, given where others are to reach them too. `bell` rings for the stages' limits. `vitals` is where stages show
    their state. `spans`, where calls are traced, makes their spans.
    """

    upstream: str
    account: str = ""
    auth: Auth
    identify: Callable[[Scope], Awaitable[str]] | None = None
    judge: Judge = by_status
    policy: Policy = field(default_factory=Policy)
    clock: Clock = field(default_factory=SystemClock)
    chance: Callable[[], float] = random.random
    shared: Shared | None = None
    answers: Answers | None = None
    entry: Send = _no_entry
    bell: Bell = field(default_factory=Bell)
    vitals: Vitals = field(default_factory=Vitals)
    spans: "Spans | None" = None


def record_of(request: httpx2.Request) -> Record:
    """The record that the trace stage began for this call."""
    record: Record = request.extensions["record"]
    return record
