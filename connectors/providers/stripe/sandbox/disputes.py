"""Payers who went to their bank: how the Stripe sandbox's merchant answers them."""

from connectors.providers.stripe.sandbox import funds, objects
from connectors.providers.stripe.sandbox.aftermath import ANSWERING_S
from connectors.providers.stripe.sandbox.cards import DISPUTED, INQUIRY, LOSING, WINNING
from connectors.providers.stripe.sandbox.ledger import Json, Ledger
from connectors.providers.stripe.sandbox.parameters import Refused, flag, known, metadata, unknown
from connectors.providers.stripe.sandbox.reads import expanded, known_row

NEXT = {"needs_response": "under_review", "warning_needs_response": "warning_under_review"}
"""Where an open dispute stands when it is answered."""

MAX_EVIDENCE_CHARACTERS = 150_000


class Disputes:
    """The disputes of one account. Evidence that says `winning_evidence` or `losing_evidence` decides at once."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def update(self, id: str, parameters: Json) -> Json:
        known(parameters, {"evidence", "metadata", "submit", "expand"})
        answers = "evidence" in parameters or "submit" in parameters
        row = self._open(id, answers)
        evidence = _evidence(parameters.get("evidence") or {})
        written = {**row["evidence"], **evidence}.values()
        if sum(len(value) for value in written if isinstance(value, str)) > MAX_EVIDENCE_CHARACTERS:
            raise Refused(400, "This is too much evidence.", param="evidence")
        submitted = answers and ("submit" not in parameters or flag(parameters, "submit"))
        row["metadata"].update(metadata(parameters))
        row["evidence"].update(evidence)
        details = row["evidence_details"]
        details["has_evidence"] = details["has_evidence"] or bool(evidence)
        if submitted:
            details.update(submission_count=details["submission_count"] + 1, submission_method="manual")
            row["status"] = NEXT[row["status"]]
            self._decide(row)
        return expanded(self._ledger, row, parameters)

    def close(self, id: str, parameters: Json) -> Json:
        known(parameters, {"expand"})
        row = self._open(id, True)
        row["status"] = "warning_closed" if row["status"].startswith("warning_") else "lost"
        return expanded(self._ledger, row, parameters)

    def opened(self, charge: Json, card: str | None) -> None:
        """What the holder of a test card does about a charge at once, if anything."""
        if card not in DISPUTED:
            return
        ledger, inquiry = self._ledger, card == INQUIRY
        due_by = ledger.now + ANSWERING_S
        row = objects.dispute(ledger.new_id("du"), ledger.now, charge, DISPUTED[card], due_by=due_by, inquiry=inquiry)
        charge["disputed"] = True
        if not inquiry:
            ledger.balance_transactions.add(funds.withdrawn(row, ledger.now))
        ledger.disputes.add(row)

    def refundable(self, charge: str) -> bool:
        """Whether no bank has taken back the money of a charge, or has it taken back no more."""
        return all(row["is_charge_refundable"] for row in self._ledger.disputes.rows if row["charge"] == charge)

    def _open(self, id: str, needed: bool) -> Json:
        row = known_row(self._ledger.disputes, id, "dispute", 404)
        if needed and row["status"] not in NEXT:
            raise Refused(400, f"This dispute is {row['status']}: it takes no answer any more.")
        return row

    def _decide(self, row: Json) -> None:
        said = row["evidence"]["uncategorized_text"]
        if said not in (WINNING, LOSING):
            return
        if row["status"].startswith("warning_"):
            row["status"] = "warning_closed"
        elif said == WINNING:
            row["status"] = "won"
            self._ledger.balance_transactions.add(funds.reinstated(row, self._ledger.later()))
        else:
            row["status"] = "lost"


def _evidence(given: object) -> dict[str, str | None]:
    if not isinstance(given, dict):
        raise Refused(400, "Invalid object.", param="evidence")
    for name, value in given.items():
        if name not in objects.EVIDENCE:
            raise unknown(f"evidence[{name}]")
        if not isinstance(value, str):
            raise Refused(400, "Invalid string.", param=f"evidence[{name}]")
        if name in objects.EVIDENCE_FILES and value and not value.startswith("file_"):
            raise Refused(
                400, f"No such file upload: '{value[:80]}'", code="resource_missing", param=f"evidence[{name}]"
            )
    return {name: value or None for name, value in given.items()}
