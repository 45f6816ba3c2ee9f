"""What moves the merchant's funds, what disputes them and how they reach the bank, from a document to its answer."""

from decimal import Decimal
from typing import Any, cast

import pytest

from connectors.errors import UpstreamRejected
from connectors.sandbox.faults import Fault
from schema.problems import BadInput
from schema.relay import global_id
from tests.resolvers.providers.stripe.world import StripeWorld

PAY = """mutation($method: String!) { stripeCreatePaymentIntent(input: {
  amount: 50000, currency: "usd", confirm: true, paymentMethod: $method }) {
  ... on StripePaymentIntentCreated { paymentIntent { latestCharge { upstreamId } } } } }"""
PAYOUT = """mutation($input: StripePayoutInput!, $key: String) {
  stripeCreatePayout(input: $input, idempotencyKey: $key) { __typename
    ... on StripePayoutCreated { payout { upstreamId status automatic method amount { minorUnits currency }
      balanceTransaction { type net { amount } payout { upstreamId } } } }
    ... on StripePayoutRejected { reason message } } }"""
CANCEL = """mutation($id: ID!) { stripeCancelPayout(id: $id) { __typename
  ... on StripePayoutCanceled { payout { status failureBalanceTransaction { type net { minorUnits } } } }
  ... on StripePayoutNotCancelable { message } } }"""
UPDATE = """mutation($id: ID!, $evidence: StripeDisputeEvidenceInput, $submit: Boolean, $metadata: JSON) {
  stripeUpdateDispute(id: $id, evidence: $evidence, submit: $submit, metadata: $metadata) { __typename
    ... on StripeDisputeUpdated { dispute { status submissionCount hasEvidence metadata
      evidence { uncategorizedText shippingCarrier } balanceTransactions { reportingCategory net { amount } } } }
    ... on StripeDisputeNotOpen { message } } }"""
CLOSE = """mutation($id: ID!) { stripeCloseDispute(id: $id) { __typename
  ... on StripeDisputeClosed { dispute { status } } ... on StripeDisputeNotOpen { message } } }"""


def charged(world: StripeWorld, method: str = "pm_card_bypassPending") -> str:
    """Stripe's id of a new charge."""
    created = world.data(PAY, method=method)["stripeCreatePaymentIntent"]
    return cast(str, created["paymentIntent"]["latestCharge"]["upstreamId"])


def disputed(world: StripeWorld, method: str = "pm_card_createDispute") -> str:
    """Stripe's id of the dispute of a new charge."""
    query = "query($id: ID!) { stripe { charge(id: $id) { disputes { nodes { upstreamId } } } } }"
    (dispute,) = world.data(query, id=charged(world, method))["stripe"]["charge"]["disputes"]["nodes"]
    return cast(str, dispute["upstreamId"])


def available(world: StripeWorld, currency: str = "USD") -> int:
    balance = world.data("{ stripe { balance { available { minorUnits currency } } } }")["stripe"]["balance"]
    return next(cast(int, one["minorUnits"]) for one in balance["available"] if one["currency"] == currency)


def test_the_balance_is_the_sum_of_what_moved_it(world: StripeWorld) -> None:
    query = """{ stripe { balance { available { amount currency } pending { amount currency } livemode }
      balanceTransactions(first: 1000, currency: "EUR") { nodes { status net { amount } } } } }"""
    stripe = world.data(query)["stripe"]

    for status in ("available", "pending"):
        moved = [n["net"]["amount"] for n in stripe["balanceTransactions"]["nodes"] if n["status"] == status.upper()]
        assert {"amount": str(sum(map(Decimal, moved))), "currency": "EUR"} in stripe["balance"][status]
    assert stripe["balance"]["livemode"] is False


def test_movements_bring_along_what_moved_them(world: StripeWorld) -> None:
    query = """{ stripe { balanceTransactions(first: 1000) { nodes { sourceId type
      charge { upstreamId } refund { upstreamId } dispute { upstreamId } payout { upstreamId } } } } }"""
    nodes = world.data(query)["stripe"]["balanceTransactions"]["nodes"]

    kinds = {"charge": "charge", "refund": "refund", "adjustment": "dispute", "payout": "payout"}
    assert {node["type"] for node in nodes} == set(kinds)
    for node in nodes:
        sources = {name: node[name] for name in kinds.values() if node[name]}
        assert sources == {kinds[node["type"]]: {"upstreamId": node["sourceId"]}}
    assert set(world.operations()) == {"balance_transactions.list"}


def test_a_charge_brings_its_movement_and_what_was_kept_of_it(world: StripeWorld) -> None:
    query = """query($id: ID!) { stripe { charge(id: $id) { balanceTransaction {
      amount { amount } fee { amount } net { amount } feeDetails { type amount { amount } } exchangeRate } } } }"""
    charge = charged(world)
    before = len(world.sandbox.calls)

    assert world.data(query, id=charge)["stripe"]["charge"]["balanceTransaction"] == {
        "amount": {"amount": "500.00"},
        "fee": {"amount": "14.80"},
        "net": {"amount": "485.20"},
        "feeDetails": [{"type": "stripe_fee", "amount": {"amount": "14.80"}}],
        "exchangeRate": None,
    }
    assert len(world.sandbox.calls) == before + 1


def test_an_exchange_rate_is_a_decimal_number(world: StripeWorld) -> None:
    world.sandbox.ledger.balance_transactions.rows[-1]["exchange_rate"] = 1.0825
    query = "{ stripe { balanceTransactions(first: 1) { nodes { exchangeRate } } } }"

    assert world.data(query)["stripe"]["balanceTransactions"]["nodes"] == [{"exchangeRate": "1.0825"}]


def test_a_source_of_a_kind_that_we_do_not_know_is_named_and_no_more(world: StripeWorld) -> None:
    transaction = world.sandbox.ledger.balance_transactions.rows[-1]
    transaction["source"] = {"id": "tu_1", "object": "topup"}
    query = "{ stripe { balanceTransactions(first: 1) { nodes { sourceId charge { id } payout { id } } } } }"

    assert world.data(query)["stripe"]["balanceTransactions"]["nodes"] == [
        {"sourceId": "tu_1", "charge": None, "payout": None}
    ]


def test_an_automatic_payout_says_what_it_pays(world: StripeWorld) -> None:
    query = """{ stripe { payouts(first: 1, status: PAID) { nodes { automatic status reconciliationStatus
      amount { minorUnits } balanceTransactions(first: 1000) { nodes { type net { minorUnits } } } } } } }"""
    (payout,) = world.data(query)["stripe"]["payouts"]["nodes"]

    paid = [node["net"]["minorUnits"] for node in payout["balanceTransactions"]["nodes"] if node["type"] != "payout"]
    assert sum(paid) == payout["amount"]["minorUnits"] > 0
    assert (payout["automatic"], payout["status"], payout["reconciliationStatus"]) == (True, "PAID", "COMPLETED")


def test_money_is_sent_once_though_the_answer_is_lost_and_the_balance_knows(world: StripeWorld) -> None:
    charged(world)
    before = available(world)
    world.sandbox.faults.add(Fault(operation="payouts.create", drop="answer"))
    created = world.data(PAYOUT, input={"amount": 12_345, "currency": "USD"}, key="rent")["stripeCreatePayout"]

    payout = created["payout"]
    assert created["__typename"] == "StripePayoutCreated"
    assert (payout["status"], payout["automatic"], payout["method"]) == ("PENDING", False, "STANDARD")
    assert payout["balanceTransaction"] == {
        "type": "payout",
        "net": {"amount": "-123.45"},
        "payout": {"upstreamId": payout["upstreamId"]},
    }
    assert world.sandbox.seen("payouts.create") == 2
    assert available(world) == before - 12_345


@pytest.mark.parametrize(
    ("input", "reason"),
    [
        ({"amount": 99_999_999, "currency": "usd"}, "BALANCE_INSUFFICIENT"),
        ({"amount": 100, "currency": "usd", "method": "INSTANT"}, "INSTANT_PAYOUTS_UNSUPPORTED"),
    ],
)
def test_what_the_account_does_not_allow_is_a_result(world: StripeWorld, input: dict[str, Any], reason: str) -> None:
    rejected = world.data(PAYOUT, input=input)["stripeCreatePayout"]

    assert (rejected["__typename"], rejected["reason"]) == ("StripePayoutRejected", reason)
    assert rejected["message"]


def test_what_makes_no_sense_is_an_error(world: StripeWorld) -> None:
    error = world.error(PAYOUT, input={"amount": 100, "currency": "usd", "destination": "ba_nowhere"})

    assert isinstance(error, UpstreamRejected)
    assert (error.status, error.reason) == (400, "resource_missing")
    assert isinstance(world.error(PAYOUT, input={"amount": 1, "currency": "usd", "metadata": {"a": 1}}), BadInput)


def test_a_payout_is_canceled_once_and_an_automatic_one_never(world: StripeWorld) -> None:
    charged(world)
    payout = world.data(PAYOUT, input={"amount": 100, "currency": "usd"})["stripeCreatePayout"]["payout"]
    automatic = next(row["id"] for row in world.sandbox.ledger.payouts.rows if row["automatic"])

    assert world.data(CANCEL, id=payout["upstreamId"])["stripeCancelPayout"] == {
        "__typename": "StripePayoutCanceled",
        "payout": {
            "status": "CANCELED",
            "failureBalanceTransaction": {"type": "payout_cancel", "net": {"minorUnits": 100}},
        },
    }
    for id in (payout["upstreamId"], global_id("StripePayout", automatic)):
        canceled = world.data(CANCEL, id=id)["stripeCancelPayout"]
        assert (canceled["__typename"], bool(canceled["message"])) == ("StripePayoutNotCancelable", True)


def test_a_dispute_leads_to_what_it_is_about_and_back(world: StripeWorld) -> None:
    query = """query($id: ID!) { stripe { dispute(id: $id) { status reason evidenceDueBy isChargeRefundable
      charge { disputed disputes { nodes { upstreamId } } }
      paymentIntent { disputes { nodes { upstreamId } } } } } }"""
    id = disputed(world)
    dispute = world.data(query, id=id)["stripe"]["dispute"]

    assert (dispute["status"], dispute["reason"]) == ("NEEDS_RESPONSE", "FRAUDULENT")
    assert dispute["evidenceDueBy"]
    assert dispute["charge"] == {"disputed": True, "disputes": {"nodes": [{"upstreamId": id}]}}
    assert dispute["paymentIntent"]["disputes"]["nodes"] == [{"upstreamId": id}]


def test_evidence_is_noted_and_then_wins_and_a_second_answer_finds_it_closed(world: StripeWorld) -> None:
    id = disputed(world)
    noted = world.data(UPDATE, id=id, evidence={"shippingCarrier": "Cargo bike"}, submit=False)["stripeUpdateDispute"]
    tagged = world.data(UPDATE, id=id, metadata={"case": "7"})["stripeUpdateDispute"]
    won = world.data(UPDATE, id=id, evidence={"uncategorizedText": "winning_evidence"})["stripeUpdateDispute"]
    late = world.data(UPDATE, id=id, evidence={"receipt": "file_1"})["stripeUpdateDispute"]

    assert (noted["dispute"]["status"], noted["dispute"]["submissionCount"]) == ("NEEDS_RESPONSE", 0)
    assert (tagged["dispute"]["status"], tagged["dispute"]["metadata"]) == ("NEEDS_RESPONSE", {"case": "7"})
    assert won["dispute"] == {
        "status": "WON",
        "submissionCount": 1,
        "hasEvidence": True,
        "metadata": {"case": "7"},
        "evidence": {"uncategorizedText": "winning_evidence", "shippingCarrier": "Cargo bike"},
        "balanceTransactions": [
            {"reportingCategory": "dispute", "net": {"amount": "-515.00"}},
            {"reportingCategory": "dispute_reversal", "net": {"amount": "500.00"}},
        ],
    }
    assert (late["__typename"], late["message"]) == (
        "StripeDisputeNotOpen",
        "This dispute is won: it takes no answer any more.",
    )


def test_a_dispute_is_accepted_once(world: StripeWorld) -> None:
    id = disputed(world)

    assert world.data(CLOSE, id=id)["stripeCloseDispute"] == {
        "__typename": "StripeDisputeClosed",
        "dispute": {"status": "LOST"},
    }
    assert world.data(CLOSE, id=id)["stripeCloseDispute"]["__typename"] == "StripeDisputeNotOpen"


def test_a_refund_of_what_the_bank_took_back_is_refused_with_its_reason(world: StripeWorld) -> None:
    query = """mutation($charge: ID!) { stripeCreateRefund(input: {charge: $charge}) {
      ... on StripeRefundRejected { reason } } }"""

    assert world.data(query, charge=charged(world, "pm_card_createDispute")) == {
        "stripeCreateRefund": {"reason": "CHARGE_DISPUTED"}
    }
