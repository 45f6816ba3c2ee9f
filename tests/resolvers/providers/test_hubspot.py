"""HubSpot's part of the graph, from a document to its answer, against the sandbox in this process."""

from typing import Any
from urllib.parse import parse_qs

import orjson
import pytest

from connectors.errors import OutcomeUnknown, PayloadMismatch, ResultWindowExceeded, UpstreamRejected
from connectors.paging import Position
from connectors.providers.hubspot.manifest import UPSTREAM
from connectors.providers.hubspot.sandbox import HubSpotSandbox
from connectors.sandbox.faults import Fault
from resolvers import nodes
from resolvers.cursors import listing_of
from resolvers.providers.hubspot import fields
from schema.compose import compose
from schema.problems import BackwardPaginationUnsupported, BadInput
from schema.relay import global_id
from tests.resolvers.providers.world import CURSORS, PEOPLE, World

GRAPH = compose([nodes.fields, fields], ["hubspot"])


class HubSpotWorld(World[HubSpotSandbox]):
    """A sandbox, and the graph in front of it."""

    def __init__(self) -> None:
        super().__init__(UPSTREAM, HubSpotSandbox, GRAPH)

    def objects(self, kind: str) -> list[Any]:
        return list(self.sandbox.portal.objects[kind].values())

    def contact(self, index: int) -> Any:
        found = self.sandbox.portal.find("contacts", PEOPLE[index].email, "email")
        assert found
        return found


@pytest.fixture
def world() -> HubSpotWorld:
    return HubSpotWorld()


def test_lists_go_on_from_a_cursor_and_repeat_nothing(world: HubSpotWorld) -> None:
    query = """query($first: Int, $after: String) { hubspot { contacts(first: $first, after: $after) {
      totalCount nodes { upstreamId } pageInfo { hasNextPage endCursor } } } }"""
    first = world.data(query, first=45)["hubspot"]["contacts"]
    rest = world.data(query, first=200, after=first["pageInfo"]["endCursor"])["hubspot"]["contacts"]
    ids = [node["upstreamId"] for node in (*first["nodes"], *rest["nodes"])]

    assert ids == [contact["id"] for contact in world.objects("contacts")]
    assert (first["pageInfo"]["hasNextPage"], rest["pageInfo"]["hasNextPage"]) == (True, False)
    assert first["totalCount"] is None


def test_lists_are_not_read_backward(world: HubSpotWorld) -> None:
    assert isinstance(world.error("{ hubspot { deals(last: 5) { nodes { name } } } }"), BackwardPaginationUnsupported)
    assert world.operations() == []


def test_only_what_is_selected_is_asked_for_custom_properties_too(world: HubSpotWorld) -> None:
    query = """{ hubspot { contacts(first: 3) { nodes { firstName createdAt properties(names: ["favorite_fruit"])
      owner { email } } } } }"""
    found = world.data(query)["hubspot"]["contacts"]["nodes"]
    asked = parse_qs(world.sandbox.calls[0].query)["properties"][0]

    assert asked == "favorite_fruit,firstname,hubspot_owner_id"
    assert found[2]["properties"]["favorite_fruit"] == world.objects("contacts")[2]["properties"]["favorite_fruit"]


@pytest.mark.parametrize("names", [["Nice Name"], ["a,b"], [""], [f"p{n}" for n in range(101)]])
def test_what_is_no_propertys_name_is_refused_before_hubspot_is_asked(world: HubSpotWorld, names: list[str]) -> None:
    query = "query($names: [String!]!) { hubspot { contacts(first: 1) { nodes { properties(names: $names) } } } }"

    assert isinstance(world.error(query, names=names), BadInput)
    assert world.operations() == []


def test_values_are_of_their_types(world: HubSpotWorld) -> None:
    query = """{ hubspot { companies(first: 1) { nodes { name domain numberOfEmployees annualRevenue lifecycleStage } }
      deals(first: 20) { nodes { amount currency stage isClosed isWon closeDate } }
      tickets(first: 20) { nodes { subject priority stage closedAt } } } }"""
    found = world.data(query)["hubspot"]
    company = world.objects("companies")[0]["properties"]
    deals = [deal["properties"] for deal in world.objects("deals")[:20]]

    assert found["companies"]["nodes"][0] == {
        "name": company["name"],
        "domain": company["domain"],
        "numberOfEmployees": int(company["numberofemployees"]),
        "annualRevenue": company["annualrevenue"],
        "lifecycleStage": "CUSTOMER",
    }
    assert [deal["amount"] for deal in found["deals"]["nodes"]] == [deal["amount"] for deal in deals]
    assert all(deal["isWon"] == (deal["stage"] == "closedwon") for deal in found["deals"]["nodes"])
    assert {ticket["closedAt"] is None for ticket in found["tickets"]["nodes"]} == {True, False}


def test_a_batch_of_many_keys_is_one_call(world: HubSpotWorld) -> None:
    query = """query($first: Int) { hubspot { contacts(first: $first) { nodes { companies { labels company { name } }
      deals { deal { name amount } } } } } }"""
    found = world.data(query, first=60)["hubspot"]["contacts"]["nodes"]
    employed = [contact for contact in found if contact["companies"]]

    assert len(employed) > 50
    assert all(contact["companies"][0]["labels"] == ["Primary"] for contact in employed)
    assert sorted(world.operations()) == [
        "associations.read",
        "associations.read",
        "companies.read",
        "contacts.list",
        "deals.read",
    ]


def test_associations_lead_there_and_back(world: HubSpotWorld) -> None:
    query = """query($id: ID!) { hubspot { ticket(id: $id) { subject
      contacts { contactId contact { tickets { ticketId } } } companies { company { tickets { ticketId } } } } } }"""
    id = world.objects("tickets")[0]["id"]
    ticket = world.data(query, id=global_id("HubSpotTicket", id))["hubspot"]["ticket"]

    assert {"ticketId": id} in ticket["contacts"][0]["contact"]["tickets"]
    assert {"ticketId": id} in ticket["companies"][0]["company"]["tickets"]


def test_many_owners_are_one_call_and_who_has_left_is_null(world: HubSpotWorld) -> None:
    gone = world.objects("contacts")[5]
    gone["properties"]["hubspot_owner_id"] = "17"
    found = world.data("{ hubspot { contacts(first: 60) { nodes { upstreamId owner { email } } } } }")
    owners = {one["upstreamId"]: one["owner"] for one in found["hubspot"]["contacts"]["nodes"]}
    there = {id: owner["email"] for id, owner in world.sandbox.portal.owners.items()}

    assert owners.pop(gone["id"]) is None
    for contact in world.objects("contacts")[:60]:
        if contact is not gone:
            expected = there.get(contact["properties"].get("hubspot_owner_id"))
            assert owners[contact["id"]] == (expected and {"email": expected})
    assert world.operations() == ["contacts.list", "owners.list"]


def test_a_failed_key_of_a_batch_costs_its_own_place_only(world: HubSpotWorld) -> None:
    ids = [contact["id"] for contact in world.objects("contacts")[:3]]
    rows = [{"id": id, "properties": {"firstname": id}, "createdAt": "", "updatedAt": ""} for id in (ids[2], ids[0])]
    error = {"category": "INTERNAL_ERROR", "context": {"ids": [ids[1]]}}
    body = orjson.dumps({"status": "COMPLETE", "results": rows, "errors": [error]}).decode()
    world.sandbox.faults.add(Fault(operation="contacts.read", status=207, body=body))
    query = "query($ids: [ID!]!) { nodes(ids: $ids) { ... on HubSpotContact { firstName } } }"
    result = world.ask(query, ids=[global_id("HubSpotContact", id) for id in (*ids, "17", "not a number")])
    (failed,) = result.errors or []

    assert result.data == {"nodes": [{"firstName": ids[0]}, None, {"firstName": ids[2]}, None, None]}
    assert (failed.path, type(failed.original_error)) == (["nodes", 1], UpstreamRejected)
    assert world.operations() == ["contacts.read"]


def test_contacts_are_found_by_address_in_any_case(world: HubSpotWorld) -> None:
    query = "query($email: String!) { hubspot { contactByEmail(email: $email) { firstName lastName jobTitle } } }"
    person = PEOPLE[4]
    found = world.data(query, email=person.email.upper())["hubspot"]["contactByEmail"]

    assert found == {"firstName": person.first_name, "lastName": person.last_name, "jobTitle": person.title}
    assert world.data(query, email="nobody@punnet.example") == {"hubspot": {"contactByEmail": None}}


def test_companies_are_found_by_domain_of_several_the_oldest(world: HubSpotWorld) -> None:
    portal = world.sandbox.portal
    domain = PEOPLE[0].company.domain
    portal.add("companies", {"name": "Namesake", "domain": domain}, portal.now)
    query = """query($domain: String!) { hubspot { there: companyByDomain(domain: $domain) { name }
      none: companyByDomain(domain: "nobody.example") { name } } }"""

    assert world.data(query, domain=domain.upper()) == {
        "hubspot": {"there": {"name": PEOPLE[0].company.name}, "none": None}
    }
    assert world.operations() == ["companies.search"]


def test_what_hubspot_does_not_know_is_null(world: HubSpotWorld) -> None:
    query = '{ hubspot { contact(id: "17") { email } deal(id: "x") { name } owner(id: "1") { email } } }'

    assert world.data(query) == {"hubspot": {"contact": None, "deal": None, "owner": None}}


SEARCH = """query($where: [HubSpotFilterGroup!], $first: Int, $after: String) { hubspot {
  searchDeals(where: $where, sort: "-amount", first: $first, after: $after) { totalCount nodes { amount stage }
    pageInfo { endCursor } } } }"""


def test_search_takes_conditions_that_hold_together_or_in_turn(world: HubSpotWorld) -> None:
    def having(stage: str) -> Any:
        return {
            "filters": [
                {"property": "dealstage", "operator": "EQ", "value": stage},
                {"property": "amount", "operator": "BETWEEN", "value": "100", "highValue": "50000"},
            ]
        }

    found = world.data(SEARCH, where=[having("closedwon"), having("closedlost")], first=100)["hubspot"]["searchDeals"]
    amounts = [float(deal["amount"]) for deal in found["nodes"]]

    assert {deal["stage"] for deal in found["nodes"]} == {"closedwon", "closedlost"}
    assert amounts == sorted(amounts, reverse=True)
    assert found["totalCount"] == len(amounts)
    assert max(amounts) <= 50000


def test_5_search_past_its_window_is_an_error_and_never_cut_short(world: HubSpotWorld) -> None:
    portal = world.sandbox.portal
    for number in range(10_050):
        portal.add("tickets", {"subject": f"Call {number}", "hs_pipeline_stage": "1"}, portal.now)
    query = """query($first: Int, $after: String) { hubspot {
      searchTickets(query: "call", first: $first, after: $after) { totalCount nodes { subject }
        pageInfo { hasNextPage } } } }"""
    listing = listing_of("hubspot", "objects.search", {"kind": "tickets", "query": "call", "groups": [], "sort": None})
    after = CURSORS.encode(listing, Position("9950"))
    last = world.data(query, first=50, after=after)["hubspot"]["searchTickets"]

    assert (len(last["nodes"]), last["totalCount"], last["pageInfo"]["hasNextPage"]) == (50, 10_050, True)
    assert isinstance(world.error(query, first=51, after=after), ResultWindowExceeded)


CREATE = """mutation($input: HubSpotContactInput!) { hubspotCreateContact(input: $input) { __typename
  ... on HubSpotContactSaved { upstreamId isNew contact {
    email city lifecycleStage properties(names: ["favorite_fruit"]) owner { firstName } } }
  ... on HubSpotContactExists { existingId } ... on HubSpotPropertiesInvalid { message faults { property code } } } }"""


def test_a_contact_is_created_and_read_as_it_is_then(world: HubSpotWorld) -> None:
    owner = next(iter(world.sandbox.portal.owners))
    wish = {"email": "New@punnet.example", "city": "Lyon", "ownerId": owner, "properties": {"favorite_fruit": "Pears"}}
    made = world.data(CREATE, input=wish)["hubspotCreateContact"]
    again = world.data(CREATE, input=wish)["hubspotCreateContact"]

    assert made["isNew"] is True
    assert made["contact"] == {
        "email": "new@punnet.example",
        "city": "Lyon",
        "lifecycleStage": None,
        "properties": {"favorite_fruit": "Pears"},
        "owner": {"firstName": "Ada"},
    }
    assert again == {"__typename": "HubSpotContactExists", "existingId": made["upstreamId"]}


def test_properties_that_are_not_valid_are_a_result(world: HubSpotWorld) -> None:
    wish = {"email": "nonsense", "properties": {"colour": "red"}}
    refused = world.data(CREATE, input=wish)["hubspotCreateContact"]

    assert refused["__typename"] == "HubSpotPropertiesInvalid"
    assert refused["faults"] == [
        {"property": "email", "code": "INVALID_EMAIL"},
        {"property": "colour", "code": "PROPERTY_DOESNT_EXIST"},
    ]


@pytest.mark.parametrize("properties", [["x"], {"a": 1}, "x"])
def test_custom_properties_are_strings(world: HubSpotWorld, properties: object) -> None:
    assert isinstance(world.error(CREATE, input={"properties": properties}), BadInput)
    assert world.operations() == []


def test_a_lost_answer_to_a_creation_is_not_repeated_and_says_so(world: HubSpotWorld) -> None:
    world.sandbox.faults.add(Fault(operation="contacts.create", drop="answer"))

    assert isinstance(world.error(CREATE, input={"city": "Lyon"}), OutcomeUnknown)
    assert world.operations() == ["contacts.create"]


def test_each_of_two_updates_is_read_as_it_was_then(world: HubSpotWorld) -> None:
    query = """mutation($id: ID!) {
      first: hubspotUpdateDeal(id: $id, input: {amount: "10.50", closeDate: "2026-02-01T12:00:00+02:00"}) { ...now }
      second: hubspotUpdateDeal(id: $id, input: {amount: "11"}) { ...now } }
      fragment now on HubSpotDealSaved { isNew deal { amount closeDate } }"""
    id = world.objects("deals")[0]["id"]
    data = world.data(query, id=id)

    assert data["first"] == {"isNew": False, "deal": {"amount": "10.50", "closeDate": "2026-02-01T10:00:00+00:00"}}
    assert data["second"]["deal"]["amount"] == "11"


def test_what_is_not_there_cannot_be_updated(world: HubSpotWorld) -> None:
    query = """mutation { hubspotUpdateTicket(id: "17", input: {subject: "x"}) { __typename
      ... on HubSpotObjectNotFound { upstreamId } } }"""

    assert world.data(query) == {"hubspotUpdateTicket": {"__typename": "HubSpotObjectNotFound", "upstreamId": "17"}}


UPSERT = """mutation($input: [HubSpotContactInput!]!, $by: String!) { hubspotUpsertContacts(input: $input, by: $by) {
  __typename ... on HubSpotContactSaved { isNew contact { email city } }
  ... on HubSpotPropertiesInvalid { faults { property code } } } }"""


def test_each_record_of_an_upsert_has_its_own_result(world: HubSpotWorld) -> None:
    email = PEOPLE[0].email
    wish = [{"email": email, "city": "Lyon"}, {"email": "nonsense"}, {"email": "new@punnet.example"}]
    found = world.data(UPSERT, input=wish, by="email")["hubspotUpsertContacts"]

    assert found == [
        {"__typename": "HubSpotContactSaved", "isNew": False, "contact": {"email": email, "city": "Lyon"}},
        {"__typename": "HubSpotPropertiesInvalid", "faults": [{"property": "email", "code": "INVALID_EMAIL"}]},
        {"__typename": "HubSpotContactSaved", "isNew": True, "contact": {"email": "new@punnet.example", "city": None}},
    ]
    assert world.operations() == ["contacts.upsert", "contacts.read"]


def test_companies_are_put_by_a_unique_property_of_the_account(world: HubSpotWorld) -> None:
    query = """mutation { hubspotUpsertCompanies(by: "customer_number", input: [
      {city: "Lyon", properties: {customer_number: "K-0003"}}]) {
        ... on HubSpotCompanySaved { company { name city } } } }"""
    name = next(
        c["properties"]["name"] for c in world.objects("companies") if c["properties"]["customer_number"] == "K-0003"
    )

    assert world.data(query) == {"hubspotUpsertCompanies": [{"company": {"name": name, "city": "Lyon"}}]}


@pytest.mark.parametrize(
    ("input", "by"), [([], "email"), ([{"email": "a@b.example"}] * 101, "email"), ([{"city": "Lyon"}], "email")]
)
def test_an_upsert_takes_one_to_a_hundred_records_with_their_property(world: HubSpotWorld, input: Any, by: str) -> None:
    assert isinstance(world.error(UPSERT, input=input, by=by), BadInput)
    assert world.operations() == []


def test_a_word_that_hubspot_added_is_unknown_and_a_wrong_value_costs_its_own_field_only(world: HubSpotWorld) -> None:
    contact = world.contact(1)
    contact["properties"]["lifecyclestage"] = "1234567"
    world.objects("companies")[0]["properties"]["numberofemployees"] = "many"
    query = """query($id: ID!) { hubspot { contact(id: $id) { lifecycleStage properties(names: ["lifecyclestage"]) }
      companies(first: 1) { nodes { name numberOfEmployees } } } }"""
    result = world.ask(query, id=contact["id"])
    (error,) = result.errors or []

    assert result.data
    assert result.data["hubspot"]["contact"] == {
        "lifecycleStage": "UNKNOWN",
        "properties": {"lifecyclestage": "1234567"},
    }
    assert result.data["hubspot"]["companies"]["nodes"][0]["name"]
    assert isinstance(error.original_error, PayloadMismatch)
    assert error.path == ["hubspot", "companies", "nodes", 0, "numberOfEmployees"]


def test_a_cleared_property_is_null(world: HubSpotWorld) -> None:
    contact = world.contact(1)
    query = """mutation($id: ID!) { hubspotUpdateContact(id: $id, input: {properties: {phone: ""}}) {
      ... on HubSpotContactSaved { contact { phone lastName } } } }"""

    assert world.data(query, id=contact["id"])["hubspotUpdateContact"]["contact"] == {
        "phone": None,
        "lastName": PEOPLE[1].last_name,
    }


ASSOCIATE = """mutation($pairs: [HubSpotAssociationInput!]!) {
  hubspotAssociate(fromType: CONTACTS, toType: COMPANIES, pairs: $pairs) { __typename
    ... on HubSpotAssociated { fromId toId labels } ... on HubSpotObjectNotFound { upstreamId }
    ... on HubSpotAssociationRefused { category } } }"""
DISASSOCIATE = """mutation($pairs: [HubSpotAssociationInput!]!) {
  hubspotDisassociate(fromType: CONTACTS, toType: COMPANIES, pairs: $pairs) { __typename
    ... on HubSpotDisassociated { pairs } ... on HubSpotAssociationRefused { category } } }"""
COMPANIES_OF = """query($id: ID!) { hubspot { contact(id: $id) { companies { companyId labels } } } }"""


def test_each_pair_that_is_associated_has_its_own_result(world: HubSpotWorld) -> None:
    contact, company = world.objects("contacts")[0]["id"], world.objects("companies")[0]["id"]
    other = world.objects("companies")[1]["id"]
    pairs = [
        {"fromId": contact, "toId": global_id("HubSpotCompany", company)},
        {"fromId": contact, "toId": "17"},
        {"fromId": contact, "toId": other, "types": [{"typeId": 1}, {"typeId": 101, "category": "USER_DEFINED"}]},
        {"fromId": world.contact(1)["id"], "toId": other, "types": [{"typeId": 9}]},
    ]

    found = world.data(ASSOCIATE, pairs=pairs)["hubspotAssociate"]

    assert found == [
        {"__typename": "HubSpotAssociated", "fromId": contact, "toId": company, "labels": []},
        {"__typename": "HubSpotObjectNotFound", "upstreamId": "17"},
        {"__typename": "HubSpotAssociated", "fromId": contact, "toId": other, "labels": ["Primary", "Buyer"]},
        {"__typename": "HubSpotAssociationRefused", "category": "VALIDATION_ERROR"},
    ]
    assert world.operations() == ["associations.create", "associations.create"]
    assert world.data(COMPANIES_OF, id=contact)["hubspot"]["contact"]["companies"] == [
        {"companyId": company, "labels": []},
        {"companyId": other, "labels": ["Primary", "Buyer"]},
    ]


def test_where_one_of_two_calls_fails_the_pairs_of_the_other_have_their_results(world: HubSpotWorld) -> None:
    contact, companies = world.objects("contacts")[0]["id"], [one["id"] for one in world.objects("companies")[:2]]
    world.sandbox.faults.add(Fault(operation="associations.create", status=403))
    pairs = [
        {"fromId": contact, "toId": companies[0]},
        {"fromId": contact, "toId": companies[1], "types": [{"typeId": 1}]},
    ]

    result = world.ask(ASSOCIATE, pairs=pairs)

    assert result.data
    assert [one and one["__typename"] for one in result.data["hubspotAssociate"]] == [None, "HubSpotAssociated"]
    assert [error.path for error in result.errors or []] == [["hubspotAssociate", 0]]


def test_associations_are_removed_in_some_ways_or_altogether(world: HubSpotWorld) -> None:
    contact, company = world.contact(1)["id"], None
    (before,) = world.data(COMPANIES_OF, id=contact)["hubspot"]["contact"]["companies"]
    company = before["companyId"]

    label = world.data(DISASSOCIATE, pairs=[{"fromId": contact, "toId": company, "types": [{"typeId": 1}]}])
    (between,) = world.data(COMPANIES_OF, id=contact)["hubspot"]["contact"]["companies"]
    whole = world.data(DISASSOCIATE, pairs=[{"fromId": contact, "toId": company}])

    assert (before["labels"], between["labels"]) == (["Primary"], [])
    assert label == whole == {"hubspotDisassociate": {"__typename": "HubSpotDisassociated", "pairs": 1}}
    assert world.data(COMPANIES_OF, id=contact)["hubspot"]["contact"]["companies"] == []


def test_a_removal_that_is_refused_is_a_result(world: HubSpotWorld) -> None:
    pair = {"fromId": world.contact(1)["id"], "toId": "17", "types": [{"typeId": 9}]}

    assert world.data(DISASSOCIATE, pairs=[pair])["hubspotDisassociate"] == {
        "__typename": "HubSpotAssociationRefused",
        "category": "VALIDATION_ERROR",
    }


def test_the_ways_in_which_objects_can_belong_together_are_listed(world: HubSpotWorld) -> None:
    query = "{ hubspot { associationTypes(fromType: DEALS, toType: CONTACTS) { category typeId label } } }"

    assert world.data(query)["hubspot"]["associationTypes"] == [
        {"category": "USER_DEFINED", "typeId": 103, "label": "Decision maker"},
        {"category": "HUBSPOT_DEFINED", "typeId": 3, "label": None},
    ]


def test_associating_whose_answer_is_lost_is_repeated(world: HubSpotWorld) -> None:
    contact, company = world.objects("contacts")[0]["id"], world.objects("companies")[0]["id"]
    world.sandbox.faults.add(Fault(operation="associations.create", drop="answer"))

    found = world.data(ASSOCIATE, pairs=[{"fromId": contact, "toId": company}])["hubspotAssociate"]

    assert [one["__typename"] for one in found] == ["HubSpotAssociated"]
    assert len(world.data(COMPANIES_OF, id=contact)["hubspot"]["contact"]["companies"]) == 1


@pytest.mark.parametrize(
    "pairs",
    [
        [],
        [{"fromId": "1", "toId": "2"}] * 2,
        [{"fromId": f"{number}", "toId": "2"} for number in range(101)],
        [{"fromId": global_id("HubSpotDeal", "1"), "toId": "2"}],
    ],
)
def test_pairs_that_make_no_sense_are_not_sent(world: HubSpotWorld, pairs: Any) -> None:
    assert isinstance(world.error(ASSOCIATE, pairs=pairs), BadInput)
    assert world.operations() == []
