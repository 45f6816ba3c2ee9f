"""Scenarios 26 and 28, inbound: webhooks are verified, stored, and handled once, also where a process is killed."""

import asyncio
import hashlib
import hmac
import json
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from standardwebhooks import Webhook

from connectors.sandbox.standalone import standalone
from tests.depot.sandbox import DepotSandbox
from tests.depot.webhooks import GATE
from tests.gateway import Gateway, running
from tests.operators import OPERATOR, TOKEN, asked, data, until
from tests.postgres import PostgresServer
from tests.server.test_cli import environment, free_port
from tests.serving import served

NEW, OLD = "whsec_bmV3IHNlY3JldA==", "whsec_b2xkIHNlY3JldA=="
OTHER = "whsec_b3RoZXIgc2VjcmV0"
LARGEST = 1024 * 1024 + 512
"""More than the largest request of any other kind may have."""
EVENTS = """query ($state: WebhookEventState, $provider: String, $first: Int, $after: String) {
  webhookEvents(state: $state, provider: $provider, first: $first, after: $after) {
    nodes { id provider eventId type object state attempts error receivedAt nextAttemptAt endedAt }
    pageInfo { hasNextPage endCursor } } }"""
REPLAY = "mutation ($id: ID!) { webhookReplayEvent(id: $id) { eventId state attempts error } }"


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def gateway(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """One for all that is only received, as DBOS takes a while to start: each test has ids and objects of its own."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('webhooks') / 'punnet.sqlite3'}"
    else:
        postgres: PostgresServer = request.getfixturevalue("running_postgres")
        url = postgres.database()
    settings = {
        "PUNNET_DATABASE_URL": url,
        "PUNNET_OPERATOR_TOKEN": TOKEN,
        "PUNNET_WEBHOOK_MAX_BODY_BYTES": str(LARGEST),
        "DEPOT_WEBHOOK_SECRET": f"{NEW}, {OLD}",
        "STRIPE_WEBHOOK_SECRET": "whsec_stripe",
        "GITHUB_WEBHOOK_SECRET": "github secret",
    }
    with running(settings) as gateway:
        yield gateway


def body_of(**more: Any) -> bytes:
    return json.dumps({"type": "parcel.arrived", **more}).encode()


def signed(id: str, body: bytes, *, secret: str = NEW, age_s: float = 0.0) -> dict[str, str]:
    """What the public library of Standard Webhooks signs."""
    now = datetime.fromtimestamp(time.time() - age_s, UTC)
    return {
        "webhook-id": id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(secret).sign(id, now, body.decode()),
    }


def post(gateway: Gateway, id: str, body: bytes, headers: dict[str, str] | None = None) -> int:
    """The status that a delivery is answered with."""
    sent = headers or signed(id, body)
    return httpx2.post(f"{gateway.url}/webhooks/depot", content=body, headers=sent, timeout=60).status_code


def events(gateway: Gateway, **which: Any) -> list[dict[str, Any]]:
    nodes: list[dict[str, Any]] = data(gateway, EVENTS, **which)["nodes"]
    return nodes


def over(gateway: Gateway) -> None:
    """Wait until nothing is left to be handled."""
    until(lambda: not events(gateway, state="RECEIVED", first=1))


def handled(gateway: Gateway, *ids: str) -> list[str]:
    """Which of these the depot was told of, in order, when all is over."""
    over(gateway)
    return [id for id in gateway.sandbox("depot", DepotSandbox).sent if id in ids]


def test_26_what_is_signed_is_taken_and_handled(gateway: Gateway) -> None:
    assert post(gateway, "valid", body_of()) == 200

    assert handled(gateway, "valid") == ["valid"]


def test_26_one_altered_byte_is_refused(gateway: Gateway) -> None:
    body = body_of(parcel="p001")

    status = post(gateway, "altered", body.replace(b"p001", b"p002"), signed("altered", body))

    assert (status, handled(gateway, "altered")) == (401, [])


@pytest.mark.parametrize("age_s", [310.0, -310.0])
def test_26_a_stale_timestamp_is_refused(gateway: Gateway, age_s: float) -> None:
    body = body_of()

    status = post(gateway, "stale", body, signed("stale", body, age_s=age_s))

    assert (status, handled(gateway, "stale")) == (401, [])


def test_26_json_that_was_written_anew_is_refused(gateway: Gateway) -> None:
    body = body_of(parcel="p001")
    anew = json.dumps(json.loads(body), separators=(",", ":")).encode()

    status = post(gateway, "anew", anew, signed("anew", body))

    assert (status, handled(gateway, "anew")) == (401, [])


def test_26_while_a_secret_is_replaced_both_are_good(gateway: Gateway) -> None:
    body = body_of()

    statuses = [post(gateway, id, body, signed(id, body, secret=id)) for id in (NEW, OLD, OTHER)]

    assert statuses == [200, 200, 401]
    assert sorted(handled(gateway, NEW, OLD, OTHER)) == sorted([NEW, OLD])


def test_26_a_repetition_is_taken_and_has_no_effect(gateway: Gateway) -> None:
    body = body_of()

    statuses = [post(gateway, "twice", body) for _ in range(2)]
    first = handled(gateway, "twice")
    statuses.append(post(gateway, "twice", body))

    assert statuses == [200, 200, 200]
    assert first == handled(gateway, "twice") == ["twice"]


def test_26_of_events_that_came_in_the_wrong_order_the_later_one_is_the_last_word(gateway: Gateway) -> None:
    statuses = [post(gateway, "event 2", body_of(parcel="p026", version=2))]
    over(gateway)
    statuses.append(post(gateway, "event 1", body_of(parcel="p026", version=1)))
    over(gateway)
    states = {event["eventId"]: event["state"] for event in events(gateway, first=2)}

    assert statuses == [200, 200]
    assert handled(gateway, "event 1", "event 2") == ["event 2"]
    assert states == {"event 2": "HANDLED", "event 1": "SUPERSEDED"}


def test_who_cannot_be_verified_is_told_nothing(gateway: Gateway, capsys: pytest.CaptureFixture[str]) -> None:
    url, body = f"{gateway.url}/webhooks/depot", b"{no json"
    wrong = [
        {},
        {"webhook-id": "1"},
        signed("1", b"other"),
        signed("1", body, age_s=1e6),
        signed("1", body, secret=OTHER),
    ]

    answers = [httpx2.post(url, content=body, headers=headers, timeout=60) for headers in wrong]
    log = capsys.readouterr()

    assert {(answer.status_code, answer.content) for answer in answers} == {(401, answers[0].content)}
    assert "no json" not in log.out + log.err
    assert "whsec" not in log.out + log.err


def test_what_is_verified_and_cannot_be_read_is_a_bad_request(gateway: Gateway) -> None:
    assert [post(gateway, "unreadable", body) for body in (b"{no json", b"{}", b"[1]")] == [400, 400, 400]


def test_other_senders_methods_and_sizes_are_refused(gateway: Gateway) -> None:
    url, large = f"{gateway.url}/webhooks", b"x" * (LARGEST + 1)

    answers = [
        httpx2.post(f"{url}/nobody", content=b"{}", timeout=60),
        httpx2.post(f"{url}/sendgrid", content=b"{}", timeout=60),
        httpx2.get(f"{url}/depot", timeout=60),
        httpx2.post(f"{url}/depot", content=large, timeout=60),
        httpx2.post(f"{url}/depot", content=iter([large]), timeout=60),
        httpx2.post(f"{url}/depot", content=large[:LARGEST], timeout=60),
    ]

    assert [answer.status_code for answer in answers] == [404, 404, 405, 413, 413, 401]
    assert answers[2].headers["allow"] == "POST"


def test_stripe_and_github_are_taken_by_their_own_schemes(gateway: Gateway) -> None:
    event = {
        "id": "evt_1",
        "type": "charge.refunded",
        "created": 1,
        "data": {"object": {"id": "ch_1", "object": "charge"}},
    }
    body, now = json.dumps(event).encode(), int(time.time())
    stripe = hmac.new(b"whsec_stripe", f"{now}.".encode() + body, hashlib.sha256).hexdigest()
    issue = json.dumps({"action": "opened", "issue": {"node_id": "I_1", "updated_at": "2026-01-01T00:00:00Z"}}).encode()
    github = hmac.new(b"github secret", issue, hashlib.sha256).hexdigest()

    answers = [
        httpx2.post(
            f"{gateway.url}/webhooks/stripe",
            content=body,
            headers={"Stripe-Signature": f"t={now},v1={stripe}"},
            timeout=60,
        ),
        httpx2.post(
            f"{gateway.url}/webhooks/github",
            content=issue,
            headers={
                "X-Hub-Signature-256": f"sha256={github}",
                "X-GitHub-Event": "issues",
                "X-GitHub-Delivery": "72d3162e",
            },
            timeout=60,
        ),
    ]
    over(gateway)
    (from_stripe,), (from_github,) = (events(gateway, provider=name) for name in ("stripe", "github"))

    assert [(answer.status_code, answer.content) for answer in answers] == [(200, b""), (200, b"")]
    assert (from_stripe["eventId"], from_stripe["type"], from_stripe["object"]) == ("evt_1", "charge.refunded", "ch_1")
    assert (from_github["eventId"], from_github["type"], from_github["object"]) == ("72d3162e", "issues.opened", "I_1")
    assert {from_stripe["state"], from_github["state"]} == {"HANDLED"}


def test_operators_see_what_is_parked_and_replay_it(gateway: Gateway, capsys: pytest.CaptureFixture[str]) -> None:
    post(gateway, "broken", body_of(broken="canary"))
    over(gateway)
    (parked,) = events(gateway, state="PARKED")
    replayed = data(gateway, REPLAY, id=parked["id"])
    over(gateway)
    (again,) = events(gateway, state="PARKED")
    errors = asked(gateway, REPLAY, id="123456789")["errors"]
    many = data(gateway, 'mutation { webhookReplayEvents(filter: {provider: "depot", type: "other"}) }')
    log = capsys.readouterr()

    assert (parked["eventId"], parked["attempts"]) == ("broken", 3)
    assert parked["error"].startswith("RuntimeError in webhooks.py, line ")
    assert parked["endedAt"] > parked["receivedAt"]
    assert replayed == {"eventId": "broken", "state": "RECEIVED", "attempts": 0, "error": parked["error"]}
    assert (again["id"], again["attempts"]) == (parked["id"], 3)
    assert errors[0]["extensions"]["code"] == "BAD_USER_INPUT"
    assert many == 0
    assert "canary" not in log.out + log.err


def test_operators_page_through_events_and_nobody_else_does(gateway: Gateway) -> None:
    for number in range(5):
        post(gateway, f"page {number}", body_of())
    first = data(gateway, EVENTS, first=2, provider="depot")
    second = data(gateway, EVENTS, first=3, provider="depot", after=first["pageInfo"]["endCursor"])
    errors = asked(gateway, EVENTS, headers={})["errors"]

    ids = [node["eventId"] for node in first["nodes"] + second["nodes"]]
    assert ids == [f"page {number}" for number in (4, 3, 2, 1, 0)]
    assert errors[0]["extensions"]["code"] == "FORBIDDEN"


def test_what_came_in_is_counted_and_logged(gateway: Gateway, capsys: pytest.CaptureFixture[str]) -> None:
    def counted() -> dict[str, float]:
        page = httpx2.get(f"{gateway.url}/metrics", headers=OPERATOR, timeout=60).text
        lines = (line.rpartition(" ") for line in page.splitlines() if line.startswith("punnet_webhook"))
        return {name: float(value) for name, _, value in lines}

    before = counted()
    for id in ("counted", "counted", "counted as well"):
        post(gateway, id, body_of())
    post(gateway, "refused", body_of(), {"webhook-id": "refused"})
    over(gateway)
    log = capsys.readouterr()
    after = counted()
    grown = {name: value - before.get(name, 0.0) for name, value in after.items() if value != before.get(name)}

    assert grown['punnet_webhooks_received_total{provider="depot"}'] == 2
    assert grown['punnet_webhooks_duplicates_total{provider="depot"}'] == 1
    assert grown['punnet_webhooks_refused_total{provider="depot",reason="unverified"}'] == 1
    assert grown['punnet_webhook_events_total{provider="depot",state="handled"}'] == 2
    assert grown['punnet_webhook_event_duration_seconds_count{provider="depot"}'] == 2
    assert (log.out + log.err).count("webhook received") == 3
    assert (log.out + log.err).count("webhook attempt") == 2


# What needs processes of its own: with several in one process there would be one DBOS for all of them.


@contextmanager
def process(database_url: str, depot_url: str, **more: str) -> Iterator[Gateway]:
    """`punnet serve` with the depot alone, which `serves` soon; killed at the end."""
    port = free_port()
    settings = {
        "PUNNET_DATABASE_URL": database_url,
        "PUNNET_OPERATOR_TOKEN": TOKEN,
        "DEPOT_TOKEN": "depot-token",
        "DEPOT_BASE_URL": f"{depot_url}/depot",
        "DEPOT_WEBHOOK_SECRET": NEW,
    }
    command = [sys.executable, "-m", "tests.plugged", "serve", "--port", str(port)]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL, env=environment(**settings, **more)) as running:
        try:
            yield Gateway(f"http://127.0.0.1:{port}", {}, (), lambda _: FastAPI())
        finally:
            running.kill()


def serves(gateway: Gateway) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", int(gateway.url.rpartition(":")[2]))) == 0


def post_all(urls: Sequence[str], bodies: dict[str, bytes]) -> Counter[int]:
    """Deliver all of them, to each gateway at the same time; the statuses."""

    async def run() -> list[int]:
        async with httpx2.AsyncClient() as client:
            waiting = iter([(id, body, url) for id, body in bodies.items() for url in urls])

            async def sender() -> list[int]:
                statuses = []
                for id, body, url in waiting:
                    answer = await client.post(f"{url}/webhooks/depot", content=body, headers=signed(id, body))
                    statuses.append(answer.status_code)
                return statuses

            return [status for statuses in await asyncio.gather(*(sender() for _ in range(16))) for status in statuses]

    return Counter(asyncio.run(run()))


def test_28_every_event_is_handled_once_where_the_process_is_killed_before_it_handled_them(
    database_url: str, tmp_path: Path
) -> None:
    depot, gate = DepotSandbox(()), tmp_path / "gate"
    bodies = {f"e{n}": body_of(parcel=f"p{n % 100:03}", held=n >= 200) for n in range(1000)}
    with served(standalone({"depot": depot})) as url:
        with process(database_url, url, **{GATE: str(gate)}) as gateway:
            until(lambda: serves(gateway))
            statuses = post_all([gateway.url], bodies)
            until(lambda: len(depot.sent) == 200 and len(events(gateway, state="HANDLED", first=1000)) == 200)
        before = len(depot.sent)
        with process(database_url, url) as gateway:
            until(lambda: serves(gateway))
            until(lambda: len(depot.sent) >= 1000)
            over(gateway)

    assert statuses == {200: 1000}
    assert before == 200
    assert Counter(depot.sent) == Counter(bodies.keys())


def test_an_event_that_is_posted_to_two_replicas_is_handled_once(running_postgres: PostgresServer) -> None:
    depot, database_url = DepotSandbox(()), running_postgres.database()
    bodies = {f"e{n}": body_of(parcel=f"p{n % 5:03}", version=n // 5) for n in range(100)}
    with (
        served(standalone({"depot": depot})) as url,
        process(database_url, url) as one,
        process(database_url, url) as other,
    ):
        until(lambda: serves(one) and serves(other))
        statuses = post_all([one.url, other.url], bodies)
        over(one)
        states = {event["eventId"]: event["state"] for event in events(one, first=1000)}

    assert statuses == {200: 200}
    assert set(states.values()) <= {"HANDLED", "SUPERSEDED"}
    assert Counter(depot.sent) == Counter(id for id, state in states.items() if state == "HANDLED")
    for parcel in range(5):
        told = [int(id[1:]) for id in depot.sent if int(id[1:]) % 5 == parcel]
        assert told == sorted(told)
        assert told[-1] == 95 + parcel
