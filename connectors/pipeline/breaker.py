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

    4xx and 429 count as signs of life. Calls for credentials have a circuit of their own: who gives them out may be
    another server, and may be broken while the credentials at hand are still good.
    """

    def made(credential: str) -> Breaker:
        def turned(state: State) -> None:
            log.warning("breaker", upstream=setup.upstream, credential=credential, state=state)
            setup.vitals.tally.openings += state == "open"

        return Breaker(setup.policy.breaker, turned)

    now, credential = setup.clock.now, setup.auth.credential
    circuits = setup.vitals.circuits = Kept(made, MOST_CIRCUITS, in_use=lambda circuit: circuit.is_in_use(now()))

    def circuit_of(call: Call) -> Breaker:
        name = credential(call.scope)
        return circuits[f"{name}:{call.bucket}" if call.anonymous else name]

    def settled(circuit: Breaker, generation: int, failed: bool | None) -> None:
        """How an admitted attempt ended; `None` says nothing about the upstream."""
        if generation != circuit.generation:
            return
        if failed is None:
            circuit.released()
        elif failed:
            circuit.failed(now())
        else:
            circuit.succeeded(now())

    def around(send: Send) -> Send:
        async def guarded(request: httpx2.Request) -> httpx2.Response:
            call: Call = request.extensions["call"]
            circuit = circuit_of(call)
            wait_s = circuit.admit(now())
            if wait_s is not None:
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
                settled(circuit, generation, failed)

        return guarded

    return around
