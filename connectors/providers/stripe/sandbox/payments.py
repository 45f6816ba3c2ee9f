"""What can be changed at the Stripe sandbox: payments are planned, held, taken, given up and given back."""

from typing import Any

from connectors.providers.stripe.sandbox import funds, objects
from connectors.providers.stripe.sandbox.amounts import CURRENCIES, MAX_AMOUNT
from connectors.providers.stripe.sandbox.cards import ACTION_REQUIRED, AVAILABLE_AT_ONCE, refusal_of
from connectors.providers.stripe.sandbox.disputes import Disputes
from connectors.providers.stripe.sandbox.ledger import Json, Ledger
from connectors.providers.stripe.sandbox.methods import PaymentMethods
from connectors.providers.stripe.sandbox.parameters import Refused, flag, integer, known, metadata, required, text
from connectors.providers.stripe.sandbox.reads import expanded, known_row, missing

CREATE_PARAMETERS = frozenset(
    "amount currency customer payment_method allowed_payment_method_types automatic_payment_methods confirm "
    "capture_method return_url description receipt_email metadata expand".split()
)


class Payments:
    """Payments and refunds of one account. What is made is a second newer than what was there."""

    def __init__(self, ledger: Ledger, methods: PaymentMethods, disputes: Disputes) -> None:
        self._ledger = ledger
        self._methods = methods
        self._disputes = disputes

    def create(self, id: str, parameters: Json) -> Json:
        known(parameters, CREATE_PARAMETERS)
        required(parameters, "amount", "currency")
        capture_method = text(parameters, "capture_method") or "automatic_async"
        if capture_method not in ("automatic", "automatic_async", "manual"):
            raise Refused(400, "Invalid capture_method.", param="capture_method")
        currency = str(parameters["currency"]).lower()
        if currency not in CURRENCIES:
            raise Refused(400, f"Invalid currency: {currency[:20]}.", param="currency")
        customer = text(parameters, "customer")
        if customer and "deleted" in known_row(self._ledger.customers, customer, "customer", 400):
            raise missing(self._ledger.customers, customer, "customer", 400)
        amount = integer(parameters, "amount", 1, MAX_AMOUNT)
        assert amount is not None
        method = self._methods.chosen(parameters, customer)
        confirm = flag(parameters, "confirm")
        types = parameters.get("allowed_payment_method_types")
        automatic = _automatic(parameters) if types is None else None
        redirects = automatic is not None and automatic["allow_redirects"] == "always"
        if confirm and redirects and "return_url" not in parameters:
            raise Refused(400, "Some payment methods redirect: give a `return_url`, or `allow_redirects=never`.")
        if confirm and method is None:
            raise _unexpected("It has no payment method.")
        expanded(self._ledger, objects.payment_intent("", 0, amount, currency), parameters)  # refused before it counts
        intent = self._ledger.payment_intents.add(
            objects.payment_intent(
                self._ledger.new_id("pi"),
                self._ledger.later(),
                amount,
                currency,
                automatic_payment_methods=automatic,
                capture_method=capture_method,
                customer=customer,
                description=text(parameters, "description"),
                metadata=metadata(parameters),
                payment_method=method,
                allowed_payment_method_types=types,
                payment_method_types=types or ["card", "link"],
                receipt_email=text(parameters, "receipt_email"),
                status="requires_confirmation" if method else "requires_payment_method",
            )
        )
        if confirm:
            self._pay(intent)
        return expanded(self._ledger, intent, parameters)

    def confirm(self, id: str, parameters: Json) -> Json:
        known(parameters, {"payment_method", "return_url", "receipt_email", "expand"})
        intent = known_row(self._ledger.payment_intents, id, "intent", 404)
        if intent["status"] not in ("requires_payment_method", "requires_confirmation", "requires_action"):
            raise _unexpected(f"It is {intent['status']}.", payment_intent=intent)
        method = self._methods.chosen(parameters, intent["customer"]) or intent["payment_method"]
        if method is None:
            raise _unexpected("It has no payment method.", payment_intent=intent)
        intent["payment_method"] = method
        self._pay(intent)
        return expanded(self._ledger, intent, parameters)

    def cancel(self, id: str, parameters: Json) -> Json:
        known(parameters, {"cancellation_reason", "expand"})
        intent = known_row(self._ledger.payment_intents, id, "intent", 404)
        reason = text(parameters, "cancellation_reason")
        if reason not in (None, "duplicate", "fraudulent", "requested_by_customer", "abandoned"):
            raise Refused(400, "Invalid cancellation_reason.", param="cancellation_reason")
        if intent["status"] in ("succeeded", "canceled"):
            raise _unexpected(f"It is {intent['status']}.", payment_intent=intent)
        intent.update(
            status="canceled",
            canceled_at=self._ledger.now,
            cancellation_reason=reason,
            amount_capturable=0,
            next_action=None,
        )
        return expanded(self._ledger, intent, parameters)

    def capture(self, id: str, parameters: Json) -> Json:
        known(parameters, {"amount_to_capture", "expand"})
        intent = known_row(self._ledger.payment_intents, id, "intent", 404)
        if intent["status"] != "requires_capture":
            raise _unexpected(f"It is {intent['status']}, not requires_capture.", payment_intent=intent)
        amount = integer(parameters, "amount_to_capture", 1, MAX_AMOUNT) or intent["amount_capturable"]
        if amount > intent["amount_capturable"]:
            held = f"Only {intent['amount_capturable']} can be captured."
            raise Refused(400, held, code="amount_too_large", param="amount_to_capture", payment_intent=intent)
        intent.update(status="succeeded", amount_received=amount, amount_capturable=0)
        row = known_row(self._ledger.charges, intent["latest_charge"], "charge", 404)
        row.update(captured=True, amount_captured=amount, amount_refunded=intent["amount"] - amount)
        self._take(row)
        return expanded(self._ledger, intent, parameters)

    def refund(self, id: str, parameters: Json) -> Json:
        known(parameters, {"charge", "payment_intent", "amount", "reason", "metadata", "expand"})
        row = self._charge_to_refund(parameters)
        reason = text(parameters, "reason")
        if reason not in (None, "duplicate", "fraudulent", "requested_by_customer"):
            raise Refused(400, "Invalid reason.", param="reason")
        if row["disputed"] and not self._disputes.refundable(row["id"]):
            raise Refused(400, "The payer's bank has the money of this charge.", code="charge_disputed", param="charge")
        left = row["amount"] - row["amount_refunded"]
        if left == 0:
            raise Refused(400, f"Charge {row['id']} has already been refunded.", code="charge_already_refunded")
        amount = integer(parameters, "amount", 1, MAX_AMOUNT) or left
        if amount > left:
            raise Refused(400, f"Refund amount ({amount}) is greater than what is left ({left}).", param="amount")
        facts = {"reason": reason, "metadata": metadata(parameters)}
        expanded(self._ledger, objects.refund("", 0, row, amount), parameters)  # refused before it counts
        refund = objects.refund(self._ledger.new_id("re"), self._ledger.later(), row, amount, **facts)
        self._ledger.balance_transactions.add(funds.given_back(refund, self._ledger.now))
        made = self._ledger.refunds.add(refund)
        row.update(amount_refunded=row["amount_refunded"] + amount, refunded=amount == left)
        return expanded(self._ledger, made, parameters)

    def _charge_to_refund(self, parameters: Json) -> Json:
        charge, intent = text(parameters, "charge"), text(parameters, "payment_intent")
        if (charge is None) == (intent is None):
            raise Refused(400, "Give one of `charge` and `payment_intent`.", code="parameter_missing", param="charge")
        if intent is not None:
            charge = known_row(self._ledger.payment_intents, intent, "payment_intent", 404)["latest_charge"]
            if charge is None:
                raise Refused(400, "This payment has no charge that succeeded.", code="charge_not_refundable")
        assert charge is not None
        row = known_row(self._ledger.charges, charge, "charge", 404)
        if not row["captured"]:
            raise Refused(400, "Nothing was taken by this charge.", code="charge_not_refundable", param="charge")
        return row

    def _pay(self, intent: Json) -> None:
        ledger, method = self._ledger, intent["payment_method"]
        name = ledger.behaviour.get(method)
        if name in ACTION_REQUIRED:
            action = {"type": "use_stripe_sdk", "use_stripe_sdk": {"type": "three_d_secure_redirect"}}
            intent.update(status="requires_action", next_action=action)
            return
        error = refusal_of(name)
        row = ledger.charges.add(
            objects.charge(ledger.new_id("ch"), ledger.now, intent, self._methods.card(method), error)
        )
        intent.update(latest_charge=row["id"], next_action=None)
        if error:
            facts: Json = {"charge": row["id"], **{key: error[key] for key in ("code", "decline_code") if key in error}}
            intent.update(
                status="requires_payment_method",
                payment_method=None,
                last_payment_error={"type": "card_error", "message": error["message"], **facts},
            )
            raise Refused(402, error["message"], type="card_error", payment_intent=intent, **facts)
        held = intent["capture_method"] == "manual"
        intent.update(
            status="requires_capture" if held else "succeeded",
            amount_received=0 if held else intent["amount"],
            amount_capturable=intent["amount"] if held else 0,
            last_payment_error=None,
        )
        self._methods.has_paid(method)
        if not held:
            self._take(row)

    def _take(self, charge: Json) -> None:
        """Book what was captured; some holders go to their bank at once."""
        ledger, name = self._ledger, self._ledger.behaviour.get(charge["payment_method"])
        settling_s = 0 if name == AVAILABLE_AT_ONCE else funds.SETTLING_S
        ledger.balance_transactions.add(funds.taken(charge, ledger.now, now=ledger.now, settling_s=settling_s))
        self._disputes.opened(charge, name)


def _unexpected(message: str, **facts: Any) -> Refused:
    return Refused(400, message, code="payment_intent_unexpected_state", **facts)


def _automatic(parameters: Json) -> Json:
    given = parameters.get("automatic_payment_methods") or {}
    if not isinstance(given, dict):
        raise Refused(400, "Invalid object.", param="automatic_payment_methods")
    return {"allow_redirects": given.get("allow_redirects", "always"), "enabled": True}
