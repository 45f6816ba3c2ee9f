"""HubSpot's operations through the whole pipeline, against the sandbox in this process."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import httpx2
import orjson
import pytest

from connectors.call import Scope, call_of
from connectors.connector import Connector, connect
from connectors.errors import (
    NotAuthorized,
    NotFound,
    OutcomeUnknown,
    PayloadMismatch,
    ResultWindowExceeded,
    UpstreamRejected,
)
from connectors.paging import Window, collect, paging_of
from connectors.providers.hubspot.client import HubSpotClient
from connectors.providers.hubspot.manifest import UPSTREAM
from connectors.providers.hubspot.payloads import FilterPayload
from connectors.providers.hubspot.sandbox import HubSpotSandbox
from connectors.sandbox.faults import Fault
from connectors.sandbox.people import population
from connectors.upstream import Endpoint
from tests.clock import FakeClock

T = TypeVar("T")
PEOPLE = population(120)


class World:
    """A sandbox, and the client in front of it."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        connector = connect(UPSTREAM, {}, people=PEOPLE, clock=self.clock)
        assert connector
        assert isinstance(connector.sandbox, HubSpotSandbox)
        self.connector: Connector = connector
        self.sandbox = connector.sandbox

    def call(self, call: Callable[[HubSpotClient], Awaitable[T]]) -> T:
        async def run() -> T:
            return await call(self.connector.client(Scope()))

        return asyncio.run(run())

    def bodies(self) -> list[Any]:
        return [orjson.loads(call.body) for call in self.sandbox.calls]

    def ids(self, kind: str) -> list[str]:
        return list(self.sandbox.portal.objects[kind])


@pytest.fixture
def world() -> World:
    return World()


def answering(status: int, answer: object) -> HubSpotClient:
    """A client whose every call has this answer."""

    async def send(request: httpx2.Request) -> httpx2.Response:
        response = httpx2.Response(status, content=orjson.dumps(answer))
        response.extensions["verdict"] = UPSTREAM.judge(response, 0.0)
        return response

    return HubSpotClient(Endpoint("hubspot", "https://api.hubapi.com", send, Scope()))


def test_a_list_is_read_to_its_end_and_once(world: World) -> None:
    async def everything(hubspot: HubSpotClient) -> list[str]:
        paging = paging_of(HubSpotClient.list_objects)
        part = await collect(
            lambda window: hubspot.list_objects(window, kind="contacts"), paging, upstream="hubspot", limit=500
        )
        return [contact["id"] for contact in part.items]

    assert world.call(everything) == world.ids("contacts")
    assert world.sandbox.seen("contacts.list") == 2


def test_only_the_selected_properties_are_asked_for(world: World) -> None:
    world.call(lambda hubspot: hubspot.list_objects(Window(1), kind="deals", select={"dealname", "amount"}))
    world.call(lambda hubspot: hubspot.list_objects(Window(1), kind="deals"))

    assert [call.query for call in world.sandbox.calls] == [
        "limit=1&properties=amount%2Cdealname",
        "limit=1&properties=hs_object_id",
    ]


def test_search_says_how_many_there_are(world: World) -> None:
    condition: FilterPayload = {"propertyName": "dealstage", "operator": "EQ", "value": "closedwon"}
    page = world.call(
        lambda hubspot: hubspot.search_objects(Window(2), kind="deals", groups=[[condition]], sort="-amount")
    )
    deals = world.sandbox.portal.objects["deals"].values()

    assert len(page.items) == 2
    assert page.total == sum(deal["properties"]["dealstage"] == "closedwon" for deal in deals)
    assert world.bodies()[0]["sorts"] == ["-amount"]


def test_search_reads_its_window_to_the_last_result_and_no_further(world: World) -> None:
    world.call(lambda hubspot: hubspot.search_objects(Window(200, after="9900"), kind="contacts"))

    assert world.bodies()[0]["limit"] == 100
    with pytest.raises(ResultWindowExceeded):
        world.call(lambda hubspot: hubspot.search_objects(Window(200, after="10000"), kind="contacts"))
    assert len(world.sandbox.calls) == 1


def test_a_batch_tells_misses_from_failures(world: World) -> None:
    found = world.call(
        lambda hubspot: hubspot.get_many("contacts", [PEOPLE[1].email, "no@punnet.example"], id_property="email")
    )

    assert [contact["properties"]["email"] for contact in found.objects] == [PEOPLE[1].email]
    assert found.failed == {}


def test_a_failure_in_a_batch_is_that_of_its_keys() -> None:
    error = {"status": "error", "category": "RATE_LIMITS", "message": "x", "context": {"ids": ["2"]}}
    row: Any = {"id": "1", "properties": {}}
    answer = {"status": "COMPLETE", "results": [row], "errors": [error], "numErrors": 1}
    found = asyncio.run(answering(207, answer).get_many("contacts", ["1", "2", "3"]))
    failure = found.failed["2"]

    assert (list(found.failed), found.objects) == (["2"], [row])
    assert isinstance(failure, UpstreamRejected)
    assert (failure.reason, failure.status) == ("RATE_LIMITS", 207)


def test_a_failure_without_keys_is_everybodys() -> None:
    answer = {"results": [], "errors": [{"category": "INTERNAL_ERROR"}]}

    assert set(asyncio.run(answering(207, answer).get_many("deals", ["1", "2"])).failed) == {"1", "2"}


def test_associations_are_followed_to_their_end_and_nothing_is_no_error(world: World) -> None:
    world.sandbox.associations_page = 3
    companies = world.ids("companies")
    nobody = "17"
    found = world.call(lambda hubspot: hubspot.get_associations("companies", "contacts", [*companies, nobody]))
    there = world.sandbox.portal.associations

    assert found[nobody] == []
    assert all(found[id] == there["companies", "contacts", id] for id in companies)
    assert max(len(there["companies", "contacts", id]) for id in companies) > 6
    assert len(world.bodies()[1]["inputs"]) < len(companies) + 1


def test_a_page_of_associations_without_any_ends_the_reading() -> None:
    result = {"from": {"id": "1"}, "to": [], "paging": {"next": {"after": "1"}}}

    assert asyncio.run(answering(200, {"results": [result]}).get_associations("deals", "contacts", ["1"])) == {"1": []}


def test_what_does_not_exist_and_what_one_may_not(world: World) -> None:
    world.sandbox.faults.add(Fault(operation="contacts.list", status=403))

    with pytest.raises(NotFound):
        world.call(lambda hubspot: hubspot.get_owner("1"))
    with pytest.raises(NotFound):
        world.call(lambda hubspot: hubspot.update_object("deals", "1", {"amount": "1"}))
    with pytest.raises(NotAuthorized, match="MISSING_SCOPES"):
        world.call(lambda hubspot: hubspot.list_objects(Window(1), kind="contacts"))


def test_a_refusal_that_the_caller_can_act_on_is_a_result(world: World) -> None:
    invalid = world.call(lambda hubspot: hubspot.create_object("contacts", {"email": "nonsense"}))
    taken = world.call(lambda hubspot: hubspot.create_object("contacts", {"email": PEOPLE[0].email}))

    assert [error.get("category") for error in (invalid, taken)] == ["VALIDATION_ERROR", "CONFLICT"]


def test_another_refusal_is_an_error() -> None:
    with pytest.raises(UpstreamRejected, match="PAYMENT_REQUIRED"):
        asyncio.run(answering(400, {"category": "PAYMENT_REQUIRED"}).create_object("deals", {}))


def test_a_creation_whose_answer_is_lost_is_not_repeated(world: World) -> None:
    world.sandbox.faults.add(Fault(operation="deals.create", drop="answer"))

    with pytest.raises(OutcomeUnknown):
        world.call(lambda hubspot: hubspot.create_object("deals", {"dealname": "Once"}))
    assert world.sandbox.seen("deals.create") == 1


def test_what_does_no_more_when_repeated_is_repeated(world: World) -> None:
    world.sandbox.faults.add(Fault(operation="contacts.upsert", drop="answer"))
    world.sandbox.faults.add(Fault(operation="deals.update", status=503))
    deal = world.ids("deals")[0]
    before = len(world.ids("contacts"))
    (put,) = world.call(
        lambda hubspot: hubspot.upsert_objects("contacts", "email", [("new@punnet.example", {"city": "Lyon"})])
    )
    changed = world.call(lambda hubspot: hubspot.update_object("deals", deal, {"amount": "7"}))

    assert isinstance(put, dict)
    assert put.get("new") is False
    assert "properties" in changed
    assert len(world.ids("contacts")) == before + 1
    assert (world.sandbox.seen("contacts.upsert"), world.sandbox.seen("deals.update")) == (2, 2)


def test_a_record_that_is_refused_does_not_stop_the_others(world: World) -> None:
    records = [(PEOPLE[0].email, {"city": "Lyon"}), ("nonsense", {}), ("new@punnet.example", {})]
    answers = world.call(lambda hubspot: hubspot.upsert_objects("contacts", "email", records))
    kinds = ["error" if isinstance(one, Exception) else one.get("category", one.get("new")) for one in answers]

    assert kinds == [False, "VALIDATION_ERROR", True]


def test_a_batch_that_is_refused_is_refused_for_each_record(world: World) -> None:
    records: list[tuple[str, dict[str, str]]] = [("same@punnet.example", {}), ("SAME@punnet.example", {})]
    answers: list[Any] = world.call(lambda hubspot: hubspot.upsert_objects("contacts", "email", records))

    assert [one["category"] for one in answers] == ["VALIDATION_ERROR", "VALIDATION_ERROR"]


def test_a_record_without_an_answer_is_a_mismatch() -> None:
    (answer,) = asyncio.run(answering(200, {"results": []}).upsert_objects("contacts", "email", [("a@b.example", {})]))

    assert isinstance(answer, PayloadMismatch)


@pytest.mark.parametrize(
    "answer", [[], {}, {"results": {}}, {"results": ["x"]}, {"results": [{"id": 1, "properties": {}}]}]
)
def test_an_answer_that_is_no_batch_is_a_mismatch(answer: object) -> None:
    with pytest.raises(PayloadMismatch):
        asyncio.run(answering(200, answer).get_many("contacts", ["1"]))


def test_search_has_an_allowance_of_its_own() -> None:
    buckets: list[str] = []

    async def send(request: httpx2.Request) -> httpx2.Response:
        buckets.append(call_of(request).bucket)
        response = httpx2.Response(200, content=b'{"results":[]}')
        response.extensions["verdict"] = UPSTREAM.judge(response, 0.0)
        return response

    async def calls() -> None:
        hubspot = HubSpotClient(Endpoint("hubspot", "https://api.hubapi.com", send, Scope()))
        await hubspot.list_objects(Window(1), kind="deals")
        await hubspot.search_objects(Window(1), kind="deals")

    asyncio.run(calls())

    assert buckets == ["default", "search"]
    assert [UPSTREAM.policy.throttle_of(bucket).per_second for bucket in buckets] == [9, 5]


def test_every_method_says_where_it_was_written_from() -> None:
    methods = [m for name, m in vars(HubSpotClient).items() if callable(m) and not name.startswith("_")]

    assert all("Source: https://developers.hubspot.com/" in (method.__doc__ or "") for method in methods)
