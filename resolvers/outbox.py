"""Webhooks that we send: operators register endpoints, look at deliveries and replay them."""

from collections.abc import Sequence
from datetime import UTC, datetime
from math import isfinite
from typing import TYPE_CHECKING, Annotated, Any, TypeVar, cast

import strawberry

from connectors.paging import Page, Window, paging_of
from connectors.webhooks.outbox.records import Attempt, Delivery, Endpoint, State, Which, previous_until
from connectors.webhooks.outbox.topics import is_topic
from connectors.wires.guard import AddressRefused, NotPublic
from resolvers.connections import connect
from resolvers.context import Info
from resolvers.cursors import listing_of
from schema.fields import AFTER, FIRST, Fields, Slicing
from schema.outbox import (
    WebhookAttempt,
    WebhookCreateEndpointResult,
    WebhookDelivery,
    WebhookDeliveryFilter,
    WebhookDeliveryState,
    WebhookEndpoint,
    WebhookEndpointDisabled,
    WebhookEndpointSecret,
    WebhookEndpointUpdated,
    WebhookTargetRejected,
    WebhookTargetRejection,
    WebhookUpdateEndpointResult,
)
from schema.problems import BadInput, Forbidden
from schema.relay import Connection
from schema.scalars import Long

if TYPE_CHECKING:
    from connectors.webhooks.outbox.outbox import Outbox

T = TypeVar("T")

OUTBOX = "outbox"
"""What stands among the providers where webhooks are sent."""

MOST_URL_CHARACTERS, MOST_DESCRIPTION_CHARACTERS, MOST_TOPICS = 2_000, 1_000, 100
LEAST_RATE_PER_S, MOST_RATE_PER_S = 0.01, 1_000.0

fields = Fields(OUTBOX)

Url = Annotated[str, strawberry.argument(description="Where it is: an https:// address on the public internet.")]
Topics = Annotated[
    list[str],
    strawberry.argument(description="What to tell it of: `stripe.charge.refunded`, `stripe.*`, or `*` for everything."),
]
Description = Annotated[str, strawberry.argument(description="For those who come upon it later.")]
Rate = Annotated[
    float | None,
    strawberry.argument(description="How often a second to call it at most, from 0.01 to 1000; null for no limit."),
]
EndpointId = Annotated[strawberry.ID, strawberry.argument(description="The endpoint's id.")]


@fields.query
async def webhook_endpoints(info: Info) -> list[WebhookEndpoint] | None:
    """The endpoints that webhooks are sent to, the oldest first. Needs the operator's token."""
    return [to_endpoint(endpoint) for endpoint in await _outbox(info).endpoints.all()]


@fields.query
async def webhook_deliveries(
    info: Info,
    state: Annotated[
        WebhookDeliveryState | None, strawberry.argument(description="Only those that are so far.")
    ] = None,
    endpoint: Annotated[strawberry.ID | None, strawberry.argument(description="Only those to this endpoint.")] = None,
    first: FIRST = None,
    after: AFTER = None,
) -> Connection[WebhookDelivery] | None:
    """Webhooks on their way and those that have ended, the newest first. Needs the operator's token."""
    outbox = _outbox(info)
    which = Which(state=state and cast(State, state.value), endpoint=endpoint)

    async def fetch(window: Window) -> Page[WebhookDelivery]:
        page = await outbox.deliveries.page(window, which)
        return Page(await to_deliveries(outbox, page.items), page.next_cursor, page.cursors)

    paging = paging_of(outbox.deliveries.page)
    listing = listing_of("webhooks", paging.operation, vars(which))
    return await connect(fetch, paging, _as_it_is, info, "webhooks", listing, Slicing(first, after))


@fields.mutation
async def webhook_create_endpoint(
    info: Info, url: Url, topics: Topics, description: Description = "", rate_per_s: Rate = None
) -> WebhookCreateEndpointResult | None:
    """Register an endpoint. Its secret is in the answer, and nowhere else. Needs the operator's token."""
    outbox = _outbox(info)
    _check(url=url, topics=topics, description=description, rate_per_s=rate_per_s)
    try:
        endpoint, secret = await outbox.create_endpoint(url, topics, description=description, rate_per_s=rate_per_s)
    except (AddressRefused, OSError) as error:
        return to_rejected(error)
    return WebhookEndpointSecret(endpoint=to_endpoint(endpoint), secret=secret)


@fields.mutation
async def webhook_update_endpoint(
    info: Info,
    id: EndpointId,
    url: Url | None = None,
    topics: Topics | None = None,
    description: Description | None = None,
    rate_per_s: Rate = strawberry.UNSET,
) -> WebhookUpdateEndpointResult | None:
    """Change an endpoint; what is left out stays as it is. Needs the operator's token."""
    outbox = _outbox(info)
    given = {"url": url, "topics": topics, "description": description}
    values: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    if rate_per_s is not strawberry.UNSET:
        values["rate_per_s"] = rate_per_s
    _check(**values)
    if url is not None:
        try:
            await outbox.check(url)
        except (AddressRefused, OSError) as error:
            return to_rejected(error)
    found = await outbox.endpoints.change(id, **values) if values else await outbox.endpoints.get(id)
    return WebhookEndpointUpdated(endpoint=to_endpoint(_there(found, id)))


@fields.mutation
async def webhook_rotate_secret(info: Info, id: EndpointId) -> WebhookEndpointSecret | None:
    """Give an endpoint a new secret; for 24 hours the old one is signed with too. Needs the operator's token."""
    endpoint, secret = _there(await _outbox(info).rotate_secret(id), id)
    return WebhookEndpointSecret(endpoint=to_endpoint(endpoint), secret=secret)


@fields.mutation
async def webhook_enable_endpoint(info: Info, id: EndpointId) -> WebhookEndpoint | None:
    """Send to an endpoint again, from the next event on; the dead wait for a replay. Needs the operator's token."""
    return to_endpoint(_there(await _outbox(info).endpoints.change(id, disabled=None), id))


@fields.mutation
async def webhook_disable_endpoint(info: Info, id: EndpointId) -> WebhookEndpoint | None:
    """Send nothing more to an endpoint; what is on its way will be dead. Needs the operator's token."""
    return to_endpoint(_there(await _outbox(info).endpoints.change(id, disabled="operator"), id))


@fields.mutation
async def webhook_delete_endpoint(info: Info, id: EndpointId) -> bool | None:
    """Forget an endpoint with all its deliveries; whether there was one. Needs the operator's token."""
    return await _outbox(info).endpoints.delete(id)


@fields.mutation
async def webhook_send_test(info: Info, id: EndpointId) -> WebhookDelivery | None:
    """Send an endpoint a message of the type `punnet.test`, whatever its topics. Needs the operator's token."""
    outbox = _outbox(info)
    delivery = await outbox.send_test(_there(await outbox.endpoints.get(id), id))
    return (await to_deliveries(outbox, [delivery]))[0]


@fields.mutation
async def webhook_replay_delivery(
    info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="The delivery's id.")]
) -> WebhookDelivery | None:
    """Begin a delivery's schedule again, now, whatever became of it. Needs the operator's token."""
    outbox = _outbox(info)
    delivery = await outbox.replay(id)
    if delivery is None:
        raise BadInput(f"there is no delivery {id[:40]!r}")
    return (await to_deliveries(outbox, [delivery]))[0]


@fields.mutation
async def webhook_replay_deliveries(
    info: Info, filter: Annotated[WebhookDeliveryFilter, strawberry.argument(description="Which ones.")]
) -> Long | None:
    """Begin the schedules of deliveries again, the oldest 10,000 at most; how many. Needs the operator's token."""
    which = Which(
        state=cast(State, filter.state.value),
        endpoint=filter.endpoint,
        type=filter.type,
        since=filter.since.timestamp() if filter.since else None,
        until=filter.until.timestamp() if filter.until else None,
    )
    return Long(await _outbox(info).replay_all(which))


def _outbox(info: Info) -> "Outbox":
    """The outbox, for operators."""
    if not info.context.operator:
        raise Forbidden("webhooks need the operator's token, in the header `Authorization: Bearer ...`")
    assert info.context.outbox is not None
    return info.context.outbox


def _there(found: T | None, id: str) -> T:
    if found is None:
        raise BadInput(f"there is no endpoint {id[:40]!r}")
    return found


def _check(
    *, url: str = "", topics: Sequence[str] = ("*",), description: str = "", rate_per_s: float | None = None
) -> None:
    """Raises `BadInput` for what no endpoint can have."""
    if len(url) > MOST_URL_CHARACTERS or len(description) > MOST_DESCRIPTION_CHARACTERS:
        raise BadInput(
            f"`url` takes {MOST_URL_CHARACTERS:,} characters at most, `description` {MOST_DESCRIPTION_CHARACTERS:,}"
        )
    if not 0 < len(topics) <= MOST_TOPICS or not all(is_topic(topic) for topic in topics):
        raise BadInput(f"`topics` must be 1 to {MOST_TOPICS} of the form `stripe.charge.refunded`, `stripe.*` or `*`")
    if rate_per_s is not None and not (isfinite(rate_per_s) and LEAST_RATE_PER_S <= rate_per_s <= MOST_RATE_PER_S):
        raise BadInput(f"`ratePerS` must be from {LEAST_RATE_PER_S} to {MOST_RATE_PER_S:g}")


async def to_deliveries(outbox: "Outbox", deliveries: Sequence[Delivery]) -> list[WebhookDelivery]:
    """Deliveries with what belongs to them, all fetched together."""
    endpoints = {endpoint.id: to_endpoint(endpoint) for endpoint in await outbox.endpoints.all()}
    attempts = await outbox.deliveries.attempts([delivery.id for delivery in deliveries])
    return [
        WebhookDelivery(
            id=strawberry.ID(delivery.id),
            message_id=strawberry.ID(delivery.message),
            type=delivery.type,
            endpoint=endpoints.get(delivery.endpoint),
            state=WebhookDeliveryState(delivery.state),
            attempts=[to_attempt(attempt) for attempt in attempts[delivery.id]],
            next_attempt_at=to_time(delivery.next_attempt_at),
            created_at=datetime.fromtimestamp(delivery.created_at, UTC),
            ended_at=to_time(delivery.ended_at),
        )
        for delivery in deliveries
    ]


def to_endpoint(endpoint: Endpoint) -> WebhookEndpoint:
    return WebhookEndpoint(
        id=strawberry.ID(endpoint.id),
        url=endpoint.url,
        description=endpoint.description,
        topics=list(endpoint.topics),
        rate_per_s=endpoint.rate_per_s,
        disabled=WebhookEndpointDisabled(endpoint.disabled) if endpoint.disabled else None,
        created_at=datetime.fromtimestamp(endpoint.created_at, UTC),
        previous_secret_until=to_time(previous_until(endpoint.rotated_at)),
    )


def to_attempt(attempt: Attempt) -> WebhookAttempt:
    return WebhookAttempt(
        number=attempt.number,
        at=datetime.fromtimestamp(attempt.at, UTC),
        latency_ms=attempt.latency_s * 1000,
        status=attempt.status,
        error=attempt.error,
    )


def to_rejected(error: AddressRefused | OSError) -> WebhookTargetRejected:
    if isinstance(error, NotPublic):
        return WebhookTargetRejected(reason=WebhookTargetRejection.NOT_PUBLIC, message=str(error))
    if isinstance(error, AddressRefused):
        return WebhookTargetRejected(reason=WebhookTargetRejection.BAD_ADDRESS, message=str(error))
    return WebhookTargetRejected(reason=WebhookTargetRejection.UNKNOWN_HOST, message="nobody knows the host")


def to_time(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def _as_it_is(delivery: WebhookDelivery) -> WebhookDelivery:
    return delivery
