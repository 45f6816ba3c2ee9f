"""The sandbox against Stripe's own library, which is what says whether it is a Stripe."""

from itertools import pairwise
from typing import Any

import httpx2
import pytest
import stripe

from connectors.providers.stripe.client import API_VERSION
from connectors.providers.stripe.sandbox import KEY, StripeSandbox
from connectors.sandbox.faults import Fault
from tests.connectors.providers.stripe.sandbox.account import PEOPLE, Account, library


def told(error: stripe.StripeError) -> object:
    """The code in an error's body; the library gives it for some kinds of errors only."""
    body = error.json_body
    assert isinstance(body, dict)
    return body["error"]["code"]


def test_the_version_is_the_one_the_library_pins() -> None:
    assert stripe.api_version == API_VERSION


def test_all_customers_come_once_newest_first(account: Account) -> None:
    customers = list(account.v1.customers.list({"limit": 37}).auto_paging_iter())

    assert len({customer.id for customer in customers}) == len(customers) == len(PEOPLE) + 2
    assert all(newer.created >= older.created for newer, older in pairwise(customers))
    assert {person.email for person in PEOPLE} <= {customer.email for customer in customers}
    assert account.sandbox.seen("customers.list") == 9


def test_reading_backward_meets_the_same_customers(account: Account) -> None:
    forward = [customer.id for customer in account.v1.customers.list({"limit": 100}).auto_paging_iter()]
    start: stripe.params.CustomerListParams = {"limit": 30, "ending_before": forward[-1]}
    backward = [customer.id for customer in account.v1.customers.list(start).auto_paging_iter()]

    assert backward == forward[-2::-1]


def test_a_page_in_front_of_an_id_is_in_the_lists_own_order(account: Account) -> None:
    newest = [charge.id for charge in account.v1.charges.list({"limit": 10}).data]
    page = account.v1.charges.list({"limit": 3, "ending_before": newest[5]})

    assert [charge.id for charge in page.data] == newest[2:5]
    assert page.has_more
    assert not account.v1.charges.list({"limit": 3, "ending_before": newest[3]}).has_more


def test_ten_come_unless_said_otherwise(account: Account) -> None:
    page = account.v1.payment_intents.list()

    assert len(page.data) == 10
    assert page.has_more


@pytest.mark.parametrize("limit", [0, 101, -1])
def test_a_limit_out_of_range_is_refused(account: Account, limit: int) -> None:
    with pytest.raises(stripe.InvalidRequestError) as caught:
        account.v1.customers.list({"limit": limit})

    assert caught.value.http_status == 400
    assert caught.value.param == "limit"


def test_an_unknown_cursor_is_refused(account: Account) -> None:
    with pytest.raises(stripe.InvalidRequestError) as caught:
        account.v1.customers.list({"starting_after": "cus_gone"})

    assert (caught.value.http_status, caught.value.code, caught.value.param) == (
        400,
        "resource_missing",
        "starting_after",
    )


def test_unknown_parameters_are_refused(account: Account) -> None:
    with pytest.raises(stripe.InvalidRequestError) as caught:
        account.v1.customers.list({"colour": "red"})  # type: ignore[arg-type]

    assert caught.value.code == "parameter_unknown"


def test_customers_are_found_by_their_exact_address(account: Account) -> None:
    email = PEOPLE[7].email

    assert [customer.email for customer in account.v1.customers.list({"email": email}).data] == [email]
    assert account.v1.customers.list({"email": email.upper()}).data == []


def test_a_customers_charges_are_all_of_theirs_and_no_others(account: Account) -> None:
    charges = list(account.v1.charges.list({"limit": 100}).auto_paging_iter())
    owner = next(charge.customer for charge in charges if charge.customer)
    assert isinstance(owner, str)
    own = list(account.v1.charges.list({"customer": owner, "limit": 1}).auto_paging_iter())

    assert [charge.id for charge in own] == [charge.id for charge in charges if charge.customer == owner]


def test_lists_are_narrowed_by_time(account: Account) -> None:
    charges = list(account.v1.charges.list({"limit": 100}).auto_paging_iter())
    since, until = charges[20].created, charges[10].created
    found = list(account.v1.charges.list({"created": {"gte": since, "lt": until}, "limit": 4}).auto_paging_iter())

    assert [c.id for c in found] == [c.id for c in charges if since <= c.created < until]


def test_canceled_subscriptions_show_only_when_asked_for(account: Account) -> None:
    every = list(account.v1.subscriptions.list({"status": "all", "limit": 100}).auto_paging_iter())
    usual = list(account.v1.subscriptions.list({"limit": 100}).auto_paging_iter())

    assert [s.id for s in usual] == [s.id for s in every if s.status != "canceled"]
    assert len(usual) < len(every)


def test_an_invoice_names_its_subscription_and_is_found_by_it(account: Account) -> None:
    subscription = next(account.v1.subscriptions.list({"limit": 1}).auto_paging_iter())
    invoices = account.v1.invoices.list({"subscription": subscription.id, "limit": 100}).data

    assert invoices[0].id == subscription.latest_invoice
    for invoice in invoices:
        assert invoice.parent
        assert invoice.parent.subscription_details
        assert invoice.parent.subscription_details.subscription == subscription.id
        assert invoice.total == sum(line.amount for line in invoice.lines.data)


def test_objects_come_along_when_expanded(account: Account) -> None:
    page = account.v1.payment_intents.list({"limit": 20, "expand": ["data.customer", "data.latest_charge.customer"]})
    charged = [intent for intent in page.data if intent.latest_charge and intent.customer]

    assert len(charged) > 5
    for intent in charged:
        assert isinstance(intent.customer, stripe.Customer)
        assert isinstance(intent.latest_charge, stripe.Charge)
        assert isinstance(intent.latest_charge.customer, stripe.Customer)
        assert intent.latest_charge.customer.id == intent.customer.id


@pytest.mark.parametrize("path", ["description", "nonsense", "data.description"])
def test_what_is_no_reference_cannot_be_expanded(account: Account, path: str) -> None:
    intent = account.v1.payment_intents.list({"limit": 1}).data[0]

    with pytest.raises(stripe.InvalidRequestError):
        account.v1.payment_intents.retrieve(intent.id, {"expand": [path]})


def test_a_deleted_customer_is_known_by_id_only(account: Account) -> None:
    gone = next(row["id"] for row in account.sandbox.ledger.customers.rows if "deleted" in row)
    charge = account.sandbox.ledger.charges.rows[account.sandbox.ledger.charges.of_customer[gone][0]]["id"]
    expanded = account.v1.charges.retrieve(charge, {"expand": ["customer"]}).customer

    assert account.v1.customers.retrieve(gone).deleted
    assert isinstance(expanded, stripe.Customer)
    assert expanded.deleted
    assert gone not in {customer.id for customer in account.v1.customers.list({"limit": 100}).auto_paging_iter()}


def test_a_missing_object_is_an_invalid_request(account: Account) -> None:
    with pytest.raises(stripe.InvalidRequestError) as caught:
        account.v1.customers.retrieve("cus_nobody")

    assert (caught.value.http_status, caught.value.code) == (404, "resource_missing")
    assert caught.value.request_id


def test_a_wrong_key_is_refused(account: Account) -> None:
    with pytest.raises(stripe.AuthenticationError) as caught:
        library(account.url, "sk_test_wrong").customers.list()

    assert caught.value.http_status == 401
    assert "wrong" not in str(caught.value)


@pytest.mark.parametrize(("auth", "status"), [((KEY, ""), 200), (("sk_test_wrong", ""), 401), (None, 401)])
def test_the_key_may_come_as_the_user_of_basic_auth(
    account: Account, auth: tuple[str, str] | None, status: int
) -> None:
    assert httpx2.get(f"{account.url}/v1/balance", auth=auth).status_code == status


def test_an_expired_key_is_refused(account: Account) -> None:
    account.sandbox.faults.add(Fault(operation="balance.get", expired=True))

    with pytest.raises(stripe.AuthenticationError) as caught:
        account.v1.balance.retrieve()

    assert told(caught.value) == "api_key_expired"


def test_too_many_calls_are_told_so(account: Account) -> None:
    account.sandbox.faults.add(Fault(operation="balance.get", throttled_s=3))

    with pytest.raises(stripe.RateLimitError) as caught:
        account.v1.balance.retrieve()

    assert (caught.value.http_status, told(caught.value)) == (429, "rate_limit")
    assert account.v1.balance.retrieve().available


def test_a_busy_object_is_worth_another_try(account: Account) -> None:
    account.sandbox.faults.add(Fault(operation="balance.get", status=429))
    patient = stripe.StripeClient(KEY, base_addresses={"api": account.url}, max_network_retries=1)

    assert patient.v1.balance.retrieve().object == "balance"
    assert account.sandbox.seen("balance.get") == 2


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, stripe.InvalidRequestError),
        (402, stripe.CardError),
        (403, stripe.PermissionError),
        (404, stripe.InvalidRequestError),
        (409, stripe.APIError),
        (500, stripe.APIError),
    ],
)
def test_every_failure_is_one_that_the_library_knows(
    account: Account, status: int, error: type[stripe.StripeError]
) -> None:
    account.sandbox.faults.add(Fault(operation="balance.get", status=status))

    with pytest.raises(error) as caught:
        account.v1.balance.retrieve()

    assert caught.value.http_status == status


PAYMENT: stripe.params.PaymentIntentCreateParams = {
    "amount": 1999,
    "currency": "eur",
    "confirm": True,
    "payment_method": "pm_card_visa",
    "allowed_payment_method_types": ["card"],
    "metadata": {"order": "7", "0": "digits"},
}


def test_a_payment_is_taken(account: Account) -> None:
    intent = account.v1.payment_intents.create({**PAYMENT, "expand": ["latest_charge"]})

    assert (intent.status, intent.amount_received, intent.currency) == ("succeeded", 1999, "eur")
    assert intent.metadata.to_dict() == {"order": "7", "0": "digits"}
    assert isinstance(intent.latest_charge, stripe.Charge)
    assert intent.latest_charge.paid
    assert account.v1.payment_intents.list({"limit": 1}).data[0].id == intent.id


def test_expansion_ends_at_four_levels(account: Account) -> None:
    four = "latest_charge.payment_intent.latest_charge.payment_intent"
    intent = account.v1.payment_intents.create({**PAYMENT, "expand": [four]})

    assert isinstance(intent.latest_charge, stripe.Charge)
    with pytest.raises(stripe.InvalidRequestError):
        account.v1.payment_intents.retrieve(intent.id, {"expand": [f"{four}.latest_charge"]})


def test_the_same_key_gives_the_same_payment(account: Account) -> None:
    before = len(account.sandbox.ledger.charges.rows)
    first = account.v1.payment_intents.create(PAYMENT, {"idempotency_key": "once"})
    second = account.v1.payment_intents.create(PAYMENT, {"idempotency_key": "once"})

    assert first.id == second.id
    assert second.last_response
    assert second.last_response.headers["Idempotent-Replayed"] == "true"
    assert len(account.sandbox.ledger.charges.rows) == before + 1


def test_the_same_key_with_other_parameters_is_an_error(account: Account) -> None:
    account.v1.payment_intents.create(PAYMENT, {"idempotency_key": "once"})

    with pytest.raises(stripe.IdempotencyError) as caught:
        account.v1.payment_intents.create({**PAYMENT, "amount": 5}, {"idempotency_key": "once"})

    assert caught.value.http_status == 400


def test_a_key_is_not_used_up_by_parameters_that_were_wrong(account: Account) -> None:
    with pytest.raises(stripe.InvalidRequestError):
        account.v1.payment_intents.create({**PAYMENT, "currency": "xxx"}, {"idempotency_key": "once"})

    assert account.v1.payment_intents.create(PAYMENT, {"idempotency_key": "once"}).status == "succeeded"


@pytest.mark.parametrize(
    ("method", "code", "decline_code"),
    [
        ("pm_card_chargeDeclined", "card_declined", "generic_decline"),
        ("pm_card_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card", None),
    ],
)
def test_a_card_is_declined(account: Account, method: str, code: str, decline_code: str | None) -> None:
    with pytest.raises(stripe.CardError) as caught:
        account.v1.payment_intents.create({**PAYMENT, "payment_method": method})

    assert caught.value.http_status == 402
    assert caught.value.error
    assert (caught.value.code, getattr(caught.value.error, "decline_code", None)) == (code, decline_code)
    intent = account.v1.payment_intents.list({"limit": 1}).data[0]
    assert intent.status == "requires_payment_method"
    assert intent.last_payment_error
    assert intent.last_payment_error.code == code
    assert account.v1.charges.list({"payment_intent": intent.id}).data[0].failure_code == code


def test_a_decline_is_replayed_too(account: Account) -> None:
    charges = len(account.sandbox.ledger.charges.rows)
    for _ in range(2):
        with pytest.raises(stripe.CardError):
            account.v1.payment_intents.create(
                {**PAYMENT, "payment_method": "pm_card_chargeDeclined"}, {"idempotency_key": "no"}
            )

    assert len(account.sandbox.ledger.charges.rows) == charges + 1


def test_a_payment_can_be_planned_then_declined_then_paid_and_not_canceled_any_more(account: Account) -> None:
    v1 = account.v1
    intent = v1.payment_intents.create({"amount": 100, "currency": "jpy"})
    with pytest.raises(stripe.CardError):
        v1.payment_intents.confirm(intent.id, {"payment_method": "pm_card_chargeDeclined"})
    paid = v1.payment_intents.confirm(intent.id, {"payment_method": "pm_card_visa"})

    assert intent.status == "requires_payment_method"
    assert paid.status == "succeeded"
    with pytest.raises(stripe.InvalidRequestError) as caught:
        v1.payment_intents.cancel(intent.id)
    assert caught.value.code == "payment_intent_unexpected_state"


def test_a_planned_payment_can_be_canceled(account: Account) -> None:
    intent = account.v1.payment_intents.create({"amount": 100, "currency": "usd"})
    canceled = account.v1.payment_intents.cancel(intent.id, {"cancellation_reason": "duplicate"})

    assert (canceled.status, canceled.cancellation_reason) == ("canceled", "duplicate")


@pytest.mark.parametrize(("wanted", "taken"), [({}, 2500), ({"amount_to_capture": 900}, 900)])
def test_what_is_held_can_be_captured_once(account: Account, wanted: Any, taken: int) -> None:
    v1 = account.v1
    method: Any = {"capture_method": "manual", "amount": 2500}
    held = v1.payment_intents.create({**PAYMENT, **method})
    charge = v1.charges.retrieve(str(held.latest_charge))
    captured = v1.payment_intents.capture(held.id, wanted)
    after = v1.charges.retrieve(charge.id)

    assert (held.status, held.amount_capturable, held.amount_received) == ("requires_capture", 2500, 0)
    assert (charge.captured, charge.amount_captured) == (False, 0)
    assert (captured.status, captured.amount_capturable, captured.amount_received) == ("succeeded", 0, taken)
    assert (after.captured, after.amount_captured, after.amount_refunded) == (True, taken, 2500 - taken)
    with pytest.raises(stripe.InvalidRequestError) as caught:
        v1.payment_intents.capture(held.id)
    assert caught.value.code == "payment_intent_unexpected_state"


def test_no_more_can_be_captured_than_is_held_and_what_is_held_can_be_given_up(account: Account) -> None:
    method: Any = {"capture_method": "manual"}
    held = account.v1.payment_intents.create({**PAYMENT, **method})
    with pytest.raises(stripe.InvalidRequestError) as caught:
        account.v1.payment_intents.capture(held.id, {"amount_to_capture": held.amount + 1})
    canceled = account.v1.payment_intents.cancel(held.id)

    assert caught.value.code == "amount_too_large"
    assert (canceled.status, canceled.amount_capturable) == ("canceled", 0)


def test_a_charge_is_refunded_until_nothing_is_left(account: Account) -> None:
    v1 = account.v1
    intent = v1.payment_intents.create(PAYMENT)
    charge = str(intent.latest_charge)
    part = v1.refunds.create({"charge": charge, "amount": 900, "reason": "duplicate"}, {"idempotency_key": "back"})
    again = v1.refunds.create({"charge": charge, "amount": 900, "reason": "duplicate"}, {"idempotency_key": "back"})
    with pytest.raises(stripe.InvalidRequestError) as too_much:
        v1.refunds.create({"charge": charge, "amount": 1100})
    rest = v1.refunds.create({"payment_intent": intent.id, "expand": ["charge"]})
    with pytest.raises(stripe.InvalidRequestError) as nothing_left:
        v1.refunds.create({"charge": charge})

    assert (part.id, part.status, part.amount) == (again.id, "succeeded", 900)
    assert too_much.value.param == "amount"
    assert rest.amount == 1099
    assert isinstance(rest.charge, stripe.Charge)
    assert (rest.charge.amount_refunded, rest.charge.refunded) == (1999, True)
    assert nothing_left.value.code == "charge_already_refunded"
    assert [refund.id for refund in v1.refunds.list({"charge": charge}).data] == [rest.id, part.id]
    assert v1.refunds.retrieve(part.id).reason == "duplicate"


def test_what_was_not_taken_cannot_be_given_back(account: Account) -> None:
    method: Any = {"capture_method": "manual"}
    held = account.v1.payment_intents.create({**PAYMENT, **method})
    with pytest.raises(stripe.InvalidRequestError) as caught:
        account.v1.refunds.create({"payment_intent": held.id})

    assert caught.value.code == "charge_not_refundable"


def test_refunds_add_up_to_what_their_charges_say(account: Account) -> None:
    back: dict[str, int] = {}
    for refund in account.v1.refunds.list({"limit": 100}).auto_paging_iter():
        back[str(refund.charge)] = back.get(str(refund.charge), 0) + refund.amount
    charges = account.v1.charges.list({"limit": 100}).auto_paging_iter()

    assert back
    assert back == {charge.id: charge.amount_refunded for charge in charges if charge.amount_refunded}


def test_a_product_has_prices(account: Account) -> None:
    v1 = account.v1
    products = v1.products.list({"active": True}).data
    prices = v1.prices.list({"product": products[0].id, "expand": ["data.product"]}).data

    assert len({price.currency for price in prices}) == len(prices) == 4
    assert all(isinstance(price.product, stripe.Product) and price.product.id == products[0].id for price in prices)
    assert v1.prices.list({"product": products[0].id, "currency": "jpy"}).data[0].unit_amount_decimal is not None
    assert v1.prices.retrieve(prices[0].id).product == v1.products.retrieve(products[0].id).id
    assert v1.prices.list({"active": False}).data == v1.products.list({"active": False}).data == []


def test_a_card_may_want_its_holder(account: Account) -> None:
    intent = account.v1.payment_intents.create({**PAYMENT, "payment_method": "pm_card_authenticationRequired"})

    assert intent.status == "requires_action"
    assert intent.next_action


@pytest.mark.parametrize(
    ("wrong", "param"),
    [
        ({"amount": 0}, "amount"),
        ({"currency": "abc"}, "currency"),
        ({"customer": "cus_nobody"}, "customer"),
        ({"payment_method": "pm_nothing"}, "payment_method"),
        ({"expand": ["nothing"]}, "expand"),
    ],
)
def test_a_payment_that_makes_no_sense_is_refused_and_leaves_nothing(
    account: Account, wrong: dict[str, object], param: str
) -> None:
    before = len(account.sandbox.ledger.payment_intents.rows)
    with pytest.raises(stripe.InvalidRequestError) as caught:
        account.v1.payment_intents.create({**PAYMENT, **wrong})  # type: ignore[typeddict-item]

    assert caught.value.param == param
    assert len(account.sandbox.ledger.payment_intents.rows) == before


def test_the_story_is_the_same_every_time() -> None:
    first, second = StripeSandbox(PEOPLE).ledger, StripeSandbox(PEOPLE).ledger

    for table in first.by_prefix:
        assert first.by_prefix[table].rows == second.by_prefix[table].rows
    currencies = {row["currency"] for row in first.charges.rows}
    assert currencies == {"usd", "eur", "jpy", "bhd"}
    assert all(row["amount"] % 10 == 0 for row in first.charges.rows if row["currency"] == "bhd")
