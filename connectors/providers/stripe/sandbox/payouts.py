"""Money on its way from the Stripe sandbox to its merchant's bank."""

from connectors.providers.stripe.sandbox import funds, objects
from connectors.providers.stripe.sandbox.amounts import CURRENCIES, MAX_AMOUNT
from connectors.providers.stripe.sandbox.ledger import Json, Ledger
from connectors.providers.stripe.sandbox.parameters import Refused, integer, known, metadata, required, text
from connectors.providers.stripe.sandbox.reads import expanded, known_row

BANKS = ("usd", "eur", "jpy", "bhd")
"""The currencies in which the merchant has a bank account."""

CREATE_PARAMETERS = frozenset(
    "amount currency description destination expand metadata method source_type statement_descriptor".split()
)


class Payouts:
    """The payouts of one account. Those asked for stay `pending`, so that they can be canceled."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def create(self, id: str, parameters: Json) -> Json:
        known(parameters, CREATE_PARAMETERS)
        required(parameters, "amount", "currency")
        amount = integer(parameters, "amount", 1, MAX_AMOUNT)
        assert amount is not None
        currency = str(parameters["currency"]).lower()
        if currency not in CURRENCIES:
            raise Refused(400, f"Invalid currency: {currency[:20]}.", param="currency")
        if currency not in BANKS:
            raise Refused(400, f"There is no bank account for {currency}.", param="currency")
        bank = f"ba_orchard_{currency}"
        destination = text(parameters, "destination") or bank
        if destination != bank:
            none = f"No such external account: '{destination[:80]}'"
            raise Refused(400, none, code="resource_missing", param="destination")
        method = text(parameters, "method") or "standard"
        if method == "instant":
            unsupported = "The bank account takes no instant payouts."
            raise Refused(400, unsupported, code="instant_payouts_unsupported", param="method")
        if method != "standard":
            raise Refused(400, "Invalid method.", param="method")
        if amount > funds.sums(self._ledger.balance_transactions, "available").get(currency, 0):
            raise Refused(400, "There are not enough available funds in this currency.", code="balance_insufficient")
        facts = {name: text(parameters, name) for name in ("description", "statement_descriptor")}
        made = objects.payout("", 0, amount, currency, arrival_date=0)
        expanded(self._ledger, made, parameters)  # refused before it counts
        now = self._ledger.later()
        made.update(
            id=self._ledger.new_id("po"),
            created=now,
            arrival_date=now - now % funds.DAY_S + 2 * funds.DAY_S,
            metadata=metadata(parameters),
            **facts,
        )
        self._ledger.balance_transactions.add(funds.sent(made))
        return expanded(self._ledger, self._ledger.payouts.add(made), parameters)

    def cancel(self, id: str, parameters: Json) -> Json:
        known(parameters, {"expand"})
        row = known_row(self._ledger.payouts, id, "payout", 404)
        if row["automatic"] or row["status"] != "pending":
            kind = "automatic" if row["automatic"] else row["status"]
            raise Refused(400, f"This payout is {kind}: it cannot be canceled.")
        self._ledger.balance_transactions.add(funds.returned(row, self._ledger.later()))
        row["status"] = "canceled"
        return expanded(self._ledger, row, parameters)
