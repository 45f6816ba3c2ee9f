"""What answers GraphQL requests over HTTP, whichever way they come in."""

from dataclasses import dataclass

from connectors.clock import Clock
from server.callers import Callers
from server.known import Known
from server.logs import Journal
from server.operations import Operations


@dataclass(frozen=True, kw_only=True)
class Service:
    """`callers` tells who sent a request, `known` what its body asks for; each leaves its line in the `journal`."""

    operations: Operations
    clock: Clock
    max_body_bytes: int
    callers: Callers
    known: Known
    journal: Journal
