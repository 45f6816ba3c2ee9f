"""Subscriptions to what senders of webhooks tell of the sandbox's objects. (Stripe and GitHub have their own tests.)"""

from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Any

import pytest

from connectors.connector import Connector, connect, discover
from connectors.sandbox.people import population
from connectors.webhooks.delivery import Event
from schema.compose import Graph, compose
from tests.clock import FakeClock
from tests.resolvers.following import followed

Json = dict[str, Any]

PROVIDERS = ("hubspot", "paypal", "salesforce", "sendgrid", "slack")


@cache
def graph(provider: str) -> Graph:
    return compose([import_module(f"resolvers.providers.{provider}").fields], [provider])


@cache
def connected(provider: str) -> Connector:
    made = connect(discover()[provider], {}, people=population(60), clock=FakeClock())
    assert made
    return made


def sandbox(provider: str) -> Any:
    return connected(provider).sandbox


def results(provider: str, query: str, payloads: list[Json], type: str, count: int = 1) -> list[Any]:
    """What a subscription to one field gives, when events of one type have these payloads."""
    events = [Event(provider=provider, id=str(n), type=type, payload=payload) for n, payload in enumerate(payloads)]
    connector = connected(provider)
    given = followed(graph(provider), {connector.upstream.client: connector}, query, events, count)
    assert [result.errors for result in given] == [None] * count
    return [value for result in given if result.data for value in result.data.values()]


def paypal(table: str, wrapped: str | None = None) -> Callable[[], Json]:
    def payload() -> Json:
        resource = next(iter(getattr(sandbox("paypal").account, table).values()))
        return {"resource": {wrapped: resource} if wrapped else resource}

    return payload


def slack(**event: Any) -> Callable[[], Json]:
    return lambda: {"type": "event_callback", "event": {"event_ts": "1700000000.000100", **event}}


def slack_channel() -> str:
    return str(next(iter(sandbox("slack").workspace.channels)))


def slack_user() -> Json:
    return dict(next(iter(sandbox("slack").workspace.users.values())))


def slack_message() -> Json:
    workspace = sandbox("slack").workspace
    return {"channel": slack_channel(), **workspace.messages[slack_channel()][0]}


def slack_with(**facts: Callable[[], Any]) -> Callable[[], Json]:
    return lambda: slack(**{name: make() for name, make in facts.items()})()


def plain(value: Any) -> Callable[[], Any]:
    return lambda: value


def hubspot(kind: str, key: str = "objectId") -> Callable[[], Json]:
    def payload() -> Json:
        id = int(next(iter(sandbox("hubspot").portal.objects[kind])))
        return {key: id, "propertyName": "email", "occurredAt": 1700000000123}

    return payload


def salesforce(kind: str) -> Callable[[], Json]:
    return lambda: {"record": {"type": kind, "Id": next(iter(sandbox("salesforce").org.store.tables[kind].rows))}}


def sendgrid() -> Json:
    return {
        "email": "Zoe@April.example",
        "timestamp": 1700000000,
        "sg_event_id": "e1",
        "sg_message_id": next(iter(sandbox("sendgrid").account.messages)),
        "attempt": "2",
        "category": "news",
        "order": "42",
    }


REACTION = slack_with(
    user=lambda: slack_user()["id"],
    reaction=plain("tada"),
    item=lambda: {"type": "message", "channel": slack_channel(), "ts": slack_message()["ts"]},
)
MEMBERSHIP = slack_with(user=lambda: slack_user()["id"], channel=slack_channel)
CHANNEL = slack_with(channel=slack_channel)


def command() -> Json:
    place = {"user_id": slack_user()["id"], "channel_id": slack_channel()}
    return {"command": "/weather", "text": "here", **place}


MAIL = "eventId email messageId attempt categories customArguments message { upstreamId }"
MONEY = "upstreamId status amount { value }"


def google_calendar() -> Json:
    google = sandbox("google_calendar")
    return {"calendar_id": google.me, **next(iter(google.calendars[google.me].events.values()))}


EVENT = "eventId summary start { dateTime } calendar { summary }"
EACH: list[tuple[str, str, str, Callable[[], Json], str]] = [
    ("google_calendar", "googleCalendarEventCreated", "event.created", google_calendar, EVENT),
    ("google_calendar", "googleCalendarEventUpdated", "event.updated", google_calendar, EVENT),
    (
        "google_calendar",
        "googleCalendarEventCancelled",
        "event.cancelled",
        google_calendar,
        "eventId calendarId calendar { summary }",
    ),
    (
        "slack",
        "slackMessagePosted",
        "message",
        lambda: slack(**slack_message())(),
        "text channel { name } user { name }",
    ),
    (
        "slack",
        "slackMessageChanged",
        "message_changed",
        slack_with(channel=slack_channel, message=slack_message),
        "text channel { name }",
    ),
    (
        "slack",
        "slackMessageDeleted",
        "message_deleted",
        slack_with(channel=slack_channel, previous_message=slack_message),
        "text channel { name }",
    ),
    ("slack", "slackAppMentioned", "app_mention", lambda: slack(**slack_message())(), "text channel { name }"),
    ("slack", "slackReactionAdded", "reaction_added", REACTION, "name occurredAt message { text } user { name }"),
    ("slack", "slackReactionRemoved", "reaction_removed", REACTION, "name occurredAt message { text } user { name }"),
    ("slack", "slackMemberJoined", "member_joined_channel", MEMBERSHIP, "user { name } channel { name }"),
    ("slack", "slackMemberLeft", "member_left_channel", MEMBERSHIP, "user { name } channel { name }"),
    ("slack", "slackUserJoined", "team_join", slack_with(user=slack_user), "name"),
    ("slack", "slackUserChanged", "user_change", slack_with(user=slack_user), "name"),
    ("slack", "slackChannelCreated", "channel_created", slack_with(channel=lambda: {"id": slack_channel()}), "name"),
    ("slack", "slackChannelRenamed", "group_rename", slack_with(channel=lambda: {"id": slack_channel()}), "name"),
    ("slack", "slackChannelArchived", "channel_archive", CHANNEL, "name"),
    ("slack", "slackChannelUnarchived", "channel_unarchive", CHANNEL, "name"),
    (
        "slack",
        "slackFileShared",
        "file_shared",
        slack_with(file_id=lambda: next(iter(sandbox("slack").workspace.files))),
        "name",
    ),
    ("slack", "slackCommandGiven", "slash_command", command, "command text user { name } channel { name }"),
    (
        "slack",
        "slackInteracted",
        "block_actions",
        lambda: {"type": "block_actions", "user": {"id": slack_user()["id"]}, "actions": [{"action_id": "ok"}]},
        "type payload user { name }",
    ),
    *(
        ("hubspot", f"hubspot{noun.capitalize()}{change}", f"{noun}.{type}", hubspot(kind, key), selected)
        for noun, kind in (("contact", "contacts"), ("company", "companies"), ("deal", "deals"), ("ticket", "tickets"))
        for change, type, key, selected in (
            ("Created", "creation", "objectId", "upstreamId createdAt"),
            ("Changed", "propertyChange", "objectId", "upstreamId createdAt"),
            ("Merged", "merge", "primaryObjectId", "upstreamId createdAt"),
            ("Restored", "restore", "objectId", "upstreamId createdAt"),
            ("Deleted", "deletion", "objectId", "upstreamId deletedAt"),
        )
    ),
    *(
        ("salesforce", f"salesforce{kind}Changed", kind, salesforce(kind), "upstreamId createdAt")
        for kind in ("Account", "Contact", "Opportunity", "Case", "Lead", "Task")
    ),
    *(
        ("sendgrid", f"sendgrid{name}", type, sendgrid, MAIL)
        for name, type in (
            ("Processed", "processed"),
            ("Delivered", "delivered"),
            ("Deferred", "deferred"),
            ("Bounced", "bounce"),
            ("Dropped", "dropped"),
            ("Opened", "open"),
            ("Clicked", "click"),
            ("SpamReported", "spamreport"),
            ("Unsubscribed", "unsubscribe"),
            ("GroupUnsubscribed", "group_unsubscribe"),
            ("GroupResubscribed", "group_resubscribe"),
        )
    ),
    *(
        ("paypal", f"paypal{name}", type, paypal(table, wrapped), selected)
        for table, wrapped, selected, told in (
            (
                "orders",
                None,
                "upstreamId status purchaseUnits { amount { value } }",
                {"OrderApproved": "CHECKOUT.ORDER.APPROVED", "OrderCompleted": "CHECKOUT.ORDER.COMPLETED"},
            ),
            (
                "captures",
                None,
                MONEY,
                {
                    "CaptureCompleted": "PAYMENT.CAPTURE.COMPLETED",
                    "CapturePending": "PAYMENT.CAPTURE.PENDING",
                    "CaptureDenied": "PAYMENT.CAPTURE.DENIED",
                },
            ),
            ("refunds", None, MONEY, {"CaptureRefunded": "PAYMENT.CAPTURE.REFUNDED"}),
            (
                "captures",
                None,
                "upstreamId amount { value }",
                {
                    "AuthorizationCreated": "PAYMENT.AUTHORIZATION.CREATED",
                    "AuthorizationVoided": "PAYMENT.AUTHORIZATION.VOIDED",
                },
            ),
            (
                "invoices",
                "invoice",
                MONEY,
                {
                    f"Invoice{one.capitalize()}": f"INVOICING.INVOICE.{one}"
                    for one in "CREATED PAID REFUNDED CANCELLED".split()
                },
            ),
            (
                "subscriptions",
                None,
                "upstreamId status",
                {
                    **{
                        f"Subscription{one.capitalize()}": f"BILLING.SUBSCRIPTION.{one}"
                        for one in "CREATED ACTIVATED UPDATED SUSPENDED CANCELLED EXPIRED".split()
                    },
                    "SubscriptionPaymentFailed": "BILLING.SUBSCRIPTION.PAYMENT.FAILED",
                },
            ),
            (
                "disputes",
                None,
                MONEY,
                {f"Dispute{one.capitalize()}": f"CUSTOMER.DISPUTE.{one}" for one in "CREATED UPDATED RESOLVED".split()},
            ),
        )
        for name, type in told.items()
    ),
]


@pytest.mark.parametrize("provider", PROVIDERS)
def test_each_field_is_held_to_an_event_here(provider: str) -> None:
    subscription = graph(provider)._schema.subscription_type
    assert subscription

    assert set(subscription.fields) == {field for of, field, *_ in EACH if of == provider}


@pytest.mark.parametrize(("provider", "field", "type", "payload", "selected"), EACH)
def test_each_event_gives_what_it_is_about(
    provider: str, field: str, type: str, payload: Callable[[], Json], selected: str
) -> None:
    (value,) = results(provider, f"subscription {{ {field} {{ {selected} }} }}", [payload()], type)

    assert value
    assert [name for name, part in value.items() if part is None] == []


MESSAGES = ({"channel": "C1", "ts": "1.1"}, {"channel": "C2", "ts": "1.1"})
REACTIONS = ({"user": "U1", "item": {"channel": "C1"}}, {"user": "U2", "item": {"channel": "C1"}})
CAPTURES = (
    {"resource": {"id": "1", "supplementary_data": {"related_ids": {"order_id": "O1"}}}},
    {"resource": {"id": "2"}},
)
INVOICES = ({"resource": {"invoice": {"id": "I1"}}}, {"resource": {"invoice": {"id": "I2"}}})
DELETIONS = ({"objectId": 7}, {"objectId": 8})
MAILS = ({"email": "a@X.example", "sg_event_id": "1"}, {"email": "b@x.example", "sg_event_id": "2"})


@pytest.mark.parametrize(
    ("provider", "field", "selected", "type", "payloads"),
    [
        ("slack", 'slackMessagePosted(channel: "C1")', "upstreamId", "message", MESSAGES),
        ("slack", 'slackReactionAdded(user: "U1")', "userId", "reaction_added", REACTIONS),
        ("slack", 'slackReactionAdded(user: "U1", channel: "C1")', "userId", "reaction_added", REACTIONS),
        (
            "slack",
            'slackCommandGiven(command: "/a")',
            "command",
            "slash_command",
            ({"command": "/a"}, {"command": "/b"}),
        ),
        ("slack", 'slackInteracted(callbackId: "a")', "callbackId", "shortcut", ({"callback_id": "a"}, {})),
        ("sendgrid", 'sendgridBounced(email: "A@x.example")', "eventId", "bounce", MAILS),
        ("paypal", 'paypalCaptureCompleted(order: "O1")', "upstreamId", "PAYMENT.CAPTURE.COMPLETED", CAPTURES),
        ("paypal", 'paypalInvoicePaid(id: "I1")', "upstreamId", "INVOICING.INVOICE.PAID", INVOICES),
        ("hubspot", 'hubspotDealDeleted(id: "7")', "upstreamId", "deal.deletion", DELETIONS),
    ],
)
def test_arguments_leave_out_what_is_not_asked_for(
    provider: str, field: str, selected: str, type: str, payloads: tuple[Json, Json]
) -> None:
    wanted, other = payloads
    anything = f"subscription {{ {field.partition('(')[0]} {{ {selected} }} }}"
    first, second = results(provider, anything, [other, wanted], type, 2)

    found = results(provider, f"subscription {{ {field} {{ {selected} }} }}", [other, wanted, other, wanted], type, 2)

    assert first != second
    assert found == [second, second]


@pytest.mark.parametrize(
    ("provider", "field", "type", "payload"),
    [
        ("hubspot", 'hubspotContactChanged(property: "email")', "contact.propertyChange", hubspot("contacts")),
        ("salesforce", 'salesforceLeadChanged(id: "{id}")', "Lead", salesforce("Lead")),
    ],
)
def test_what_is_fetched_can_be_narrowed_as_well(
    provider: str, field: str, type: str, payload: Callable[[], Json]
) -> None:
    wanted = payload()
    id = wanted.get("record", {}).get("Id")
    other = {**wanted, "propertyName": "phone", "objectId": 1, "record": {"Id": "00Q000000000001AAA"}}

    found = results(
        provider,
        f"subscription {{ {field.format(id=id) if id else field} {{ upstreamId }} }}",
        [other, wanted, other, wanted],
        type,
        2,
    )

    assert None not in found
    assert found[0] == found[1]
