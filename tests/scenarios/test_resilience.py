"""Scenarios 13, 23 to 25 and 35, as far as Stripe, GitHub, Salesforce and the depot can show them."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx2

from connectors.connector import discover
from connectors.sandbox.faults import Fault
from tests.depot.sandbox import DepotSandbox
from tests.gateway import Gateway

STOCK = "{ depot { stock(first: 1) { nodes { label } } } }"
SEND = 'mutation { depotSendParcel(label: "One") { label } }'
PAY = """mutation($key: String) { stripeCreatePaymentIntent(idempotencyKey: $key, input: {
  amount: 1999, currency: "usd", confirm: true, paymentMethod: "pm_card_visa" }) { __typename } }"""


def at_once(gateway: Gateway, query: str, times: int) -> list[dict[str, Any]]:
    async def ask() -> list[dict[str, Any]]:
        limits = httpx2.Limits(max_connections=times)
        async with httpx2.AsyncClient(base_url=gateway.url, limits=limits, timeout=60) as client:
            answers = await asyncio.gather(*(client.post("/graphql", json={"query": query}) for _ in range(times)))
        return [answer.json() for answer in answers]

    return asyncio.run(ask())


def test_13_a_session_that_ends_under_thirty_queries_is_renewed_once(gateway: Gateway) -> None:
    salesforce = gateway.sandboxes["salesforce"]
    gateway.data("{ salesforce { contacts(first: 1) { nodes { name } } } }")
    salesforce.faults.add(Fault(operation="query", times=30, latency_s=0.5))
    queries = " ".join(f'q{n}: contacts(email: "nobody{n}@x.example") {{ nodes {{ name }} }}' for n in range(30))
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(gateway.data, f"{{ salesforce {{ {queries} }} }}")
        while gateway.calls("salesforce").count("query") < 10:
            time.sleep(0.01)
        salesforce.expire()
        answer.result()

    assert gateway.calls("salesforce").count("login") == 2


def test_23_a_payment_whose_answer_is_lost_is_made_once(gateway: Gateway) -> None:
    stripe = gateway.sandboxes["stripe"]
    stripe.faults.add(Fault(operation="payment_intents.create", drop="answer"))
    before = gateway.data("{ stripe { paymentIntents(first: 100) { nodes { id } } } }")

    made = gateway.data(PAY, key="order-1")

    after = gateway.data("{ stripe { paymentIntents(first: 100) { nodes { id } } } }")
    fresh = {n["id"] for n in after["stripe"]["paymentIntents"]["nodes"]} - {
        n["id"] for n in before["stripe"]["paymentIntents"]["nodes"]
    }
    assert made["stripeCreatePaymentIntent"]["__typename"] == "StripePaymentIntentCreated"
    assert gateway.calls("stripe").count("payment_intents.create") == 2
    assert len(fresh) == 1


def test_23_what_cannot_be_recognised_is_not_sent_twice(gateway: Gateway) -> None:
    depot = gateway.sandbox("depot", DepotSandbox)
    depot.faults.add(Fault(operation="parcels.send", drop="answer"))

    (error,) = gateway.errors(SEND)

    assert error["extensions"]["code"] == "OUTCOME_UNKNOWN"
    assert depot.sent == ["One"]


def test_24_mutations_run_in_order_and_a_failed_one_leaves_the_others(gateway: Gateway) -> None:
    depot = gateway.sandbox("depot", DepotSandbox)
    depot.faults.add(Fault(operation="parcels.send", skip=1, status=400))
    query = """mutation { a: depotSendParcel(label: "A") { label } b: depotSendParcel(label: "B") { label }
      c: depotSendParcel(label: "C") { label } }"""

    answer = gateway.ask(query)

    assert answer["data"] == {"a": {"label": "A"}, "b": None, "c": {"label": "C"}}
    assert [error["path"] for error in answer["errors"]] == [["b"]]
    assert depot.sent == ["A", "C"]


def test_25_identical_queries_at_once_are_one_upstream_call(gateway: Gateway) -> None:
    gateway.sandboxes["stripe"].faults.add(Fault(operation="customers.list", latency_s=3))

    answers = at_once(gateway, "{ stripe { customers(first: 3) { nodes { email } } } }", 200)

    assert all("errors" not in answer for answer in answers)
    assert gateway.calls("stripe") == ["customers.list"]


def test_35_no_secret_gets_out(capfd: Any, gateway: Gateway) -> None:
    secrets = [value for upstream in discover().values() for value in upstream.sandbox_environment.values()]
    secrets = [secret for secret in [*secrets, "depot-token"] if len(secret) > 6 and "@" not in secret]
    queries = {
        "depot": STOCK,
        "stripe": "{ stripe { balance { livemode } } }",
        "github": "{ github { viewer { login } } }",
        "salesforce": "{ salesforce { contacts(first: 1) { nodes { name } } } }",
    }
    for name, query in queries.items():
        for status in (400, 401, 403, 404, 500):
            fault = Fault(times=4, status=status, body=f"refused: {' '.join(secrets)}")
            gateway.sandboxes[name].faults.add(fault)
            answer = gateway.ask(query)
            gateway.sandboxes[name].faults.clear()
            assert "errors" in answer
            assert not [secret for secret in secrets if secret in str(answer)]

    written = "".join(capfd.readouterr())
    assert len(secrets) >= 4
    assert all(f"upstream={name}" in written or f'"upstream":"{name}"' in written for name in queries)
    assert not [secret for secret in secrets if secret in written]
