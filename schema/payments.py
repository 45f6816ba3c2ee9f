"""What people pay, whoever takes the money."""

from datetime import datetime

import strawberry

from schema.scalars import Money


@strawberry.interface(description="Money that somebody paid, or tried to pay.")
class Payment:
    upstream_id: strawberry.ID = strawberry.field(description="The id its upstream knows it by.")
    amount: Money = strawberry.field(description="How much.")
    created_at: datetime = strawberry.field(description="When it was made.")
