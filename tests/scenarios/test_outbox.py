"""Webhooks that go out, as operators and receivers see them. Scenarios 28 (outbound) and 36."""

import hmac
import socket
import subprocess
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import httpx2
import orjson
import pytest
from fastapi import FastAPI
from standardwebhooks import Webhook

from tests.gateway import Gateway, running
from tests.operators import CREATE, SETTINGS, data, until
from tests.receiver import Receiver, Says
from tests.server.test_cli import PUNNET, environment, free_port
from tests.serving import served

TEST = "mutation ($id: ID!) { webhookSendTest(id: $id) { id messageId state } }"
DELIVERIES = """query ($state: WebhookDeliveryState, $endpoint: ID, $first: Int, $after: String) {
  webhookDeliveries(state: $state, endpoint: $endpoint, first: $first, after: $after) {
    nodes { id messageId type state nextAttemptAt endedAt endpoint { id }
      attempts { number status error latencyMs } }
    pageInfo { hasNextPage endCursor } } }"""


def deliveries(gateway: Gateway, **which: Any) -> list[dict[str, Any]]:
    nodes: list[dict[str, Any]] = data(gateway, DELIVERIES, **which)["nodes"]
    return nodes


@pytest.fixture
def sending(tmp_path: Path) -> Iterator[Gateway]:
    with running({**SETTINGS, "PUNNET_DATABASE_URL": f"sqlite:///{tmp_path / 'punnet.sqlite3'}"}) as gateway:
        yield gateway


@contextmanager
def receiving(*answers: Says) -> Iterator[tuple[Receiver, str]]:
    receiver = Receiver(*answers)
    with served(receiver) as url:
        yield receiver, f"{url}/hook?token=t0p-s3cret"


def test_an_operator_registers_an_endpoint_tries_it_out_and_sees_what_came_of_it(
    sending: Gateway, capsys: pytest.CaptureFixture[str]
) -> None:
    with receiving(Says(500), Says(204)) as (receiver, url):
        made = data(sending, CREATE, url=url, topics=["stripe.*"])
        test = data(sending, TEST, id=made["endpoint"]["id"])
        until(lambda: deliveries(sending)[0]["state"] == "DELIVERED")
    (delivery,) = deliveries(sending)
    page = httpx2.get(f"{sending.url}/metrics", timeout=60).text
    told = capsys.readouterr()

    assert made["endpoint"]["topics"] == ["stripe.*"]
    assert [one.id for one in receiver.received] == [test["messageId"]] * 2
    for received in receiver.received:
        assert Webhook(made["secret"]).verify(received.body, dict(received.headers))["type"] == "punnet.test"
    assert (delivery["id"], delivery["endpoint"], delivery["nextAttemptAt"]) == (
        test["id"],
        {"id": made["endpoint"]["id"]},
        None,
    )
    assert [(attempt["number"], attempt["status"]) for attempt in delivery["attempts"]] == [(1, 500), (2, 204)]
    assert 'punnet_webhook_attempts_total{outcome="delivered"} 1.0' in page
    assert 'punnet_webhook_deliveries{state="pending"} 0.0' in page
    assert told.out.count("delivery attempt") + told.err.count("delivery attempt") == 2
    assert "t0p-s3cret" not in told.out + told.err
    assert made["secret"] not in told.out + told.err


UPDATE = """mutation ($id: ID!, $url: String) { webhookUpdateEndpoint(id: $id, url: $url) {
  __typename ... on WebhookTargetRejected { reason message } } }"""


def test_an_endpoint_whose_name_turns_private_is_sent_nothing(tmp_path: Path) -> None:
    """Scenario 36, at delivery: what was registered does not count, but where the name leads now."""
    settings = {**SETTINGS, "PUNNET_DATABASE_URL": f"sqlite:///{tmp_path / 'punnet.sqlite3'}"}
    with receiving() as (receiver, url):
        with running(settings) as gateway:
            id = data(gateway, CREATE, url=url.replace("http://127.0.0.1", "https://localhost"), topics=["*"])[
                "endpoint"
            ]["id"]
        with running({**settings, "PUNNET_ALLOW_PRIVATE_ADDRESSES": "0"}) as gateway:
            moved = data(gateway, UPDATE, id=id, url=url)
            data(gateway, TEST, id=id)
            until(lambda: deliveries(gateway)[0]["state"] == "DEAD")
            (delivery,) = deliveries(gateway)

    assert moved["reason"] == "BAD_ADDRESS"
    assert receiver.received == []
    assert [attempt["error"] for attempt in delivery["attempts"]] == ["the host's address is not public"] * 3


def test_operators_see_deliveries_page_by_page_and_replay_the_dead_together(sending: Gateway) -> None:
    with receiving(Says(500)) as (receiver, url):
        ids = [data(sending, CREATE, url=f"{url}&n={number}", topics=["*"])["endpoint"]["id"] for number in range(2)]
        for number in range(5):
            data(sending, TEST, id=ids[number % 2])
        until(lambda: len(deliveries(sending, state="DEAD")) == 5)
        page = data(sending, DELIVERIES, first=2)
        rest = data(sending, DELIVERIES, first=10, after=page["pageInfo"]["endCursor"])
        one = deliveries(sending, endpoint=ids[1])
        receiver.answers = [Says()]
        query = "mutation ($filter: WebhookDeliveryFilter!) { webhookReplayDeliveries(filter: $filter) }"
        replayed = data(sending, query, filter={"endpoint": ids[0]})
        until(lambda: len(deliveries(sending, state="DELIVERED")) == 3)
        query = "mutation ($id: ID!) { webhookReplayDelivery(id: $id) { state } }"
        again = data(sending, query, id=one[0]["id"])
        until(lambda: len(deliveries(sending, state="DELIVERED")) == 4)

    assert (len(page["nodes"]), page["pageInfo"]["hasNextPage"], len(rest["nodes"])) == (2, True, 3)
    assert len({node["id"] for node in page["nodes"] + rest["nodes"]}) == 5
    assert {delivery["endpoint"]["id"] for delivery in one} == {ids[1]}
    assert (len(one), replayed, again) == (2, 3, {"state": "PENDING"})


@contextmanager
def process(port: int, database_url: str) -> Iterator["subprocess.Popen[bytes]"]:
    """`punnet serve` in a process of its own, killed at the end."""
    more = {
        "PUNNET_SANDBOX": "1",
        "PUNNET_DATABASE_URL": database_url,
        "PUNNET_WEBHOOK_CONCURRENCY": "5",
        "PUNNET_WEBHOOK_TIMEOUT_S": "20",
        "GITHUB_WEBHOOK_SECRET": "gh-s3cret",
    }
    command = [*PUNNET, "serve", "--port", str(port)]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL, env=environment(**{**SETTINGS, **more})) as running:
        try:
            until(lambda: is_open(port))
            yield running
        finally:
            running.kill()


def is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def told(url: str, number: int) -> bool:
    """An issue is opened at GitHub: whether the gateway took the news."""
    body = orjson.dumps({"action": "opened", "issue": {"node_id": f"I_{number}", "updated_at": "2026-01-01T00:00:00Z"}})
    headers = {
        "X-Hub-Signature-256": f"sha256={hmac.new(b'gh-s3cret', body, 'sha256').hexdigest()}",
        "X-GitHub-Event": "issues",
        "X-GitHub-Delivery": f"delivery-{number}",
        "Content-Type": "application/json",
    }
    try:
        return httpx2.post(f"{url}/webhooks/github", content=body, headers=headers, timeout=30).status_code == 200
    except httpx2.TransportError:
        return False


def test_what_is_on_its_way_when_the_process_is_killed_arrives_after_a_restart(database_url: str) -> None:
    """Scenario 28, outbound: only what was being sent in that moment may come twice, under the same id."""
    receiver, port = Receiver(latency_s=0.05), free_port()
    gateway = Gateway(f"http://127.0.0.1:{port}", {}, (), lambda _: FastAPI())
    tell = partial(told, gateway.url)
    with served(receiver) as url, ThreadPoolExecutor(8) as pool:
        with process(port, database_url) as killed:
            for number in range(3):
                data(gateway, CREATE, url=f"{url}/{number}", topics=["github.issues.*"])
            first = [pool.submit(tell, number) for number in range(110)]
            until(lambda: len(receiver.received) > 100)
            killed.kill()
        before = len(receiver.received)
        again = [number for number, one in enumerate(first) if not one.result()]
        with process(port, database_url):
            assert all(pool.map(tell, again))
            until(lambda: len({(received.path, received.id) for received in receiver.received}) == 330)
            until(lambda: not deliveries(gateway, state="PENDING", first=1))
            delivered = deliveries(gateway, state="DELIVERED", first=1000)

    came = Counter((received.path, received.id) for received in receiver.received)
    assert 100 < before < 330
    assert {(delivery["type"], len(delivery["attempts"])) for delivery in delivered} == {("github.issues.opened", 1)}
    assert len(delivered) == len(came) == 330
    assert len({received.json["data"]["issue"]["node_id"] for received in receiver.received}) == 110
    assert max(came.values()) <= 2
    assert came.total() - 330 <= 3 * 5
