"""The sandbox against simple-salesforce, which speaks REST and logs in by SOAP."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests
from requests.adapters import HTTPAdapter
from simple_salesforce.api import Salesforce
from simple_salesforce.exceptions import (
    SalesforceAuthenticationFailed,
    SalesforceExpiredSession,
    SalesforceMalformedRequest,
    SalesforceResourceNotFound,
)
from simple_salesforce.format import format_soql

from connectors.providers.salesforce.sandbox import SalesforceSandbox
from connectors.providers.salesforce.sandbox.org import PASSWORD, SECURITY_TOKEN, USERNAME
from connectors.sandbox.people import population
from tests.serving import served

PEOPLE = population(450)


class Loopback(HTTPAdapter):
    """Sends what is meant for Salesforce's HTTPS hosts to the sandbox: the client writes `https://` itself."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        assert request.url is not None
        request.url = self.url + "/" + request.url.split("/", 3)[3]
        return super().send(request, *args, **kwargs)


@pytest.fixture(scope="module")
def sandbox() -> SalesforceSandbox:
    return SalesforceSandbox(PEOPLE)


@pytest.fixture(scope="module")
def session(sandbox: SalesforceSandbox) -> Iterator[requests.Session]:
    with served(sandbox) as url, requests.Session() as opened:
        opened.mount("https://", Loopback(url))
        yield opened


@pytest.fixture
def library(session: requests.Session) -> Any:
    return Salesforce(username=USERNAME, password=PASSWORD, security_token=SECURITY_TOKEN, session=session)


def test_a_query_is_read_to_its_end_over_several_pages(library: Any, sandbox: SalesforceSandbox) -> None:
    before = sandbox.seen("queryMore")
    small = {"Sforce-Query-Options": "batchSize=200"}

    result = library.query_all("SELECT Id, Email FROM Contact WHERE External_Id__c != null", headers=small)

    assert (result["totalSize"], result["done"]) == (450, True)
    assert {record["Email"] for record in result["records"]} == {person.email for person in PEOPLE}
    assert sandbox.seen("queryMore") - before == 2


def test_values_have_their_json_types(library: Any) -> None:
    (deal,) = library.query("SELECT Amount, IsWon, CloseDate, CreatedDate, Account.Name FROM Opportunity LIMIT 1")[
        "records"
    ]

    assert isinstance(deal["Amount"], float)
    assert isinstance(deal["IsWon"], bool)
    assert deal["CreatedDate"].endswith("+0000")
    assert deal["Account"]["attributes"]["type"] == "Account"


def test_a_record_is_made_read_changed_and_deleted(library: Any) -> None:
    contacts = library.Contact
    made = contacts.create({"LastName": "Hopper", "Email": "hopper@rest.example"})

    assert contacts.update(made["id"], {"Title": "Admiral"}) == 204
    assert contacts.get(made["id"])["Title"] == "Admiral"
    assert contacts.upsert("External_Id__c/navy", {"LastName": "Hopper"}) == 201
    assert contacts.upsert("External_Id__c/navy", {"LastName": "Murray"}) == 200
    assert contacts.get_by_custom_id("External_Id__c", "navy")["Name"] == "Murray"
    assert contacts.delete(made["id"]) == 204
    with pytest.raises(SalesforceResourceNotFound):
        contacts.get(made["id"])


def test_leads_and_tasks_are_made_and_found(library: Any) -> None:
    lead = library.Lead.create({"LastName": "Quist", "Company": "Plum", "Email": "quist@rest.example"})
    task = library.Task.create({"Subject": "Call", "WhoId": lead["id"], "ActivityDate": "2026-02-01"})
    library.Task.update(task["id"], {"Status": "Completed"})

    (found,) = library.query("SELECT Status, IsConverted FROM Lead WHERE Email = 'QUIST@rest.example'")["records"]
    (done,) = library.query(format_soql("SELECT IsClosed, ActivityDate FROM Task WHERE WhoId = {}", lead["id"]))[
        "records"
    ]
    assert (found["Status"], found["IsConverted"]) == ("Open - Not Contacted", False)
    assert (done["IsClosed"], done["ActivityDate"]) == (True, "2026-02-01")


def test_a_duplicate_is_refused_with_the_record_it_is_like_unless_it_is_allowed(library: Any) -> None:
    (there,) = library.query("SELECT Id, LastName, Email FROM Contact ORDER BY Id LIMIT 1")["records"]
    wish = {name: there[name] for name in ("LastName", "Email")}
    allowing = {"Sforce-Duplicate-Rule-Header": "allowSave=true"}

    with pytest.raises(SalesforceMalformedRequest) as refused:
        library.Contact.create(wish)

    said: Any = refused.value.content
    (error,) = said
    (match,) = error["duplicateResult"]["matchResults"]
    assert error["errorCode"] == "DUPLICATES_DETECTED"
    assert [one["record"]["Id"] for one in match["matchRecords"]] == [there["Id"]]
    assert library.Contact.create(wish, headers=allowing)["success"]


def test_a_kind_describes_its_columns(library: Any) -> None:
    described = library.Contact.describe()

    assert described is not None
    fields = {field["name"]: field for field in described["fields"]}
    assert fields["AccountId"]["referenceTo"] == ["Account"]
    assert fields["External_Id__c"]["externalId"]


def test_refusals_are_an_array_of_errors(library: Any) -> None:
    with pytest.raises(SalesforceMalformedRequest) as query:
        library.query("SELECT Id FORM Contact")
    with pytest.raises(SalesforceMalformedRequest) as write:
        library.Contact.create({"FirstName": "Nameless"})
    with pytest.raises(SalesforceResourceNotFound):
        library.Contakt.create({"Name": "x"})

    said: list[Any] = [query.value.content, write.value.content]
    assert said[0][0]["errorCode"] == "MALFORMED_QUERY"
    assert "Row:1:Column:11" in said[0][0]["message"]
    assert said[1] == [
        {
            "message": "Required fields are missing: [LastName]",
            "errorCode": "REQUIRED_FIELD_MISSING",
            "fields": ["LastName"],
        }
    ]


def test_a_stale_session_and_a_wrong_password_are_refused(session: requests.Session) -> None:
    stranger = Salesforce(instance="na1.salesforce.com", session_id="stale", session=session)

    with pytest.raises(SalesforceExpiredSession):
        stranger.query("SELECT Id FROM Contact")
    with pytest.raises(SalesforceAuthenticationFailed, match="INVALID_LOGIN"):
        Salesforce(username=USERNAME, password="wrong", security_token="", session=session)
