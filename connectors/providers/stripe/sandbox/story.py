"""What has happened at the Stripe sandbox's merchant before anyone calls: the same in every run."""

import random
from collections.abc import Sequence
from typing import Any

from connectors.providers.stripe.sandbox import objects
from connectors.providers.stripe.sandbox.aftermath import afterwards
from connectors.providers.stripe.sandbox.amounts import local
from connectors.providers.stripe.sandbox.cards import DECLINED
from connectors.providers.stripe.sandbox.ledger import ID_CHARACTERS, Happening, Json, Ledger
from connectors.sandbox.people import EPOCH, Person

NOW = int(EPOCH.timestamp())
HOUR_S = 3600
MONTH_S = 30 * 24 * HOUR_S
CURRENCY_OF = {"DE": "eur", "PT": "eur", "FR": "eur", "JP": "jpy", "US": "usd"}
CARDS = (("visa", "4242"), ("mastercard", "4444"), ("amex", "8431"))
PLANS = (("Basic", 900), ("Team", 4900), ("Orchard", 19900))
FRUIT = ("Apples", "Pears", "Plums", "Cherries", "Quinces", "Berries")
DELETED = 3
OUTCOMES = {"paid": 70, "declined": 8, "second try": 8, "held": 4, "canceled": 5, "refunded": 5}
"""What becomes of payments, in percent."""


def tell(people: tuple[Person, ...]) -> Ledger:
    """A ledger in which every person is a customer since they joined.

    Some customers lack a name or a phone number, two are nobody in particular and have no address, three were deleted
    and are only named by what they paid, and some payments have no customer at all.
    """
    story = _Story(random.Random(90417))  # noqa: S311
    ledger = Ledger(NOW)
    happenings = story.told(people)
    happenings += afterwards(happenings, NOW, ledger.paid_out)
    for happening in sorted(happenings, key=lambda happening: happening.row.get("created", 0)):
        getattr(ledger, happening.table).add(happening.row)
    return ledger


class _Story:
    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._happenings: list[Happening] = []
        self._cards: dict[str, tuple[str, str]] = {}
        self._prices = {
            (nickname, currency): objects.price(self._id("price"), nickname, currency, local(cents, currency), "month")
            for nickname, cents in PLANS
            for currency in ("usd", "eur", "jpy", "bhd")
        }

    def told(self, people: tuple[Person, ...]) -> list[Happening]:
        first = min((int(person.joined_at.timestamp()) for person in people), default=NOW)
        for nickname, _ in PLANS:
            self._note("products", objects.product(f"prod_{nickname}", nickname))
        for price in self._prices.values():
            self._note("prices", price)
        for _ in range(DELETED):
            gone = objects.deleted_customer(self._id("cus"))
            self._note("customers", gone)
            self._payment({**objects.customer(gone["id"], first), "currency": "usd"}, first, "US")
        for name in ("Market stall", None):
            self._note("customers", objects.customer(self._id("cus"), first, name=name, description="Pays in cash"))
        for person in people:
            self._customer(person)
        for _ in range(len(people) // 20):
            self._payment(None, self._moment(first), "US")
        return self._happenings

    def _customer(self, person: Person) -> None:
        chance, created = self._chance, int(person.joined_at.timestamp())
        currency = CURRENCY_OF.get(person.country) or chance.choice(("usd", "bhd"))
        pays = chance.choice((0, 1, 1, 2, 2, 3, 4, 6))
        subscribes = chance.random() < 0.35
        owner = objects.customer(
            self._id("cus"),
            created,
            name=None if person.index % 23 == 7 else person.name,
            email=person.email,
            phone=None if person.index % 11 == 3 else person.phone,
            description=f"{person.title}, {person.company.name}" if chance.random() < 0.5 else None,
            currency=currency if pays or subscribes else None,
            balance=-local(500, currency) if pays and chance.random() < 0.1 else 0,
            address={**objects.NO_ADDRESS, "city": person.city, "country": person.country},
            preferred_locales=["en"] if chance.random() < 0.3 else [],
            metadata={"login": person.login, "company": person.company.domain},
        )
        self._note("customers", owner)
        for _ in range(pays):
            self._payment(owner, self._moment(created), person.country)
        if subscribes:
            self._subscription(owner, currency)
        if chance.random() < 0.2:
            self._sent_invoice(owner, currency)

    def _payment(self, owner: Json | None, created: int, country: str) -> None:
        chance = self._chance
        currency = (owner and owner["currency"]) or "usd"
        (kind,) = chance.choices(list(OUTCOMES), list(OUTCOMES.values()))
        intent = objects.payment_intent(
            self._id("pi"),
            created,
            local(chance.randrange(100, 90000), currency),
            currency,
            customer=owner["id"] if owner else None,
            description=f"{chance.choice(FRUIT)}, order {chance.randrange(1000, 9999)}",
            receipt_email=owner["email"] if owner else None,
            payment_method=None if kind == "canceled" else self._id("pm"),
            capture_method="manual" if kind == "held" else "automatic_async",
            metadata={"order": str(chance.randrange(10**6))},
        )
        self._note("payment_intents", intent)
        if kind == "canceled":
            intent.update(status="canceled", canceled_at=created + HOUR_S, cancellation_reason="abandoned")
            return
        if kind in ("declined", "second try"):
            error = chance.choice(list(DECLINED.values()))
            intent["last_payment_error"] = {"type": "card_error", **error}
            self._charge(intent, owner, country, created, error)
        if kind == "declined":
            return
        paid = self._charge(intent, owner, country, created + 60, None)
        held = kind == "held"
        intent.update(
            status="requires_capture" if held else "succeeded",
            amount_received=0 if held else intent["amount"],
            amount_capturable=intent["amount"] if held else 0,
            last_payment_error=None,
        )
        if kind == "refunded":
            back = intent["amount"] if chance.random() < 0.5 else local(50, currency)
            paid.update(amount_refunded=back, refunded=back == intent["amount"])
            self._note("refunds", objects.refund(f"re_{paid['id'][3:]}", created + HOUR_S // 2, paid, back))

    def _charge(self, intent: Json, owner: Json | None, country: str, created: int, error: Json | None) -> Json:
        method = intent["payment_method"]
        is_new = method not in self._cards
        brand, last4 = self._cards.setdefault(method, self._chance.choice(CARDS))
        card = objects.card(brand, last4, country)
        row = objects.charge(self._id("ch"), created, intent, card, error)
        if owner:
            row["billing_details"] = {
                "address": owner["address"] or objects.NO_ADDRESS,
                **{key: owner[key] for key in ("email", "name", "phone")},
            }
        if is_new:
            kept_by = owner["id"] if owner and owner["email"] else None
            billing = row["billing_details"]
            self._note(
                "payment_methods",
                objects.payment_method(method, intent["created"], card, billing, customer=kept_by),
            )
        if owner and not error:
            owner["invoice_settings"]["default_payment_method"] = method
        intent["latest_charge"] = row["id"]
        self._note("charges", row)
        return row

    def _subscription(self, owner: Json, currency: str) -> None:
        chance, id = self._chance, self._id("sub")
        created = self._moment(owner["created"])
        plan, quantity = self._prices[chance.choice(PLANS)[0], currency], chance.choice((1, 1, 1, 3, 10))
        periods = range(created, NOW, MONTH_S)
        status = chance.choices(("active", "past_due", "canceled", "trialing"), (70, 10, 10, 10))[0]
        facts: dict[str, Any] = {"status": status, "cancel_at_period_end": chance.random() < 0.1}
        if status == "trialing":
            facts |= {"trial_start": created, "trial_end": created + MONTH_S}
            periods = range(created, created + 1)
        if status == "canceled":
            ended = self._moment(created)
            facts |= {"canceled_at": ended, "ended_at": ended, "cancel_at_period_end": False}
        facts["default_payment_method"] = owner["invoice_settings"]["default_payment_method"]
        period = (periods[-1], periods[-1] + MONTH_S)
        row = objects.subscription(id, created, owner, plan, quantity, period, **facts)
        self._note("subscriptions", row)
        for number, start in enumerate(periods):
            amount = 0 if status == "trialing" else plan["unit_amount"] * quantity
            late = status == "past_due" and start == periods[-1]
            text = f"{quantity} x {plan['nickname']}"
            bill = self._invoice(
                owner,
                start,
                "open" if late else "paid",
                [(amount, text, quantity, (start, start + MONTH_S), plan["id"])],
                currency,
                billing_reason="subscription_cycle" if number else "subscription_create",
                parent={
                    "quote_details": None,
                    "subscription_details": {"metadata": {}, "subscription": id},
                    "type": "subscription_details",
                },
            )
            if late:
                owner["delinquent"] = True
            row["latest_invoice"] = bill["id"]

    def _sent_invoice(self, owner: Json, currency: str) -> None:
        chance, created = self._chance, self._moment(owner["created"])
        lines = [
            (local(chance.randrange(100, 9000), currency) * 2, chance.choice(FRUIT), 2, (created, created), None)
            for _ in range(chance.randrange(1, 4))
        ]
        status = chance.choice(("draft", "open", "open", "paid", "uncollectible", "void"))
        due = created + MONTH_S
        self._invoice(owner, created, status, lines, currency, collection_method="send_invoice", due_date=due)

    def _invoice(
        self,
        owner: Json,
        created: int,
        status: str,
        lines: Sequence[tuple[int, str, int, tuple[int, int], str | None]],
        currency: str,
        **facts: Any,
    ) -> Json:
        made = [
            objects.invoice_line(self._id("il"), amount, currency, text, quantity, period, price)
            for amount, text, quantity, period, price in lines
        ]
        row = objects.invoice(self._id("in"), created, owner, made, status, **facts)
        if status != "draft":
            row["number"] = f"{owner['invoice_prefix']}-{owner['next_invoice_sequence']:04}"
            owner["next_invoice_sequence"] += 1
        self._note("invoices", row)
        return row

    def _moment(self, since: int) -> int:
        return self._chance.randrange(since, NOW - HOUR_S)

    def _id(self, prefix: str) -> str:
        return f"{prefix}_{''.join(self._chance.choices(ID_CHARACTERS, k=14))}"

    def _note(self, table: str, row: Json) -> None:
        self._happenings.append(Happening(table, row))
