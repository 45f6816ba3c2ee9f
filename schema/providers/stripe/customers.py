"""Who pays."""

from datetime import datetime
from enum import Enum

import strawberry
from strawberry.scalars import JSON

from schema.providers.stripe.common import UNKNOWN, Reference, StripeAddress
from schema.relay import Node
from schema.scalars import Money


@strawberry.enum(description="Whether a customer pays tax.")
class StripeTaxExempt(Enum):
    NONE = strawberry.enum_value("none", description="Tax is added as usual.")
    EXEMPT = strawberry.enum_value("exempt", description="The customer pays no tax.")
    REVERSE = strawberry.enum_value("reverse", description="The customer accounts for the tax (reverse charge).")
    UNKNOWN = UNKNOWN


@strawberry.type(description="Someone who pays, or may pay.")
class StripeCustomer(Node):
    name: str | None = strawberry.field(description="Full name, or the business's name.")
    email: str | None = strawberry.field(description="Where receipts and invoices go.")
    phone: str | None = strawberry.field(description="Phone number, as it was typed in.")
    description: str | None = strawberry.field(description="The merchant's own note.")
    created_at: datetime = strawberry.field(description="When the customer was added.")
    currency: str | None = strawberry.field(description="The currency of recurring bills, once there was one.")
    balance: Money | None = strawberry.field(
        description="What the next invoice is changed by; negative is credit. Null before there is a currency."
    )
    delinquent: bool | None = strawberry.field(description="Whether the latest charge or invoice was not paid.")
    address: StripeAddress | None = strawberry.field(description="The customer's address.")
    preferred_locales: list[str] = strawberry.field(description="Languages of the customer, the best first.")
    tax_exempt: StripeTaxExempt | None = strawberry.field(description="Whether the customer pays tax.")
    invoice_prefix: str | None = strawberry.field(description="What the customer's invoice numbers begin with.")
    metadata: JSON | None = strawberry.field(description="The merchant's own keys and values, all of them strings.")
    livemode: bool = strawberry.field(description="False for test data.")
    invoices_payment_method_ref: strawberry.Private[Reference]
