"""Scenario 29: a verified event evicts what it changed from the cache and reaches GraphQL subscribers."""

import hashlib
import hmac
import json
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

import httpx2
import orjson
import pytest

from connectors.providers.stripe.sandbox import StripeSandbox
from tests.gateway import Gateway, running
from tests.redis import redis_server
from tests.subscriber import subscribed
from tests.test_docs import EXAMPLES

SECRET = "whsec_of_the_tests"
RULES = """
[stripe."*"]
ttl_s = 600
insists = true
"""

CUSTOMER = "query($id: ID!) { stripe { customer(id: $id) { name } } }"
CHANGES = "subscription($id: ID) { stripeCustomerUpdated(id: $id) { upstreamId name } }"
PUBLISHED = 'punnet_events_published_total{provider="stripe"}'
PAYMENTS = "subscription { stripePaymentIntentSucceeded { upstreamId customer { name } } }"


@pytest.fixture(scope="module")
def gateways() -> Iterator[tuple[Gateway, Gateway]]:
    """One that keeps Stripe's answers for ten minutes and takes its webhooks, and a replica."""
    with TemporaryDirectory() as folder, redis_server() as redis:
        rules = Path(folder) / "rules.toml"
        rules.write_text(RULES)
        environment = {
            "PUNNET_CACHE_RULES": str(rules),
            "PUNNET_DATABASE_URL": f"sqlite:///{folder}/punnet.sqlite3",
            "PUNNET_REDIS_URL": redis.url,
            "STRIPE_WEBHOOK_SECRET": SECRET,
        }
        with running(environment) as gateway, gateway.replica({"STRIPE_WEBHOOK_SECRET": ""}) as other:
            yield gateway, other


def deliver(gateway: Gateway, type: str, thing: Mapping[str, Any], *, secret: str = SECRET, age_s: int = 0) -> int:
    """Have Stripe tell of an event, which happened so long ago; the status of the answer."""
    now, id = int(time.time()), f"evt_{uuid4().hex}"
    event = {"id": id, "object": "event", "type": type, "created": now - age_s, "data": {"object": thing}}
    body = orjson.dumps(event)
    signature = hmac.new(secret.encode(), b"%d." % now + body, hashlib.sha256).hexdigest()
    headers = {"Stripe-Signature": f"t={now},v1={signature}", "Content-Type": "application/json"}
    return httpx2.post(f"{gateway.url}/webhooks/stripe", content=body, headers=headers, timeout=60).status_code


def customers(gateway: Gateway) -> list[dict[str, Any]]:
    """As Stripe knows them."""
    return [row for row in gateway.sandbox("stripe", StripeSandbox).ledger.customers.rows if "deleted" not in row]


def name_of(gateway: Gateway, customer: Mapping[str, Any]) -> str:
    """As the gateway tells it."""
    return str(gateway.data(CUSTOMER, id=customer["id"])["stripe"]["customer"]["name"])


def until(holds: Callable[[], bool]) -> None:
    for _ in range(1000):
        if holds():
            return
        time.sleep(0.01)
    raise TimeoutError


def metric(gateway: Gateway, line: str) -> float:
    """A sample of the gateway's metrics; 0 if it is not there."""
    page = httpx2.get(f"{gateway.url}/metrics", timeout=60).text
    found = [sample for sample in page.splitlines() if sample.startswith(line + " ")]
    return float(found[0].rpartition(" ")[2]) if found else 0.0


def followers(gateway: Gateway) -> float:
    return metric(gateway, 'punnet_event_subscribers{provider="stripe"}')


def test_29_an_event_evicts_what_it_changed_and_not_its_neighbours(gateways: tuple[Gateway, Gateway]) -> None:
    gateway, _ = gateways
    changed, neighbour = customers(gateway)[10:12]
    gateway.sandboxes["stripe"].calls.clear()
    names = [name_of(gateway, changed), name_of(gateway, neighbour)]
    changed["name"] = "Somebody Else"
    kept = [name_of(gateway, changed), name_of(gateway, neighbour)]

    refused = deliver(gateway, "customer.updated", changed, secret="whsec_of_others")
    kept += [name_of(gateway, changed)]
    accepted = deliver(gateway, "customer.updated", changed)
    until(lambda: name_of(gateway, changed) == "Somebody Else")
    kept += [name_of(gateway, neighbour)]

    assert (refused, accepted) == (401, 200)
    assert kept == [*names, names[0], names[1]]
    assert gateway.calls("stripe") == ["customers.get"] * 3


def test_29_an_event_reaches_who_follows_it_with_what_belongs_to_it(gateways: tuple[Gateway, Gateway]) -> None:
    gateway, _ = gateways
    payment = gateway.sandbox("stripe", StripeSandbox).ledger.payment_intents.rows[-1]
    (payer,) = [customer for customer in customers(gateway) if customer["id"] == payment["customer"]]
    before = metric(gateway, PUBLISHED)
    with subscribed("ws", gateway.url, PAYMENTS) as one, subscribed("sse", gateway.url, PAYMENTS) as another:
        until(lambda: followers(gateway) == 2)

        deliver(gateway, "payment_intent.payment_failed", payment)
        deliver(gateway, "payment_intent.succeeded", payment)
        told = [one.next(), another.next()]

    succeeded = {"upstreamId": payment["id"], "customer": {"name": payer["name"]}}
    assert told == [{"data": {"stripePaymentIntentSucceeded": succeeded}}] * 2
    until(lambda: metric(gateway, PUBLISHED) == before + 2)
    until(lambda: followers(gateway) == 0)


def test_an_event_that_another_one_has_overtaken_reaches_who_follows_it(gateways: tuple[Gateway, Gateway]) -> None:
    gateway, _ = gateways
    payment = gateway.sandbox("stripe", StripeSandbox).ledger.payment_intents.rows[-2]
    before = metric(gateway, PUBLISHED)
    with subscribed("sse", gateway.url, PAYMENTS) as one:
        until(lambda: followers(gateway) == 1)

        deliver(gateway, "payment_intent.amount_capturable_updated", payment, age_s=5)
        until(lambda: metric(gateway, PUBLISHED) == before + 1)
        deliver(gateway, "payment_intent.succeeded", payment, age_s=60)
        told = one.next()

    assert told["data"]["stripePaymentIntentSucceeded"]["upstreamId"] == payment["id"]
    until(lambda: followers(gateway) == 0)


def test_29_a_replica_hears_of_what_another_was_told(gateways: tuple[Gateway, Gateway]) -> None:
    gateway, other = gateways
    changed, neighbour = customers(gateway)[20:22]
    with (
        subscribed("ws", other.url, CHANGES, id=changed["id"]) as one,
        subscribed("sse", other.url, CHANGES, id=changed["id"]) as another,
    ):
        until(lambda: followers(other) == 2)
        was = name_of(other, changed)
        changed["name"] = "Somebody New"
        kept = name_of(other, changed)

        deliver(gateway, "customer.updated", neighbour)
        deliver(gateway, "customer.updated", changed)
        told = [one.next(), another.next()]

    renewed = {"upstreamId": changed["id"], "name": "Somebody New"}
    assert told == [{"data": {"stripeCustomerUpdated": renewed}}] * 2
    assert kept == was
    assert name_of(other, changed) == "Somebody New"


def test_what_the_page_shows_is_what_a_subscriber_gets(gateways: tuple[Gateway, Gateway]) -> None:
    gateway, _ = gateways
    (example,) = [(query, json.loads(answer)) for page, query, answer in EXAMPLES if page == "subscriptions"]
    id = example[1]["data"]["stripePaymentIntentSucceeded"]["upstreamId"]
    payment = gateway.sandbox("stripe", StripeSandbox).ledger.payment_intents.get(id)
    assert payment
    with subscribed("sse", gateway.url, example[0]) as subscriber:
        until(lambda: followers(gateway) == 1)

        deliver(gateway, "payment_intent.succeeded", payment)

        assert subscriber.next() == example[1]
