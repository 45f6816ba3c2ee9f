"""The merchant's own funds."""

import strawberry

from schema.scalars import Money


@strawberry.type(description="The merchant's own funds at Stripe.")
class StripeBalance:
    available: list[Money] = strawberry.field(description="What can be paid out, by currency.")
    pending: list[Money] = strawberry.field(description="What is on its way, by currency.")
    livemode: bool = strawberry.field(description="False for test data.")
