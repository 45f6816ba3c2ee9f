"""What a person is to PayPal."""

from typing import Any

from resolvers.providers.paypal.reads import FOUND_INVOICES
from schema.fields import Fields
from schema.person import Person

fields = Fields("paypal")


@fields.connection(Person, FOUND_INVOICES, needs=("email",))
def paypal_invoices(root: Person) -> dict[str, Any]:
    """Invoices that PayPal sent to this address, latest first."""
    return {"recipient_email": root.email, "status": None}
