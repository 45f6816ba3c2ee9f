"""What operators see of the webhooks that come in."""

import datetime
from enum import Enum

import strawberry


@strawberry.enum(description="What became of an event so far.")
class WebhookEventState(Enum):
    RECEIVED = strawberry.enum_value("received", description="It is to be handled, perhaps again after a failure.")
    HANDLED = strawberry.enum_value("handled", description="It has been handled.")
    SUPERSEDED = strawberry.enum_value(
        "superseded", description="It came late: a later event of the same object had been handled."
    )
    PARKED = strawberry.enum_value("parked", description="The last attempt to handle it failed. It can be replayed.")


@strawberry.type(description="An event that an upstream told us of by a webhook.")
class WebhookEvent:
    id: strawberry.ID = strawberry.field(description="Its id here.")
    provider: str = strawberry.field(description="Who sent it.")
    event_id: strawberry.ID = strawberry.field(description="Its id there, by which repetitions are known.")
    type: str = strawberry.field(description="What happened, in the sender's words: `payment_intent.succeeded`.")
    object: str | None = strawberry.field(description="What it happened to, where that is one thing.")
    state: WebhookEventState = strawberry.field(description="What became of it so far.")
    attempts: int = strawberry.field(description="How often handling it was begun.")
    error: str | None = strawberry.field(description="Why the latest attempt failed; null if it did not.")
    received_at: datetime.datetime = strawberry.field(description="When it was stored.")
    next_attempt_at: datetime.datetime | None = strawberry.field(description="When the next attempt is due.")
    ended_at: datetime.datetime | None = strawberry.field(description="When its state became what it is, for good.")


@strawberry.input(description="Some of the parked events: those that all of this is true of.")
class WebhookEventFilter:
    provider: str | None = strawberry.field(default=None, description="Who sent them.")
    type: str | None = strawberry.field(default=None, description="What happened.")
