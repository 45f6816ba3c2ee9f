"""Salesforce in the graph."""

import asyncio
import re
from typing import Any

import pytest
from strawberry.types import ExecutionResult

from connectors.call import Scope
from connectors.connector import connect
from connectors.providers.salesforce.client import SalesforceClient
from connectors.providers.salesforce.manifest import UPSTREAM
from connectors.providers.salesforce.sandbox import SalesforceSandbox
from connectors.sandbox.faults import Fault
from connectors.sandbox.people import population
from resolvers import nodes
from resolvers.batching import Loaded
from resolvers.context import Context
from resolvers.cursors import CursorCodec
from resolvers.errors import presented
from resolvers.providers.salesforce import fields
from resolvers.providers.salesforce.fetching import contacts_by_email
from schema.compose import compose
from schema.providers.salesforce import SalesforceContact
from schema.relay import global_id
from tests.clock import FakeClock

PEOPLE = population(450)
GRAPH = compose([nodes.fields, fields], ["salesforce"])
RECORDS = (
    '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" xmlns="urn:partner.soap.sforce.com"'
    ' xmlns:sf="urn:sobject.partner.soap.sforce.com"><e:Body><queryResponse><result><done>true</done>'
    "<records>%s</records><size>1</size></result></queryResponse></e:Body></e:Envelope>"
)


class Gateway:
    """The graph over one sandbox."""

    def __init__(self) -> None:
        connector = connect(UPSTREAM, {}, people=PEOPLE)
        assert connector is not None
        assert isinstance(connector.sandbox, SalesforceSandbox)
        self._connectors = {SalesforceClient: connector}
        self.sandbox = connector.sandbox
        self.client = connector.client(Scope())

    def run(self, document: str, **variables: Any) -> ExecutionResult:
        context = Context(self._connectors, Scope(), CursorCodec(b"secret"))
        result = asyncio.run(GRAPH.execute(document, variable_values=variables, context_value=context))
        assert isinstance(result, ExecutionResult)
        return result

    def salesforce(self, selection: str, **variables: Any) -> Any:
        types = {"id": "ID!", "soql": "String!"}
        declared = ", ".join(f"${name}: {types.get(name, 'String')}" for name in variables)
        result = self.run(f"query{f'({declared})' if declared else ''} {{ salesforce {{ {selection} }} }}", **variables)
        assert result.errors is None, result.errors
        assert result.data is not None
        return result.data["salesforce"]

    @property
    def soql(self) -> list[str]:
        bodies = [call.body.decode() for call in self.sandbox.calls]
        return [found[1] for found in (re.search("queryString>(.*?)</ns", body) for body in bodies) if found]

    def ids(self, kind: str) -> list[str]:
        return sorted(self.sandbox.org.store.tables[kind].rows)


@pytest.fixture
def gateway() -> Gateway:
    return Gateway()


def codes(result: ExecutionResult) -> list[tuple[list[str | int] | None, Any]]:
    return [(error.path, presented(error, FakeClock())["extensions"]["code"]) for error in result.errors or []]


def test_pages_continue_where_they_ended_with_nothing_repeated(gateway: Gateway) -> None:
    ask = "contacts(first: 125, after: $after) { pageInfo { hasNextPage endCursor } nodes { upstreamId } }"
    ids, after, more = [], None, True
    while more:
        page = gateway.salesforce(ask, after=after)["contacts"]
        ids += [node["upstreamId"] for node in page["nodes"]]
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]

    assert ids == gateway.ids("Contact")
    assert gateway.sandbox.seen("query") + gateway.sandbox.seen("queryMore") == 4


def test_the_total_costs_no_call(gateway: Gateway) -> None:
    page = gateway.salesforce("contacts(first: 1) { totalCount }")["contacts"]

    assert page["totalCount"] == 450
    assert gateway.sandbox.seen("query") == 1


def test_reading_backward_is_refused_without_a_call(gateway: Gateway) -> None:
    result = gateway.run("{ salesforce { contacts(last: 5) { nodes { id } } } }")

    assert codes(result) == [(["salesforce", "contacts"], "BACKWARD_PAGINATION_UNSUPPORTED")]
    assert gateway.sandbox.calls == []


def test_an_expired_locator_is_an_expired_cursor(gateway: Gateway) -> None:
    end = gateway.salesforce("contacts(first: 200) { pageInfo { endCursor } }")["contacts"]["pageInfo"]["endCursor"]
    gateway.sandbox.expire_locators()

    result = gateway.run("query($a: String) { salesforce { contacts(first: 5, after: $a) { nodes { id } } } }", a=end)

    assert codes(result) == [(["salesforce", "contacts"], "CURSOR_EXPIRED")]


def test_a_cursor_of_another_list_is_refused_without_a_call(gateway: Gateway) -> None:
    end = gateway.salesforce("contacts(first: 2) { pageInfo { endCursor } }")["contacts"]["pageInfo"]["endCursor"]
    before = len(gateway.sandbox.calls)

    result = gateway.run("query($a: String) { salesforce { accounts(first: 5, after: $a) { nodes { id } } } }", a=end)

    assert codes(result) == [(["salesforce", "accounts"], "INVALID_CURSOR")]
    assert len(gateway.sandbox.calls) == before


def test_only_the_selected_columns_are_asked_for(gateway: Gateway) -> None:
    gateway.salesforce("contacts(first: 1) { nodes { name githubLogin account { industry } } }")

    assert [re.sub(r"'\w+'", "...", soql) for soql in gateway.soql] == [
        "SELECT Id, AccountId, GitHub_Login__c, Name FROM Contact ORDER BY Id",
        "SELECT Id, Industry FROM Account WHERE Id IN (...) ORDER BY Id",
    ]


def test_a_contact_has_its_values_in_their_types(gateway: Gateway) -> None:
    person = PEOPLE[7]
    (contact,) = gateway.salesforce(
        "contacts(email: $email) { nodes { firstName lastName name email phone title department mailingCity"
        " mailingCountry githubLogin createdAt account { name website numberOfEmployees annualRevenue } } }",
        email=person.email.upper(),
    )["contacts"]["nodes"]

    assert contact["name"] == f"{contact['firstName']} {contact['lastName']}" == person.name
    assert (contact["email"], contact["githubLogin"]) == (person.email, person.login)
    assert contact["createdAt"] == person.joined_at.isoformat()
    assert contact["account"]["name"] == person.company.name
    assert contact["account"]["website"] == f"https://{person.company.domain}"
    assert isinstance(contact["account"]["numberOfEmployees"], int)
    assert re.fullmatch(r"\d+\.0", contact["account"]["annualRevenue"])


def test_deals_and_cases_have_their_values_in_their_types(gateway: Gateway) -> None:
    data = gateway.salesforce(
        "opportunities(first: 200) { nodes { name stageName amount closeDate probability isClosed isWon createdAt"
        " account { id } } }"
        " cases(first: 500) { nodes { caseNumber subject description status priority origin createdAt closedAt"
        " contact { account { id } } account { id } } }"
    )

    for deal in data["opportunities"]["nodes"]:
        assert deal["isWon"] == (deal["stageName"] == "Closed Won")
        assert deal["isClosed"] == deal["stageName"].startswith("Closed")
        assert re.fullmatch(r"\d{4}-\d\d-\d\d", deal["closeDate"])
    for case in data["cases"]["nodes"]:
        assert (case["closedAt"] is not None) == (case["status"] == "Closed")
        assert case["contact"]["account"] == case["account"]
        assert case["description"].startswith(f"{case['subject']}.\n")


def test_fifty_records_find_their_accounts_in_one_query(gateway: Gateway) -> None:
    nodes = gateway.salesforce("contacts(first: 50) { nodes { account { name contacts(first: 1) { totalCount } } } }")

    assert all(node["account"]["name"] for node in nodes["contacts"]["nodes"])
    assert sum("FROM Account" in soql for soql in gateway.soql) == 1


def test_what_is_at_an_account_is_listed_below_it(gateway: Gateway) -> None:
    first = gateway.ids("Account")[0]

    account = gateway.salesforce(
        "account(id: $id) { contacts(first: 300) { totalCount nodes { account { upstreamId } } }"
        " opportunities(first: 1) { totalCount } cases(first: 1) { totalCount } }",
        id=first,
    )["account"]

    assert account["contacts"]["totalCount"] == len(account["contacts"]["nodes"]) > 0
    assert {node["account"]["upstreamId"] for node in account["contacts"]["nodes"]} == {first}
    deals = gateway.sandbox.org.store.tables["Opportunity"].rows.values()
    assert account["opportunities"]["totalCount"] == sum(deal["AccountId"] == first for deal in deals)


@pytest.mark.parametrize(("field", "kind"), [("account", "Account"), ("contact", "Contact"), ("case", "Case")])
def test_a_record_is_found_by_any_of_its_ids(gateway: Gateway, field: str, kind: str) -> None:
    upstream_id = gateway.ids(kind)[3]

    for id in (upstream_id, upstream_id[:15], global_id(f"Salesforce{kind}", upstream_id)):
        assert gateway.salesforce(f"{field}(id: $id) {{ upstreamId }}", id=id)[field] == {"upstreamId": upstream_id}


@pytest.mark.parametrize("id", ["003000000000000AAA", "nonsense", "' OR Id != '", "001000000000000AAA"])
def test_an_id_that_a_client_made_up_is_null(gateway: Gateway, id: str) -> None:
    assert gateway.salesforce("contact(id: $id) { name }", id=id)["contact"] is None


def test_nodes_of_every_kind_are_fetched_in_one_query_for_each(gateway: Gateway) -> None:
    kinds = ("Account", "Contact", "Opportunity", "Case")
    ids = [global_id(f"Salesforce{kind}", one) for kind in kinds for one in gateway.ids(kind)[:3]]

    result = gateway.run("query($ids: [ID!]!) { nodes(ids: $ids) { id ... on SalesforceContact { name } } }", ids=ids)

    assert result.errors is None
    assert result.data is not None
    assert [node["id"] for node in result.data["nodes"]] == ids
    assert gateway.sandbox.seen("query") == 4


def test_a_reference_that_leads_nowhere_is_an_error_of_its_field(gateway: Gateway) -> None:
    contact_id = gateway.ids("Contact")[0]
    gateway.sandbox.org.store.tables["Contact"].rows[contact_id]["AccountId"] = "001000000000000AAA"

    result = gateway.run("{ salesforce { contacts(first: 2) { nodes { name account { name } } } } }")

    assert codes(result) == [(["salesforce", "contacts", "nodes", 0, "account"], "UPSTREAM_NOT_FOUND")]
    assert result.data is not None
    assert result.data["salesforce"]["contacts"]["nodes"][1]["account"]["name"]


def test_an_org_without_the_custom_column_refuses_only_queries_that_select_it(gateway: Gateway) -> None:
    del gateway.sandbox.org.store.tables["Contact"].columns["GitHub_Login__c"]

    assert gateway.salesforce("contacts(first: 1) { nodes { name } }")["contacts"]["nodes"]
    result = gateway.run("{ salesforce { contacts(first: 1) { nodes { githubLogin } } accounts { nodes { name } } } }")

    assert codes(result) == [(["salesforce", "contacts"], "UPSTREAM_REJECTED")]
    assert "INVALID_FIELD" in result.errors[0].message  # type: ignore[index]
    assert result.data is not None
    assert len(result.data["salesforce"]["accounts"]["nodes"]) == 12


def test_a_wrong_value_harms_its_own_field(gateway: Gateway) -> None:
    gateway.sandbox.org.store.tables["Account"].rows[gateway.ids("Account")[0]]["AnnualRevenue"] = "a lot"

    result = gateway.run("{ salesforce { accounts(first: 2) { nodes { name annualRevenue } } } }")

    path = ["salesforce", "accounts", "nodes", 0, "annualRevenue"]
    assert codes(result) == [(path, "UPSTREAM_PAYLOAD_MISMATCH")]


@pytest.mark.parametrize(
    "record",
    ["", "<sf:Id/>", "<sf:Id><sf:x>1</sf:x></sf:Id>", "<sf:Id>001000000000000AAA</sf:Id><sf:Name><sf:x/></sf:Name>"],
)
def test_a_record_that_is_none_is_a_mismatch(gateway: Gateway, record: str) -> None:
    gateway.salesforce("accounts(first: 1) { totalCount }")
    gateway.sandbox.faults.add(Fault(operation="query", times=None, status=200, body=RECORDS % record))

    listed = gateway.run("{ salesforce { accounts(first: 1) { nodes { id name } } } }")
    single = gateway.run('{ salesforce { account(id: "001000000000000AAA") { id name } } }')

    assert {code for _, code in codes(listed)} == {"UPSTREAM_PAYLOAD_MISMATCH"}
    assert {code for _, code in codes(single)} == {"UPSTREAM_PAYLOAD_MISMATCH"}


def test_any_soql_gives_records(gateway: Gateway) -> None:
    page = gateway.salesforce(
        "query(soql: $soql, first: 2) { totalCount nodes { type upstreamId fields } }",
        soql="SELECT Id, Name, Account.Name, Department FROM Contact ORDER BY CreatedDate LIMIT 5",
    )["query"]

    record = page["nodes"][0]
    assert page["totalCount"] == 5
    assert (record["type"], record["fields"]["Id"]) == ("Contact", record["upstreamId"])
    assert record["fields"]["Account"] == {"type": "Account", "Id": None, "Name": PEOPLE[0].company.name}


def test_soql_that_is_not_a_plain_select_is_refused_without_a_call(gateway: Gateway) -> None:
    result = gateway.run('{ salesforce { query(soql: "SELECT Id FROM Contact FOR UPDATE") { nodes { type } } } }')

    assert codes(result) == [(["salesforce", "query"], "BAD_USER_INPUT")]
    assert gateway.sandbox.calls == []


def test_malformed_soql_is_told_precisely(gateway: Gateway) -> None:
    result = gateway.run('{ salesforce { query(soql: "SELECT Id FORM Contact") { nodes { type } } } }')

    assert codes(result) == [(["salesforce", "query"], "UPSTREAM_REJECTED")]
    assert "(MALFORMED_QUERY) at row 1, column 11" in result.errors[0].message  # type: ignore[index]


def test_long_texts_are_read_and_not_searched(gateway: Gateway) -> None:
    result = gateway.run(
        """{ salesforce { query(soql: "SELECT Id FROM Case WHERE Description = 'x'") { nodes { type } } } }"""
    )

    assert "(INVALID_FIELD) at row 1, column 41" in result.errors[0].message  # type: ignore[index]


def test_contacts_are_found_by_address_the_first_id_of_several() -> None:
    gateway = Gateway()
    first, second, third = (gateway.sandbox.org.store.tables["Contact"].rows[id] for id in gateway.ids("Contact")[:3])
    third["Email"] = second["Email"]
    keys = [str(second["Email"]).upper(), "nobody@nowhere.example", str(first["Email"])]

    async def fetch() -> Loaded[SalesforceContact]:
        return await contacts_by_email.fetch(gateway.client, keys, select={"Name"})

    found = asyncio.run(fetch())

    names = [contact.name if isinstance(contact, SalesforceContact) else contact for contact in found]
    assert names == [second["Name"], None, first["Name"]]
    assert gateway.sandbox.seen("query") == 1


def test_no_address_can_reach_outside_its_quotes(gateway: Gateway) -> None:
    for attempt in ("' OR Email != '", "\\' OR Email != '", "x\\"):
        assert (
            gateway.salesforce("contacts(email: $email) { totalCount }", email=attempt)["contacts"]["totalCount"] == 0
        )


def test_a_session_that_ends_between_queries_is_renewed_once(gateway: Gateway) -> None:
    gateway.salesforce("accounts(first: 1) { nodes { id } }")
    gateway.sandbox.expire()
    aliases = " ".join(f'a{n}: contacts(first: 1, email: "{PEOPLE[n].email}") {{ totalCount }}' for n in range(30))

    data = gateway.salesforce(aliases)

    assert [page["totalCount"] for page in data.values()] == [1] * 30
    assert gateway.sandbox.seen("login") == 2


def test_salesforce_being_down_nulls_its_fields(gateway: Gateway) -> None:
    gateway.sandbox.faults.add(Fault(operation="query", status=503, times=None))

    result = gateway.run("{ salesforce { accounts(first: 1) { nodes { id } } } }")

    assert result.data == {"salesforce": {"accounts": None}}
    assert codes(result)[0][1] in ("UPSTREAM_UNAVAILABLE", "CIRCUIT_OPEN")


LEAD = """query($email: String) { salesforce { leads(email: $email) { nodes { name company isConverted convertedOn
  convertedAccount { name } convertedContact { email } convertedOpportunity { account { name } } } } } }"""


def test_a_lead_that_was_converted_says_into_what(gateway: Gateway) -> None:
    person = PEOPLE[0]

    (lead,) = gateway.run(LEAD, email=person.email.upper()).data["salesforce"]["leads"]["nodes"]  # type: ignore[index]

    assert (lead["name"], lead["isConverted"], lead["convertedOn"]) == (
        person.name,
        True,
        person.joined_at.date().isoformat(),
    )
    assert lead["convertedContact"] == {"email": person.email}
    assert lead["convertedAccount"] == {"name": person.company.name}
    assert lead["convertedOpportunity"] == {"account": {"name": person.company.name}}


def test_a_lead_that_was_not_has_nothing_to_show_for_it(gateway: Gateway) -> None:
    found = gateway.salesforce("leads(first: 200) { nodes { isConverted convertedOn convertedContact { id } } }")
    open_ones = [lead for lead in found["leads"]["nodes"] if not lead["isConverted"]]

    assert open_ones
    assert {(lead["convertedOn"], lead["convertedContact"]) for lead in open_ones} == {(None, None)}


def test_tasks_lead_to_whom_and_what_they_are_about_and_back(gateway: Gateway) -> None:
    found = gateway.salesforce(
        """tasks(first: 12) { nodes { upstreamId subject dueOn isClosed completedAt contact { name tasks { nodes {
        upstreamId } } } lead { name } opportunity { tasks { nodes { upstreamId } } } case { subject }
        account { tasks { nodes { upstreamId } } } } }"""
    )["tasks"]["nodes"]

    def back(record: Any) -> list[str]:
        return [node["upstreamId"] for node in record["tasks"]["nodes"]]

    assert all(task["upstreamId"] in back(task["contact"]) for task in found)
    assert all(task["upstreamId"] in back(task["account"]) for task in found)
    assert {task["opportunity"] is None for task in found} == {True, False}
    assert all(task["upstreamId"] in back(task["opportunity"]) for task in found if task["opportunity"])
    assert all((task["completedAt"] is not None) == task["isClosed"] for task in found)
    assert {task["lead"] for task in found} == {None}
