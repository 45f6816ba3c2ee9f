"""What follows from the payments at the Stripe sandbox's merchant: disputes, and where the money goes."""

import random
from collections.abc import Iterable

from connectors.providers.stripe.sandbox import funds, objects
from connectors.providers.stripe.sandbox.funds import DAY_S
from connectors.providers.stripe.sandbox.ledger import ID_CHARACTERS, Happening, Json

WEEK_S = 7 * DAY_S
ANSWERING_S = 14 * DAY_S
"""How long a merchant may take to answer a dispute."""

DISPUTED = 0.06
"""The share of charges whose payer goes to the bank."""

REASONS = ("fraudulent", "fraudulent", "product_not_received", "duplicate", "subscription_canceled")
ENDS = ("needs_response", "needs_response", "under_review", "won", "lost", "inquiry")


def afterwards(happenings: Iterable[Happening], now: int, paid_out: dict[str, str]) -> list[Happening]:
    """Disputes, balance transactions and weekly payouts; `paid_out` is told which transactions a payout pays."""
    chance = random.Random(51077)  # noqa: S311
    made: list[Happening] = []
    moved: list[Json] = []
    for happening in happenings:
        row = happening.row
        if happening.table == "charges" and row["captured"]:
            moved.append(funds.taken(row, row["created"], now=now))
            if row["amount_refunded"] == 0 and chance.random() < DISPUTED:
                dispute = _dispute(row, chance, now)
                made.append(Happening("disputes", dispute))
                moved += dispute["balance_transactions"]
        elif happening.table == "refunds":
            moved.append(funds.given_back(row, row["created"]))
    made += [Happening("payouts", payout) for payout in _payouts(moved, chance, now, paid_out)]
    return made + [Happening("balance_transactions", row) for row in moved]


def _dispute(charge: Json, chance: random.Random, now: int) -> Json:
    """It begins within the week after the charge, or a minute ago, and has ended if there was time for that."""
    created = min(charge["created"] + chance.randrange(DAY_S, WEEK_S), now - 60)
    end = chance.choice(ENDS)
    over = created + WEEK_S < now
    row = objects.dispute(
        _id("du", chance),
        created,
        charge,
        chance.choice(REASONS),
        due_by=created + ANSWERING_S,
        inquiry=end == "inquiry",
    )
    charge["disputed"] = True
    if end == "inquiry":
        return row
    funds.withdrawn(row, created)
    if end == "lost" or (end == "needs_response" and created + ANSWERING_S < now):
        row["status"] = "lost"
    elif end != "needs_response":
        row["evidence"]["uncategorized_text"] = "The goods were handed over at the market; the receipt is signed."
        row["evidence_details"].update(has_evidence=True, submission_count=1, submission_method="manual")
        row["status"] = "won" if end == "won" and over else "under_review"
    if row["status"] == "won":
        funds.reinstated(row, created + WEEK_S)
    return row


def _payouts(moved: list[Json], chance: random.Random, now: int, paid_out: dict[str, str]) -> Iterable[Json]:
    """Once a week what is available of each currency goes to the bank, and is there two days later; not this week."""
    first = min((row["created"] for row in moved), default=now)
    for day in range(first + WEEK_S, now - WEEK_S, WEEK_S):
        for currency in sorted({row["currency"] for row in moved}):
            due = [
                row
                for row in moved
                if row["currency"] == currency
                and row["id"] not in paid_out
                and row["created"] <= day
                and row["available_on"] <= day
            ]
            amount = sum(row["net"] for row in due)
            if amount <= 0:
                continue
            arrival = day + 2 * DAY_S
            row = objects.payout(
                _id("po", chance),
                day,
                amount,
                currency,
                arrival_date=arrival,
                automatic=True,
                description="STRIPE PAYOUT",
                reconciliation_status="completed",
                status="paid" if arrival <= now else "in_transit",
            )
            due.append(funds.sent(row))
            moved.append(due[-1])
            paid_out.update({each["id"]: row["id"] for each in due})
            yield row


def _id(prefix: str, chance: random.Random) -> str:
    return f"{prefix}_{''.join(chance.choices(ID_CHARACTERS, k=14))}"
