"""What is changed in Salesforce, through the graph: each record has its own outcome."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from strawberry.types import ExecutionResult

from connectors.call import Scope
from connectors.connector import connect
from connectors.errors import NotAuthorized, OutcomeUnknown, UpstreamUnavailable
from connectors.policy import CachePolicy, OperationCache
from connectors.providers.salesforce.client import SalesforceClient
from connectors.providers.salesforce.manifest import UPSTREAM
from connectors.providers.salesforce.payloads import SaveErrorPayload, SaveResultPayload
from connectors.providers.salesforce.sandbox import SalesforceSandbox
from connectors.providers.salesforce.sandbox.store import Record
from connectors.sandbox.faults import Fault
from connectors.sandbox.people import population
from resolvers import nodes
from resolvers.context import Context
from resolvers.cursors import CursorCodec
from resolvers.providers.salesforce import fields
from resolvers.providers.salesforce.outcomes import outcome
from schema.compose import compose
from schema.problems import BadInput
from schema.providers.salesforce import (
    SalesforceDuplicateFound,
    SalesforceRecordNotFound,
    SalesforceValidationFailed,
)
from schema.relay import global_id

PEOPLE = population(30)
GRAPH = compose([nodes.fields, fields], ["salesforce"])
KEPT = replace(UPSTREAM.policy, cache=CachePolicy(operations={"*": OperationCache(ttl_s=600)}))


class World:
    """The graph over one sandbox, whose answers are kept for ten minutes."""

    def __init__(self) -> None:
        connector = connect(replace(UPSTREAM, policy=KEPT), {}, people=PEOPLE)
        assert connector
        assert isinstance(connector.sandbox, SalesforceSandbox)
        self._connectors = {SalesforceClient: connector}
        self.sandbox = connector.sandbox
        self.store = connector.sandbox.org.store

    def ask(self, document: str, **variables: Any) -> ExecutionResult:
        context = Context(self._connectors, Scope(), CursorCodec(b"secret"))
        result = asyncio.run(GRAPH.execute(document, variable_values=variables, context_value=context))
        assert isinstance(result, ExecutionResult)
        return result

    def data(self, document: str, **variables: Any) -> Any:
        result = self.ask(document, **variables)
        assert result.errors is None, result.errors
        return result.data

    def error(self, document: str, **variables: Any) -> Exception | None:
        (error,) = self.ask(document, **variables).errors or []
        return error.original_error

    def rows(self, kind: str) -> list[Record]:
        return list(self.store.tables[kind].rows.values())

    def writes(self) -> list[str]:
        return [call.operation for call in self.sandbox.calls if call.operation not in ("login", "query")]


@pytest.fixture
def world() -> World:
    return World()


OUTCOMES = """fragment outcomes on SalesforceRecordResult { ... on SalesforceRecordNotFound { upstreamId }
  ... on SalesforceDuplicateFound { statusCode existingIds } ... on SalesforceRecordSaved { isNew }
  ... on SalesforceValidationFailed { faults { statusCode fields } } }"""
CREATE = """mutation($input: SalesforceContactInput!, $allow: Boolean) {
  salesforceCreateContact(input: $input, allowDuplicates: $allow) { __typename
    ... on SalesforceDuplicateFound { statusCode existingIds }
    ... on SalesforceValidationFailed { faults { statusCode fields } }
    ... on SalesforceContactSaved { upstreamId isNew contact { name email account { name } } } } }"""
UPDATE = """mutation($id: ID!, $input: SalesforceOpportunityInput!) {
  salesforceUpdateOpportunity(id: $id, input: $input) { __typename ... on SalesforceRecordNotFound { upstreamId }
    ... on SalesforceOpportunitySaved { isNew opportunity { name stageName amount closeDate isWon } } } }"""
UPSERT = (
    """mutation($records: [JSON!]!, $by: String = "External_Id__c", $all: Boolean) {
  salesforceUpsertRecords(object: "Contact", externalIdField: $by, records: $records, allOrNone: $all) {
    __typename ...outcomes } } """
    + OUTCOMES
)
UPDATE_CASES = (
    """mutation($records: [JSON!]!) { salesforceUpdateRecords(object: "Case", records: $records) {
  __typename ...outcomes } } """
    + OUTCOMES
)
DELETE = """mutation($ids: [ID!]!, $all: Boolean = false) { salesforceDeleteRecords(ids: $ids, allOrNone: $all) {
  __typename ... on SalesforceRecordDeleted { upstreamId } ... on SalesforceRecordNotFound { upstreamId } } }"""


def test_a_contact_is_created_at_an_account_named_by_its_global_id(world: World) -> None:
    account = world.rows("Account")[0]
    wish = {"lastName": "Hopper", "email": "hopper@new.example", "columns": {"GitHub_Login__c": "hopper"}}

    made = world.data(CREATE, input={**wish, "accountId": global_id("SalesforceAccount", str(account["Id"]))})

    assert made["salesforceCreateContact"]["contact"] == {
        "name": "Hopper",
        "email": "hopper@new.example",
        "account": {"name": account["Name"]},
    }
    assert made["salesforceCreateContact"]["isNew"] is True
    assert world.rows("Contact")[-1]["GitHub_Login__c"] == "hopper"


def test_what_is_not_valid_is_a_result_with_the_columns_to_blame(world: World) -> None:
    nameless = world.data(CREATE, input={"firstName": "Grace"})["salesforceCreateContact"]
    wrong = world.data(CREATE, input={"lastName": "Hopper", "email": "no address"})["salesforceCreateContact"]

    assert nameless == {
        "__typename": "SalesforceValidationFailed",
        "faults": [{"statusCode": "REQUIRED_FIELD_MISSING", "fields": ["LastName"]}],
    }
    assert wrong["faults"] == [{"statusCode": "INVALID_EMAIL_ADDRESS", "fields": ["Email"]}]


def test_a_duplicate_names_the_record_that_is_there_and_can_be_saved_all_the_same(world: World) -> None:
    there = world.rows("Contact")[0]
    wish = {"lastName": there["LastName"], "email": there["Email"]}

    refused = world.data(CREATE, input=wish)["salesforceCreateContact"]
    allowed = world.data(CREATE, input=wish, allow=True)["salesforceCreateContact"]

    assert refused == {
        "__typename": "SalesforceDuplicateFound",
        "statusCode": "DUPLICATES_DETECTED",
        "existingIds": [there["Id"]],
    }
    assert allowed["__typename"] == "SalesforceContactSaved"


def test_a_value_that_must_be_unique_names_the_record_that_has_it(world: World) -> None:
    there = world.rows("Contact")[0]

    refused = world.data(CREATE, input={"lastName": "X", "columns": {"External_Id__c": there["External_Id__c"]}})

    assert refused["salesforceCreateContact"] == {
        "__typename": "SalesforceDuplicateFound",
        "statusCode": "DUPLICATE_VALUE",
        "existingIds": [there["Id"]],
    }


def test_an_update_changes_what_is_given_clears_what_is_null_and_is_read_as_it_is_then(world: World) -> None:
    deal = world.rows("Opportunity")[0]
    again = "query($id: ID!) { salesforce { opportunity(id: $id) { amount } } }"
    world.data(again, id=deal["Id"])
    wish = {"stageName": "Closed Won", "amount": "10.50", "closeDate": "2026-02-01"}

    first = world.data(UPDATE, id=deal["Id"], input=wish)["salesforceUpdateOpportunity"]
    second = world.data(UPDATE, id=str(deal["Id"])[:15], input={"amount": None})["salesforceUpdateOpportunity"]

    assert first == {
        "__typename": "SalesforceOpportunitySaved",
        "isNew": False,
        "opportunity": {
            "name": deal["Name"],
            "stageName": "Closed Won",
            "amount": "10.50",
            "closeDate": "2026-02-01",
            "isWon": True,
        },
    }
    assert second["opportunity"]["amount"] is None
    assert second["opportunity"]["stageName"] == "Closed Won"
    assert world.data(again, id=deal["Id"]) == {"salesforce": {"opportunity": {"amount": None}}}


def test_two_updates_in_one_request_are_each_read_as_it_was_then(world: World) -> None:
    query = """mutation($id: ID!) { a: salesforceUpdateTask(id: $id, input: {status: "Completed"}) { ...now }
      b: salesforceUpdateTask(id: $id, input: {status: "In Progress"}) { ...now } }
      fragment now on SalesforceTaskSaved { task { isClosed } }"""

    data = world.data(query, id=world.rows("Task")[0]["Id"])

    assert (data["a"]["task"], data["b"]["task"]) == ({"isClosed": True}, {"isClosed": False})


@pytest.mark.parametrize("id", ["006000000000000AAA", "no id"])
def test_what_is_not_there_cannot_be_updated(world: World, id: str) -> None:
    found = world.data(UPDATE, id=id, input={"name": "x"})["salesforceUpdateOpportunity"]

    assert found["__typename"] == "SalesforceRecordNotFound"
    assert found["upstreamId"].startswith(id[:15])


@pytest.mark.parametrize(
    ("noun", "input", "read"),
    [
        ("Account", {"name": "Plum & Sons", "annualRevenue": "1000000.25"}, {"annualRevenue": "1000000.25"}),
        ("Case", {"subject": "Late\nagain", "priority": "High"}, {"subject": "Late\nagain"}),
        ("Lead", {"lastName": "Quist", "company": "Plum"}, {"isConverted": False}),
        ("Task", {"subject": "Call", "dueOn": "2026-03-01"}, {"dueOn": "2026-03-01"}),
    ],
)
def test_records_of_the_usual_kinds_are_created(world: World, noun: str, input: Any, read: Any) -> None:
    query = f"""mutation($input: Salesforce{noun}Input!) {{ salesforceCreate{noun}(input: $input) {{
      ... on Salesforce{noun}Saved {{ {noun.lower()} {{ {next(iter(read))} }} }} }} }}"""

    assert world.data(query, input=input)[f"salesforceCreate{noun}"] == {noun.lower(): read}


def test_each_record_of_an_upsert_has_its_own_result(world: World) -> None:
    records = [
        {"External_Id__c": "person-0", "Title": "Admiral"},
        {"External_Id__c": "new", "FirstName": "Nameless"},
        {"External_Id__c": "newer", "LastName": "Hopper", "MailingCity": None},
        {"External_Id__c": "NEWER", "LastName": "Hopper"},
    ]

    found = world.data(UPSERT, records=records)["salesforceUpsertRecords"]

    assert found == [
        {"__typename": "SalesforceRecordSaved", "isNew": False},
        {
            "__typename": "SalesforceValidationFailed",
            "faults": [{"statusCode": "REQUIRED_FIELD_MISSING", "fields": ["LastName"]}],
        },
        {"__typename": "SalesforceRecordSaved", "isNew": True},
        {"__typename": "SalesforceDuplicateFound", "statusCode": "DUPLICATE_VALUE", "existingIds": []},
    ]
    assert world.rows("Contact")[0]["Title"] == "Admiral"
    assert world.writes() == ["upsert"]


def test_all_or_none_keeps_none_where_one_is_refused(world: World) -> None:
    before = [dict(row) for row in world.rows("Contact")]
    records = [{"External_Id__c": "person-0", "Title": "Admiral"}, {"External_Id__c": "new"}]

    found = world.data(UPSERT, records=records, all=True)["salesforceUpsertRecords"]

    assert [one["__typename"] for one in found] == ["SalesforceRolledBack", "SalesforceValidationFailed"]
    assert [dict(row) for row in world.rows("Contact")] == before


def test_an_upsert_whose_answer_is_lost_is_sent_again_and_a_creation_is_not(world: World) -> None:
    world.sandbox.faults.add(Fault(operation="upsert", drop="answer"))
    world.sandbox.faults.add(Fault(operation="create", drop="answer"))

    found = world.data(UPSERT, records=[{"External_Id__c": "new", "LastName": "Hopper"}])
    error = world.error(CREATE, input={"lastName": "Hopper"})

    assert found["salesforceUpsertRecords"] == [{"__typename": "SalesforceRecordSaved", "isNew": False}]
    assert isinstance(error, OutcomeUnknown)
    assert world.writes() == ["upsert", "upsert", "create"]


def test_records_of_any_kind_are_created_updated_and_deleted(world: World) -> None:
    create = """mutation { salesforceCreateRecords(object: "case", records: [{Subject: "Late", Priority: "High"}]) {
      ... on SalesforceRecordSaved { upstreamId isNew } } }"""
    read = "{ salesforce { cases(first: 200) { totalCount } } }"
    before = world.data(read)["salesforce"]["cases"]["totalCount"]

    (made,) = world.data(create)["salesforceCreateRecords"]
    id = global_id("SalesforceCase", made["upstreamId"])
    after = world.data(read)["salesforce"]["cases"]["totalCount"]
    changed = world.data(UPDATE_CASES, records=[{"Id": id, "Status": "Closed"}, {"Id": "500000000000000AAA"}])
    deleted = world.data(DELETE, ids=[id, made["upstreamId"]])["salesforceDeleteRecords"]

    assert (made["isNew"], after) == (True, before + 1)
    assert [one["__typename"] for one in changed["salesforceUpdateRecords"]] == [
        "SalesforceRecordSaved",
        "SalesforceRecordNotFound",
    ]
    assert deleted == [
        {"__typename": "SalesforceRecordDeleted", "upstreamId": made["upstreamId"]},
        {"__typename": "SalesforceRecordNotFound", "upstreamId": made["upstreamId"]},
    ]
    assert world.data(read)["salesforce"]["cases"]["totalCount"] == before


@pytest.mark.parametrize("all_or_none", [False, True])
def test_a_deletion_whose_answer_is_lost_is_known_to_be_done(world: World, all_or_none: bool) -> None:
    ids = [row["Id"] for row in world.rows("Case")[:2]]
    world.sandbox.faults.add(Fault(operation="delete", drop="answer"))

    found = world.data(DELETE, ids=ids, all=all_or_none)["salesforceDeleteRecords"]

    assert found == [{"__typename": "SalesforceRecordDeleted", "upstreamId": id} for id in ids]
    assert world.writes() == ["delete", "delete"]


def test_what_was_deleted_together_with_nothing_is_not_taken_for_deleted(world: World) -> None:
    there, gone = world.rows("Case")[0]["Id"], "500000000000000AAA"
    world.sandbox.faults.add(Fault(operation="delete", drop="answer"))

    found = world.data(DELETE, ids=[there, gone], all=True)["salesforceDeleteRecords"]

    assert [one["__typename"] for one in found] == ["SalesforceRolledBack", "SalesforceRecordNotFound"]


def test_what_was_read_of_other_kinds_is_still_known_after_a_write(world: World) -> None:
    contacts, cases = "{ salesforce { contacts { totalCount } } }", "{ salesforce { cases { totalCount } } }"
    anything = '{ salesforce { query(soql: "SELECT Id FROM Contact ORDER BY Name") { totalCount } } }'
    tasks = "{ salesforce { tasks { totalCount } } }"  # whose account is that of their contact
    for query in (contacts, tasks, cases, anything):
        world.data(query)
    world.data(CREATE, input={"lastName": "Hopper"})

    def asks(query: str) -> int:
        before = world.sandbox.seen("query")
        world.data(query)
        return world.sandbox.seen("query") - before

    assert (asks(contacts), asks(tasks), asks(cases), asks(anything)) == (1, 1, 0, 1)


@pytest.mark.parametrize(
    ("code", "fields", "expected"),
    [
        ("INSUFFICIENT_ACCESS_OR_READONLY", [], NotAuthorized),
        ("UNABLE_TO_LOCK_ROW", [], UpstreamUnavailable),
        ("INVALID_CROSS_REFERENCE_KEY", [], SalesforceRecordNotFound),
        ("INVALID_CROSS_REFERENCE_KEY", ["AccountId"], SalesforceValidationFailed),
        ("DUPLICATE_EXTERNAL_ID", ["External_Id__c"], SalesforceDuplicateFound),
        ("FIELD_CUSTOM_VALIDATION_EXCEPTION", ["Amount"], SalesforceValidationFailed),
        ("A_CODE_OF_TOMORROW", [], SalesforceValidationFailed),
    ],
)
def test_each_code_of_salesforce_has_its_outcome(code: str, fields: list[str], expected: type) -> None:
    error = SaveErrorPayload(statusCode=code, message="no", fields=fields, duplicates=[])
    result = SaveResultPayload(id=None, success=False, created=None, errors=[error])

    assert type(outcome(result, "update", lambda *_: None, "003000000000000AAA")) is expected


@pytest.mark.parametrize(
    ("records", "by"),
    [
        ([], "External_Id__c"),
        ([{"External_Id__c": "x"}] * 201, "External_Id__c"),
        ([{"LastName": "x"}], "External_Id__c"),
        ([{"External_Id__c": "x", "Account": {"Name": "x"}}], "External_Id__c"),
        ([{"External_Id__c": "x", "A:b": "x"}], "External_Id__c"),
        ([{"External_Id__c": "a\x00b"}], "External_Id__c"),
        (["x"], "External_Id__c"),
        ([{"Id": "x"}], "Id"),
    ],
)
def test_what_cannot_be_sent_is_not(world: World, records: Any, by: str) -> None:
    assert isinstance(world.error(UPSERT, records=records, by=by), BadInput)
    assert world.writes() == []


def test_the_id_of_something_else_is_no_record_of_salesforce(world: World) -> None:
    assert isinstance(world.error(DELETE, ids=[global_id("StripeCustomer", "cus_1")]), BadInput)
    assert isinstance(world.error(DELETE, ids=["nonsense"]), BadInput)
    assert world.writes() == []


CONVERT = """mutation($id: ID!, $input: SalesforceLeadConversionInput!) {
  salesforceConvertLead(id: $id, input: $input) { __typename
    ... on SalesforceLeadConverted { upstreamId lead { isConverted status convertedContact { name } }
      account { upstreamId name } contact { upstreamId name account { name } tasks(first: 5) { nodes { subject } } }
      opportunity { upstreamId name stageName } }
    ... on SalesforceLeadAlreadyConverted { lead { convertedAccount { name } } }
    ... on SalesforceDuplicateFound { existingIds } ... on SalesforceRecordNotFound { upstreamId }
    ... on SalesforceValidationFailed { faults { statusCode fields } } } }"""
STATUS = "Closed - Converted"


def open_lead(world: World) -> Record:
    return next(row for row in world.rows("Lead") if not row["IsConverted"])


def convert(world: World, id: Any, **input: Any) -> Any:
    return world.data(CONVERT, id=id, input={"status": STATUS, **input})["salesforceConvertLead"]


def test_a_lead_becomes_an_account_a_contact_and_an_opportunity(world: World) -> None:
    lead = open_lead(world)
    who = {"input": {"subject": "Call", "whoId": lead["Id"]}}
    world.data("mutation($input: SalesforceTaskInput!) { salesforceCreateTask(input: $input) { __typename } }", **who)
    before = "query($id: ID!) { salesforce { lead(id: $id) { isConverted tasks { totalCount } } } }"
    world.data(before, id=lead["Id"])

    found = convert(world, global_id("SalesforceLead", str(lead["Id"])))

    assert (found["__typename"], found["upstreamId"]) == ("SalesforceLeadConverted", lead["Id"])
    assert found["lead"] == {"isConverted": True, "status": STATUS, "convertedContact": {"name": lead["Name"]}}
    assert found["account"]["name"] == lead["Company"]
    assert found["contact"]["account"] == {"name": lead["Company"]}
    assert found["contact"]["tasks"]["nodes"] == [{"subject": "Call"}]
    assert found["opportunity"]["name"] == lead["Company"]
    assert [world.rows(kind)[-1]["Id"] for kind in ("Account", "Contact", "Opportunity")] == [
        found[noun]["upstreamId"] for noun in ("account", "contact", "opportunity")
    ]
    assert world.data(before, id=lead["Id"])["salesforce"]["lead"] == {"isConverted": True, "tasks": {"totalCount": 0}}


def test_a_lead_is_merged_into_what_is_there_whose_empty_columns_alone_are_filled(world: World) -> None:
    lead, contact = open_lead(world), world.rows("Contact")[0]
    title, contact["Phone"], lead["Phone"], lead["Title"] = contact["Title"], None, "+49", "Admiral"
    count = {kind: len(world.rows(kind)) for kind in ("Account", "Contact", "Opportunity")}

    found = convert(
        world,
        lead["Id"],
        accountId=contact["AccountId"],
        contactId=global_id("SalesforceContact", str(contact["Id"])),
        createOpportunity=False,
    )

    now = world.store.tables["Contact"].rows[str(contact["Id"])]
    assert (found["contact"]["upstreamId"], found["opportunity"]) == (contact["Id"], None)
    assert (now["Phone"], now["Title"]) == ("+49", title)
    assert {kind: len(world.rows(kind)) for kind in count} == count


def test_a_conversion_whose_answer_is_lost_is_not_sent_again_and_is_found_done(world: World) -> None:
    lead = open_lead(world)
    world.sandbox.faults.add(Fault(operation="convertLead", drop="answer"))

    lost = world.error(CONVERT, id=lead["Id"], input={"status": STATUS})
    again = convert(world, lead["Id"])

    assert isinstance(lost, OutcomeUnknown)
    assert again == {
        "__typename": "SalesforceLeadAlreadyConverted",
        "lead": {"convertedAccount": {"name": lead["Company"]}},
    }
    assert world.writes() == ["convertLead", "convertLead"]


def test_a_lead_that_is_refused_leaves_nothing_behind(world: World) -> None:
    lead, contact, accounts = open_lead(world), world.rows("Contact")[0], len(world.rows("Account"))
    world.store.tables["Lead"].rows[str(lead["Id"])].update(LastName=contact["LastName"], Email=contact["Email"])

    alike = convert(world, lead["Id"])
    wrong = convert(world, lead["Id"], status="Working - Contacted")
    owner = convert(world, lead["Id"], ownerId="005000000000000AAA")
    missing = convert(world, "00Q000000000000EAA")

    assert alike == {"__typename": "SalesforceDuplicateFound", "existingIds": [contact["Id"]]}
    assert wrong["faults"] == [{"statusCode": "INVALID_STATUS", "fields": ["Status"]}]
    assert owner["faults"] == [{"statusCode": "INVALID_CROSS_REFERENCE_KEY", "fields": ["OwnerId"]}]
    assert missing == {"__typename": "SalesforceRecordNotFound", "upstreamId": "00Q000000000000EAA"}
    assert len(world.rows("Account")) == accounts
    assert world.data("query($id: ID!) { salesforce { lead(id: $id) { isConverted } } }", id=lead["Id"]) == {
        "salesforce": {"lead": {"isConverted": False}}
    }


@pytest.mark.parametrize(
    "input",
    [
        {"contactId": "003000000000000AAA"},
        {"opportunityId": "006000000000000AAA", "opportunityName": "Deal"},
        {"createOpportunity": False, "opportunityName": "Deal"},
        {"opportunityName": "x" * 81},
        {"accountId": "nonsense"},
        {"accountId": global_id("SalesforceContact", "003000000000000AAA")},
        {"status": "a\x00b"},
    ],
)
def test_a_conversion_that_contradicts_itself_is_not_sent(world: World, input: Any) -> None:
    lead = open_lead(world)

    assert isinstance(world.error(CONVERT, id=lead["Id"], input={"status": STATUS, **input}), BadInput)
    assert world.writes() == []


def test_what_is_written_of_a_converted_lead_is_refused_and_statuses_that_convert_can_be_read(world: World) -> None:
    done = next(row for row in world.rows("Lead") if row["IsConverted"])
    update = """mutation($id: ID!) { salesforceUpdateLead(id: $id, input: {rating: "Hot"}) {
      ... on SalesforceValidationFailed { faults { statusCode } } } }"""
    statuses = """{ salesforce { query(soql: "SELECT MasterLabel FROM LeadStatus WHERE IsConverted = true") {
      nodes { fields } } } }"""

    assert world.data(update, id=done["Id"])["salesforceUpdateLead"] == {
        "faults": [{"statusCode": "CANNOT_UPDATE_CONVERTED_LEAD"}]
    }
    assert world.data(statuses)["salesforce"]["query"]["nodes"] == [{"fields": {"MasterLabel": STATUS}}]
