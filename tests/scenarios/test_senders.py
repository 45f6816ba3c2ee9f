"""Scenarios 26, 27 and 29 with every sender, over HTTP: what they send is taken, and reaches who follows it."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from connectors.providers.google_calendar.sandbox import GoogleCalendarSandbox
from tests.connectors.webhooks.test_every_sender import EXAMPLES, SENDERS
from tests.gateway import Gateway, running
from tests.operators import TOKEN, data, until
from tests.subscriber import subscribed

PUBLIC_URL = "https://hooks.april.example"
EVENTS = "query ($provider: String) { webhookEvents(provider: $provider) { nodes { eventId state } } }"
WATCH = """mutation { googleCalendarWatch { ... on GoogleCalendarWatch { calendarId expiresAt }
  ... on GoogleCalendarWatchRejected { reason } } }"""
UNWATCH = "mutation { googleCalendarUnwatch { ... on GoogleCalendarUnwatched { wasWatched } } }"
CREATE = """mutation ($input: GoogleCalendarEventInput!) { googleCalendarCreateEvent(input: $input) {
  ... on GoogleCalendarEventSaved { event { eventId } } } }"""
CREATED = "subscription { googleCalendarEventCreated { summary calendar { primary } } }"
MEETING = {
    "summary": "Quinces",
    "start": {"dateTime": "2026-06-01T10:00:00Z"},
    "end": {"dateTime": "2026-06-01T11:00:00Z"},
}


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """One that knows every sender by the first secret of its example."""
    folder: Path = tmp_path_factory.mktemp("senders")
    environment = {
        "PUNNET_DATABASE_URL": f"sqlite:///{folder / 'punnet.sqlite3'}",
        "PUNNET_OPERATOR_TOKEN": TOKEN,
        "PUNNET_PUBLIC_URL": PUBLIC_URL,
    }
    for name, example in EXAMPLES.items():
        environment[SENDERS[name].secrets] = example.known(example.secrets[0])
    with running(environment) as gateway:
        yield gateway


def states(gateway: Gateway, provider: str) -> dict[str, str]:
    return {node["eventId"]: node["state"] for node in data(gateway, EVENTS, provider=provider)["nodes"]}


@pytest.mark.parametrize("name", [name for name, example in EXAMPLES.items() if example.webhooks is None])
def test_26_what_a_sender_sends_is_taken_and_handled(gateway: Gateway, name: str) -> None:
    example = EXAMPLES[name]
    secret = example.secrets[0]
    address = f"{gateway.url}/webhooks/{name}{example.query(secret)}"

    answer = httpx2.post(
        address, content=example.body, headers=dict(example.sign(example.body, secret, time.time())), timeout=60
    )
    forged = httpx2.post(address.partition("?")[0], content=example.body, timeout=60)

    assert (answer.status_code, answer.content) == (200, example.answer)
    assert forged.status_code == 401
    until(lambda: states(gateway, name) == dict.fromkeys(example.ids, "HANDLED"))


@pytest.mark.parametrize("place", ["https://api.paypal.com.attacker.example/c", "https://127.0.0.1:1/c"])
def test_27_a_certificate_elsewhere_is_refused(gateway: Gateway, place: str) -> None:
    example = EXAMPLES["paypal"]
    headers = {**example.sign(example.body, example.secrets[0], time.time()), "paypal-cert-url": place}

    answer = httpx2.post(f"{gateway.url}/webhooks/paypal", content=example.body, headers=headers, timeout=60)

    assert answer.status_code == 401
    assert states(gateway, "paypal") == {}


def test_29_what_changes_in_a_calendar_reaches_who_follows_it(gateway: Gateway) -> None:
    google = gateway.sandbox("google_calendar", GoogleCalendarSandbox)

    def deliver(address: str, headers: dict[str, str]) -> None:
        there = address.replace(PUBLIC_URL, gateway.url)
        threading.Thread(target=lambda: httpx2.post(there, headers=headers, timeout=60), daemon=True).start()

    google.deliver = deliver
    watched: dict[str, Any] = gateway.data(WATCH)["googleCalendarWatch"]
    with subscribed("ws", gateway.url, CREATED) as follower:
        until(
            lambda: (
                'punnet_event_subscribers{provider="google_calendar"} 1'
                in httpx2.get(f"{gateway.url}/metrics", timeout=60).text
            )
        )

        gateway.data(CREATE, input=MEETING)
        told = follower.next()

    created = {"summary": "Quinces", "calendar": {"primary": True}}
    assert told == {"data": {"googleCalendarEventCreated": created}}
    assert watched["calendarId"] == google.me
    assert gateway.data(UNWATCH) == {"googleCalendarUnwatch": {"wasWatched": True}}
    assert google.channels == {}
