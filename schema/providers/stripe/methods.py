"""What customers pay with."""

from datetime import datetime
from typing import Annotated

import strawberry
from strawberry.scalars import JSON

from schema.providers.stripe.common import Reference, StripeBillingDetails, StripeCard
from schema.providers.stripe.payments import StripeCardDeclined
from schema.relay import Node


@strawberry.type(description="A card, a bank account or the like that can pay.")
class StripePaymentMethod(Node):
    type: str = strawberry.field(description="`card`, `sepa_debit`, `link` ...")
    card: StripeCard | None = strawberry.field(description="The card, where it is one.")
    billing_details: StripeBillingDetails | None = strawberry.field(description="What its holder gave.")
    allow_redisplay: str | None = strawberry.field(
        description="Whether it may be shown at a later checkout: `always`, `limited` or `unspecified`."
    )
    created_at: datetime = strawberry.field(description="When it was added.")
    metadata: JSON | None = strawberry.field(description="The merchant's own keys and values, all of them strings.")
    livemode: bool = strawberry.field(description="False for test data.")
    customer_ref: strawberry.Private[Reference]


@strawberry.type(description="The payment method is kept for the customer's later payments.")
class StripePaymentMethodAttached:
    payment_method: StripePaymentMethod = strawberry.field(description="The payment method, which may have a new id.")


@strawberry.type(description="The payment method has no customer any more, and can pay no more.")
class StripePaymentMethodDetached:
    payment_method: StripePaymentMethod = strawberry.field(description="The payment method.")


@strawberry.type(description="Nothing was done, because of where the payment method is or was.")
class StripePaymentMethodUnusable:
    message: str | None = strawberry.field(description="Stripe's explanation, for developers.")


StripeAttachPaymentMethodResult = Annotated[
    StripePaymentMethodAttached | StripeCardDeclined | StripePaymentMethodUnusable,
    strawberry.union("StripeAttachPaymentMethodResult", description="What came of keeping a payment method."),
]
StripeDetachPaymentMethodResult = Annotated[
    StripePaymentMethodDetached | StripePaymentMethodUnusable,
    strawberry.union("StripeDetachPaymentMethodResult", description="What came of removing a payment method."),
]
