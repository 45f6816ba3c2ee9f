"""The sandbox against HubSpot's own library, which is what says whether it is a HubSpot."""

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import pytest
from hubspot import HubSpot  # type: ignore[import-untyped]
from hubspot.crm.associations.v4 import (  # type: ignore[import-untyped]
    AssociationSpec,
    BatchInputPublicAssociationMultiArchive,
    BatchInputPublicAssociationMultiPost,
    BatchInputPublicDefaultAssociationMultiPost,
    BatchInputPublicFetchAssociationsBatchRequest,
    PublicAssociationMultiArchive,
    PublicAssociationMultiPost,
    PublicDefaultAssociationMultiPost,
    PublicFetchAssociationsBatchRequest,
    PublicObjectId,
)
from hubspot.crm.contacts import (  # type: ignore[import-untyped]
    BatchInputSimplePublicObjectBatchInputUpsert,
    BatchReadInputSimplePublicObjectId,
    Filter,
    FilterGroup,
    PublicObjectSearchRequest,
    SimplePublicObjectBatchInputUpsert,
    SimplePublicObjectId,
    SimplePublicObjectInput,
    SimplePublicObjectInputForCreate,
)
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.types import Receive, Scope, Send
from urllib3.util.retry import Retry

from connectors.providers.hubspot.sandbox import TOKEN, HubSpotSandbox
from connectors.sandbox.faults import Fault
from connectors.sandbox.people import population
from tests.serving import served

PEOPLE = population()
ONCE = Retry(0, respect_retry_after_header=False, raise_on_status=False)
"""The library would repeat what is throttled."""


class Stand:
    """Where a sandbox stands, so that each test has a new one behind the same port."""

    def __init__(self) -> None:
        self.sandbox = HubSpotSandbox(PEOPLE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.sandbox(scope, receive, send)


@pytest.fixture(scope="module")
def place() -> Iterator[tuple[Stand, str]]:
    stand = Stand()
    with served(Starlette(routes=[Mount("/hubspot", stand)])) as url:
        yield stand, f"{url}/hubspot"


@pytest.fixture
def sandbox(place: tuple[Stand, str]) -> HubSpotSandbox:
    place[0].sandbox = HubSpotSandbox(PEOPLE)
    return place[0].sandbox


@pytest.fixture
def crm(place: tuple[Stand, str], sandbox: HubSpotSandbox) -> Any:
    return HubSpot(access_token=TOKEN, host=place[1], retry=ONCE).crm


def refusal(call: Callable[[], object]) -> tuple[int, str]:
    """The status and the body of an error; each package of the library has exceptions of its own."""
    with pytest.raises(Exception, match=r"^\([0-9]+\)") as caught:
        call()
    error: Any = caught.value
    return error.status, str(error.body)


def first(sandbox: HubSpotSandbox, kind: str) -> Any:
    return next(iter(sandbox.portal.objects[kind].values()))


def contact_of(sandbox: HubSpotSandbox, index: int) -> Any:
    found = sandbox.portal.find("contacts", PEOPLE[index].email, "email")
    assert found
    return found


def test_a_wrong_token_is_refused(place: tuple[Stand, str]) -> None:
    status, body = refusal(HubSpot(access_token="wrong", host=place[1], retry=ONCE).crm.contacts.basic_api.get_page)

    assert (status, "INVALID_AUTHENTICATION" in body) == (401, True)


def test_all_contacts_come_once_in_the_order_of_ids(crm: Any, sandbox: HubSpotSandbox) -> None:
    contacts = crm.contacts.get_all(properties=["email"])
    ids = [int(contact.id) for contact in contacts]

    assert ids == sorted(set(ids))
    assert {person.email for person in PEOPLE} <= {contact.properties["email"] for contact in contacts}
    assert sandbox.seen("contacts.list") == 4


def test_properties_are_those_that_were_asked_for_and_the_usual_ones(crm: Any) -> None:
    always = {"createdate", "hs_lastmodifieddate", "hs_object_id"}
    asked = crm.contacts.basic_api.get_page(limit=1, properties=["phone", "no_such_thing"]).results[0]
    usual = crm.contacts.basic_api.get_page(limit=1).results[0]

    assert set(asked.properties) == {"phone", "no_such_thing", *always}
    assert {"email", "firstname", "lastname"} <= set(usual.properties)


@pytest.mark.parametrize("limit", [0, 101])
def test_a_limit_out_of_range_is_refused(crm: Any, limit: int) -> None:
    assert refusal(lambda: crm.contacts.basic_api.get_page(limit=limit))[0] == 400


def test_one_contact_is_found_by_its_id_and_by_its_address(crm: Any, sandbox: HubSpotSandbox) -> None:
    email = PEOPLE[3].email
    by_email = crm.contacts.basic_api.get_by_id(email.upper(), id_property="email", properties=["email"])
    by_id = crm.contacts.basic_api.get_by_id(by_email.id, properties=["email"])

    assert by_id.properties["email"] == by_email.properties["email"] == email
    assert refusal(lambda: crm.contacts.basic_api.get_by_id("1"))[0] == 404


def test_a_batch_gives_what_is_there_and_names_what_is_not(crm: Any) -> None:
    inputs = [SimplePublicObjectId(id=id) for id in (PEOPLE[5].email, "nobody@punnet.example", PEOPLE[2].email)]
    asked = BatchReadInputSimplePublicObjectId(
        inputs=inputs, id_property="email", properties=["email"], properties_with_history=[]
    )
    answer = crm.contacts.batch_api.read(asked)

    assert {contact.properties["email"] for contact in answer.results} == {PEOPLE[5].email, PEOPLE[2].email}
    assert answer.num_errors == 1
    assert (answer.errors[0].category, answer.errors[0].context) == (
        "OBJECT_NOT_FOUND",
        {"ids": ["nobody@punnet.example"]},
    )


def test_a_batch_has_a_hundred_inputs_at_most(crm: Any) -> None:
    inputs = [SimplePublicObjectId(id=str(number)) for number in range(101)]
    asked = BatchReadInputSimplePublicObjectId(inputs=inputs, properties=[], properties_with_history=[])

    assert refusal(lambda: crm.contacts.batch_api.read(asked))[0] == 400


def search(crm: Any, *filters: Filter, kind: str = "deals", **facts: Any) -> Any:
    groups = [FilterGroup(filters=list(filters))] if filters else []
    asked = {"limit": 200, "properties": ["amount", "dealstage"], "sorts": [], "filter_groups": groups} | facts
    return getattr(crm, kind).search_api.do_search(PublicObjectSearchRequest(**asked))


def test_search_compares_numbers_as_numbers(crm: Any, sandbox: HubSpotSandbox) -> None:
    found = search(crm, Filter(property_name="amount", operator="GT", value="9000"), sorts=["-amount"])
    amounts = [float(deal.properties["amount"]) for deal in found.results]
    all_of_them = [deal["properties"]["amount"] for deal in sandbox.portal.objects["deals"].values()]

    assert found.total == len([amount for amount in all_of_them if amount and float(amount) > 9000])
    assert all(first >= second > 9000 for first, second in pairwise(amounts))


@pytest.mark.parametrize(
    ("condition", "keeps"),
    [
        ({"operator": "EQ", "value": "closedwon"}, {"closedwon"}),
        ({"operator": "NEQ", "value": "closedwon"}, None),
        ({"operator": "IN", "values": ["closedwon", "closedlost"]}, {"closedwon", "closedlost"}),
        ({"operator": "CONTAINS_TOKEN", "value": "closed*"}, {"closedwon", "closedlost"}),
    ],
)
def test_search_narrows_by_a_property(crm: Any, condition: dict[str, Any], keeps: set[str] | None) -> None:
    found = search(crm, Filter(property_name="dealstage", **condition))
    stages = {deal.properties["dealstage"] for deal in found.results}

    assert stages == keeps if keeps else "closedwon" not in stages and len(stages) > 3


def test_search_finds_words_and_goes_on_page_by_page(crm: Any) -> None:
    first = search(crm, kind="contacts", query="tern.example", limit=10, properties=["email"])
    second = search(
        crm, kind="contacts", query="tern.example", limit=10, properties=["email"], after=first.paging.next.after
    )
    staff = {person.email for person in PEOPLE if person.company.domain == "tern.example"}

    assert first.total == len(staff)
    assert not {one.id for one in first.results} & {one.id for one in second.results}
    assert {one.properties["email"] for one in (*first.results, *second.results)} <= staff


def test_search_ends_after_ten_thousand(crm: Any) -> None:
    assert refusal(lambda: search(crm, after="9900", limit=200))[0] == 400
    assert search(crm, after="9800", limit=200).results == []


@pytest.mark.parametrize(
    "condition",
    [
        {"property_name": "colour", "operator": "EQ", "value": "red"},
        {"property_name": "amount", "operator": "EQ"},
        {"property_name": "amount", "operator": "IN", "values": []},
        {"property_name": "amount", "operator": "BETWEEN", "value": "1"},
    ],
)
def test_a_wrong_search_is_refused(crm: Any, condition: dict[str, Any]) -> None:
    assert refusal(lambda: search(crm, Filter(**condition)))[0] == 400


def associations(crm: Any, kind: str, to_kind: str, *inputs: PublicFetchAssociationsBatchRequest) -> Any:
    asked = BatchInputPublicFetchAssociationsBatchRequest(inputs=list(inputs))
    return crm.associations.v4.batch_api.get_page(kind, to_kind, asked)


def test_associations_are_labelled_and_those_without_any_are_named(crm: Any, sandbox: HubSpotSandbox) -> None:
    contact = contact_of(sandbox, 1)["id"]
    nobody = first(sandbox, "contacts")["id"]
    wanted = [PublicFetchAssociationsBatchRequest(id=id) for id in (contact, nobody)]
    answer = associations(crm, "contacts", "companies", *wanted)
    employer = answer.results[0].to[0]

    assert [one.label for one in employer.association_types] == ["Primary", None]
    assert sandbox.portal.objects["companies"][str(employer.to_object_id)]
    assert answer.errors[0].context["fromObjectId"] == [nobody]


def test_associations_come_in_pages(crm: Any, sandbox: HubSpotSandbox) -> None:
    sandbox.associations_page = 5
    company = first(sandbox, "companies")["id"]
    got: list[int] = []
    after: str | None = None
    while True:
        wanted = PublicFetchAssociationsBatchRequest(id=company, after=after)
        result = associations(crm, "companies", "contacts", wanted).results[0]
        got += [one.to_object_id for one in result.to]
        if result.paging is None:
            break
        after = result.paging.next.after

    assert len(got) == len(set(got)) == len(sandbox.portal.associations["companies", "contacts", company]) > 5


def test_owners_are_listed_and_found(crm: Any) -> None:
    owners = crm.owners.get_all()
    (ada,) = crm.owners.owners_api.get_page(email="ada.quist@punnet.example").results

    assert len(owners) == 4
    assert crm.owners.owners_api.get_by_id(ada.id).last_name == "Quist"
    assert refusal(lambda: crm.owners.owners_api.get_by_id(1))[0] == 404


def create(crm: Any, kind: str = "contacts", **properties: str) -> Any:
    given = SimplePublicObjectInputForCreate(properties=properties, associations=[])
    return getattr(crm, kind).basic_api.create(given)


def test_a_contact_is_created_once_for_each_address(crm: Any) -> None:
    made = create(crm, email="New@punnet.example", firstname="New")
    status, body = refusal(lambda: create(crm, email="new@PUNNET.example"))

    assert made.properties["email"] == "new@punnet.example"
    assert (status, f"Existing ID: {made.id}" in body) == (409, True)


@pytest.mark.parametrize(
    ("kind", "properties", "code"),
    [
        ("contacts", {"email": "nonsense"}, "INVALID_EMAIL"),
        ("contacts", {"colour": "red"}, "PROPERTY_DOESNT_EXIST"),
        ("contacts", {"createdate": "2026-01-01"}, "READ_ONLY_VALUE"),
        ("contacts", {"lifecyclestage": "gone"}, "INVALID_OPTION"),
        ("deals", {"amount": "much"}, "INVALID_INTEGER"),
        ("tickets", {"subject": "Help"}, "REQUIRED_PROPERTY_MISSING"),
    ],
)
def test_properties_that_are_not_valid_are_told_one_by_one(
    crm: Any, kind: str, properties: dict[str, str], code: str
) -> None:
    status, body = refusal(lambda: create(crm, kind, **properties))

    assert (status, code in body) == (400, True)


def test_a_contact_is_updated(crm: Any, sandbox: HubSpotSandbox) -> None:
    id = contact_of(sandbox, 1)["id"]
    crm.contacts.basic_api.update(id, SimplePublicObjectInput(properties={"phone": "", "city": "Lyon"}))
    now = crm.contacts.basic_api.get_by_id(id, properties=["phone", "city", "lastname"])
    missing = SimplePublicObjectInput(properties={"city": "Lyon"})

    assert (now.properties["phone"], now.properties["city"], now.properties["lastname"]) == (
        "",
        "Lyon",
        PEOPLE[1].last_name,
    )
    assert now.updated_at > now.created_at
    assert refusal(lambda: crm.contacts.basic_api.update("1", missing))[0] == 404


def test_a_batch_is_put_by_a_unique_property_with_a_result_for_each(crm: Any) -> None:
    def record(trace: str, email: str, **properties: str) -> SimplePublicObjectBatchInputUpsert:
        return SimplePublicObjectBatchInputUpsert(
            id=email, id_property="email", properties=properties, object_write_trace_id=trace
        )

    records = [record("a", PEOPLE[0].email, city="Lyon"), record("b", "new@punnet.example"), record("c", "nonsense")]
    answer = crm.contacts.batch_api.upsert(BatchInputSimplePublicObjectBatchInputUpsert(inputs=records))
    again = crm.contacts.batch_api.upsert(BatchInputSimplePublicObjectBatchInputUpsert(inputs=records[:2]))

    assert {one.object_write_trace_id: one.new for one in answer.results} == {"a": False, "b": True}
    assert answer.errors[0].context == {"objectWriteTraceId": ["c"]}
    assert [one.new for one in again.results] == [False, False]


def test_faults_look_like_hubspots(crm: Any, sandbox: HubSpotSandbox) -> None:
    sandbox.faults.add(Fault(operation="deals.*", throttled_s=3))
    sandbox.faults.add(Fault(operation="deals.*", expired=True))

    limited, body = refusal(crm.deals.basic_api.get_page)
    expired, why = refusal(crm.deals.basic_api.get_page)

    assert (limited, "TEN_SECONDLY_ROLLING" in body) == (429, True)
    assert (expired, "EXPIRED_AUTHENTICATION" in why) == (401, True)


def ends(id: str, to_id: str, **more: Any) -> dict[str, Any]:
    return {"_from": PublicObjectId(id=id), "to": PublicObjectId(id=to_id), **more}


def test_objects_are_associated_by_default_and_those_that_are_not_there_are_named(
    crm: Any, sandbox: HubSpotSandbox
) -> None:
    contact, company = first(sandbox, "contacts")["id"], first(sandbox, "companies")["id"]
    pairs = [PublicDefaultAssociationMultiPost(**ends(contact, to_id)) for to_id in (company, "17")]
    wanted = BatchInputPublicDefaultAssociationMultiPost(inputs=pairs)

    answer = crm.associations.v4.batch_api.create_default("contacts", "companies", wanted)

    made = [(one._from.id, one.to.id, one.association_spec.association_type_id) for one in answer.results]
    assert made == [(contact, company, 279), (company, contact, 280)]
    assert answer.errors[0].context == {"toObjectId": ["17"]}
    (found,) = associations(crm, "contacts", "companies", PublicFetchAssociationsBatchRequest(id=contact)).results
    assert [(one.to_object_id, one.association_types[0].label) for one in found.to] == [(company, None)]


def test_labels_are_listed_given_and_taken_away(crm: Any, sandbox: HubSpotSandbox) -> None:
    contact, company = first(sandbox, "contacts")["id"], first(sandbox, "companies")["id"]
    types = crm.associations.v4.schema.definitions_api.get_all("contacts", "companies").results
    buyer = next(one for one in types if one.label == "Buyer")
    spec = AssociationSpec(association_category=buyer.category, association_type_id=buyer.type_id)
    pair = PublicAssociationMultiPost(**ends(contact, company, types=[spec]))
    wanted = BatchInputPublicAssociationMultiPost(inputs=[pair])

    def labels() -> list[str | None]:
        (found,) = associations(crm, "contacts", "companies", PublicFetchAssociationsBatchRequest(id=contact)).results
        return [one.label for place in found.to for one in place.association_types]

    answer = crm.associations.v4.batch_api.create("contacts", "companies", wanted)
    with_label = labels()
    crm.associations.v4.batch_api.archive_labels("contacts", "companies", wanted)
    without = labels()
    gone = PublicAssociationMultiArchive(_from=PublicObjectId(id=contact), to=[PublicObjectId(id=company)])
    crm.associations.v4.batch_api.archive(
        "contacts", "companies", BatchInputPublicAssociationMultiArchive(inputs=[gone])
    )

    assert [one.labels for one in answer.results] == [["Buyer"]]
    assert (with_label, without) == (["Buyer", None], [None])
    assert associations(crm, "contacts", "companies", PublicFetchAssociationsBatchRequest(id=contact)).errors


def test_a_type_that_there_is_not_is_told_of_its_pair(crm: Any, sandbox: HubSpotSandbox) -> None:
    contact, company = first(sandbox, "contacts")["id"], first(sandbox, "companies")["id"]
    spec = AssociationSpec(association_category="USER_DEFINED", association_type_id=1)
    wanted = BatchInputPublicAssociationMultiPost(
        inputs=[PublicAssociationMultiPost(**ends(contact, company, types=[spec]))]
    )

    answer = crm.associations.v4.batch_api.create("contacts", "companies", wanted)

    assert [one.category for one in answer.errors] == ["VALIDATION_ERROR"]
    assert answer.errors[0].context == {"fromObjectId": [contact], "toObjectId": [company]}
