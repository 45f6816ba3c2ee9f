"""Webhooks that come in: operators look at the events and replay what is parked."""

from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Annotated, cast

import strawberry

from connectors.paging import paging_of
from resolvers.connections import connect
from resolvers.context import Info
from resolvers.cursors import listing_of
from schema.fields import AFTER, FIRST, Fields, Slicing
from schema.inbox import WebhookEvent, WebhookEventFilter, WebhookEventState
from schema.problems import BadInput, Forbidden
from schema.relay import Connection
from schema.scalars import Long

if TYPE_CHECKING:
    from connectors.webhooks.events import State, Stored
    from connectors.webhooks.inbox import Inbox

INBOX = "inbox"
"""What stands among the providers where webhooks are taken, and there are operators."""

fields = Fields(INBOX)


@fields.query
async def webhook_events(
    info: Info,
    state: Annotated[WebhookEventState | None, strawberry.argument(description="Only those that are so far.")] = None,
    provider: Annotated[str | None, strawberry.argument(description="Only those of this sender.")] = None,
    first: FIRST = None,
    after: AFTER = None,
) -> Connection[WebhookEvent] | None:
    """Events that upstreams told us of in the last 30 days, the latest first. Needs the operator's token."""
    inbox = await _inbox(info)
    fetch = partial(inbox.page, state=state and cast("State", state.value), provider=provider)
    paging = paging_of(inbox.page)
    listing = listing_of("webhooks", paging.operation, {"state": state and state.value, "provider": provider})
    return await connect(fetch, paging, to_event, info, "webhooks", listing, Slicing(first, after))


@fields.mutation
async def webhook_replay_event(
    info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="The event's id.")]
) -> WebhookEvent | None:
    """Handle a parked event again, from the first attempt. Needs the operator's token."""
    inbox = await _inbox(info)
    number = int(id) if id.isascii() and id.isdecimal() and len(id) < 19 else -1
    if not await inbox.replay(number=number):
        raise BadInput(f"there is no parked event {id[:40]!r}")
    stored = await inbox.get(number)
    return to_event(stored) if stored else None


@fields.mutation
async def webhook_replay_events(
    info: Info, filter: Annotated[WebhookEventFilter, strawberry.argument(description="Which ones.")]
) -> Long | None:
    """Handle parked events again, the oldest 1,000 at most; how many these are. Needs the operator's token."""
    return Long(await (await _inbox(info)).replay(provider=filter.provider, type=filter.type))


async def _inbox(info: Info) -> "Inbox":
    """The inbox, for operators."""
    if not info.context.operator:
        raise Forbidden("webhooks need the operator's token, in the header `Authorization: Bearer ...`")
    assert info.context.office is not None
    return await info.context.office.inbox()


def to_event(stored: "Stored") -> WebhookEvent:
    return WebhookEvent(
        id=strawberry.ID(str(stored.number)),
        provider=stored.event.provider,
        event_id=strawberry.ID(stored.event.id),
        type=stored.event.type,
        object=stored.event.object,
        state=WebhookEventState(stored.state),
        attempts=stored.attempts,
        error=stored.error,
        received_at=datetime.fromtimestamp(stored.received_at, UTC),
        next_attempt_at=datetime.fromtimestamp(stored.due_at, UTC) if stored.state == "received" else None,
        ended_at=None if stored.ended_at is None else datetime.fromtimestamp(stored.ended_at, UTC),
    )
