"""What to pay with at the Stripe sandbox: cards, and whose they are."""

from connectors.providers.stripe.sandbox import objects
from connectors.providers.stripe.sandbox.cards import DECLINED, look_of
from connectors.providers.stripe.sandbox.ledger import Json, Ledger
from connectors.providers.stripe.sandbox.parameters import Refused, known, required, text
from connectors.providers.stripe.sandbox.reads import expanded, known_row, missing

NOBODY = {"address": objects.NO_ADDRESS, "email": None, "name": None, "phone": None}


class PaymentMethods:
    """The payment methods of one account. Each use of a test card's name makes a new one, as at Stripe."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def attach(self, id: str, parameters: Json) -> Json:
        known(parameters, {"customer", "expand"})
        required(parameters, "customer")
        customer = text(parameters, "customer") or ""
        if "deleted" in known_row(self._ledger.customers, customer, "customer", 400):
            raise missing(self._ledger.customers, customer, "customer", 400)
        if id in DECLINED:
            raise Refused(402, type="card_error", **DECLINED[id])
        row = self._made(id) if look_of(id) else known_row(self._ledger.payment_methods, id, "payment_method", 404)
        if row["customer"]:
            raise Refused(400, "This payment method is attached to a customer already.")
        self._still_good(row)
        row["customer"] = customer
        return expanded(self._ledger, row, parameters)

    def detach(self, id: str, parameters: Json) -> Json:
        known(parameters, {"expand"})
        row = known_row(self._ledger.payment_methods, id, "payment_method", 404)
        if row["customer"] is None:
            raise Refused(400, "This payment method is attached to no customer.")
        settings = known_row(self._ledger.customers, row["customer"], "customer", 404)["invoice_settings"]
        for holder in (settings, *self._ledger.subscriptions.rows):
            if holder["default_payment_method"] == id:
                holder["default_payment_method"] = None
        self._ledger.used_up.add(id)
        row["customer"] = None
        return expanded(self._ledger, row, parameters)

    def chosen(self, parameters: Json, customer: str | None) -> str | None:
        """The id of what a payment of `customer` is to be paid with, where the parameters name something."""
        name = text(parameters, "payment_method")
        if name is None:
            return None
        if look_of(name):
            return str(self._made(name)["id"])
        row = known_row(self._ledger.payment_methods, name, "payment_method", 400)
        if row["customer"] not in (None, customer):
            raise Refused(400, "This payment method is another customer's.", param="payment_method")
        self._still_good(row)
        return name

    def card(self, id: str) -> Json:
        """The card as a charge shows it."""
        own = known_row(self._ledger.payment_methods, id, "payment_method", 404)["card"]
        return objects.card(own["brand"], own["last4"], own["country"], own["funding"])

    def has_paid(self, id: str) -> None:
        """What belongs to no customer pays once."""
        if known_row(self._ledger.payment_methods, id, "payment_method", 404)["customer"] is None:
            self._ledger.used_up.add(id)

    def _still_good(self, row: Json) -> None:
        if row["id"] in self._ledger.used_up:
            used = "This payment method has paid without a customer, or was detached from one: it cannot be used again."
            raise Refused(400, used)

    def _made(self, name: str) -> Json:
        brand, last4 = look_of(name) or ("", "")
        card = objects.card(brand, last4, "US")
        row = objects.payment_method(self._ledger.new_id("pm"), self._ledger.later(), card, NOBODY)
        self._ledger.behaviour[row["id"]] = name
        return self._ledger.payment_methods.add(row)
