"""What the Stripe sandbox keeps: objects of each kind in the order they were made, found by id in no time."""

import random
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from string import ascii_letters, digits
from typing import Any

Json = dict[str, Any]

ID_CHARACTERS = ascii_letters + digits


@dataclass
class Table:
    """Objects of one kind, oldest first; `place` is where an id stands, `of_customer` where a customer's objects do."""

    resource: str
    noun: str
    rows: list[Json] = field(default_factory=list)
    place: dict[str, int] = field(default_factory=dict)
    of_customer: defaultdict[str, list[int]] = field(default_factory=lambda: defaultdict(list))

    def add(self, row: Json) -> Json:
        """Rows come in the order they were made."""
        self.place[row["id"]] = len(self.rows)
        if row.get("customer"):
            self.of_customer[row["customer"]].append(len(self.rows))
        self.rows.append(row)
        return row

    def get(self, id: str) -> Json | None:
        """The object, or what is left of a deleted one."""
        place = self.place.get(id)
        return None if place is None else self.rows[place]

    def page(
        self,
        limit: int,
        *,
        after: str | None,
        before: str | None,
        customer: str | None,
        keep: Callable[[Json], bool],
    ) -> tuple[list[Json], bool]:
        """Newest first: at most `limit` rows, and whether there are more in the direction of reading.

        `after` and `before` are ids of rows that need not be in the filtered list themselves.
        """
        places: Sequence[int] = range(len(self.rows)) if customer is None else self.of_customer.get(customer, [])
        found: list[Json] = []
        anchor = after or before
        at = len(places) if anchor is None else bisect_left(places, self.place[anchor])
        if before is not None:
            onward = range(at + (at < len(places) and places[at] == self.place[before]), len(places))
        else:
            onward = range(at - 1, -1, -1)
        for index in onward:
            row = self.rows[places[index]]
            if "deleted" in row or not keep(row):
                continue
            if len(found) == limit:
                return found[::-1] if before is not None else found, True
            found.append(row)
        return found[::-1] if before is not None else found, False


@dataclass(frozen=True)
class Happening:
    """An object and the name of its table; tables want them in the order they were made."""

    table: str
    row: Json


class Ledger:
    """All of one account's objects.

    `now` is the time of what was made last, in Unix seconds. `paid_out` has the payout that a balance transaction
    belongs to, by their ids; `behaviour` the name of the test card that a payment method was made from, where there is
    one; `used_up` the payment methods that can pay no more.
    """

    def __init__(self, now: int) -> None:
        self.now = now
        self._chance = random.Random(4242)  # noqa: S311
        self.customers = Table("customers", "customer")
        self.payment_methods = Table("payment_methods", "PaymentMethod")
        self.payment_intents = Table("payment_intents", "payment_intent")
        self.charges = Table("charges", "charge")
        self.refunds = Table("refunds", "refund")
        self.disputes = Table("disputes", "dispute")
        self.balance_transactions = Table("balance_transactions", "balance transaction")
        self.payouts = Table("payouts", "payout")
        self.products = Table("products", "product")
        self.prices = Table("prices", "price")
        self.subscriptions = Table("subscriptions", "subscription")
        self.invoices = Table("invoices", "invoice")
        self.by_prefix = {
            "cus": self.customers,
            "pm": self.payment_methods,
            "pi": self.payment_intents,
            "ch": self.charges,
            "re": self.refunds,
            "du": self.disputes,
            "txn": self.balance_transactions,
            "po": self.payouts,
            "prod": self.products,
            "price": self.prices,
            "sub": self.subscriptions,
            "in": self.invoices,
        }
        self.paid_out: dict[str, str] = {}
        self.behaviour: dict[str, str] = {}
        self.used_up: set[str] = set()

    def find(self, id: str) -> Json | None:
        """Anything, by its id."""
        table = self.by_prefix.get(id.partition("_")[0])
        return table.get(id) if table else None

    def later(self) -> int:
        """The time of what is made next: a second after what was there."""
        self.now += 1
        return self.now

    def new_id(self, prefix: str) -> str:
        """An id that nothing has yet."""
        return f"{prefix}_{''.join(self._chance.choices(ID_CHARACTERS, k=16))}"
