"""Scenario 26 for every sender there is: what its `Example` says is sent to the route, over a real database."""

import asyncio
import importlib
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import httpx2
import pytest
from structlog.testing import capture_logs

from connectors.connector import Connector
from connectors.database import Database
from connectors.paging import Window
from connectors.webhooks.delivery import Event
from connectors.webhooks.office import Office
from connectors.webhooks.sender import Sender, discover
from server.metrics import Metrics
from server.webhooks import Webhooks
from tests.clock import FakeClock
from tests.connectors.webhooks.inline import Inline
from tests.connectors.webhooks.senders import Example, json_with

SENDERS = discover()
EXAMPLES: dict[str, Example] = {
    name: importlib.import_module(f"tests.connectors.webhooks.senders.{name}").EXAMPLE for name in SENDERS
}
SIGNING = [name for name, example in EXAMPLES.items() if example.signs_body]
TIMED = [name for name, example in EXAMPLES.items() if example.timed]
ORDERED = [name for name, example in EXAMPLES.items() if example.ordered]


@dataclass
class Answers:
    """What there is of a cache: the tags that were evicted."""

    evicted: set[str] = field(default_factory=set)

    async def evict(self, tags: list[str]) -> None:
        self.evicted |= set(tags)


@dataclass
class Upstream:
    """What there is of a connector."""

    answers: Answers = field(default_factory=Answers)


class Route:
    """The route of one sender, and what became of what it took. Of an event's `handle` nothing is done."""

    def __init__(self, name: str, office: Office, durable: Inline, upstream: Upstream, published: list[Event]) -> None:
        self.name = name
        self.example = EXAMPLES[name]
        self.clock = durable.clock
        self.upstream = upstream
        self.published = published
        self.tally = office.tally
        self._office = office
        self._durable = durable
        app = Webhooks(
            office,
            self.clock,
            max_body_bytes=100_000,
            tolerance_s=300.0,
            public_url="https://hooks.april.example",
        )
        self._client = httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://inside")

    async def post(
        self,
        body: bytes,
        *,
        signed: bytes | None = None,
        secret: str | None = None,
        late_s: float = 0.0,
    ) -> httpx2.Response:
        """Send a body, with the signature of `signed`, or its own."""
        secret = secret or self.example.secrets[0]
        headers = dict(self.example.sign(body if signed is None else signed, secret, self.clock.time() - late_s))
        query = self.example.query(secret)
        return await self._client.post(f"/webhooks/{self.name}{query}", content=body, headers=headers)

    async def states(self) -> dict[str, str]:
        """What became of each event, once all is over, in the order in which they came."""
        inbox = await self._office.inbox()
        while any(stored.state == "received" for stored in (await inbox.page(Window(100))).items):  # noqa: ASYNC110
            await asyncio.sleep(0.005)
        await self._durable.settle()
        return {stored.event.id: stored.state for stored in reversed((await inbox.page(Window(100))).items)}


def through(name: str, place: Path, act: Callable[[Route], Awaitable[Any]], *, secrets: int = 2) -> Any:
    """What comes of acting on the route of a sender."""
    example = EXAMPLES[name]

    async def run() -> Any:
        published: list[Event] = []
        upstream = Upstream()

        async def publish(event: Event) -> None:
            published.append(event)

        webhooks = example.webhooks() if example.webhooks else SENDERS[name]
        known = tuple(example.known(secret) for secret in example.secrets[:secrets])
        sender = Sender(name=name, webhooks=webhooks, secrets=known, connector=cast(Connector, upstream))
        database, clock = Database(f"sqlite:///{place / 'punnet.sqlite3'}"), FakeClock()
        durable = Inline(database, clock)
        office = Office(database, clock, {name: sender}, publish, durable)
        await office.inbox()
        try:
            return await act(Route(name, office, durable, upstream, published))
        finally:
            await office.close()
            await database.close()

    return asyncio.run(run())


@pytest.mark.parametrize("name", EXAMPLES)
def test_what_is_signed_is_stored_handled_and_answered_as_its_sender_wants(name: str, tmp_path: Path) -> None:
    async def act(route: Route) -> None:
        answer = await route.post(route.example.body)
        states = await route.states()

        assert (answer.status_code, answer.content) == (200, route.example.answer)
        assert states == dict.fromkeys(route.example.ids, "handled")
        assert sorted(event.type for event in route.published) == sorted(route.example.types)
        assert {event.provider for event in route.published} == {name}
        assert route.upstream.answers.evicted == route.example.stale

    through(name, tmp_path, act)


@pytest.mark.parametrize("name", EXAMPLES)
def test_one_that_comes_twice_has_no_second_effect(name: str, tmp_path: Path) -> None:
    async def act(route: Route) -> None:
        first, second = await route.post(route.example.body), await route.post(route.example.body)
        await route.states()

        assert (first.status_code, second.status_code) == (200, 200)
        assert (second.status_code, second.content) == (200, route.example.answer)
        assert len(route.published) == len(route.example.ids)

    through(name, tmp_path, act)


@pytest.mark.parametrize("name", SIGNING)
def test_one_altered_byte_is_refused_and_nothing_stored(name: str, tmp_path: Path) -> None:
    async def act(route: Route) -> None:
        body = route.example.body
        altered = body[:-2] + bytes([body[-2] ^ 1]) + body[-1:]

        answer = await route.post(altered, signed=body)

        assert answer.status_code == 401
        assert await route.states() == {}

    through(name, tmp_path, act)


@pytest.mark.parametrize("name", SIGNING)
def test_the_same_json_written_otherwise_is_refused(name: str, tmp_path: Path) -> None:
    async def act(route: Route) -> None:
        rewritten = json.dumps(json.loads(route.example.body)).encode()

        answer = await route.post(rewritten, signed=route.example.body)

        assert answer.status_code == 401
        assert await route.states() == {}

    through(name, tmp_path, act)


@pytest.mark.parametrize("name", TIMED)
def test_what_was_signed_too_far_from_now_is_refused(name: str, tmp_path: Path) -> None:
    async def act(route: Route) -> None:
        for late_s, status in ((301.0, 401), (-301.0, 401), (299.0, 200), (-299.0, 200)):
            assert (await route.post(route.example.body, late_s=late_s)).status_code == status

    through(name, tmp_path, act)


@pytest.mark.parametrize("name", EXAMPLES)
def test_while_secrets_change_either_is_good_and_a_third_is_not(name: str, tmp_path: Path) -> None:
    async def act(route: Route) -> None:
        for secret in route.example.secrets:
            assert (await route.post(route.example.body, secret=secret)).status_code == 200
        third = route.example.secrets[0] + "1"
        assert (await route.post(route.example.body, secret=third)).status_code == 401

    async def alone(route: Route) -> None:
        assert (await route.post(route.example.body, secret=route.example.secrets[1])).status_code == 401

    through(name, tmp_path, act)
    through(name, tmp_path, alone, secrets=1)


@pytest.mark.parametrize("name", SIGNING)
def test_a_body_without_an_event_is_refused_once_it_is_verified(name: str, tmp_path: Path) -> None:
    async def act(route: Route) -> None:
        for body in (b"", b"{", b"[]x", b"7", b"[7]", b"<a/>", *(() if route.example.takes_any else (b'{"no": 1}',))):
            assert ((await route.post(body)).status_code, body) == (400, body)
        assert await route.states() == {}

    through(name, tmp_path, act)


@pytest.mark.parametrize("name", ["hubspot", "sendgrid"])
def test_of_many_events_those_that_can_be_read_are_taken(name: str, tmp_path: Path) -> None:
    async def act(route: Route) -> None:
        told = json.loads(route.example.body)
        nested: list[object] = []
        for _ in range(300):
            nested = [nested]
        with capture_logs() as lines:
            answer = await route.post(json_with([7, *told, {"no": 1}, {**told[0], "nested": nested}]))
        left_out = [line["why"] for line in lines if line["event"] == "webhook event left out"]
        page, _ = Metrics({}, {}, inbox=route.tally).page("")

        assert (answer.status_code, left_out) == (200, ["TypeError", "KeyError", "TypeError"])
        assert f'punnet_webhook_events_left_out_total{{provider="{name}"}} 3.0' in page.decode()
        assert sorted(await route.states()) == sorted(route.example.ids)

    through(name, tmp_path, act)


def test_what_is_nested_deeper_than_can_be_stored_is_no_event(tmp_path: Path) -> None:
    async def act(route: Route) -> None:
        nested = b"[" * 300 + b"]" * 300
        body = route.example.body.rstrip().removesuffix(b"}") + b', "nested": ' + nested + b"}"

        assert (await route.post(body)).status_code == 400
        assert await route.states() == {}

    through("stripe", tmp_path, act)


@pytest.mark.parametrize("name", ORDERED)
def test_the_later_of_two_is_what_stands_in_whichever_order_they_come(name: str, tmp_path: Path) -> None:
    earlier, later = EXAMPLES[name].ordered or (b"", b"")

    async def act(route: Route) -> list[str]:
        states = []
        for body in (later, earlier):
            assert (await route.post(body)).status_code == 200
            states.append(list((await route.states()).values())[-1])
        assert [bool(event.overtaken_by) for event in route.published] == [False, True]
        return states

    assert through(name, tmp_path, act) == ["handled", "superseded"]


@pytest.mark.parametrize("name", EXAMPLES)
def test_no_secret_gets_into_a_log_or_the_database(name: str, tmp_path: Path) -> None:
    async def act(route: Route) -> None:
        await route.post(route.example.body)
        await route.post(b"nonsense")
        await route.post(b"nonsense", signed=b"other")
        await route.states()

    with capture_logs() as lines:
        through(name, tmp_path, act)

    example = EXAMPLES[name]
    kept = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    hidden = [*example.secrets, *map(example.known, example.secrets), *leaks(example.body)]
    assert [secret for secret in hidden if secret in str(lines) or secret.encode() in kept] == []


def leaks(body: bytes) -> list[str]:
    """What is in examples and must not be kept."""
    found: Mapping[str, bytes] = {text: text.encode() for text in ("old verification token", "session of a user")}
    return [text for text, written in found.items() if written in body]
