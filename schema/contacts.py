"""Who is known, whichever CRM knows them."""

from datetime import datetime

import strawberry


@strawberry.interface(description="Somebody as a CRM knows them.")
class Contact:
    upstream_id: strawberry.ID = strawberry.field(description="The id its upstream knows it by.")
    email: str | None = strawberry.field(description="Email address.")
    first_name: str | None = strawberry.field(description="Given name.")
    last_name: str | None = strawberry.field(description="Family name.")
    phone: str | None = strawberry.field(description="Telephone number, as it was typed in.")
    created_at: datetime = strawberry.field(description="When the contact was added.")
