"""Customers, payments and what is billed, from a document to its answer."""

from datetime import datetime
from typing import Any, cast
from urllib.parse import parse_qs

import pytest

from connectors.errors import CursorExpired, NotFound, PayloadMismatch, UpstreamError, UpstreamRejected
from connectors.sandbox.faults import Fault
from schema.problems import BackwardPaginationUnsupported, BadInput, InvalidCursor
from schema.relay import global_id
from tests.resolvers.providers.stripe.world import GRAPH, StripeWorld
from tests.resolvers.providers.world import PEOPLE

CUSTOMERS = """query($first: Int, $after: String, $last: Int, $before: String) {
  stripe { customers(first: $first, after: $after, last: $last, before: $before) {
    totalCount edges { cursor node { upstreamId } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } }"""


def ids(connection: dict[str, Any]) -> list[str]:
    return [edge["node"]["upstreamId"] for edge in connection["edges"]]


def test_3_last_before_reads_in_front_of_the_cursor_in_the_lists_order(world: StripeWorld) -> None:
    all_of_them = world.data(CUSTOMERS, first=60)["stripe"]["customers"]
    world.sandbox.calls.clear()
    part = world.data(CUSTOMERS, last=10, before=all_of_them["edges"][40]["cursor"])["stripe"]["customers"]

    assert ids(part) == ids(all_of_them)[30:40]
    assert part["pageInfo"]["hasPreviousPage"] is True
    assert part["pageInfo"]["hasNextPage"] is True
    assert "ending_before" in parse_qs(world.sandbox.calls[0].query)


def test_3_the_first_items_have_nothing_in_front(world: StripeWorld) -> None:
    all_of_them = world.data(CUSTOMERS, first=5)["stripe"]["customers"]
    part = world.data(CUSTOMERS, last=10, before=all_of_them["edges"][3]["cursor"])["stripe"]["customers"]

    assert ids(part) == ids(all_of_them)[:3]
    assert part["pageInfo"]["hasPreviousPage"] is False


def test_3_the_end_of_a_list_cannot_be_read_without_a_cursor(world: StripeWorld) -> None:
    assert isinstance(world.error(CUSTOMERS, last=10), BackwardPaginationUnsupported)
    assert world.sandbox.calls == []


def test_a_walk_meets_every_customer_once(world: StripeWorld) -> None:
    met: list[str] = []
    after = None
    while True:
        part = world.data(CUSTOMERS, first=50, after=after)["stripe"]["customers"]
        met += ids(part)
        if not part["pageInfo"]["hasNextPage"]:
            break
        after = part["pageInfo"]["endCursor"]

    assert len(met) == len(set(met)) == len(PEOPLE) + 2
    assert part["totalCount"] is None


def test_4_a_foreign_cursor_is_refused_before_any_call(world: StripeWorld) -> None:
    cursor = world.data(CUSTOMERS, first=1)["stripe"]["customers"]["pageInfo"]["endCursor"]
    world.sandbox.calls.clear()
    query = "query($after: String) { stripe { charges(after: $after) { nodes { id } } } }"

    assert isinstance(world.error(query, after=cursor), InvalidCursor)
    assert world.sandbox.calls == []


def test_4_a_cursor_whose_customer_was_deleted_has_expired(world: StripeWorld) -> None:
    edge = world.data(CUSTOMERS, first=1)["stripe"]["customers"]["edges"][0]
    row = world.sandbox.ledger.customers.get(edge["node"]["upstreamId"])
    assert row
    row["deleted"] = True

    assert isinstance(world.error(CUSTOMERS, first=1, after=edge["cursor"]), CursorExpired)


def test_8_fifty_charges_and_their_customers_are_one_call(world: StripeWorld) -> None:
    query = "{ stripe { charges(first: 50) { nodes { customer { email } paymentIntent { status } } } } }"
    charges = world.data(query)["stripe"]["charges"]["nodes"]

    assert len(charges) == 50
    assert sum(charge["customer"] is not None for charge in charges) > 40
    assert world.operations() == ["charges.list"]


def test_8_customers_behind_two_links_are_fetched_once_each(world: StripeWorld) -> None:
    query = "{ stripe { paymentIntents(first: 50) { nodes { latestCharge { customer { upstreamId } } } } } }"
    intents = world.data(query)["stripe"]["paymentIntents"]["nodes"]

    charges = [intent["latestCharge"] for intent in intents if intent["latestCharge"]]
    distinct = {charge["customer"]["upstreamId"] for charge in charges if charge["customer"]}
    assert len(distinct) < len(charges)
    assert sorted(world.operations()) == ["customers.get"] * len(distinct) + ["payment_intents.list"]


def a_customer(world: StripeWorld) -> str:
    """One who has paid more than once."""
    ledger = world.sandbox.ledger
    paid_twice = (id for id, charges in reversed(ledger.charges.of_customer.items()) if len(charges) > 1)
    return next(paid_twice)


def test_10_what_fails_on_single_customers_nulls_their_fields_only(world: StripeWorld) -> None:
    query = "{ stripe { paymentIntents(first: 20) { nodes { latestCharge { customer { upstreamId } } } } } }"
    world.sandbox.faults.add(Fault(operation="customers.get", times=1, status=404))
    world.sandbox.faults.add(Fault(operation="customers.get", times=1, status=402))
    world.sandbox.faults.add(Fault(operation="customers.get", times=1, malformed=True))
    result = world.ask(query)

    errors = [error.original_error for error in result.errors or []]
    assert {type(error) for error in errors} == {NotFound, UpstreamRejected, PayloadMismatch}
    intents = cast(dict[str, Any], result.data)["stripe"]["paymentIntents"]["nodes"]
    assert all(error.path and error.path[-1] == "customer" for error in result.errors or [])
    assert sum(bool(i["latestCharge"] and i["latestCharge"]["customer"]) for i in intents) > 5


def test_11_one_customer_in_many_places_is_one_call(world: StripeWorld) -> None:
    id = a_customer(world)
    query = """query($id: ID!, $global: ID!) {
      a: stripe { customer(id: $id) { name } } b: stripe { customer(id: $id) { email } }
      c: stripe { customer(id: $global) { phone } } node(id: $global) { upstreamId }
      nodes(ids: [$global, $global]) { id }
    }"""
    data = world.data(query, id=id, **{"global": global_id("StripeCustomer", id)})

    assert data["node"]["upstreamId"] == id
    assert world.operations() == ["customers.get"]


@pytest.mark.parametrize(
    ("selection", "expanded"),
    [
        ("charges { nodes { id } }", []),
        ("charges { nodes { customer { id } } }", ["data.customer"]),
        ("charges { edges { node { customer { id } } } }", ["data.customer"]),
        ("charges { nodes { ...on StripeCharge { paymentIntent { id } } } }", ["data.payment_intent"]),
        ("charges { nodes { id customer @skip(if: true) { id } } }", []),
        ("refunds { nodes { charge { id } paymentIntent { id } } }", ["data.charge", "data.payment_intent"]),
        ("prices { nodes { product { id } } }", ["data.product"]),
        ("products { nodes { id } }", []),
        ("invoices { nodes { subscription { id } } }", ["data.parent.subscription_details.subscription"]),
        ("subscriptions { nodes { customer { id } latestInvoice { id } } }", ["data.customer", "data.latest_invoice"]),
    ],
)
def test_12_only_what_is_selected_is_expanded(world: StripeWorld, selection: str, expanded: list[str]) -> None:
    world.data(f"{{ stripe {{ {selection} }} }}")

    assert parse_qs(world.sandbox.calls[0].query).get("expand[]", []) == expanded


def test_12_a_single_object_brings_along_what_is_selected(world: StripeWorld) -> None:
    id = world.sandbox.ledger.charges.rows[-1]["id"]
    world.data("query($id: ID!) { stripe { charge(id: $id) { customer { email } } } }", id=id)

    assert world.operations() == ["charges.get"]
    assert parse_qs(world.sandbox.calls[0].query) == {"expand[]": ["customer"]}


def test_a_customer_is_what_stripe_keeps_of_them(world: StripeWorld) -> None:
    person = PEOPLE[20]
    query = """query($email: String) { stripe { customers(email: $email) { nodes {
      id name email phone createdAt livemode delinquent taxExempt metadata address { city country line1 } } } } }"""
    (customer,) = world.data(query, email=person.email)["stripe"]["customers"]["nodes"]

    assert (customer["name"], customer["email"], customer["phone"]) == (person.name, person.email, person.phone)
    assert datetime.fromisoformat(customer["createdAt"]) == person.joined_at.replace(microsecond=0)
    assert customer["address"] == {"city": person.city, "country": person.country, "line1": None}
    assert customer["metadata"] == {"login": person.login, "company": person.company.domain}
    assert customer["taxExempt"] == "NONE"


def test_a_customers_lists_are_their_own(world: StripeWorld) -> None:
    id = a_customer(world)
    ledger = world.sandbox.ledger
    query = """query($id: ID!) { stripe { customer(id: $id) { charges { nodes { upstreamId } }
      paymentIntents { nodes { upstreamId customer { upstreamId } } } invoices { nodes { upstreamId } }
      subscriptions(status: ALL) { nodes { upstreamId } } } } }"""
    customer = world.data(query, id=id)["stripe"]["customer"]

    for name, table in (
        ("charges", ledger.charges),
        ("paymentIntents", ledger.payment_intents),
        ("invoices", ledger.invoices),
        ("subscriptions", ledger.subscriptions),
    ):
        own = [row["id"] for row in reversed(table.rows) if row["customer"] == id]
        assert [node["upstreamId"] for node in customer[name]["nodes"]] == own
    assert all(intent["customer"]["upstreamId"] == id for intent in customer["paymentIntents"]["nodes"])


def test_every_kind_of_object_can_be_fetched_by_its_global_id(world: StripeWorld) -> None:
    ledger = world.sandbox.ledger
    wanted = [
        global_id("StripeCustomer", ledger.customers.rows[-1]["id"]),
        global_id("StripeCharge", ledger.charges.rows[-1]["id"]),
        global_id("StripePaymentIntent", ledger.payment_intents.rows[-1]["id"]),
        global_id("StripeRefund", ledger.refunds.rows[-1]["id"]),
        global_id("StripePaymentMethod", ledger.payment_methods.rows[-1]["id"]),
        global_id("StripeDispute", ledger.disputes.rows[-1]["id"]),
        global_id("StripeBalanceTransaction", ledger.balance_transactions.rows[-1]["id"]),
        global_id("StripePayout", ledger.payouts.rows[-1]["id"]),
        global_id("StripeProduct", ledger.products.rows[-1]["id"]),
        global_id("StripePrice", ledger.prices.rows[-1]["id"]),
        global_id("StripeInvoice", ledger.invoices.rows[-1]["id"]),
        global_id("StripeSubscription", ledger.subscriptions.rows[-1]["id"]),
    ]
    found = world.data("query($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }", ids=wanted)["nodes"]

    assert [node["id"] for node in found] == wanted


@pytest.mark.parametrize(
    "field",
    [
        "customer",
        "charge",
        "paymentIntent",
        "paymentMethod",
        "refund",
        "dispute",
        "balanceTransaction",
        "payout",
        "product",
        "price",
        "invoice",
        "subscription",
    ],
)
def test_an_id_that_is_none_gives_null(world: StripeWorld, field: str) -> None:
    assert world.data(f'{{ stripe {{ {field}(id: "nothing_here") {{ id }} }} }}') == {"stripe": {field: None}}


def deleted(world: StripeWorld) -> tuple[str, str]:
    """A deleted customer, and a charge they once paid."""
    ledger = world.sandbox.ledger
    gone = next(row["id"] for row in ledger.customers.rows if "deleted" in row)
    return gone, ledger.charges.rows[ledger.charges.of_customer[gone][0]]["id"]


def test_a_deleted_customer_is_null_where_a_client_asks_and_not_found_where_a_charge_names_them(
    world: StripeWorld,
) -> None:
    gone, charge = deleted(world)
    assert world.data("query($id: ID!) { stripe { customer(id: $id) { id } } }", id=gone)["stripe"] == {
        "customer": None
    }
    result = world.ask("query($id: ID!) { stripe { charge(id: $id) { status customer { id } } } }", id=charge)

    (error,) = result.errors or []
    assert isinstance(error.original_error, NotFound)
    assert error.path == ["stripe", "charge", "customer"]
    assert cast(dict[str, Any], result.data)["stripe"]["charge"]["status"]


@pytest.mark.parametrize(
    ("currency", "minor", "amount"),
    [("usd", 1999, "19.99"), ("jpy", 1999, "1999"), ("bhd", 1990, "1.990"), ("eur", 5, "0.05"), ("krw", 1, "1")],
)
def test_money_is_exact_in_every_currency(world: StripeWorld, currency: str, minor: int, amount: str) -> None:
    query = """mutation($input: StripePaymentIntentInput!) { stripeCreatePaymentIntent(input: $input) {
      ... on StripePaymentIntentCreated { paymentIntent { amount { amount minorUnits currency } } } } }"""
    answer = world.data(query, input={"amount": minor, "currency": currency.upper()})
    money = answer["stripeCreatePaymentIntent"]["paymentIntent"]["amount"]

    assert money == {"amount": amount, "minorUnits": minor, "currency": currency.upper()}


def test_a_word_that_stripe_added_is_unknown_and_not_an_error(world: StripeWorld) -> None:
    charge = world.sandbox.ledger.charges.rows[-1]
    charge["status"] = "reconsidered"

    assert world.data("{ stripe { charges(first: 1) { nodes { status } } } }")["stripe"]["charges"]["nodes"] == [
        {"status": "UNKNOWN"}
    ]


def test_a_missing_or_wrong_value_harms_its_own_field(world: StripeWorld) -> None:
    newest, second = world.sandbox.ledger.charges.rows[:-3:-1]
    del newest["receipt_url"]
    newest["failure_message"] = ["a", "list"]
    second["outcome"] = "fine"
    result = world.ask(
        "{ stripe { charges(first: 3) { nodes { id receiptUrl failureMessage outcome { type } amount { amount } } } } }"
    )

    places = [error.path[-2:] for error in result.errors or [] if error.path]
    assert places == [[0, "failureMessage"], [1, "outcome"]]
    assert all(isinstance(error.original_error, PayloadMismatch) for error in result.errors or [])
    charges = cast(dict[str, Any], result.data)["stripe"]["charges"]["nodes"]
    assert all(charge["amount"]["amount"] for charge in charges)


def test_a_missing_value_that_must_be_there_spares_the_rest_of_the_list(world: StripeWorld) -> None:
    del world.sandbox.ledger.charges.rows[-2]["amount"]
    result = world.ask("{ stripe { charges(first: 3) { nodes { id amount { amount } } } } }")

    (error,) = result.errors or []
    assert isinstance(error.original_error, PayloadMismatch)
    assert error.original_error.path == "charge.amount"
    charges = cast(dict[str, Any], result.data)["stripe"]["charges"]["nodes"]
    assert [charge is None for charge in charges] == [False, True, False]


def test_an_invoice_has_its_lines_and_a_subscription_its_items(world: StripeWorld) -> None:
    query = """{ stripe { subscriptions(first: 5) { nodes { currency currentPeriodStart currentPeriodEnd
      items { quantity currentPeriodEnd price { unitAmount { minorUnits } interval intervalCount productId } }
      invoices(status: PAID) { nodes { number status total { minorUnits } lines { amount { minorUnits } priceId }
        subscription { upstreamId } } } } } } }"""
    subscriptions = world.data(query)["stripe"]["subscriptions"]["nodes"]

    assert len(subscriptions) == 5
    for subscription in subscriptions:
        (item,) = subscription["items"]
        assert item["currentPeriodEnd"] == subscription["currentPeriodEnd"] > subscription["currentPeriodStart"]
        assert item["price"]["interval"] == "MONTH"
        for invoice in subscription["invoices"]["nodes"]:
            assert invoice["status"] == "PAID"
            assert invoice["total"]["minorUnits"] == sum(line["amount"]["minorUnits"] for line in invoice["lines"])


def test_prices_bring_their_products_and_products_have_their_prices(world: StripeWorld) -> None:
    query = """{ stripe { prices(first: 50, currency: "EUR", active: true) { nodes { nickname currency type productId
      product { upstreamId name } } } } }"""
    prices = world.data(query)["stripe"]["prices"]["nodes"]
    operations = world.operations()
    query = """{ stripe { products { nodes { name prices { nodes { nickname } } } }
      prices(active: false) { nodes { id } } } }"""
    data = world.data(query)["stripe"]

    assert {(price["currency"], price["type"]) for price in prices} == {("eur", "RECURRING")}
    assert all(price["product"] == {"upstreamId": price["productId"], "name": price["nickname"]} for price in prices)
    assert operations == ["prices.list"]
    assert len(data["products"]["nodes"]) == len(prices) == 3
    for product in data["products"]["nodes"]:
        assert [price["nickname"] for price in product["prices"]["nodes"]] == [product["name"]] * 4
    assert data["prices"]["nodes"] == []


def test_products_behind_subscriptions_are_read_once_each(world: StripeWorld) -> None:
    query = "{ stripe { subscriptions(first: 30) { nodes { items { price { nickname product { name } } } } } } }"
    subscriptions = world.data(query)["stripe"]["subscriptions"]["nodes"]

    prices = [item["price"] for subscription in subscriptions for item in subscription["items"]]
    assert all(price["product"]["name"] == price["nickname"] for price in prices)
    assert sorted(world.operations()) == ["products.get"] * 3 + ["subscriptions.list"]


def test_a_deleted_product_is_null(world: StripeWorld) -> None:
    row = world.sandbox.ledger.products.rows[0]
    id = row["id"]
    row.clear()
    row.update(id=id, object="product", deleted=True)

    assert world.data("query($id: ID!) { stripe { product(id: $id) { name } } }", id=id)["stripe"] == {"product": None}


PAY = """mutation($input: StripePaymentIntentInput!, $key: String) {
  stripeCreatePaymentIntent(input: $input, idempotencyKey: $key) { __typename
    ... on StripePaymentIntentCreated { clientSecret paymentIntent {
      upstreamId status metadata amountReceived { minorUnits } customer { upstreamId }
      latestCharge { paid card { brand last4 } } } }
    ... on StripeCardDeclined { code declineCode message } } }"""
PAYMENT = {"amount": 1250, "currency": "usd", "confirm": True, "paymentMethod": "pm_card_visa"}


def keys_sent(world: StripeWorld) -> list[str]:
    return list(world.sandbox.kept)


def test_a_payment_is_taken_from_a_customer(world: StripeWorld) -> None:
    id = a_customer(world)
    given = {**PAYMENT, "customer": global_id("StripeCustomer", id), "metadata": {"order": "7"}}
    created = world.data(PAY, input=given)["stripeCreatePaymentIntent"]

    assert created["__typename"] == "StripePaymentIntentCreated"
    assert created["clientSecret"]
    intent = created["paymentIntent"]
    assert (intent["status"], intent["amountReceived"]["minorUnits"]) == ("SUCCEEDED", 1250)
    assert (intent["metadata"], intent["customer"]["upstreamId"]) == ({"order": "7"}, id)
    assert intent["latestCharge"] == {"paid": True, "card": {"brand": "visa", "last4": "4242"}}


def test_a_declined_card_is_a_result_and_no_error(world: StripeWorld) -> None:
    given = {**PAYMENT, "paymentMethod": "pm_card_chargeDeclinedInsufficientFunds"}

    assert world.data(PAY, input=given)["stripeCreatePaymentIntent"] == {
        "__typename": "StripeCardDeclined",
        "code": "card_declined",
        "declineCode": "insufficient_funds",
        "message": "Your card has insufficient funds.",
    }


@pytest.mark.parametrize("key", [None, "order-7"])
def test_23_a_lost_answer_costs_one_charge(world: StripeWorld, key: str | None) -> None:
    charges = len(world.sandbox.ledger.charges.rows)
    world.sandbox.faults.add(Fault(operation="payment_intents.create", drop="answer"))
    created = world.data(PAY, input=PAYMENT, key=key)["stripeCreatePaymentIntent"]

    assert created["paymentIntent"]["status"] == "SUCCEEDED"
    assert world.sandbox.seen("payment_intents.create") == 2
    assert len(world.sandbox.ledger.charges.rows) == charges + 1
    assert len(keys_sent(world)) == 1
    assert key is None or keys_sent(world) == [key]


def test_the_same_key_in_a_new_request_is_the_same_payment_and_no_key_is_a_new_one(world: StripeWorld) -> None:
    def pay(key: str | None) -> str:
        created = world.data(PAY, input=PAYMENT, key=key)["stripeCreatePaymentIntent"]
        return cast(str, created["paymentIntent"]["upstreamId"])

    assert pay("once") == pay("once")
    assert pay(None) != pay(None)


def test_24_two_payments_run_in_order_and_the_first_stands_when_the_second_fails(world: StripeWorld) -> None:
    query = """mutation($a: StripePaymentIntentInput!, $b: StripePaymentIntentInput!) {
      a: stripeCreatePaymentIntent(input: $a) { ... on StripePaymentIntentCreated { paymentIntent { status } } }
      b: stripeCreatePaymentIntent(input: $b) { ... on StripePaymentIntentCreated { paymentIntent { status } } } }"""
    result = world.ask(query, a=PAYMENT, b={**PAYMENT, "customer": "cus_nobody"})

    assert result.data == {"a": {"paymentIntent": {"status": "SUCCEEDED"}}, "b": None}
    (error,) = result.errors or []
    assert isinstance(error.original_error, UpstreamRejected)
    assert error.path == ["b"]


@pytest.mark.parametrize("key", ["", "x" * 256, "line\nbreak", "ключ"])
def test_a_key_that_no_header_can_carry_is_refused_before_any_call(world: StripeWorld, key: str) -> None:
    assert isinstance(world.error(PAY, input=PAYMENT, key=key), BadInput)
    assert world.sandbox.calls == []


@pytest.mark.parametrize("metadata", ["text", ["a"], {"a": 1}, {"a": {"b": "c"}}])
def test_metadata_is_an_object_of_strings(world: StripeWorld, metadata: object) -> None:
    assert isinstance(world.error(PAY, input={**PAYMENT, "metadata": metadata}), BadInput)
    assert world.sandbox.calls == []


def test_a_planned_payment_is_confirmed_or_canceled(world: StripeWorld) -> None:
    def planned() -> str:
        created = world.data(PAY, input={"amount": 900, "currency": "eur"})["stripeCreatePaymentIntent"]
        return cast(str, created["paymentIntent"]["upstreamId"])

    confirm = """mutation($id: ID!, $method: String) { stripeConfirmPaymentIntent(id: $id, paymentMethod: $method) {
      ... on StripePaymentIntentConfirmed { paymentIntent { status } } ... on StripeCardDeclined { code } } }"""
    cancel = """mutation($id: ID!) { stripeCancelPaymentIntent(id: $id, reason: ABANDONED) {
      ... on StripePaymentIntentCanceled { paymentIntent { status cancellationReason } }
      ... on StripePaymentIntentUnexpectedState { unchanged: paymentIntent { upstreamId status } message } } }"""
    first, second = planned(), planned()

    assert world.data(confirm, id=first, method="pm_card_chargeDeclined") == {
        "stripeConfirmPaymentIntent": {"code": "card_declined"}
    }
    assert world.data(cancel, id=second) == {
        "stripeCancelPaymentIntent": {"paymentIntent": {"status": "CANCELED", "cancellationReason": "ABANDONED"}}
    }
    assert world.data(cancel, id=second) == {
        "stripeCancelPaymentIntent": {
            "unchanged": {"upstreamId": second, "status": "CANCELED"},
            "message": "It is canceled.",
        }
    }
    assert isinstance(world.error(cancel, id="pi_nothing"), NotFound)


CAPTURE = """mutation($id: ID!, $amount: Long, $key: String) {
  stripeCapturePaymentIntent(id: $id, amount: $amount, idempotencyKey: $key) {
    ... on StripePaymentIntentCaptured { paymentIntent {
      status amountReceived { minorUnits } amountCapturable { minorUnits }
      latestCharge { captured amountCaptured { minorUnits } amountRefunded { minorUnits } } } }
    ... on StripePaymentIntentUnexpectedState { unchanged: paymentIntent { status } } } }"""


@pytest.mark.parametrize(("amount", "taken"), [(None, 1250), (400, 400)])
def test_what_is_held_is_captured_once(world: StripeWorld, amount: int | None, taken: int) -> None:
    held = world.data(PAY, input={**PAYMENT, "captureMethod": "MANUAL"})["stripeCreatePaymentIntent"]["paymentIntent"]
    world.sandbox.faults.add(Fault(operation="payment_intents.capture", drop="answer"))

    first = world.data(CAPTURE, id=held["upstreamId"], amount=amount)["stripeCapturePaymentIntent"]
    second = world.data(CAPTURE, id=held["upstreamId"])["stripeCapturePaymentIntent"]

    assert held["status"] == "REQUIRES_CAPTURE"
    assert first == {
        "paymentIntent": {
            "status": "SUCCEEDED",
            "amountReceived": {"minorUnits": taken},
            "amountCapturable": {"minorUnits": 0},
            "latestCharge": {
                "captured": True,
                "amountCaptured": {"minorUnits": taken},
                "amountRefunded": {"minorUnits": 1250 - taken},
            },
        }
    }
    assert second == {"unchanged": {"status": "SUCCEEDED"}}


def test_more_than_is_held_cannot_be_captured(world: StripeWorld) -> None:
    held = world.data(PAY, input={**PAYMENT, "captureMethod": "MANUAL"})["stripeCreatePaymentIntent"]["paymentIntent"]

    error = world.error(CAPTURE, id=held["upstreamId"], amount=1251)

    assert isinstance(error, UpstreamRejected)
    assert (error.status, error.reason) == (400, "amount_too_large")


REFUND = """mutation($input: StripeRefundInput!, $key: String) {
  stripeCreateRefund(input: $input, idempotencyKey: $key) { __typename
    ... on StripeRefundCreated { refund { status reason metadata amount { minorUnits }
      charge { refunded amountRefunded { minorUnits } } paymentIntent { upstreamId } } }
    ... on StripeRefundRejected { reason } } }"""


def paid(world: StripeWorld) -> dict[str, Any]:
    """A payment of 1250 that was taken."""
    query = """mutation($input: StripePaymentIntentInput!) { stripeCreatePaymentIntent(input: $input) {
      ... on StripePaymentIntentCreated { paymentIntent { id upstreamId latestCharge { id upstreamId } } } } }"""
    intent = world.data(query, input=PAYMENT)["stripeCreatePaymentIntent"]["paymentIntent"]
    return cast(dict[str, Any], intent)


def test_a_charge_is_given_back_in_parts_until_nothing_is_left(world: StripeWorld) -> None:
    intent = paid(world)
    charge = intent["latestCharge"]["id"]
    wish = {"charge": charge, "amount": 400, "reason": "REQUESTED_BY_CUSTOMER", "metadata": {"ticket": "7"}}

    first = world.data(REFUND, input=wish)["stripeCreateRefund"]
    too_much = world.data(REFUND, input={"charge": charge, "amount": 851})["stripeCreateRefund"]
    rest = world.data(REFUND, input={"paymentIntent": intent["id"]})["stripeCreateRefund"]
    nothing_left = world.data(REFUND, input={"charge": charge})["stripeCreateRefund"]

    assert first["refund"] == {
        "status": "SUCCEEDED",
        "reason": "REQUESTED_BY_CUSTOMER",
        "metadata": {"ticket": "7"},
        "amount": {"minorUnits": 400},
        "charge": {"refunded": False, "amountRefunded": {"minorUnits": 400}},
        "paymentIntent": {"upstreamId": intent["upstreamId"]},
    }
    assert too_much == {"__typename": "StripeRefundRejected", "reason": "AMOUNT_TOO_LARGE"}
    assert rest["refund"]["amount"] == {"minorUnits": 850}
    assert rest["refund"]["charge"] == {"refunded": True, "amountRefunded": {"minorUnits": 1250}}
    assert nothing_left == {"__typename": "StripeRefundRejected", "reason": "CHARGE_ALREADY_REFUNDED"}


def test_a_lost_answer_gives_back_once(world: StripeWorld) -> None:
    charge = paid(world)["latestCharge"]["upstreamId"]
    refunds = len(world.sandbox.ledger.refunds.rows)
    world.sandbox.faults.add(Fault(operation="refunds.create", drop="answer"))

    made = world.data(REFUND, input={"charge": charge, "amount": 400})["stripeCreateRefund"]

    assert made["refund"]["charge"]["amountRefunded"] == {"minorUnits": 400}
    assert world.sandbox.seen("refunds.create") == 2
    assert len(world.sandbox.ledger.refunds.rows) == refunds + 1


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        ('{"type": "invalid_request_error", "code": "amount_too_large", "param": "amount"}', "AMOUNT_TOO_LARGE"),
        ('{"type": "invalid_request_error", "code": "charge_disputed"}', "CHARGE_DISPUTED"),
    ],
)
def test_a_refund_is_rejected_with_stripes_reason(world: StripeWorld, error: str, reason: str) -> None:
    world.sandbox.faults.add(Fault(operation="refunds.create", status=400, body=f'{{"error": {error}}}'))

    assert world.data(REFUND, input={"charge": "ch_1"})["stripeCreateRefund"]["reason"] == reason


@pytest.mark.parametrize("amount", [0, -1])
def test_an_amount_that_is_none_is_an_error(world: StripeWorld, amount: int) -> None:
    error = world.error(REFUND, input={"charge": paid(world)["latestCharge"]["id"], "amount": amount})

    assert isinstance(error, UpstreamRejected)
    assert error.reason == "parameter_invalid_integer"


@pytest.mark.parametrize("wish", [{}, {"charge": "ch_1", "paymentIntent": "pi_1"}])
def test_a_refund_is_of_one_thing(world: StripeWorld, wish: dict[str, str]) -> None:
    assert isinstance(world.error(REFUND, input=wish), BadInput)
    assert world.sandbox.calls == []


def test_a_charge_and_its_payment_have_the_refunds_of_the_charge(world: StripeWorld) -> None:
    row = world.sandbox.ledger.refunds.rows[-1]
    query = """query($id: ID!) { stripe { charge(id: $id) { refunds { nodes { upstreamId } }
      paymentIntent { refunds { nodes { upstreamId } } } } } }"""
    charge = world.data(query, id=row["charge"])["stripe"]["charge"]

    assert charge["refunds"] == charge["paymentIntent"]["refunds"] == {"nodes": [{"upstreamId": row["id"]}]}


@pytest.mark.parametrize("body", ["[]", "null", '"x"', "5", '{"data": 5}', '{"data": {}, "has_more": false}', "{}", ""])
def test_what_is_no_object_or_no_list_is_a_mismatch(world: StripeWorld, body: str) -> None:
    world.sandbox.faults.add(Fault(times=None, status=200, body=body))
    query = """{ stripe { customer(id: "cus_1") { id } balance { available { amount } } charges { nodes { id } } } }"""

    result = world.ask(query)

    assert {str(error.path[1]) for error in result.errors or [] if error.path} == {"customer", "balance", "charges"}
    assert all(isinstance(error.original_error, PayloadMismatch) for error in result.errors or [])


@pytest.mark.parametrize(
    "query",
    [
        "query($id: ID!) { stripe { customer(id: $id) { name } } }",
        "query($id: ID!) { node(id: $id) { id } }",
        "query($id: String!) { stripe { customers(email: $id) { nodes { id } } } }",
        "mutation($id: ID!) { stripeConfirmPaymentIntent(id: $id) { __typename } }",
    ],
)
def test_what_is_far_too_long_is_refused_without_a_call(world: StripeWorld, query: str) -> None:
    assert isinstance(world.error(query, id="x" * 70_000), BadInput)
    assert world.sandbox.calls == []


@pytest.mark.parametrize("id", ["", global_id("StripeCharge", "ch_1")])
def test_what_is_no_customers_id_is_refused_without_a_call(world: StripeWorld, id: str) -> None:
    assert isinstance(world.error("query($id: ID!) { stripe { customer(id: $id) { name } } }", id=id), BadInput)
    assert isinstance(world.error(PAY, input={**PAYMENT, "customer": id}), BadInput)
    assert world.sandbox.calls == []


def test_a_dead_stripe_nulls_its_fields(world: StripeWorld) -> None:
    world.sandbox.faults.add(Fault(times=None, status=503))
    result = world.ask("{ stripe { customers { nodes { id } } balance { livemode } } }")

    assert result.data == {"stripe": {"customers": None, "balance": None}}
    assert all(isinstance(error.original_error, UpstreamError) for error in result.errors or [])


def test_every_type_and_field_says_what_it_is() -> None:
    silent = [
        f"{name}.{field}"
        for name, type_ in GRAPH._schema.type_map.items()
        if name.startswith("Stripe")
        for field, definition in {**getattr(type_, "fields", {}), **getattr(type_, "values", {})}.items()
        if not definition.description
    ]

    assert silent == []
