"""Messages on their way, to a real receiver, in SQLite and in a real PostgreSQL, on a clock that is turned by hand."""

import asyncio
import re
import socket
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar

import pytest
from aiohappyeyeballs import AddrInfoType
from sqlalchemy import func, select
from standardwebhooks import Webhook, WebhookVerificationError

from connectors.address import Origin
from connectors.auth.seal import Seal, Unreadable
from connectors.database import Database
from connectors.paging import Window
from connectors.webhooks.outbox.endpoints import Endpoints
from connectors.webhooks.outbox.outbox import ALONE, ATTEMPT, NEAR_S, ROUND_S, Outbox
from connectors.webhooks.outbox.records import Attempt, Delivery, Endpoint, OutboxPolicy, Which
from connectors.webhooks.outbox.tables import ATTEMPTS, MESSAGES, TABLES
from connectors.wires import GuardedWire
from connectors.wires.dialing import Resolve
from connectors.wires.guard import AddressRefused
from tests.clock import FakeClock
from tests.connectors.auth.test_seal import NEW, OLD
from tests.connectors.webhooks.outbox.turns import Turns
from tests.receiver import Receiver, Says
from tests.serving import served

T = TypeVar("T")

DOCS = Path(__file__).parents[4] / "docs" / "webhooks-out.md"


class Clock(FakeClock):
    """`meanwhile` is done once, as soon as somebody sleeps for a while."""

    meanwhile: Callable[[], Awaitable[object]] | None = None

    async def sleep(self, seconds: float) -> None:
        if seconds > 0 and self.meanwhile:
            act, self.meanwhile = self.meanwhile, None
            await act()
        await super().sleep(seconds)


@dataclass
class Setting:
    """`url` is the receiver's."""

    outbox: Outbox
    turns: Turns
    clock: Clock
    receiver: Receiver
    url: str

    async def endpoint(self, *topics: str, rate_per_s: float | None = None) -> tuple[Endpoint, str]:
        return await self.outbox.create_endpoint(
            f"{self.url}/hook?token=t0p", topics or ("*",), description="", rate_per_s=rate_per_s
        )

    async def sent(self, id: str = "evt_1", type: str = "charge.refunded") -> None:
        """An event goes out, and all that comes of it."""
        await self.outbox.send("stripe", type, {"id": "ch_1", "amount": 2**53 + 1}, id)
        await self.turns.run()

    async def only(self) -> tuple[Delivery, list[Attempt]]:
        """The one delivery that there is, with its attempts."""
        (delivery,) = await self.outbox.deliveries.of(self.receiver.received[0].id)
        return delivery, (await self.outbox.deliveries.attempts([delivery.id]))[delivery.id]


def using(
    url: str,
    work: Callable[[Setting], Awaitable[T]],
    *answers: Says,
    resolve: Resolve | None = None,
    allow_private: bool = True,
    keys: str = OLD,
    policy: OutboxPolicy = OutboxPolicy(),
) -> T:
    """What `work` makes of an outbox in the database at `url`, and of a receiver that gives those answers."""

    async def run(address: str) -> T:
        database, clock = Database(url), Clock()
        clock.advance(time.time() - clock.time())
        wire = GuardedWire(answer_bytes=1_000, timeout_s=0.3, allow_private=allow_private, resolve=resolve)
        turns = Turns(database, clock)
        outbox = Outbox(turns, Seal(keys), wire, policy, chance=lambda: 0.0)
        try:
            return await work(Setting(outbox, turns, clock, receiver, address))
        finally:
            await outbox.close()
            await database.close()

    receiver = Receiver(*answers)
    with served(receiver) as address:
        return asyncio.run(run(address))


def test_the_public_library_verifies_what_goes_out(database_url: str) -> None:
    async def work(here: Setting) -> Any:
        _, secret = await here.endpoint()
        await here.sent()
        return secret, here.receiver.received, await here.only()

    secret, (received,), (delivery, attempts) = using(database_url, work)

    told = Webhook(secret).verify(received.body, dict(received.headers))
    assert (told["type"], told["data"]) == ("stripe.charge.refunded", {"id": "ch_1", "amount": 2**53 + 1})
    assert abs(datetime.fromisoformat(told["timestamp"]).timestamp() - time.time()) < 60
    assert (delivery.state, delivery.type, delivery.next_attempt_at) == ("delivered", "stripe.charge.refunded", None)
    assert [(attempt.number, attempt.status, attempt.error) for attempt in attempts] == [(1, 200, None)]
    assert 0 <= attempts[0].latency_s < 1


def test_the_receiver_in_the_docs_takes_a_message_once_and_nothing_forged(tmp_path: Path) -> None:
    async def work(here: Setting) -> Any:
        _, secret = await here.endpoint()
        await here.sent()
        return secret, here.receiver.received

    secret, (received,) = using(f"sqlite:///{tmp_path / 'punnet.sqlite3'}", work)
    handled: list[str] = []
    (code,) = re.findall(r"```python\n(.*?)```", DOCS.read_text(), re.DOTALL)
    names = {"SECRET": secret, "seen": set(), "handle": lambda type, data: handled.append(type)}
    exec(code, names)  # noqa: S102
    receive: Any = names["receive"]
    for _ in range(2):
        receive(received.headers, received.body)

    assert handled == ["stripe.charge.refunded"]
    with pytest.raises(WebhookVerificationError):
        receive(received.headers, received.body + b" ")


def test_during_a_rotation_both_secrets_verify_and_a_day_later_only_the_new_one_does(database_url: str) -> None:
    async def work(here: Setting) -> Any:
        endpoint, old = await here.endpoint()
        rotated = await here.outbox.rotate_secret(endpoint.id)
        assert rotated
        await here.sent("during")
        here.clock.advance(24 * 3600)
        await here.sent("after")
        return old, rotated[1], here.receiver.received, await here.outbox.rotate_secret("ep_none")

    old, new, (during, after), none = using(database_url, work)

    assert old != new
    assert none is None
    assert [len(received.headers["webhook-signature"].split(" ")) for received in (during, after)] == [2, 1]
    for secret in (old, new):
        assert Webhook(secret).verify(during.body, dict(during.headers))
    with pytest.raises(WebhookVerificationError, match="No matching signature"):
        Webhook(old).verify(after.body, {**after.headers, "webhook-timestamp": during.headers["webhook-timestamp"]})


def test_a_message_is_tried_by_the_schedule_under_one_id_and_is_dead_in_the_end(database_url: str) -> None:
    async def work(here: Setting) -> Any:
        await here.endpoint()
        await here.sent()
        return here.receiver, *await here.only()

    receiver, delivery, attempts = using(database_url, work, Says(500))

    waits_s = [round(after.at - before.at) for before, after in pairwise(attempts)]
    assert waits_s == [60, 300, 1500, 7200, 36000]
    assert (delivery.state, delivery.attempts, delivery.next_attempt_at) == ("dead", 6, None)
    assert {attempt.status for attempt in attempts} == {500}
    assert list(receiver.ids.values()) == [6]
    assert len({received.body for received in receiver.received}) == 1
    assert len({received.headers["webhook-timestamp"] for received in receiver.received}) == 6


def test_what_a_receiver_asks_for_makes_a_wait_longer(database_url: str) -> None:
    async def work(here: Setting) -> Any:
        await here.endpoint()
        await here.sent()
        return await here.only()

    answers = (Says(429, {"Retry-After": "400"}), Says(503, {"Retry-After": "1"}), Says(204))
    delivery, attempts = using(database_url, work, *answers)

    assert [round(after.at - before.at) for before, after in pairwise(attempts)] == [400, 300]
    assert (delivery.state, [attempt.status for attempt in attempts]) == ("delivered", [429, 503, 204])


def test_an_endpoint_that_is_gone_is_disabled_and_what_was_on_its_way_is_dead(database_url: str) -> None:
    async def work(here: Setting) -> Any:
        endpoint, _ = await here.endpoint()
        for id in ("evt_1", "evt_2"):
            await here.outbox.send("stripe", "charge.refunded", {}, id)
        await here.turns.run()
        await here.sent("evt_3")
        page = await here.outbox.deliveries.page(Window(10), Which())
        attempts = await here.outbox.deliveries.attempts([delivery.id for delivery in page.items])
        return await here.outbox.endpoints.get(endpoint.id), page.items, attempts, here.receiver.received

    endpoint, deliveries, attempts, received = using(database_url, work, Says(410))

    assert endpoint.disabled == "gone"
    assert len(received) == 1
    assert [delivery.state for delivery in deliveries] == ["dead", "dead"]
    outcomes = [(attempt.status, attempt.error) for one in attempts.values() for attempt in one]
    assert sorted(outcomes, key=str) == [(410, None), (None, "the endpoint is disabled")]


def test_a_redirect_is_not_followed(database_url: str) -> None:
    async def work(here: Setting) -> Any:
        await here.endpoint()
        here.receiver.answers.insert(0, Says(307, {"Location": f"{here.url}/elsewhere"}))
        await here.sent()
        return here.receiver, *await here.only()

    receiver, delivery, attempts = using(database_url, work)

    assert (delivery.state, [attempt.status for attempt in attempts]) == ("delivered", [307, 200])
    assert {received.path for received in receiver.received} == {"/hook?token=t0p"}


def test_a_receiver_that_hangs_is_not_waited_for(database_url: str) -> None:
    async def work(here: Setting) -> Any:
        await here.endpoint()
        await here.sent()
        return await here.only()

    delivery, attempts = using(database_url, work, Says(0), Says(200))

    outcomes = [(attempt.status, attempt.error) for attempt in attempts]
    assert outcomes == [(None, "there was no answer in time"), (200, None)]
    assert delivery.state == "delivered"


def test_an_endpoint_that_hangs_is_left_one_place_until_it_answers(database_url: str) -> None:
    async def work(here: Setting) -> Any:
        def queues() -> list[str]:
            return [name for _, _, name, _ in here.turns.waiting]

        await here.endpoint()
        seen: list[Any] = []
        for id in ("hangs", "waits"):
            await here.outbox.send("stripe", "charge.refunded", {}, id)
            here.clock.advance(0.1)
        seen.append(queues())
        await here.turns.round()
        seen.append((queues(), len(here.receiver.received)))
        await here.turns.run()
        await here.outbox.send("stripe", "charge.refunded", {}, "later")
        return [*seen, queues(), len(here.receiver.received)]

    before, hanging, after, received = using(database_url, work, Says(0), Says(200))

    assert before == [ATTEMPT, ATTEMPT]
    assert hanging == ([ALONE, ALONE], 1)
    assert (after, received) == ([ATTEMPT], 3)


class Resolver:
    """A name server that says something else every time; the last answer stays."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)

    async def __call__(self, origin: Origin) -> Sequence[AddrInfoType]:
        address = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, origin[2]))]


@pytest.mark.parametrize("address", ["10.0.0.1", "127.0.0.1", "169.254.169.254"])
def test_a_name_with_a_private_address_is_refused_when_it_is_registered(tmp_path: Path, address: str) -> None:
    async def work(here: Setting) -> Any:
        with pytest.raises(AddressRefused, match="not public"):
            await here.outbox.create_endpoint("https://hooks.example/x", ["*"], description="", rate_per_s=None)
        return await here.outbox.endpoints.all()

    url = f"sqlite:///{tmp_path / 'punnet.sqlite3'}"
    assert using(url, work, resolve=Resolver(address), allow_private=False) == []


def test_a_name_that_rebinds_is_refused_at_every_attempt_and_nothing_is_sent(tmp_path: Path) -> None:
    resolver = Resolver("1.1.1.1", "127.0.0.1")

    async def work(here: Setting) -> Any:
        target = here.url.replace("http://127.0.0.1", "https://hooks.example")
        await here.outbox.create_endpoint(target, ["*"], description="", rate_per_s=None)
        await here.sent()
        (delivery,) = (await here.outbox.deliveries.page(Window(10), Which())).items
        return here.receiver.received, delivery, (await here.outbox.deliveries.attempts([delivery.id]))[delivery.id]

    url = f"sqlite:///{tmp_path / 'punnet.sqlite3'}"
    received, delivery, attempts = using(url, work, resolve=resolver, allow_private=False)

    assert received == []
    assert (delivery.state, len(attempts)) == ("dead", 6)
    assert {(attempt.status, attempt.error) for attempt in attempts} == {(None, "the host's address is not public")}


def test_an_event_goes_out_once_to_those_who_want_it(database_url: str) -> None:
    async def work(here: Setting) -> Any:
        endpoints = [await here.endpoint(*topics) for topics in (("stripe.*",), ("github.*", "stripe.charge.refunded"))]
        await here.endpoint("github.push")
        for _ in range(3):
            await here.outbox.send("stripe", "charge.refunded", {}, "evt_1")
        await here.turns.run()
        await here.sent("evt_1")
        page = await here.outbox.deliveries.page(Window(10), Which())
        return [endpoint.id for endpoint, _ in endpoints], page.items, here.receiver.ids

    endpoints, deliveries, ids = using(database_url, work)

    assert sorted(delivery.endpoint for delivery in deliveries) == sorted(endpoints)
    assert list(ids.values()) == [2]


def test_a_rate_sets_attempts_apart(database_url: str) -> None:
    async def work(here: Setting) -> Any:
        await here.endpoint(rate_per_s=0.5)
        for number in range(4):
            await here.outbox.send("stripe", "charge.refunded", {}, str(number))
        await here.turns.run()
        page = await here.outbox.deliveries.page(Window(10), Which())
        attempts = await here.outbox.deliveries.attempts([delivery.id for delivery in page.items])
        return sorted(attempt.at for one in attempts.values() for attempt in one)

    at = using(database_url, work)

    assert [round(after - before, 1) for before, after in pairwise(at)] == [2.0, 2.0, 2.0]


def test_what_waits_for_a_rate_holds_nothing_and_is_due_when_its_turn_comes(database_url: str) -> None:
    async def work(here: Setting) -> Any:
        await here.endpoint(rate_per_s=0.01)
        began = here.clock.time()
        for number in range(4):
            await here.outbox.send("stripe", "charge.refunded", {}, str(number))
        await here.turns.round()
        page = await here.outbox.deliveries.page(Window(10), Which())
        return began, here.clock.slept, page.items, [at for at, *_ in here.turns.waiting]

    began, slept, deliveries, waiting = using(database_url, work)

    due = [one.next_attempt_at - began for one in deliveries if one.next_attempt_at]
    assert max(slept, default=0.0) < NEAR_S
    assert sorted(round(at) for at in due) == [100, 200, 300]
    assert [round(at - began) for at in waiting] == [100 - NEAR_S, 200 - NEAR_S, 300 - NEAR_S]


def test_turns_that_were_missed_do_not_come_all_at_once(database_url: str) -> None:
    async def work(here: Setting) -> Any:
        await here.endpoint(rate_per_s=0.01)
        for number in range(4):
            await here.outbox.send("stripe", "charge.refunded", {}, str(number))
        await here.turns.round()
        here.clock.advance(3600)
        await here.turns.run()
        page = await here.outbox.deliveries.page(Window(10), Which())
        attempts = await here.outbox.deliveries.attempts([delivery.id for delivery in page.items])
        return sorted(attempt.at for one in attempts.values() for attempt in one)

    at = using(database_url, work)

    assert [round(after - before) for before, after in pairwise(at)] == [3600, 100, 100]


def test_a_new_rate_is_for_what_waits_as_well_and_not_for_what_failed(database_url: str) -> None:
    async def work(here: Setting) -> Any:
        endpoint, _ = await here.endpoint(rate_per_s=0.01)
        for number in range(4):
            await here.outbox.send("stripe", "charge.refunded", {}, str(number))
        await here.turns.round()
        here.clock.advance(1)
        await here.outbox.endpoints.change(endpoint.id, rate_per_s=None)
        await here.outbox.take_on()
        await here.turns.run()
        page = await here.outbox.deliveries.page(Window(10), Which())
        attempts = await here.outbox.deliveries.attempts([delivery.id for delivery in page.items])
        return sorted(attempt.at for one in attempts.values() for attempt in one)

    at = using(database_url, work, Says(500), Says(200))

    assert [round(after - before) for before, after in pairwise(at)] == [1, 0, 0, 59]


def test_what_is_known_to_be_queued_is_not_looked_at_every_time(tmp_path: Path) -> None:
    async def work(here: Setting) -> list[int]:
        await here.endpoint()
        await here.outbox.send("stripe", "charge.refunded", {}, "evt_1")
        looked_at = []
        for _ in range(21):
            here.turns.asked = []
            await here.outbox.take_on()
            looked_at.append(len(here.turns.asked))
            here.clock.advance(ROUND_S)
        return looked_at

    looked_at = using(f"sqlite:///{tmp_path / 'punnet.sqlite3'}", work)

    assert looked_at == [1, 1, 1, 1, *[0] * 16, 1]


async def disabled(here: Setting, id: str) -> None:
    await here.outbox.endpoints.change(id, disabled="operator")


async def deleted(here: Setting, id: str) -> None:
    await here.outbox.endpoints.delete(id)


async def moved(here: Setting, id: str) -> None:
    await here.outbox.endpoints.change(id, url=f"{here.url}/moved")


@pytest.mark.parametrize(
    ("change", "paths"),
    [(disabled, ["/hook?token=t0p"]), (deleted, ["/hook?token=t0p"]), (moved, ["/hook?token=t0p", "/moved"])],
)
def test_what_becomes_of_an_endpoint_while_its_rate_is_waited_for_is_heeded(
    database_url: str, change: Callable[[Setting, str], Awaitable[None]], paths: list[str]
) -> None:
    async def work(here: Setting) -> Any:
        endpoint, _ = await here.endpoint(rate_per_s=0.01)
        here.clock.meanwhile = lambda: change(here, endpoint.id)
        await here.outbox.send("stripe", "charge.refunded", {}, "evt_1")
        await here.sent("evt_2")
        return [received.path for received in here.receiver.received]

    assert using(database_url, work) == paths


def test_a_secret_that_is_replaced_while_a_rate_is_waited_for_is_signed_with(database_url: str) -> None:
    async def work(here: Setting) -> Any:
        endpoint, _ = await here.endpoint(rate_per_s=0.01)
        here.clock.meanwhile = lambda: here.outbox.rotate_secret(endpoint.id)
        await here.outbox.send("stripe", "charge.refunded", {}, "evt_1")
        await here.sent("evt_2")
        return [len(received.headers["webhook-signature"].split(" ")) for received in here.receiver.received]

    assert using(database_url, work) == [1, 2]


def test_an_endpoint_that_moved_while_it_was_called_is_not_gone(database_url: str) -> None:
    async def work(here: Setting) -> Any:
        endpoint, _ = await here.endpoint()
        test = await here.outbox.send_test(endpoint)
        task = await here.outbox.deliveries.task(test.id)
        assert task
        await moved(here, endpoint.id)
        after = replace(task.delivery, state="dead", attempts=1, next_attempt_at=None)
        await here.outbox.deliveries.record(task.delivery, after, Attempt(number=1, at=0, latency_s=0), task.endpoint)
        return await here.outbox.endpoints.get(endpoint.id), await here.outbox.deliveries.of(task.message.id)

    endpoint, (delivery,) = using(database_url, work)

    assert endpoint.disabled is None
    assert delivery.state == "dead"


def test_all_that_is_due_is_found_however_much_of_it_there_is(database_url: str) -> None:
    async def work(here: Setting) -> Any:
        await here.endpoint()
        await here.endpoint()
        for number in range(3):
            await here.outbox.send("stripe", "charge.refunded", {}, str(number))
            here.clock.advance(number)
        return [page async for page in here.outbox.deliveries.due(0.0, here.clock.time(), most=4)]

    pages = using(database_url, work)

    found = [delivery for page in pages for delivery in page]
    assert [len(page) for page in pages] == [4, 2]
    assert len({delivery.id for delivery in found}) == 6
    assert found == sorted(found, key=lambda delivery: (delivery.next_attempt_at, delivery.id))


def test_what_is_dead_is_replayed_with_a_new_schedule_under_the_same_id(database_url: str) -> None:
    async def work(here: Setting) -> Any:
        await here.endpoint()
        await here.sent()
        dead, _ = await here.only()
        here.receiver.answers = [Says(500), Says(200)]
        replayed = await here.outbox.replay(dead.id)
        await here.turns.run()
        return dead, replayed, *await here.only(), here.receiver.ids, await here.outbox.replay("dlv_none")

    dead, replayed, delivery, attempts, ids, none = using(database_url, work, Says(500))

    assert (dead.state, replayed.state, delivery.state) == ("dead", "pending", "delivered")
    assert [attempt.status for attempt in attempts] == [*[500] * 7, 200]
    assert round(attempts[7].at - attempts[6].at) == 60
    assert list(ids.values()) == [8]
    assert none is None


def test_a_replay_brings_forward_what_waits(database_url: str) -> None:
    async def work(here: Setting) -> Any:
        await here.endpoint()
        await here.outbox.send("stripe", "charge.refunded", {}, "evt_1")
        (first,) = here.turns.waiting
        here.turns.waiting = []
        await here.turns._workflows[first[2]](*first[3])
        waiting, _ = await here.only()
        await here.outbox.replay(waiting.id)
        await here.turns.run()
        return await here.only()

    delivery, attempts = using(database_url, work, Says(500), Says(200))

    assert delivery.state == "delivered"
    assert attempts[1].at - attempts[0].at < 10


def test_all_that_match_are_replayed(database_url: str) -> None:
    async def work(here: Setting) -> Any:
        broken, _ = await here.endpoint("stripe.*")
        for number in range(5):
            await here.sent(str(number))
        here.receiver.answers = [Says(200)]
        await here.sent("well")
        replayed = [
            await here.outbox.replay_all(which)
            for which in (Which(state="dead", type="stripe.x"), Which(state="dead", endpoint=broken.id))
        ]
        await here.outbox.take_on()
        await here.turns.run()
        return replayed, await here.outbox.deliveries.counts(), len(here.receiver.received)

    replayed, counts, received = using(database_url, work, Says(500), policy=OutboxPolicy(schedule_s=(1,)))

    assert replayed == [0, 5]
    assert counts == {"pending": 0, "dead": 0}
    assert received == 5 * 2 + 1 + 5


def test_what_a_process_stored_and_did_not_queue_is_taken_on(database_url: str) -> None:
    async def work(here: Setting) -> Any:
        await here.endpoint()
        await here.outbox.send("stripe", "charge.refunded", {}, "evt_1")
        here.turns.waiting, here.turns.started = [], set()
        await here.outbox.take_on()
        await here.outbox.take_on()
        await here.turns.run()
        return await here.only()

    delivery, attempts = using(database_url, work)

    assert (delivery.state, len(attempts)) == ("delivered", 1)


def test_what_a_workflow_left_undone_is_taken_on_again(database_url: str) -> None:
    async def work(here: Setting) -> Any:
        await here.endpoint()
        await here.outbox.send("stripe", "charge.refunded", {}, "evt_1")
        here.turns.waiting = []
        here.clock.advance(1)
        await here.outbox.take_on()
        await here.outbox.take_on()
        queued = len(here.turns.waiting)
        await here.turns.run()
        return queued, *await here.only()

    queued, delivery, attempts = using(database_url, work)

    assert (queued, delivery.state, len(attempts)) == (1, "delivered", 1)


def test_an_attempt_that_runs_again_after_it_was_recorded_is_not_made_again(database_url: str) -> None:
    async def work(here: Setting) -> Any:
        await here.endpoint()
        await here.outbox.send("stripe", "charge.refunded", {}, "evt_1")
        (first,) = here.turns.waiting
        await here.turns.run()
        here.turns.waiting = [first]
        await here.turns.run()
        return here.receiver.ids, *await here.only()

    ids, delivery, attempts = using(database_url, work)

    assert (list(ids.values()), delivery.state, len(attempts)) == ([1], "delivered", 1)


def test_what_ended_long_ago_is_forgotten_and_nothing_else(database_url: str) -> None:
    async def work(here: Setting) -> Any:
        await here.endpoint()
        await here.sent("old")
        here.clock.advance(29 * 86400)
        await here.sent("new")
        here.clock.advance(1)
        await here.outbox.send("stripe", "charge.refunded", {}, "waits")
        here.clock.advance(2 * 86400)
        await here.outbox.prune()
        page = await here.outbox.deliveries.page(Window(10), Which())
        attempts = await here.outbox.deliveries.attempts([delivery.id for delivery in page.items])
        messages = {delivery.message for delivery in page.items}
        async with await here.turns.database.begin(TABLES) as connection:
            rows = [
                (await connection.execute(select(func.count()).select_from(t))).scalar() for t in (MESSAGES, ATTEMPTS)
            ]
        return page.items, attempts, messages, rows

    deliveries, attempts, messages, rows = using(database_url, work)

    assert [delivery.state for delivery in deliveries] == ["pending", "delivered"]
    assert [len(one) for one in attempts.values()] == [0, 1]
    assert rows == [len(messages), 1]


def test_an_endpoint_takes_its_deliveries_along(database_url: str) -> None:
    async def work(here: Setting) -> Any:
        endpoint, _ = await here.endpoint()
        await here.sent("evt_1")
        await here.outbox.send("stripe", "charge.refunded", {}, "evt_2")
        deleted = [await here.outbox.endpoints.delete(endpoint.id) for _ in range(2)]
        await here.turns.run()
        return deleted, (await here.outbox.deliveries.page(Window(10), Which())).items, len(here.receiver.received)

    assert using(database_url, work) == ([True, False], [], 1)


def test_secrets_are_sealed_each_for_its_endpoint_and_follow_a_new_key(database_url: str) -> None:
    async def first(here: Setting) -> Any:
        one, secret = await here.endpoint()
        other, _ = await here.endpoint()
        return one, other, secret

    async def then(here: Setting) -> Any:
        return [await here.outbox.endpoints.reseal() for _ in range(2)], await here.outbox.endpoints.get(one.id)

    async def last(here: Setting) -> Any:
        again = await here.outbox.endpoints.get(one.id)
        assert again
        return here.outbox.endpoints.keys(again).current

    one, other, secret = using(database_url, first)
    resealed, again = using(database_url, then, keys=f"{NEW},{OLD}")

    assert secret.encode() not in repr(vars(one)).encode()
    assert resealed == [2, 0]
    assert again.sealed != one.sealed
    assert using(database_url, last, keys=NEW) == secret
    with pytest.raises(Unreadable):
        Endpoints(Database("sqlite:///none.sqlite3"), Seal(OLD), FakeClock()).keys(replace(one, sealed=other.sealed))


def test_a_secret_that_cannot_be_read_is_said_so_and_nothing_is_sent(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'punnet.sqlite3'}"

    async def first(here: Setting) -> None:
        await here.endpoint()

    async def then(here: Setting) -> Any:
        await here.sent()
        (delivery,) = (await here.outbox.deliveries.page(Window(10), Which())).items
        return here.receiver.received, (await here.outbox.deliveries.attempts([delivery.id]))[delivery.id]

    using(url, first)
    received, attempts = using(url, then, keys=NEW)

    assert received == []
    assert "PUNNET_ENCRYPTION_KEY" in str(attempts[0].error)
