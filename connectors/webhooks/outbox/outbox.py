"""The outbox itself: who is told of what, every attempt a durable workflow, and what operators want."""

import asyncio
import random
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import uuid4

import orjson
import structlog
from sqlalchemy.exc import SQLAlchemyError

from connectors.auth.seal import Seal
from connectors.webhooks.delivery import Event
from connectors.webhooks.durable import Durable
from connectors.webhooks.lasting import lasting
from connectors.webhooks.outbox.courier import Courier
from connectors.webhooks.outbox.deliveries import Deliveries, message_id
from connectors.webhooks.outbox.endpoints import Endpoints
from connectors.webhooks.outbox.keys import Keys, new_secret
from connectors.webhooks.outbox.records import Delivery, Endpoint, Message, OutboxPolicy, Task, Which
from connectors.webhooks.outbox.tally import OutboxTally
from connectors.wires import GuardedWire

ATTEMPT = "webhook-attempt"

ALONE = "webhook-attempt-alone"
"""An attempt to an endpoint that hangs: it gets one at a time, and takes no places from others."""

TEST = "punnet.test"
"""The type of the message that tries an endpoint out."""

ROUND_S = 30.0
"""How often we look for deliveries that nobody has taken on, and for those that may be forgotten."""

LATE_S = 60.0
"""A row may be there to be seen so long after the time that it says it is due, as clocks and transactions go."""

LOOK_S = 600.0
"""How often we look at everything that is due, rather than at what has become due since."""

NEAR_S = 2.0
"""So long an attempt holds its place while its slot comes, and may use one that has gone by: queues are that exact."""

log = structlog.get_logger("punnet.webhooks")


class Outbox:
    """Messages on their way to endpoints.

    A delivery is a row that says when its next attempt is due, and a workflow for that attempt, named after delivery,
    number and time, which waits in the endpoint's own queue: an endpoint that hangs holds up nobody else, and is left
    one place until it answers. Where the endpoint's rate does not let it be called yet, the delivery is put off until
    it does. The attempt is made, its outcome recorded and the next one queued; whatever of it is done twice is done
    once. Only a request whose outcome could not be recorded, as the process died, is sent again, under the same
    `webhook-id`.
    """

    def __init__(
        self,
        durable: Durable,
        seal: Seal,
        wire: GuardedWire,
        policy: OutboxPolicy,
        *,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self.endpoints = Endpoints(durable.database, seal, durable.clock)
        self.deliveries = Deliveries(durable.database)
        self.tally = OutboxTally()
        self._durable = durable
        self._clock = durable.clock
        self._wire = wire
        self._retention_s = policy.retention_s
        self._courier = Courier(self.endpoints, self.deliveries, wire, self._clock, policy, self.tally, chance)
        self._looked_at = self._look_at = 0.0
        self._wanted = asyncio.Event()
        self._rounds: asyncio.Task[None] | None = None
        durable.register(ATTEMPT, self._attempt, at_once=policy.at_once)
        durable.register(ALONE, partial(self._attempt, alone=True), at_once=1)

    async def open(self) -> None:
        """Begin to deliver. Nobody waits for durable work to be open, which a database that is away delays."""
        self._rounds = asyncio.create_task(self._make_rounds())

    async def rest(self) -> None:
        """Take on nothing more: before durable work is closed, which looking for deliveries would open."""
        if self._rounds:
            self._rounds.cancel()
            await asyncio.wait([self._rounds])

    async def close(self) -> None:
        """Let go of the wire: after durable work is closed, whose attempts use it."""
        await self.rest()
        await self._wire.close()

    async def forward(self, event: Event) -> None:
        """Tell of an event that came in."""
        await self.send(event.provider, event.type, event.payload, event.id)

    async def send(self, sender: str, type: str, data: Any, id: str) -> None:
        """Tell each endpoint that wants to know of `type`, once for every `id` of the sender, however often called."""
        receivers = await self.endpoints.told_of(f"{sender}.{type}")
        if receivers:
            message = self._message(message_id(sender, id), f"{sender}.{type}", data)
            await self._send(message, receivers)

    async def send_test(self, endpoint: Endpoint) -> Delivery:
        """Tell one endpoint of nothing but that."""
        message = self._message(f"msg_{uuid4().hex[:24]}", TEST, {"endpoint": endpoint.id})
        return (await self._send(message, [endpoint]))[0]

    async def replay(self, id: str) -> Delivery | None:
        """Begin a delivery's schedule again, now; `None` where there is none."""
        delivery = await self.deliveries.replay(id, self._clock.time())
        if delivery:
            await self._enqueue(delivery)
        return delivery

    async def replay_all(self, which: Which) -> int:
        """The same for those that have ended; how many. They are taken on one after the other, from now on."""
        replayed = await self.deliveries.replay_all(which, self._clock.time())
        self._wanted.set()
        return replayed

    async def check(self, url: str) -> None:
        """Raises `AddressRefused` for a target that we do not call, `OSError` where nobody knows its host."""
        await self._wire.check(url)

    async def create_endpoint(
        self, url: str, topics: Sequence[str], *, description: str, rate_per_s: float | None
    ) -> tuple[Endpoint, str]:
        """A new endpoint and its secret, which is not shown again. Raises what `check` does."""
        await self.check(url)
        keys = Keys(new_secret())
        endpoint = await self.endpoints.add(url, topics, description, rate_per_s, keys, self._clock.time())
        return endpoint, keys.current

    async def rotate_secret(self, id: str) -> tuple[Endpoint, str] | None:
        """A new secret for an endpoint; the old one is signed with as well for a while. `None` where there is none."""
        while True:
            endpoint = await self.endpoints.get(id)
            if endpoint is None:
                return None
            keys = self.endpoints.keys(endpoint).rotated(self._clock.time())
            changed = await self.endpoints.set_keys(endpoint, keys)
            if changed:
                return changed, keys.current

    async def count(self) -> None:
        """Count the deliveries, for `tally`, if the database answers."""
        with suppress(SQLAlchemyError, OSError):
            self.tally.deliveries = await self.deliveries.counts()

    async def take_on(self) -> None:
        """Queue what is due and nobody sees to: replayed all together, or left by a process that died or failed."""
        now = self._clock.time()
        everything = now >= self._look_at
        async for deliveries in self.deliveries.due(0.0 if everything else self._looked_at - LATE_S, now):
            over = await self._durable.over([_attempt_id(delivery) for delivery in deliveries])
            for delivery in deliveries:
                is_over = over.get(_attempt_id(delivery))
                if is_over is None:
                    await self._enqueue(delivery)
                elif is_over and (again := await self.deliveries.put_off(delivery, now)):
                    await self._enqueue(again)
        self._looked_at = now
        if everything:
            self._look_at = now + LOOK_S

    async def prune(self) -> None:
        """Forget what is older than it is kept."""
        await self.deliveries.prune(self._clock.time() - self._retention_s)

    def _message(self, id: str, type: str, data: Any) -> Message:
        now = self._clock.time()
        timestamp = datetime.fromtimestamp(now, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        body = orjson.dumps({"type": type, "timestamp": timestamp, "data": data}, default=str)
        return Message(id=id, type=type, body=body.decode(), created_at=now)

    async def _send(self, message: Message, receivers: Sequence[Endpoint]) -> Sequence[Delivery]:
        deliveries = await self.deliveries.add(message, [endpoint.id for endpoint in receivers])
        for delivery in deliveries:
            await self._enqueue(delivery)
        return deliveries

    async def _enqueue(self, delivery: Delivery, *, has_slot: bool = False) -> None:
        """Have the next attempt made when it is due, if there is to be one; it may have its endpoint's slot of then."""
        if delivery.next_attempt_at is not None:
            await self._durable.enqueue(
                ALONE if delivery.endpoint in self._courier.hanging else ATTEMPT,
                _attempt_id(delivery),
                delivery.id,
                delivery.attempts + 1,
                delivery.next_attempt_at,
                has_slot,
                partition=delivery.endpoint,
                at=delivery.next_attempt_at - (NEAR_S if has_slot else 0.0),
            )

    async def _put_off(self, delivery: Delivery, until: float, *, has_slot: bool = False) -> None:
        later = await lasting(self._clock, partial(self.deliveries.put_off, delivery, until))
        if later:
            await self._enqueue(later, has_slot=has_slot)

    async def _attempt(self, id: str, number: int, at: float, has_slot: bool, *, alone: bool = False) -> None:
        """The workflow: the attempt that is due then, unless it was made or put off, and queueing the one after it."""
        task = await self._task(id)
        if task and _is_due(task, number, at):
            now = self._clock.time()
            if task.delivery.endpoint in self._courier.hanging and not alone:
                await self._put_off(task.delivery, now)
                return
            slot_at = at if has_slot and now - at <= NEAR_S else await self._courier.slot(task.endpoint)
            if slot_at - now > NEAR_S:
                await self._put_off(task.delivery, slot_at, has_slot=True)
                return
            if slot_at > now:
                await self._clock.sleep(slot_at - now)
                task = await self._task(id)
        if task:
            is_due = _is_due(task, number, at)
            await self._enqueue(await self._courier.attempt(task) if is_due else task.delivery)

    async def _task(self, id: str) -> Task | None:
        return await lasting(self._clock, partial(self.deliveries.task, id))

    async def _open_durable(self) -> bool:
        """Whether it is open."""
        try:
            await self._durable.open()
        except Exception as error:
            log.error("webhooks are not sent yet", error=type(error).__name__)
            return False
        return True

    async def _make_rounds(self) -> None:
        while True:
            try:
                if await self._open_durable():
                    await self.take_on()
                await self.prune()
            except Exception as error:
                log.warning("deliveries are not looked after", error=type(error).__name__)
            with suppress(TimeoutError):
                async with asyncio.timeout(ROUND_S):
                    await self._wanted.wait()
            self._wanted.clear()


def _is_due(task: Task, number: int, at: float) -> bool:
    """Whether the delivery's attempt of that number is still to be made, at that time."""
    return (task.delivery.attempts, task.delivery.next_attempt_at) == (number - 1, at)


def _attempt_id(delivery: Delivery) -> str:
    """The name of a delivery's next attempt."""
    return f"{delivery.id}-{delivery.attempts + 1}-{delivery.next_attempt_at!r}"
