"""What an event evicts is what it makes untrue, and no neighbour of it: real clients, over a cache that keeps all."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from connectors.call import Scope
from connectors.connector import Connector, connect, discover
from connectors.paging import Window
from connectors.policy import OperationCache
from connectors.sandbox.people import population
from connectors.webhooks.delivery import Event
from connectors.webhooks.sender import discover as senders
from tests.clock import FakeClock

Read = Callable[[Any, Any], Awaitable[Any]]
"""Reads something by a client; the second argument is the sandbox."""

ALWAYS = OperationCache(ttl_s=1e6, negative_ttl_s=1e6, insists=True)


@cache
def connected(provider: str) -> Connector:
    upstream = discover()[provider]
    policy = replace(upstream.policy, cache=replace(upstream.policy.cache, operations={"*": ALWAYS}))
    connector = connect(replace(upstream, policy=policy), {}, people=population(40), clock=FakeClock())
    assert connector
    return connector


def first(table: Any, n: int = 0) -> Any:
    return list(table)[n]


def event(provider: str, type: str, payload: Any, object: str | None = None) -> Callable[[Any], Event]:
    def told(sandbox: Any) -> Event:
        filled = payload(sandbox) if callable(payload) else payload
        return Event(provider=provider, id="1", type=type, payload=filled, object=object)

    return told


def channel(n: int) -> Callable[[Any], str]:
    return lambda slack: str(first(slack.workspace.channels, n))


def user(n: int) -> Callable[[Any], str]:
    return lambda slack: str(first(slack.workspace.users, n))


def contact(n: int) -> Callable[[Any], str]:
    return lambda hubspot: str(first(hubspot.portal.objects["contacts"], n))


def capture(n: int) -> Callable[[Any], Any]:
    return lambda paypal: first(paypal.account.captures.values(), n)


WINDOW = Window(5)

CASES: list[tuple[str, Callable[[Any], Event], list[Read], list[Read]]] = [
    (
        "slack",
        event("slack", "message", lambda slack: {"event": {"channel": channel(0)(slack)}}),
        [lambda client, slack: client.list_messages(WINDOW, channel=channel(0)(slack))],
        [
            lambda client, slack: client.list_messages(WINDOW, channel=channel(1)(slack)),
            lambda client, slack: client.get_channel(channel(0)(slack)),
            lambda client, slack: client.get_user(user(0)(slack)),
            lambda client, slack: client.list_users(WINDOW),
        ],
    ),
    (
        "slack",
        event("slack", "user_change", lambda slack: {"event": {"user": {"id": user(0)(slack)}}}),
        [lambda client, slack: client.get_user(user(0)(slack)), lambda client, slack: client.list_users(WINDOW)],
        [
            lambda client, slack: client.get_user(user(1)(slack)),
            lambda client, slack: client.list_messages(WINDOW, channel=channel(0)(slack)),
        ],
    ),
    (
        "slack",
        event("slack", "member_joined_channel", lambda slack: {"event": {"channel": channel(0)(slack), "user": "U"}}),
        [
            lambda client, slack: client.list_members(WINDOW, channel=channel(0)(slack)),
            lambda client, slack: client.get_channel(channel(0)(slack)),
        ],
        [
            lambda client, slack: client.list_members(WINDOW, channel=channel(1)(slack)),
            lambda client, slack: client.list_messages(WINDOW, channel=channel(0)(slack)),
        ],
    ),
    (
        "hubspot",
        event(
            "hubspot",
            "contact.propertyChange",
            lambda hubspot: {"objectId": int(contact(0)(hubspot))},
        ),
        [
            lambda client, hubspot: client.get_many("contacts", [contact(0)(hubspot)]),
            lambda client, hubspot: client.list_objects(WINDOW, kind="contacts"),
            lambda client, hubspot: client.search_objects(WINDOW, kind="contacts", query="a"),
        ],
        [
            lambda client, hubspot: client.get_many("contacts", [contact(7)(hubspot)]),
            lambda client, hubspot: client.list_objects(WINDOW, kind="deals"),
            lambda client, hubspot: client.list_owners(WINDOW),
        ],
    ),
    (
        "hubspot",
        event("hubspot", "deal.creation", {"objectId": 1}),
        [lambda client, hubspot: client.list_objects(WINDOW, kind="deals")],
        [lambda client, hubspot: client.list_objects(WINDOW, kind="contacts")],
    ),
    (
        "paypal",
        lambda paypal: Event(
            provider="paypal",
            id="1",
            type="PAYMENT.CAPTURE.COMPLETED",
            payload={"resource_type": "capture", "resource": capture(0)(paypal)},
            object=capture(0)(paypal)["id"],
        ),
        [
            lambda client, paypal: client.get_capture(capture(0)(paypal)["id"]),
            lambda client, paypal: client.get_order(
                capture(0)(paypal)["supplementary_data"]["related_ids"]["order_id"]
            ),
        ],
        [
            lambda client, paypal: client.get_capture(capture(1)(paypal)["id"]),
            lambda client, paypal: client.list_invoices(WINDOW),
        ],
    ),
    (
        "sendgrid",
        lambda sendgrid: Event(
            provider="sendgrid", id="1", type="bounce", payload={}, object=first(sendgrid.account.messages)
        ),
        [
            lambda client, sendgrid: client.get_message(first(sendgrid.account.messages)),
            lambda client, sendgrid: client.list_suppressions(WINDOW, kind="bounces"),
        ],
        [
            lambda client, sendgrid: client.get_message(first(sendgrid.account.messages, 1)),
            lambda client, sendgrid: client.list_suppressions(WINDOW, kind="unsubscribes"),
            lambda client, sendgrid: client.recent_contacts(),
        ],
    ),
    (
        "salesforce",
        event("salesforce", "Contact", {}),
        [lambda client, salesforce: client.contacts(Window(200))],
        [lambda client, salesforce: client.accounts(Window(200))],
    ),
    (
        "google_calendar",
        event("google_calendar", "event.updated", {"id": "meet000001"}),
        [
            lambda client, google: client.get_event("primary", "meet000001"),
            lambda client, google: client.list_events(WINDOW, calendar="primary"),
            lambda client, google: client.free_busy(["primary"], "2025-12-24T08:00:00Z", "2025-12-24T09:00:00Z"),
        ],
        [
            lambda client, google: client.get_event("primary", "meet000002"),
            lambda client, google: client.get_calendar("primary"),
        ],
    ),
]


@pytest.mark.parametrize(("provider", "told", "untrue", "true"), CASES)
def test_an_event_evicts_what_it_makes_untrue_and_nothing_else(
    provider: str, told: Callable[[Any], Event], untrue: list[Read], true: list[Read]
) -> None:
    connector = connected(provider)
    sandbox: Any = connector.sandbox

    async def asked(read: Read) -> int:
        """How many calls reach the upstream."""
        before, now = len(sandbox.calls), connector.clock.now()
        await read(connector.client(Scope(began=now, deadline=now + 1e6)), sandbox)
        return len(sandbox.calls) - before

    async def run() -> None:
        connector.answers.forget(["*"])
        for read in (*untrue, *true):
            await asked(read)
        kept = [await asked(read) for read in (*untrue, *true)]
        await connector.answers.evict(senders()[provider].stale(told(sandbox)))

        assert kept == [0] * len(kept)
        assert [await asked(read) for read in true] == [0] * len(true)
        assert [await asked(read) for read in untrue] == [1] * len(untrue)

    asyncio.run(run())
