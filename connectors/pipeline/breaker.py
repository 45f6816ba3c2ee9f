"""An upstream that keeps failing is left alone for a while, so that nobody waits for it and it can recover."""

import httpx2
import structlog

from connectors.call import Call, Send, Stage
from connectors.errors import CircuitOpen, UpstreamTimeout, UpstreamUnavailable
from connectors.judgement import FAILED, Verdict
from connectors.pipeline.circuit import Breaker, State
from connectors.pipeline.judge import Congested
from connectors.pipeline.kept import Kept
from connectors.pipeline.setup import Setup

MOST_CIRCUITS = 10_000

log = structlog.get_logger("punnet.breaker")


def breaker(setup: Setup) -> Stage:
    """Raise `CircuitOpen` at once while the breaker of the call's credential is open.

    4xx and 429 count as signs of life. A call for credentials is made by an attempt that has been admitted already, so
    it needs no place of its own.
    """

    def made(credential: str) -> Breaker:
        def turned(state: State) -> None:
            log.warning("breaker", upstream=setup.upstream, credential=credential, state=state)

        return Breaker(setup.policy.breaker, turned)

    now, credential = setup.clock.now, setup.auth.credential
    circuits = setup.vitals.circuits = Kept(made, MOST_CIRCUITS, in_use=lambda circuit: circuit.is_in_use(now()))

    def settled(circuit: Breaker, generation: int, failed: bool | None, rides_along: bool) -> None:
        """How an admitted attempt ended; `None` says nothing about the upstream."""
        if generation != circuit.generation:
            return
        if failed:
            circuit.failed(now())
        elif not rides_along:
            circuit.released() if failed is None else circuit.succeeded(now())

    def around(send: Send) -> Send:
        async def guarded(request: httpx2.Request) -> httpx2.Response:
            call: Call = request.extensions["call"]
            circuit = circuits[credential(call.scope)]
            wait_s = circuit.admit(now())
            rides_along = wait_s == 0.0 and call.anonymous
            if wait_s is not None and not rides_along:
                raise CircuitOpen(setup.upstream, call.operation, retry_after_s=wait_s)
            generation = circuit.generation
            failed: bool | None = None
            try:
                response = await send(request)
                verdict: Verdict = response.extensions["verdict"]
                failed = verdict.outcome is FAILED
                return response
            except Congested:
                raise
            except (UpstreamTimeout, UpstreamUnavailable):
                failed = True
                raise
            finally:
                settled(circuit, generation, failed, rides_along)

        return guarded

    return around
