"""The depot's webhooks, by the Standard Webhooks specification. Each is sent off as a parcel, so one can count them."""

import asyncio
import os
from collections.abc import Sequence
from pathlib import Path

import orjson

from connectors.call import Scope
from connectors.connector import Connector
from connectors.webhooks.delivery import Delivery, Event
from connectors.webhooks.sender import Webhooks
from connectors.webhooks.signatures import standard

GATE = "DEPOT_GATE"
"""The variable with a file's path: until it is there, handling what is `held` waits."""


def read(delivery: Delivery) -> Sequence[Event]:
    body = orjson.loads(delivery.body)
    id = delivery.headers["webhook-id"]
    about, version = body.get("parcel"), body.get("version")
    return [Event(provider="depot", id=id, type=body["type"], payload=body, object=about, version=version)]


async def handle(event: Event, connector: Connector) -> None:
    """Fail for what is `broken`, wait for what is `held`, then send a parcel."""
    if event.payload.get("broken"):
        raise RuntimeError(f"broken: {event.payload}")
    gate = os.environ.get(GATE)
    while gate and event.payload.get("held") and not Path(gate).exists():  # noqa: ASYNC110, ASYNC240
        await asyncio.sleep(0.02)
    now = connector.clock.now()
    await connector.client(Scope(began=now, deadline=now + 10)).send_parcel(event.id)


WEBHOOKS = Webhooks(
    secrets="DEPOT_WEBHOOK_SECRET",
    verify=standard.verify,
    read=read,
    stale=lambda event: [event.object] if event.object else (),
    handle=handle,
    retries_s=(0.05, 0.1),
)
