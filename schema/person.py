"""The view across all providers: a person by an address, a company by a domain."""

import strawberry


@strawberry.type(description="Whoever has an email address, in everything that is connected.")
class Person:
    email: str = strawberry.field(description="The address that was asked for.")


@strawberry.type(description="Whoever has an internet domain, in everything that is connected.")
class Company:
    domain: str = strawberry.field(description="The domain that was asked for, in lower case.")
