"""One attempt from end to end: made, judged, written down."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import httpx2
import structlog

from connectors.auth.seal import Unreadable
from connectors.clock import Clock
from connectors.webhooks.lasting import lasting
from connectors.webhooks.outbox.deliveries import Deliveries
from connectors.webhooks.outbox.endpoints import Endpoints
from connectors.webhooks.outbox.records import Attempt, Delivery, Endpoint, Message, OutboxPolicy, Task
from connectors.webhooks.outbox.schedule import next_wait_s, outcome_of
from connectors.webhooks.outbox.sending import Answer, answer_to, signed
from connectors.webhooks.outbox.tally import OutboxTally
from connectors.wires import GuardedWire

log = structlog.get_logger("punnet.webhooks")


class Courier:
    """Takes messages to their endpoints. `chance` gives numbers from 0 to 1.

    `hanging` are the endpoints, by id, that the latest attempt of this process waited for in vain.
    """

    def __init__(
        self,
        endpoints: Endpoints,
        deliveries: Deliveries,
        wire: GuardedWire,
        clock: Clock,
        policy: OutboxPolicy,
        tally: OutboxTally,
        chance: Callable[[], float],
    ) -> None:
        self._endpoints = endpoints
        self._deliveries = deliveries
        self._wire = wire
        self._clock = clock
        self._schedule_s = policy.schedule_s
        self._tally = tally
        self._chance = chance
        self.hanging: set[str] = set()

    async def slot(self, endpoint: Endpoint | None) -> float:
        """When an endpoint may be called, Unix time: now, unless it has a rate. That moment is taken."""
        now = self._clock.time()
        if endpoint is None or endpoint.disabled or endpoint.rate_per_s is None:
            return now
        return await lasting(self._clock, partial(self._endpoints.slot, endpoint.id, endpoint.rate_per_s, now))

    async def attempt(self, task: Task) -> Delivery:
        """The delivery after one more attempt, which has been written down."""
        delivery, endpoint = task.delivery, task.endpoint
        began, began_at = self._clock.now(), self._clock.time()
        answer = await self._answer(endpoint, task.message)
        latency_s = self._clock.now() - began
        attempt = Attempt(
            number=delivery.attempts + 1, at=began_at, latency_s=latency_s, status=answer.status, error=answer.error
        )
        after, outcome = self._after(delivery, answer), outcome_of(answer.status)
        gone = endpoint if outcome == "gone" else None
        (self.hanging.add if answer.hung else self.hanging.discard)(delivery.endpoint)
        await lasting(self._clock, partial(self._deliveries.record, delivery, after, attempt, gone))
        if outcome == "gone":
            self._endpoints.look_again()
        self._tally.note(outcome, latency_s)
        log.info(
            "delivery attempt",
            host=httpx2.URL(endpoint.url).host if endpoint else None,
            delivery=delivery.id,
            type=delivery.type,
            attempt=attempt.number,
            status=answer.status,
            error=answer.error,
            state=after.state,
            duration_ms=round(latency_s * 1000, 1),
        )
        return after

    async def _answer(self, endpoint: Endpoint | None, message: Message) -> Answer:
        """What the endpoint says, or why it was not asked."""
        if endpoint is None or endpoint.disabled:
            return Answer(error="the endpoint is disabled", is_final=True)
        try:
            keys = self._endpoints.keys(endpoint)
        except Unreadable as error:
            return Answer(error=f"the secret cannot be read: {error}")
        try:
            return await answer_to(signed(endpoint.url, message, keys, self._clock.time()), self._wire, self._clock)
        except Exception:
            log.exception("unforeseen error", message=message.id)
            return Answer(error="something went wrong on our side")

    def _after(self, delivery: Delivery, answer: Answer) -> Delivery:
        """What an answer makes of a delivery."""
        now, outcome = self._clock.time(), outcome_of(answer.status)
        tried = replace(delivery, attempts=delivery.attempts + 1)
        if outcome == "delivered":
            return replace(tried, state="delivered", next_attempt_at=None, ended_at=now)
        failures = delivery.failures + 1
        wait_s = next_wait_s(self._schedule_s, failures, answer.told_s, self._chance())
        if outcome == "gone" or answer.is_final or wait_s is None:
            return replace(tried, state="dead", failures=failures, next_attempt_at=None, ended_at=now)
        return replace(tried, failures=failures, next_attempt_at=now + wait_s)
