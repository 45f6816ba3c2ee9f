"""What operators see of the webhooks that we send."""

import datetime
from enum import Enum
from typing import Annotated

import strawberry


@strawberry.enum(description="Why an endpoint is sent nothing.")
class WebhookEndpointDisabled(Enum):
    OPERATOR = strawberry.enum_value("operator", description="An operator wants it so.")
    GONE = strawberry.enum_value("gone", description="It answered 410: it wants nothing more.")


@strawberry.type(description="Where webhooks go.")
class WebhookEndpoint:
    id: strawberry.ID = strawberry.field(description="Its id.")
    url: str = strawberry.field(description="Where it is.")
    description: str = strawberry.field(description="What operators wrote about it.")
    topics: list[str] = strawberry.field(
        description="The events that it is told of: `stripe.charge.refunded`, `stripe.*`, or `*` for all."
    )
    rate_per_s: float | None = strawberry.field(description="How often a second it may be called; null for no limit.")
    disabled: WebhookEndpointDisabled | None = strawberry.field(description="Why it is sent nothing; null if it is.")
    created_at: datetime.datetime = strawberry.field(description="When it was registered.")
    previous_secret_until: datetime.datetime | None = strawberry.field(
        description="Until when messages are signed with the secret before this one as well, if there is one."
    )


@strawberry.enum(description="How far a delivery is.")
class WebhookDeliveryState(Enum):
    PENDING = strawberry.enum_value("pending", description="An attempt is to come.")
    DELIVERED = strawberry.enum_value("delivered", description="The endpoint took it.")
    DEAD = strawberry.enum_value("dead", description="The last attempt failed. It can be replayed.")


@strawberry.type(description="One attempt to deliver a message.")
class WebhookAttempt:
    number: int = strawberry.field(description="Which one of its delivery, from 1.")
    at: datetime.datetime = strawberry.field(description="When it was made.")
    latency_ms: float = strawberry.field(description="How long it took until the answer, or until there was none.")
    status: int | None = strawberry.field(description="The HTTP status of the answer.")
    error: str | None = strawberry.field(description="What happened instead of an answer.")


@strawberry.type(description="A message on its way to an endpoint.")
class WebhookDelivery:
    id: strawberry.ID = strawberry.field(description="Its id.")
    message_id: strawberry.ID = strawberry.field(
        description="The `webhook-id` of every attempt, by which receivers know a message again."
    )
    type: str = strawberry.field(description="What the message is about: `stripe.charge.refunded`.")
    endpoint: WebhookEndpoint | None = strawberry.field(description="Where it goes.")
    state: WebhookDeliveryState = strawberry.field(description="How far it is.")
    attempts: list[WebhookAttempt] = strawberry.field(description="Every attempt, the first one first.")
    next_attempt_at: datetime.datetime | None = strawberry.field(description="When the next attempt is due.")
    created_at: datetime.datetime = strawberry.field(description="When the message was made.")
    ended_at: datetime.datetime | None = strawberry.field(description="When it was delivered, or dead.")


@strawberry.input(description="Some of the deliveries: those that all of this is true of.")
class WebhookDeliveryFilter:
    state: WebhookDeliveryState = strawberry.field(
        default=WebhookDeliveryState.DEAD, description="How far they are; `PENDING` ones are under way as it is."
    )
    endpoint: strawberry.ID | None = strawberry.field(default=None, description="The id of where they go.")
    type: str | None = strawberry.field(default=None, description="What their messages are about.")
    since: datetime.datetime | None = strawberry.field(default=None, description="Made then or later.")
    until: datetime.datetime | None = strawberry.field(default=None, description="Made before then.")


@strawberry.enum(description="Why an address is not called.")
class WebhookTargetRejection(Enum):
    BAD_ADDRESS = strawberry.enum_value("bad-address", description="It is no address of the form that we call.")
    UNKNOWN_HOST = strawberry.enum_value("unknown-host", description="Nobody knows its host.")
    NOT_PUBLIC = strawberry.enum_value("not-public", description="Its host is not on the public internet.")


@strawberry.type(description="The address is not one that we call. Nothing has been changed.")
class WebhookTargetRejected:
    reason: WebhookTargetRejection = strawberry.field(description="Why.")
    message: str = strawberry.field(description="What is wrong with it, for people.")


@strawberry.type(description="An endpoint and its secret.")
class WebhookEndpointSecret:
    endpoint: WebhookEndpoint = strawberry.field(description="The endpoint.")
    secret: str = strawberry.field(description="What its messages are signed with. It is shown here and never again.")


@strawberry.type(description="The endpoint has been changed.")
class WebhookEndpointUpdated:
    endpoint: WebhookEndpoint = strawberry.field(description="The endpoint as it is now.")


WebhookCreateEndpointResult = Annotated[
    WebhookEndpointSecret | WebhookTargetRejected,
    strawberry.union("WebhookCreateEndpointResult", description="What came of registering an endpoint."),
]
WebhookUpdateEndpointResult = Annotated[
    WebhookEndpointUpdated | WebhookTargetRejected,
    strawberry.union("WebhookUpdateEndpointResult", description="What came of changing an endpoint."),
]
