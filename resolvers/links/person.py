"""The view across all providers begins with an address or a domain; each provider adds its part."""

from typing import Annotated

import strawberry

from schema.fields import Fields
from schema.person import Company, Person
from schema.problems import BadInput
from schema.relay import bounded

fields = Fields()


@fields.query
def person(root: object, email: Annotated[str, strawberry.argument(description="An email address.")]) -> Person:
    """Everything about a person. No upstream is asked for more than is selected, and none fails another's part."""
    address = bounded(email, "email").strip()
    if not address:
        raise BadInput("`email` cannot be empty")
    return Person(email=address)


@fields.query
def company(
    domain: Annotated[str, strawberry.argument(description="An internet domain: `orchard.example`.")],
) -> Company:
    """Everything about a company. No upstream is asked for more than is selected, and none fails another's part."""
    name = bounded(domain, "domain").strip().lower()
    if not name:
        raise BadInput("`domain` cannot be empty")
    return Company(domain=name)
