"""Queries, their pages and their refusals."""

import asyncio
import re
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from connectors.call import Scope
from connectors.connector import Connector, connect
from connectors.errors import CursorExpired, PayloadMismatch, RateLimited, UpstreamUnavailable
from connectors.paging import Page, Position, Slice, Window, collect, paging_of
from connectors.protocols.soap.faults import SoapFault
from connectors.providers.salesforce.client import QueryRefused, SalesforceClient
from connectors.providers.salesforce.manifest import UPSTREAM
from connectors.providers.salesforce.payloads import RecordPayload
from connectors.providers.salesforce.sandbox import SalesforceSandbox
from connectors.sandbox.faults import Fault
from connectors.sandbox.people import population

PEOPLE = population(650)
BOMB = '<!DOCTYPE a [<!ENTITY b "bbbb">]><a>&b;</a>'


@pytest.fixture
def connector() -> Connector:
    connected = connect(UPSTREAM, {}, people=PEOPLE)
    assert connected is not None
    return connected


@pytest.fixture
def sandbox(connector: Connector) -> SalesforceSandbox:
    assert isinstance(connector.sandbox, SalesforceSandbox)
    return connector.sandbox


@pytest.fixture
def client(connector: Connector) -> SalesforceClient:
    made = connector.client(Scope())
    assert isinstance(made, SalesforceClient)
    return made


def queries(sandbox: SalesforceSandbox) -> list[str]:
    bodies = [call.body.decode() for call in sandbox.calls]
    return [found[1] for found in (re.search("queryString>(.*?)</ns", body) for body in bodies) if found]


def contacts(client: SalesforceClient, limit: int, at: Position = Position()) -> Slice[RecordPayload]:
    async def fetch(window: Window) -> Page[RecordPayload]:
        return await client.contacts(window, select=["Email"])

    paging = paging_of(SalesforceClient.contacts)
    return asyncio.run(collect(fetch, paging, upstream="salesforce", limit=limit, at=at))


def test_a_list_is_read_by_locators_in_batches_of_at_least_200(
    client: SalesforceClient, sandbox: SalesforceSandbox
) -> None:
    first = contacts(client, 25)
    rest = contacts(client, 1000, first.positions[-1])

    ids = [record["Id"] for record in [*first.items, *rest.items]]
    assert len(first.items) == 25
    assert first.more
    assert first.total == 650
    assert not rest.more
    assert len(set(ids)) == 650
    assert ids == sorted(ids)
    assert [call.operation for call in sandbox.calls] == ["login", "query", "query"]


@pytest.mark.parametrize("skip", [1, 199, 200, 201, 399, 400, 401, 649])
def test_reading_goes_on_inside_any_batch(client: SalesforceClient, skip: int) -> None:
    whole = [record["Id"] for record in contacts(client, 650).items]
    first = contacts(client, skip)

    again = contacts(client, 5, first.positions[-1])

    assert [record["Id"] for record in again.items] == whole[skip : skip + 5]


def test_later_batches_are_asked_for_by_locator(client: SalesforceClient, sandbox: SalesforceSandbox) -> None:
    first = contacts(client, 200)
    second = contacts(client, 200, first.positions[-1])

    assert first.positions[-1].cursor is not None
    assert len(second.items) == 200
    assert [call.operation for call in sandbox.calls] == ["login", "query", "queryMore"]
    assert b"<ns0:batchSize>200</ns0:batchSize>" in sandbox.calls[-1].body


@pytest.mark.parametrize("locator", ["01ggK0000000000AAA-200", "nonsense", ""])
def test_a_locator_that_salesforce_does_not_know_is_an_expired_cursor(client: SalesforceClient, locator: str) -> None:
    with pytest.raises(CursorExpired):
        asyncio.run(client.query(Window(10, after=locator), soql="SELECT Id FROM Contact"))


def test_locators_expire(client: SalesforceClient, sandbox: SalesforceSandbox) -> None:
    first = contacts(client, 200)
    sandbox.expire_locators()

    with pytest.raises(CursorExpired):
        contacts(client, 5, first.positions[-1])


def test_only_selected_columns_are_asked_for(client: SalesforceClient, sandbox: SalesforceSandbox) -> None:
    page = asyncio.run(client.contacts(Window(1), select={"Name", "Title"}))

    assert queries(sandbox) == ["SELECT Id, Name, Title FROM Contact ORDER BY Id"]
    assert set(page.items[0]) == {"type", "Id", "Name", "Title"}


def test_what_bounds_a_list_becomes_a_condition(client: SalesforceClient, sandbox: SalesforceSandbox) -> None:
    async def run() -> None:
        await client.contacts(Window(1), email="o'brien@x.example", account_id="001000000000000AAA")
        await client.opportunities(Window(1), account_id="001000000000000AAA")
        await client.cases(Window(1), contact_id="003000000000000AAA")
        await client.accounts(Window(1))

    asyncio.run(run())

    assert queries(sandbox) == [
        "SELECT Id FROM Contact WHERE Email = 'o\\'brien@x.example' AND AccountId = '001000000000000AAA' ORDER BY Id",
        "SELECT Id FROM Opportunity WHERE AccountId = '001000000000000AAA' ORDER BY Id",
        "SELECT Id FROM Case WHERE ContactId = '003000000000000AAA' ORDER BY Id",
        "SELECT Id FROM Account ORDER BY Id",
    ]


def test_two_hundred_ids_are_one_query_and_what_cannot_be_an_id_is_left_out(
    client: SalesforceClient, sandbox: SalesforceSandbox
) -> None:
    ids = [*sandbox.org.store.tables["Contact"].rows][:197]

    records = asyncio.run(client.get_many("Contact", [*ids, "' OR Id != '", "x", "003000000000000AAA"]))

    assert sorted(record["Id"] for record in records) == sorted(ids)
    assert sandbox.seen("query") == 1


def test_two_hundred_addresses_are_one_query_in_any_case(client: SalesforceClient, sandbox: SalesforceSandbox) -> None:
    emails = [person.email.upper() for person in PEOPLE[:198]]

    records = asyncio.run(client.contacts_by_email([*emails, "' OR Email != '", "x" * 5000], select=["Name"]))

    assert {record["Email"] for record in records} == {email.lower() for email in emails}
    assert sandbox.seen("query") == 1
    assert len(queries(sandbox)[0]) < 100_000


def test_nothing_to_look_for_is_no_call(client: SalesforceClient, sandbox: SalesforceSandbox) -> None:
    assert asyncio.run(client.get_many("Contact", ["x"])) == []
    assert asyncio.run(client.contacts_by_email(["", "x" * 81])) == []
    assert sandbox.calls == []


def test_related_records_and_empty_columns_are_read(client: SalesforceClient) -> None:
    soql = "SELECT Name, Account.Name, Department, External_Id__c FROM Contact ORDER BY CreatedDate LIMIT 1"

    (record,) = asyncio.run(client.query(Window(1), soql=soql)).items

    person = PEOPLE[0]
    assert record["Id"] is None
    assert record["Name"] == person.name
    assert record["Account"] == {"type": "Account", "Id": None, "Name": person.company.name}


@pytest.mark.parametrize(
    ("soql", "reason", "place"),
    [
        ("SELECT Id FORM Contact", "MALFORMED_QUERY", (1, 11)),
        ("SELECT Id,\n  Nmae FROM Contact", "INVALID_FIELD", (2, 3)),
        ("SELECT Id FROM Contakt", "INVALID_TYPE", (1, 16)),
        ("SELECT Id FROM Contact WHERE Id = 'SECRET'", "INVALID_QUERY_FILTER_OPERATOR", (1, 35)),
        ("SELECT Id FROM Contact WHERE " + "(" * 5000, "QUERY_TOO_COMPLICATED", (None, None)),
        ("SELECT Id FROM Contact OFFSET 2001", "NUMBER_OUTSIDE_VALID_RANGE", (None, None)),
    ],
)
def test_a_query_that_is_refused_says_why_and_where(
    client: SalesforceClient, soql: str, reason: str, place: tuple[Any, Any]
) -> None:
    with pytest.raises(QueryRefused) as caught:
        asyncio.run(client.query(Window(1), soql=soql))

    assert (caught.value.reason, (caught.value.row, caught.value.column)) == (reason, place)
    assert "SECRET" not in str(caught.value)


def test_salesforces_own_failures_are_tried_again(client: SalesforceClient, sandbox: SalesforceSandbox) -> None:
    sandbox.faults.add(Fault(operation="query", status=503))

    assert len(asyncio.run(client.contacts(Window(1))).items) == 200
    assert sandbox.seen("query") == 2


def test_a_limit_that_is_used_up_is_a_rate_limit(client: SalesforceClient, sandbox: SalesforceSandbox) -> None:
    sandbox.faults.add(Fault(operation="query", throttled_s=60, times=None))

    with pytest.raises(RateLimited):
        asyncio.run(client.contacts(Window(1)))


def test_salesforce_being_down_is_an_unavailable_upstream(client: SalesforceClient, sandbox: SalesforceSandbox) -> None:
    sandbox.faults.add(Fault(operation="query", status=502, body="down", times=None))

    with pytest.raises(UpstreamUnavailable):
        asyncio.run(client.contacts(Window(1)))


@pytest.mark.parametrize("status", [200, 500])
def test_an_answer_with_entities_is_refused(client: SalesforceClient, sandbox: SalesforceSandbox, status: int) -> None:
    sandbox.faults.add(Fault(operation="query", status=status, body=BOMB))

    with pytest.raises(PayloadMismatch, match="DOCTYPE"):
        asyncio.run(client.contacts(Window(1)))


def test_an_answer_cut_short_is_refused(client: SalesforceClient, sandbox: SalesforceSandbox) -> None:
    sandbox.faults.add(Fault(operation="query", malformed=True))

    with pytest.raises(PayloadMismatch, match="well-formed"):
        asyncio.run(client.contacts(Window(1)))


FAULT = (
    '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><e:Fault>'
    "<faultcode>sf:%s</faultcode><faultstring>no</faultstring></e:Fault></e:Body></e:Envelope>"
)


def test_a_column_that_is_unknown_is_told_of_each_record_though_salesforce_refuses_them_together(
    client: SalesforceClient, sandbox: SalesforceSandbox
) -> None:
    sandbox.faults.add(Fault(operation="create", status=500, body=FAULT % "INVALID_FIELD"))

    results = asyncio.run(client.create("Contact", [{"Nonsense": "1"}, {"LastName": "X"}]))

    assert [(one["success"], one["errors"][0]["statusCode"]) for one in results] == [(False, "INVALID_FIELD")] * 2


def test_a_kind_of_records_that_is_unknown_refuses_the_call(client: SalesforceClient) -> None:
    with pytest.raises(SoapFault) as caught:
        asyncio.run(client.create("Contakt", [{"LastName": "X"}]))

    assert caught.value.reason == "INVALID_TYPE"


def test_fewer_results_than_records_are_no_answer(client: SalesforceClient, sandbox: SalesforceSandbox) -> None:
    sandbox.faults.add(Fault(operation="update", status=200, body=FAULT.replace("Fault", "updateResponse")))

    with pytest.raises(PayloadMismatch, match="1 results"):
        asyncio.run(client.update("Contact", [("003000000000000AAA", {"Title": None})]))


def test_values_go_out_as_xml_schema_writes_them(client: SalesforceClient, sandbox: SalesforceSandbox) -> None:
    moment = datetime(2026, 2, 1, 12, tzinfo=timezone(timedelta(hours=2)))
    values = {"A": True, "B": Decimal("10.50"), "C": moment, "D": moment.date(), "E": "<&>\n", "F": None, "G": 3}

    asyncio.run(client.create("Contact", [values]))

    body = sandbox.calls[-1].body.decode()
    for name, written in (
        ("A", "true"),
        ("B", "10.50"),
        ("C", "2026-02-01T10:00:00.000Z"),
        ("D", "2026-02-01"),
        ("E", "&lt;&amp;&gt;\n"),
        ("G", "3"),
    ):
        assert re.search(f"<ns[0-9]+:{name}( [^>]*)?>{re.escape(written)}</ns", body), name
    assert re.search("fieldsToNull( [^>]*)?>F</ns", body)
