"""What is particular to one sender or another."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.providers.hubspot.webhooks import WEBHOOKS as HUBSPOT
from connectors.providers.paypal.webhooks import webhooks
from connectors.providers.salesforce.webhooks import WEBHOOKS as SALESFORCE
from connectors.webhooks.delivery import Delivery, Event, Unverified
from connectors.webhooks.senders.shopify import WEBHOOKS as SHOPIFY
from connectors.webhooks.signatures.salesforce import verify
from tests.connectors.webhooks.senders.hubspot import CREATED, changed
from tests.connectors.webhooks.senders.salesforce import ORGANIZATION, message, notification
from tests.connectors.webhooks.senders.shopify import order, sign

PAYPAL = webhooks()


def delivery(body: bytes, url: str = "https://hooks.april.example/webhooks/sender", **headers: str) -> Delivery:
    return Delivery("POST", url, headers, body)


def by_hubspot(*told: dict[str, Any]) -> list[Event]:
    return list(HUBSPOT.read(delivery(json.dumps(told).encode())))


def by_paypal(**told: Any) -> Event:
    common = {"id": "WH-1", "create_time": "2026-05-28T20:00:00Z"}
    (event,) = PAYPAL.read(delivery(json.dumps(common | told).encode()))
    return event


def test_an_event_of_hubspots_is_known_again_by_more_than_its_id() -> None:
    first, again, other, elsewhere = by_hubspot(
        changed(1, 100, "a"),
        changed(1, 100, "a", attempt=3),
        changed(1, 101, "a"),
        changed(1, 100, "a") | {"portalId": 2},
    )

    assert first.id == again.id
    assert len({first.id, other.id, elsewhere.id}) == 3


def test_what_is_later_of_one_property_says_nothing_of_another() -> None:
    email, phone, created = by_hubspot(changed(1, 100, "a"), changed(2, 200, "7") | {"propertyName": "phone"}, CREATED)

    assert len({email.object, phone.object, created.object}) == 3
    assert (email.version, phone.version) == (0.1, 0.2)


def test_generic_subscriptions_of_hubspots_tell_the_same() -> None:
    (event,) = by_hubspot({**CREATED, "subscriptionType": "object.creation", "objectTypeId": "0-2"})

    assert event.type == "company.creation"
    assert set(HUBSPOT.stale(event)) == {"companies.*", "associations.read"}


def test_associations_and_merges_at_hubspot_are_about_several_objects() -> None:
    common = {name: value for name, value in CREATED.items() if name != "objectId"}
    association = common | {
        "subscriptionType": "contact.associationChange",
        "associationType": "CONTACT_TO_COMPANY",
        "fromObjectId": 1,
        "toObjectId": 2,
    }
    merge = common | {"subscriptionType": "contact.merge", "primaryObjectId": 1, "mergedObjectIds": [2]}

    tied, merged = by_hubspot(association, merge)

    assert (tied.object, set(HUBSPOT.stale(tied))) == ("62515/contact/1-2/CONTACT_TO_COMPANY", {"1", "2"})
    assert (merged.object, set(HUBSPOT.stale(merged))) == (
        "62515/contact/1/existence",
        {"contacts.*", "associations.read"},
    )


@pytest.mark.parametrize(
    ("told", "object", "stale"),
    [
        (
            {
                "event_type": "PAYMENT.CAPTURE.REFUNDED",
                "resource_type": "refund",
                "resource": {
                    "id": "1JU08902781691411",
                    "links": [
                        {"rel": "self", "href": "https://api.paypal.com/v2/payments/refunds/1JU08902781691411"},
                        {"rel": "up", "href": "https://api.paypal.com/v2/payments/captures/2GG279541U471931P"},
                    ],
                },
            },
            "1JU08902781691411",
            {"1JU08902781691411", "2GG279541U471931P", "transactions.list"},
        ),
        (
            {
                "event_type": "INVOICING.INVOICE.PAID",
                "resource_type": "invoices",
                "resource": {"invoice": {"id": "INV2-1"}},
            },
            "INV2-1",
            {"INV2-1", "invoices.list", "invoices.search"},
        ),
        (
            {
                "event_type": "CUSTOMER.DISPUTE.CREATED",
                "resource_type": "dispute",
                "resource": {"dispute_id": "PP-D-1"},
            },
            "PP-D-1",
            {"PP-D-1", "disputes.list"},
        ),
        (
            {
                "event_type": "PAYMENT.SALE.COMPLETED",
                "resource_type": "sale",
                "resource": {"id": "80021663DE681814L", "billing_agreement_id": "I-1"},
            },
            "80021663DE681814L",
            {"80021663DE681814L", "I-1", "transactions.list"},
        ),
    ],
)
def test_an_event_of_paypals_evicts_its_resource_and_what_that_is_of(
    told: dict[str, Any], object: str, stale: set[str]
) -> None:
    event = by_paypal(**told)

    assert (event.object, set(PAYPAL.stale(event))) == (object, stale)


def test_what_a_merchant_does_once_may_be_many_events_of_shopifys() -> None:
    headers = dict(sign(order("open", 1), "s", 0.0))
    others = json.dumps({"id": 2, "admin_graphql_api_id": "gid://shopify/Order/2"}).encode()

    one, another, of_another_topic, repeated = (
        SHOPIFY.read(delivery(body, **{**headers, **more}))[0]
        for body, more in (
            (order("open", 1), {}),
            (others, {}),
            (order("open", 1), {"x-shopify-topic": "orders/paid"}),
            (order("open", 1), {"x-shopify-webhook-id": "of another subscription"}),
        )
    )

    assert len({one.id, another.id, of_another_topic.id}) == 3
    assert one.id == repeated.id
    assert one.payload["shop"] == "april.myshopify.example"


SECRET = "a-long-random-text"


def outbound(body: bytes, query: str) -> Delivery:
    return delivery(body, f"https://hooks.april.example/webhooks/salesforce{query}")


@pytest.mark.parametrize("secret", [SECRET, f"{ORGANIZATION}:{SECRET}", f"{ORGANIZATION[:15]}:{SECRET}"])
def test_salesforce_is_known_by_a_secret_in_the_address_and_by_its_organization(secret: str) -> None:
    verify(outbound(message(), f"?token={SECRET}"), ["another", secret], 0.0)


@pytest.mark.parametrize(
    ("secret", "query"),
    [
        (SECRET, ""),
        (SECRET, "?token="),
        (SECRET, "?token=another"),
        (SECRET, f"?secret={SECRET}"),
        (f"00D5g000004LnvA:{SECRET}", f"?token={SECRET}"),
        (f"{ORGANIZATION}:{SECRET}", f"?token={ORGANIZATION}:{SECRET}"),
    ],
)
def test_what_does_not_know_the_secret_or_is_of_another_organization_is_refused(secret: str, query: str) -> None:
    with pytest.raises(Unverified):
        verify(outbound(message(), query), [secret], 0.0)


@pytest.mark.parametrize("body", [b"", b"nonsense", b"<Envelope/>", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'])
def test_who_does_not_say_an_organization_is_not_of_ours(body: bytes) -> None:
    with pytest.raises(Unverified):
        verify(outbound(body, f"?token={SECRET}"), [f"{ORGANIZATION}:{SECRET}"], 0.0)


def test_a_record_of_salesforces_is_read_as_a_query_would_give_it_without_the_session() -> None:
    (event,) = SALESFORCE.read(outbound(message(notification("04l1", 7)), ""))

    assert event == Event(
        provider="salesforce",
        id="04l1",
        type="Contact",
        payload={
            "OrganizationId": ORGANIZATION,
            "ActionId": "04k5g000000TNzTAAW",
            "record": {
                "type": "Contact",
                "Id": "0035g00000AbcdeAAB",
                "Email": "zoë@april.example",
                "Phone": None,
                "SystemModstamp": "2026-05-28T20:00:07.000Z",
            },
        },
        object="0035g00000AbcdeAAB",
        version=datetime(2026, 5, 28, 20, 0, 7, tzinfo=UTC).timestamp(),
    )


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<Envelope/>",
        b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
        message("<Notification><Id>04l1</Id></Notification>"),
        message("<Notification><Id/><sObject/></Notification>"),
    ],
)
def test_what_is_no_outbound_message_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        SALESFORCE.read(outbound(body, ""))


def test_of_an_outbound_message_the_notifications_that_can_be_read_are_taken() -> None:
    bad = "<Notification><Id>04l2</Id></Notification>", notification("04l3", 3).replace("2026-05-28T", "yesterday, ")
    body = message(notification("04l1", 1), *bad, notification("04l4", 4))

    assert [event.id for event in SALESFORCE.read(outbound(body, ""))] == ["04l1", "04l4"]
