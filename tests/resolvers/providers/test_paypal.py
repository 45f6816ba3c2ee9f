"""PayPal's part of the graph, from a document to its answer, against the sandbox in this process."""

from typing import Any

import httpx2
import pytest
from starlette.testclient import TestClient

from connectors.errors import NotAuthorized, PayloadMismatch
from connectors.providers.paypal.manifest import UPSTREAM
from connectors.providers.paypal.sandbox import PayPalSandbox
from connectors.sandbox.faults import Fault
from resolvers import nodes
from resolvers.providers.paypal import fields
from schema.compose import compose
from schema.problems import BadInput
from tests.resolvers.providers.world import PEOPLE, World

GRAPH = compose([nodes.fields, fields], ["paypal"])

CREATE = """mutation($order: PayPalOrderInput!, $key: String) { paypalCreateOrder(input: $order, idempotencyKey: $key) {
  __typename ... on PayPalOrderCreated { order { id upstreamId status approveUrl } }
  ... on PayPalUnprocessable { issue field } } }"""
CAPTURE = """mutation($id: ID!, $key: String) { paypalCaptureOrder(id: $id, idempotencyKey: $key) { __typename
  ... on PayPalOrderCaptured { order { status payer { email }
    purchaseUnits { captures { upstreamId status amount { amount currency } fee { amount } net { amount } } } } }
  ... on PayPalUnprocessable { issue } ... on PayPalPaymentDeclined { issue } } }"""
REFUND = """mutation($id: ID!, $amount: PayPalAmountInput) { paypalRefundCapture(id: $id, amount: $amount) { __typename
  ... on PayPalCaptureRefunded { refund { amount { amount } capture { status } } }
  ... on PayPalUnprocessable { issue } } }"""


class PayPalWorld(World[PayPalSandbox]):
    """A sandbox, and the graph in front of it."""

    def __init__(self) -> None:
        super().__init__(UPSTREAM, PayPalSandbox, GRAPH)

    def operations(self) -> list[str]:
        """The logins left out."""
        return [operation for operation in super().operations() if operation != "oauth2.token"]

    def approve(self, order: dict[str, Any]) -> None:
        """Visit the page that a payer is sent to."""
        page = httpx2.URL(order["approveUrl"])
        assert TestClient(self.sandbox).get(page.path, params=dict(page.params)).status_code == 200

    def order(self, value: str = "12.50", currency: str = "usd", **unit: Any) -> dict[str, Any]:
        wish = {"purchaseUnits": [{"amount": {"amount": value, "currency": currency}, **unit}]}
        made: dict[str, Any] = self.data(CREATE, order=wish)["paypalCreateOrder"]["order"]
        return made


@pytest.fixture
def world() -> PayPalWorld:
    return PayPalWorld()


def test_one_token_serves_many_calls(world: PayPalWorld) -> None:
    world.data("{ paypal { plans { nodes { name } } disputes { nodes { reason } } } }")
    world.data("{ paypal { invoices { nodes { status } } } }")

    assert world.sandbox.issued == 1


def test_an_expired_token_is_fetched_anew(world: PayPalWorld) -> None:
    world.data("{ paypal { plans { nodes { name } } } }")
    world.sandbox.expire()

    world.data("{ paypal { plans { nodes { description } } } }")

    assert world.sandbox.issued == 2


def test_money_is_asked_for_approved_taken_and_given_back(world: PayPalWorld) -> None:
    order = world.order("12.50")
    world.approve(order)

    taken = world.data(CAPTURE, id=order["id"])["paypalCaptureOrder"]
    (capture,) = taken["order"]["purchaseUnits"][0]["captures"]
    part = world.data(REFUND, id=capture["upstreamId"], amount={"amount": "2.50", "currency": "USD"})
    rest = world.data(REFUND, id=capture["upstreamId"])
    more = world.data(REFUND, id=capture["upstreamId"])

    assert taken["order"]["status"] == "COMPLETED"
    assert taken["order"]["payer"] == {"email": PEOPLE[0].email}
    assert capture["amount"] == {"amount": "12.50", "currency": "USD"}
    assert (capture["fee"], capture["net"]) == ({"amount": "0.38"}, {"amount": "12.12"})
    assert part["paypalRefundCapture"]["refund"] == {
        "amount": {"amount": "2.50"},
        "capture": {"status": "PARTIALLY_REFUNDED"},
    }
    assert rest["paypalRefundCapture"]["refund"]["amount"] == {"amount": "10.00"}
    assert more["paypalRefundCapture"] == {"__typename": "PayPalUnprocessable", "issue": "CAPTURE_FULLY_REFUNDED"}


def test_an_order_that_nobody_approved_is_a_result(world: PayPalWorld) -> None:
    order = world.order()

    refused = world.data(CAPTURE, id=order["upstreamId"])["paypalCaptureOrder"]

    assert refused == {"__typename": "PayPalUnprocessable", "issue": "ORDER_NOT_APPROVED"}


def test_a_card_that_does_not_pay_is_a_result(world: PayPalWorld) -> None:
    order = world.order(customId="declined")
    world.approve(order)

    refused = world.data(CAPTURE, id=order["id"])["paypalCaptureOrder"]

    assert refused == {"__typename": "PayPalPaymentDeclined", "issue": "INSTRUMENT_DECLINED"}


def test_an_amount_with_parts_of_a_cent_is_refused_where_it_stands(world: PayPalWorld) -> None:
    wish = {"purchaseUnits": [{"amount": {"amount": "1.005", "currency": "USD"}}]}

    refused = world.data(CREATE, order=wish)["paypalCreateOrder"]

    assert (refused["__typename"], refused["issue"]) == ("PayPalUnprocessable", "DECIMAL_PRECISION")


def test_a_lost_answer_is_asked_for_again_with_the_same_key(world: PayPalWorld) -> None:
    before = len(world.sandbox.account.orders)
    world.sandbox.faults.add(Fault(operation="orders.create", drop="answer"))

    world.order()

    assert world.operations() == ["orders.create", "orders.create"]
    assert len(world.sandbox.account.orders) == before + 1


def test_the_clients_own_key_makes_two_wishes_one(world: PayPalWorld) -> None:
    wish = {"purchaseUnits": [{"amount": {"amount": "1.00", "currency": "EUR"}}]}

    first, second = (world.data(CREATE, order=wish, key="wish")["paypalCreateOrder"]["order"] for _ in range(2))

    assert first == second


def test_a_key_that_paypal_would_not_take_is_refused_before_any_call(world: PayPalWorld) -> None:
    wish = {"purchaseUnits": [{"amount": {"amount": "1.00", "currency": "EUR"}}]}

    assert isinstance(world.error(CREATE, order=wish, key="x" * 109), BadInput)
    assert world.operations() == []


def test_held_money_is_taken_in_part_and_then_let_go(world: PayPalWorld) -> None:
    wish = {"intent": "AUTHORIZE", "purchaseUnits": [{"amount": {"amount": "20.00", "currency": "USD"}}]}
    order = world.data(CREATE, order=wish)["paypalCreateOrder"]["order"]
    world.approve(order)
    authorize = """mutation($id: ID!) { paypalAuthorizeOrder(id: $id) { ... on PayPalOrderAuthorized {
      order { purchaseUnits { authorizations { id status order { status } } } } } } }"""
    take = """mutation($id: ID!, $amount: PayPalAmountInput, $final: Boolean!) {
      paypalCaptureAuthorization(id: $id, amount: $amount, final: $final) { __typename
        ... on PayPalAuthorizationCaptured { capture { final amount { amount } } }
        ... on PayPalUnprocessable { issue } } }"""

    held = world.data(authorize, id=order["id"])["paypalAuthorizeOrder"]["order"]
    (authorization,) = held["purchaseUnits"][0]["authorizations"]
    amount = {"amount": "5.00", "currency": "USD"}
    taken = world.data(take, id=authorization["id"], amount=amount, final=True)["paypalCaptureAuthorization"]
    more = world.data(take, id=authorization["id"], amount=amount, final=False)["paypalCaptureAuthorization"]

    assert (authorization["status"], authorization["order"]) == ("CREATED", {"status": "COMPLETED"})
    assert taken["capture"] == {"final": True, "amount": {"amount": "5.00"}}
    assert more == {"__typename": "PayPalUnprocessable", "issue": "AUTHORIZATION_ALREADY_CAPTURED"}


def test_a_subscription_ends_once(world: PayPalWorld) -> None:
    id = next(id for id, one in world.sandbox.account.subscriptions.items() if one["status"] == "ACTIVE")
    cancel = 'mutation($id: ID!) { paypalCancelSubscription(id: $id, reason: "Moved away") { __typename } }'
    read = "query($id: ID!) { paypal { subscription(id: $id) { status subscriber { email } lastPayment { amount } } } }"

    before = world.data(read, id=id)["paypal"]["subscription"]
    first, second = world.data(cancel, id=id), world.data(cancel, id=id)

    assert before["status"] == "ACTIVE"
    assert before["lastPayment"] == {"amount": "19.00"}
    assert first["paypalCancelSubscription"] == {"__typename": "PayPalSubscriptionCancelled"}
    assert second["paypalCancelSubscription"] == {"__typename": "PayPalUnprocessable"}
    assert world.data(read, id=id)["paypal"]["subscription"]["status"] == "CANCELLED"


LISTS = {
    "invoices": "invoices(first: $first, after: $after) { nodes { key: upstreamId }",
    "disputes": "disputes(first: $first, after: $after) { nodes { key: upstreamId }",
    "plans": "plans(first: $first, after: $after) { nodes { key: upstreamId }",
    "transactions": """transactions(first: $first, after: $after, since: "2025-12-15T00:00:00Z",
      until: "2026-01-02T00:00:00Z") { nodes { key: upstreamId }""",
}


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("first", [2, 7])
def test_every_list_is_read_to_its_end_without_repetition(world: PayPalWorld, name: str, first: int) -> None:
    query = f"""query($first: Int, $after: String) {{ paypal {{ {LISTS[name]}
      pageInfo {{ hasNextPage endCursor }} }} }} }}"""
    seen: list[str] = []
    after = None
    while True:
        page = world.data(query, first=first, after=after)["paypal"][name]
        seen += [node["key"] for node in page["nodes"]]
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]

    held = getattr(world.sandbox.account, name)
    rows = [row["transaction_info"]["transaction_id"] for row in held] if isinstance(held, list) else list(held)
    assert sorted(seen) == sorted(rows)


def test_a_client_that_changes_the_size_of_its_pages_loses_nothing(world: PayPalWorld) -> None:
    query = """query($first: Int, $after: String) { paypal { invoices(first: $first, after: $after) {
      nodes { upstreamId } pageInfo { endCursor } } } }"""
    seen: list[str] = []
    after = None
    for first in (3, 5, 2, 20):
        page = world.data(query, first=first, after=after)["paypal"]["invoices"]
        seen += [node["upstreamId"] for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]

    assert seen == list(reversed(world.sandbox.account.invoices))[:30]


def test_the_total_is_asked_for_where_it_is_selected(world: PayPalWorld) -> None:
    counted = world.data("{ paypal { invoices(first: 1) { totalCount } } }")["paypal"]["invoices"]
    world.data("{ paypal { invoices(first: 1) { nodes { status } } } }")

    assert counted["totalCount"] == len(world.sandbox.account.invoices)
    assert ["total_required=true" in call.query for call in world.sandbox.calls[-2:]] == [True, False]


def test_invoices_are_looked_for_by_recipient_and_status(world: PayPalWorld) -> None:
    query = """query($email: String) { paypal { searchInvoices(recipientEmail: $email, status: [PAID]) {
      nodes { status number amount { amount } dueAmount { amount } recipientEmails dueDate } } } }"""

    (invoice,) = world.data(query, email=PEOPLE[20].email)["paypal"]["searchInvoices"]["nodes"]

    assert invoice == {
        "status": "PAID",
        "number": "0020",
        "amount": {"amount": "42.20"},
        "dueAmount": {"amount": "0.00"},
        "recipientEmails": [PEOPLE[20].email],
        "dueDate": invoice["dueDate"],
    }


def test_more_than_a_month_of_transactions_is_refused_before_any_call(world: PayPalWorld) -> None:
    query = """{ paypal { transactions(since: "2025-11-01T00:00:00Z", until: "2026-01-02T00:00:00Z") {
      nodes { eventCode } } } }"""

    assert isinstance(world.error(query), BadInput)
    assert world.operations() == []


def test_a_dispute_leads_to_its_payment_and_the_payment_to_its_order(world: PayPalWorld) -> None:
    query = """{ paypal { disputes(first: 1) { nodes {
      amount { currency } capture { amount { currency } order { status } } } } } }"""

    (dispute,) = world.data(query)["paypal"]["disputes"]["nodes"]

    assert dispute["capture"]["amount"] == dispute["amount"]
    assert dispute["capture"]["order"] == {"status": "COMPLETED"}
    assert world.operations() == ["disputes.list", "captures.get", "orders.get"]


def test_yen_are_whole(world: PayPalWorld) -> None:
    order = world.order("500", "JPY")

    found = world.data(
        "query($id: ID!) { node(id: $id) { ... on PayPalOrder { purchaseUnits { amount { amount minorUnits } } } } }",
        id=order["id"],
    )

    assert found["node"]["purchaseUnits"] == [{"amount": {"amount": "500", "minorUnits": 500}}]


def test_credentials_that_are_refused_say_so(world: PayPalWorld) -> None:
    world.sandbox.faults.add(Fault(operation="oauth2.token", status=401, times=None))

    assert isinstance(world.error("{ paypal { plans { nodes { name } } } }"), NotAuthorized)


def test_an_amount_that_is_none_harms_its_own_field_only(world: PayPalWorld) -> None:
    body = '{"items": [{"id": "INV2-1", "status": "NEW_WORD", "detail": {}, "amount": {"currency_code": "USD"}}]}'
    world.sandbox.faults.add(Fault(operation="invoices.list", status=200, body=body))

    result = world.ask("{ paypal { invoices { nodes { status note dueAmount { amount } } } } }")
    assert result.errors is None
    assert result.data == {"paypal": {"invoices": {"nodes": [{"status": "UNKNOWN", "note": None, "dueAmount": None}]}}}

    world.sandbox.faults.add(Fault(operation="invoices.list", status=200, body=body))
    wrong = world.error("{ paypal { invoices { nodes { amount { amount } } } } }")
    assert isinstance(wrong, PayloadMismatch)
    assert wrong.path == "invoice.amount"
