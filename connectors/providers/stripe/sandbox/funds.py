"""The merchant's funds at the Stripe sandbox: what each charge, refund, dispute and payout does to them.

Every function makes the balance transaction and notes it in what caused it.
Source: https://docs.stripe.com/reports/balance-transaction-types
"""

from connectors.providers.stripe.sandbox import objects
from connectors.providers.stripe.sandbox.amounts import dispute_fee, processing_fee
from connectors.providers.stripe.sandbox.ledger import Json, Table

DAY_S = 24 * 3600
SETTLING_S = 2 * DAY_S
"""How long after a charge its money can be paid out."""


def taken(charge: Json, created: int, *, now: int, settling_s: int = SETTLING_S) -> Json:
    """The money of a charge, less Stripe's fee."""
    amount, currency, available_on = charge["amount_captured"], charge["currency"], created + settling_s
    moved = objects.balance_transaction(
        f"txn_{charge['id'][3:]}",
        created,
        amount,
        currency,
        charge,
        type="charge",
        category="charge",
        fee=processing_fee(amount, currency),
        available_on=available_on,
        status="available" if available_on <= now else "pending",
    )
    charge["balance_transaction"] = moved["id"]
    return moved


def given_back(refund: Json, created: int) -> Json:
    """The money of a refund; Stripe keeps the fee of its charge."""
    refund["balance_transaction"] = f"txn_r{refund['id'][3:]}"
    return _moved(refund["balance_transaction"], created, -refund["amount"], refund, "refund", "refund")


def withdrawn(dispute: Json, created: int) -> Json:
    """The money of a charge that its payer's bank took back, and Stripe's fee for it."""
    fee = dispute_fee(dispute["currency"])
    moved = _moved(f"txn_d{dispute['id'][3:]}", created, -dispute["amount"], dispute, "adjustment", "dispute", fee)
    dispute["balance_transactions"].append(moved)
    return moved


def reinstated(dispute: Json, created: int) -> Json:
    """The money of a dispute that was won."""
    moved = _moved(f"txn_w{dispute['id'][3:]}", created, dispute["amount"], dispute, "adjustment", "dispute_reversal")
    dispute["balance_transactions"].append(moved)
    return moved


def sent(payout: Json) -> Json:
    """The money of a payout."""
    payout["balance_transaction"] = f"txn_p{payout['id'][3:]}"
    return _moved(payout["balance_transaction"], payout["created"], -payout["amount"], payout, "payout", "payout")


def returned(payout: Json, created: int) -> Json:
    """The money of a payout that was canceled."""
    payout["failure_balance_transaction"] = f"txn_c{payout['id'][3:]}"
    id = payout["failure_balance_transaction"]
    return _moved(id, created, payout["amount"], payout, "payout_cancel", "payout_reversal")


def sums(transactions: Table, status: str) -> dict[str, int]:
    """What is `available` or `pending`, by currency; a currency in which there was ever anything is there."""
    found: dict[str, int] = {row["currency"]: 0 for row in transactions.rows}
    for row in transactions.rows:
        if row["status"] == status:
            found[row["currency"]] += row["net"]
    return found


def _moved(id: str, created: int, amount: int, source: Json, type: str, category: str, fee: int = 0) -> Json:
    facts = {"fee": fee, "net": amount - fee}
    currency = source["currency"]
    return objects.balance_transaction(id, created, amount, currency, source, type=type, category=category, **facts)
