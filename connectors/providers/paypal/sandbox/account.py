"""The merchant's account: orders and the money that moved for them, invoices, plans, subscriptions, disputes."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from hashlib import blake2b
from typing import Any

from connectors.sandbox.people import EPOCH, Person

Json = dict[str, Any]

WITHOUT_DECIMALS = ("HUF", "JPY", "TWD")
"""Source: https://developer.paypal.com/api/rest/reference/currency-codes/"""

CURRENCIES = ("USD", "EUR", "GBP", "JPY")
LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
INVOICE_STATUSES = ("PAID", "SENT", "DRAFT", "PARTIALLY_PAID", "CANCELLED")
PLANS = ("Basic", "Team", "Business")


def code(*words: object, length: int = 17) -> str:
    """An id as PayPal's look, the same in every run."""
    digest = blake2b(repr(words).encode(), digest_size=32).digest()
    return "".join(LETTERS[byte % len(LETTERS)] for byte in digest[:length])


def instant(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def money(value: Decimal, currency: str) -> Json:
    places = Decimal(1) if currency in WITHOUT_DECIMALS else Decimal("0.01")
    return {"currency_code": currency, "value": str(value.quantize(places))}


@dataclass
class Account:
    """Everything by id, in the order it came about; `now` is the moment that new things happen at.

    `where` gives the address that links begin with.
    """

    now: datetime = EPOCH
    orders: dict[str, Json] = field(default_factory=dict)
    authorizations: dict[str, Json] = field(default_factory=dict)
    captures: dict[str, Json] = field(default_factory=dict)
    refunds: dict[str, Json] = field(default_factory=dict)
    invoices: dict[str, Json] = field(default_factory=dict)
    plans: dict[str, Json] = field(default_factory=dict)
    subscriptions: dict[str, Json] = field(default_factory=dict)
    disputes: dict[str, Json] = field(default_factory=dict)
    transactions: list[Json] = field(default_factory=list)

    def order(self, given: Json) -> Json:
        """A new order, not approved yet."""
        id = code("order", len(self.orders))
        units = [
            {"reference_id": "default", **unit, "payee": {"merchant_id": "PUNNETMERCH01"}}
            for unit in given["purchase_units"]
        ]
        order = {
            "id": id,
            "intent": given["intent"],
            "status": "CREATED",
            "purchase_units": units,
            "create_time": instant(self.now),
            "links": [
                {"href": f"/v2/checkout/orders/{id}", "rel": "self", "method": "GET"},
                {"href": f"/checkoutnow?token={id}", "rel": "approve", "method": "GET"},
                {"href": f"/v2/checkout/orders/{id}/capture", "rel": "capture", "method": "POST"},
            ],
        }
        self.orders[id] = order
        return order

    def approve(self, order: Json, person: Person) -> None:
        """The payer says yes."""
        order["status"] = "APPROVED"
        order["payer"] = payer(person)

    def capture(self, order: Json) -> Json:
        """All that an order asks for is taken."""
        for unit in order["purchase_units"]:
            taken = self.take(order, unit["amount"], final=True)
            unit["payments"] = {"captures": [taken]}
        order |= {"status": "COMPLETED", "update_time": instant(self.now)}
        return order

    def take(self, order: Json, amount: Json, *, final: bool) -> Json:
        """One capture, and the transaction that shows it."""
        id, value, currency = code("capture", len(self.captures)), Decimal(amount["value"]), amount["currency_code"]
        fee = value * Decimal("0.03")
        parts = {"gross_amount": value, "paypal_fee": fee, "net_amount": value - Decimal(money(fee, currency)["value"])}
        self.captures[id] = {
            "id": id,
            "status": "COMPLETED",
            "amount": money(value, currency),
            "final_capture": final,
            "seller_receivable_breakdown": {name: money(part, currency) for name, part in parts.items()},
            "supplementary_data": {"related_ids": {"order_id": order["id"]}},
            "create_time": instant(self.now),
            "update_time": instant(self.now),
            "links": [
                {"href": f"/v2/payments/captures/{id}", "rel": "self", "method": "GET"},
                {"href": f"/v2/payments/captures/{id}/refund", "rel": "refund", "method": "POST"},
                {"href": f"/v2/checkout/orders/{order['id']}", "rel": "up", "method": "GET"},
            ],
        }
        self._note(id, "T0006", value, currency, order.get("payer", {}), -fee)
        return self.captures[id]

    def authorize(self, order: Json) -> Json:
        """All that an order asks for is held."""
        for unit in order["purchase_units"]:
            id = code("authorization", len(self.authorizations))
            held = {
                "id": id,
                "status": "CREATED",
                "amount": unit["amount"],
                "expiration_time": instant(self.now + timedelta(days=29)),
                "supplementary_data": {"related_ids": {"order_id": order["id"]}},
                "create_time": instant(self.now),
                "update_time": instant(self.now),
                "links": [{"href": f"/v2/payments/authorizations/{id}", "rel": "self", "method": "GET"}],
            }
            self.authorizations[id] = held
            unit["payments"] = {"authorizations": [held]}
        order |= {"status": "COMPLETED", "update_time": instant(self.now)}
        return order

    def refund(self, capture: Json, amount: Json, note: str | None) -> Json:
        """Money is given back. The capture says whether any of it is left."""
        id = code("refund", len(self.refunds))
        given_back = self.given_back(capture) + Decimal(amount["value"])
        capture["status"] = "REFUNDED" if given_back == Decimal(capture["amount"]["value"]) else "PARTIALLY_REFUNDED"
        self.refunds[id] = {
            "id": id,
            "status": "COMPLETED",
            "amount": amount,
            "create_time": instant(self.now),
            "update_time": instant(self.now),
            "links": [
                {"href": f"/v2/payments/refunds/{id}", "rel": "self", "method": "GET"},
                {"href": f"/v2/payments/captures/{capture['id']}", "rel": "up", "method": "GET"},
            ],
            **({"note_to_payer": note} if note else {}),
        }
        order = self.orders[capture["supplementary_data"]["related_ids"]["order_id"]]
        self._note(id, "T1107", -Decimal(amount["value"]), amount["currency_code"], order.get("payer", {}), Decimal(0))
        return self.refunds[id]

    def given_back(self, capture: Json) -> Decimal:
        """How much of a capture was refunded."""
        up = f"/v2/payments/captures/{capture['id']}"
        refunds = [one for one in self.refunds.values() if any(link["href"] == up for link in one["links"])]
        return sum((Decimal(one["amount"]["value"]) for one in refunds), Decimal(0))

    def _note(self, id: str, event: str, value: Decimal, currency: str, who: Json, fee: Decimal) -> None:
        moment = self.now.strftime("%Y-%m-%dT%H:%M:%S+0000")
        name = who.get("name", {})
        self.transactions.append(
            {
                "transaction_info": {
                    "transaction_id": id,
                    "transaction_event_code": event,
                    "transaction_initiation_date": moment,
                    "transaction_updated_date": moment,
                    "transaction_amount": money(value, currency),
                    "fee_amount": money(fee, currency),
                    "transaction_status": "S",
                },
                "payer_info": {
                    "account_id": who.get("payer_id", ""),
                    "email_address": who.get("email_address", ""),
                    "payer_name": {"alternate_full_name": f"{name.get('given_name')} {name.get('surname')}"},
                },
            }
        )


def payer(person: Person) -> Json:
    return {
        "payer_id": code("payer", person.email, length=13),
        "email_address": person.email,
        "name": {"given_name": person.first_name, "surname": person.last_name},
    }


def tell(people: tuple[Person, ...]) -> Account:
    """The account with its past, told anew."""
    account = Account()
    for name in PLANS:
        id = f"P-{code('plan', name, length=24)}"
        account.plans[id] = {
            "id": id,
            "product_id": f"PROD-{code('product', name, length=17)}",
            "name": name,
            "status": "ACTIVE",
            "description": f"The {name} plan",
            "create_time": instant(EPOCH - timedelta(days=400)),
        }
    stories: tuple[tuple[int, Callable[[Account, Person], None]], ...] = (
        (3, _buys),
        (4, _is_billed),
        (5, _subscribes),
        (13, _disputes),
    )
    for person in people:
        for every, happens in stories:
            if person.index % every == 0:
                account.now = EPOCH - timedelta(hours=2 * (len(people) - person.index) + 1)
                happens(account, person)
    account.now = EPOCH
    return account


def _buys(account: Account, person: Person) -> None:
    currency = CURRENCIES[person.index // 3 % len(CURRENCIES)]
    for n in range(1 + person.index % 2):
        amount = money(Decimal(1250 + person.index * 37 + n * 500) / 100, currency)
        unit = {"amount": amount, "description": f"Crate {n + 1}", "custom_id": f"person-{person.index}"}
        order = account.order({"intent": "CAPTURE", "purchase_units": [unit]})
        account.approve(order, person)
        account.capture(order)
        account.now += timedelta(minutes=20)
    if person.index % 4 == 0:
        (taken,) = order["purchase_units"][0]["payments"]["captures"]
        account.refund(taken, taken["amount"], "Sorry.")


def _is_billed(account: Account, person: Person) -> None:
    id = f"INV2-{code('invoice', person.index, length=16)}"
    status = INVOICE_STATUSES[person.index // 4 % len(INVOICE_STATUSES)]
    total = Decimal(4000 + person.index * 11) / 100
    due = {"PAID": Decimal(0), "PARTIALLY_PAID": total / 2}.get(status, total)
    name = {"given_name": person.first_name, "surname": person.last_name}
    account.invoices[id] = {
        "id": id,
        "status": status,
        "detail": {
            "invoice_number": f"{person.index:04}",
            "currency_code": "USD",
            "note": "Thank you.",
            "invoice_date": account.now.date().isoformat(),
            "payment_term": {"due_date": (account.now.date() + timedelta(days=30)).isoformat()},
            "metadata": {"recipient_view_url": f"https://www.paypal.com/invoice/p/#{id[5:]}"},
        },
        "primary_recipients": [{"billing_info": {"name": name, "email_address": person.email}}],
        "amount": money(total, "USD"),
        "due_amount": money(due, "USD"),
        "links": [{"href": f"/v2/invoicing/invoices/{id}", "rel": "self", "method": "GET"}],
    }


def _subscribes(account: Account, person: Person) -> None:
    id = f"I-{code('subscription', person.index, length=12)}"
    ended = person.index % 3 == 0
    last = {"amount": money(Decimal("19.00"), "USD"), "time": instant(account.now - timedelta(days=3))}
    billing: Json = {"outstanding_balance": money(Decimal(0), "USD"), "last_payment": last}
    if not ended:
        billing["next_billing_time"] = instant(account.now + timedelta(days=27))
    account.subscriptions[id] = {
        "id": id,
        "plan_id": list(account.plans)[person.index % len(PLANS)],
        "status": "CANCELLED" if ended else "ACTIVE",
        "start_time": instant(account.now - timedelta(days=93)),
        "quantity": "1",
        "custom_id": f"person-{person.index}",
        "subscriber": payer(person),
        "billing_info": billing,
        "create_time": instant(account.now - timedelta(days=93)),
    }


def _disputes(account: Account, person: Person) -> None:
    capture = list(account.captures.values())[-1]
    id = f"PP-D-{10_000 + person.index}"
    resolved = person.index % 2 == 0
    account.disputes[id] = {
        "dispute_id": id,
        "reason": "MERCHANDISE_OR_SERVICE_NOT_RECEIVED",
        "status": "RESOLVED" if resolved else "WAITING_FOR_SELLER_RESPONSE",
        "dispute_state": "RESOLVED" if resolved else "REQUIRED_ACTION",
        "dispute_amount": capture["amount"],
        "dispute_life_cycle_stage": "CHARGEBACK",
        "seller_response_due_date": instant(account.now + timedelta(days=10)),
        "disputed_transactions": [{"seller_transaction_id": capture["id"], "buyer": {"email": person.email}}],
        "create_time": instant(account.now),
        "update_time": instant(account.now),
    }
