"""What several parts of Stripe's graph share."""

import strawberry

UNKNOWN = strawberry.enum_value("unknown", description="A word that Stripe added after this graph was made.")


Reference = object
"""What a payload has in the place of another object: its id, the object, `None`, or an error value."""


@strawberry.type(description="Payments, invoices and subscriptions. Lists come newest first.")
class StripeQuery:
    pass


@strawberry.type(description="A postal address. Any part may be missing.")
class StripeAddress:
    line1: str | None = strawberry.field(description="Street and number, or a post box.")
    line2: str | None = strawberry.field(description="Flat, floor, building.")
    city: str | None = strawberry.field(description="City, town or village.")
    state: str | None = strawberry.field(description="State, province or county.")
    postal_code: str | None = strawberry.field(description="Postal code.")
    country: str | None = strawberry.field(description="Two-letter ISO 3166-1 code.")


@strawberry.type(description="What the payer gave at the checkout.")
class StripeBillingDetails:
    name: str | None = strawberry.field(description="Full name.")
    email: str | None = strawberry.field(description="Email address.")
    phone: str | None = strawberry.field(description="Phone number.")
    address: StripeAddress | None = strawberry.field(description="Billing address.")


@strawberry.type(description="A payment card, as far as a merchant may see it.")
class StripeCard:
    brand: str | None = strawberry.field(description="`visa`, `mastercard`, `amex` ...")
    last4: str | None = strawberry.field(description="The last four digits.")
    exp_month: int = strawberry.field(description="Month of expiry, from 1.")
    exp_year: int = strawberry.field(description="Year of expiry, four digits.")
    country: str | None = strawberry.field(description="Country of the issuing bank, two letters.")
    funding: str | None = strawberry.field(description="`credit`, `debit`, `prepaid` or `unknown`.")
