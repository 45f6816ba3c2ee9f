"""The sandbox against zeep, a SOAP client that reads the sandbox's WSDL and knows nothing of us."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import zeep
from lxml import etree
from zeep.exceptions import Fault

from connectors.providers.salesforce.sandbox import SalesforceSandbox
from connectors.providers.salesforce.sandbox.org import PASSWORD, SECURITY_TOKEN, USERNAME
from connectors.sandbox.people import population
from tests.serving import served

PEOPLE = population(450)
SOBJECT = "{urn:sobject.partner.soap.sforce.com}"


def zeep_at(url: str) -> Any:
    return zeep.Client(f"{url}/services/wsdl/partner")  # type: ignore[no-untyped-call]


@dataclass
class Org:
    """A sandbox, and zeep with a session in it."""

    sandbox: SalesforceSandbox
    service: Any
    headers: dict[str, Any]
    url: str

    def query(self, soql: str, **headers: Any) -> Any:
        return self.service.query(queryString=soql, _soapheaders={**self.headers, **headers})


@pytest.fixture(scope="module")
def org() -> Iterator[Org]:
    sandbox = SalesforceSandbox(PEOPLE)
    with served(sandbox) as url:
        client = zeep_at(url)
        login = client.service.login(username=USERNAME, password=PASSWORD + SECURITY_TOKEN)
        service = client.create_service("{urn:partner.soap.sforce.com}SoapBinding", login.serverUrl)
        yield Org(sandbox, service, {"SessionHeader": {"sessionId": login.sessionId}}, url)
        client.transport.session.close()


def values(record: Any) -> dict[str, str | None]:
    return {etree.QName(element).localname: element.text for element in record._value_1}


def element(name: str, value: str) -> etree._Element:
    made = etree.Element(SOBJECT + name)
    made.text = value
    return made


def contact(**columns: str) -> dict[str, Any]:
    return {"type": "Contact", "Id": None, "_value_1": [element(name, value) for name, value in columns.items()]}


def test_the_wsdl_names_the_sandboxs_own_address_and_login_the_users(org: Org) -> None:
    client = zeep_at(org.url)

    assert client.service._binding_options["address"] == f"{org.url}/services/Soap/u/64.0"
    assert org.service._binding_options["address"].startswith(f"{org.url}/services/Soap/u/64.0/00D")
    client.transport.session.close()


def test_a_query_gives_typed_records(org: Org) -> None:
    result = org.query("SELECT Id, Name, Email FROM Contact WHERE Email != null ORDER BY CreatedDate LIMIT 1")

    assert (result.done, result.size, result.queryLocator) == (True, 1, None)
    (record,) = result.records
    assert record.type == "Contact"
    assert record.Id.startswith("003")
    assert len(record.Id) == 18
    assert values(record) == {"Id": record.Id, "Name": PEOPLE[0].name, "Email": PEOPLE[0].email}


def test_related_records_are_nested(org: Org) -> None:
    result = org.query("SELECT Account.Name FROM Contact ORDER BY CreatedDate LIMIT 1")

    (account,) = result.records[0]._value_1
    assert (account.type, account.Id, values(account)) == ("Account", None, {"Name": PEOPLE[0].company.name})


def test_a_long_list_is_read_by_locators(org: Org) -> None:
    options = {"QueryOptions": {"batchSize": 200}}
    result = org.query("SELECT Id FROM Contact", **options)
    sizes, ids = [len(result.records)], [record.Id for record in result.records]
    while not result.done:
        result = org.service.queryMore(queryLocator=result.queryLocator, _soapheaders={**org.headers, **options})
        sizes.append(len(result.records))
        ids += [record.Id for record in result.records]

    assert (sizes[:2], sum(sizes), len(set(ids))) == ([200, 200], result.size, result.size)


def test_create_takes_the_good_and_says_what_is_wrong_with_the_bad(org: Org) -> None:
    good, nameless, unknown, wrong = org.service.create(
        sObjects=[
            contact(LastName="Hopper", Email="grace@new.example"),
            contact(FirstName="Nameless"),
            contact(LastName="X", Nonsense="1"),
            contact(LastName="X", Email="no address"),
        ],
        _soapheaders=org.headers,
    )

    assert (good.success, good.errors) == (True, [])
    found = org.query("SELECT Id, Name FROM Contact WHERE Email = 'GRACE@new.example'").records
    assert [record.Id for record in found] == [good.id]
    assert [(one.success, one.id, one.errors[0].statusCode) for one in (nameless, unknown, wrong)] == [
        (False, None, "REQUIRED_FIELD_MISSING"),
        (False, None, "INVALID_FIELD"),
        (False, None, "INVALID_EMAIL_ADDRESS"),
    ]
    assert nameless.errors[0].fields == ["LastName"]


def test_update_upsert_retrieve_and_delete_work_record_by_record(org: Org) -> None:
    (made,) = org.service.create(sObjects=[contact(LastName="Turing", Title="Buyer")], _soapheaders=org.headers)
    changed, unknown = org.service.update(
        sObjects=[
            {"type": "Contact", "fieldsToNull": ["Title"], "Id": made.id, "_value_1": [element("Phone", "1")]},
            {"type": "Contact", "Id": "003000000000000AAA", "_value_1": [element("Phone", "1")]},
        ],
        _soapheaders=org.headers,
    )
    upserts = [
        org.service.upsert(
            externalIDFieldName="External_Id__c",
            sObjects=[contact(External_Id__c="turing", LastName=name)],
            _soapheaders=org.headers,
        )[0]
        for name in ("Alan", "Alan M.")
    ]
    record, missing = org.service.retrieve(
        fieldList="Title, Phone",
        sObjectType="Contact",
        ids=[made.id, "003000000000000AAA"],
        _soapheaders=org.headers,
    )
    deleted = org.service.delete(ids=[made.id], _soapheaders=org.headers)
    again = org.service.delete(ids=[made.id], _soapheaders=org.headers)

    assert (changed.success, unknown.errors[0].statusCode) == (True, "ENTITY_IS_DELETED")
    assert values(record) == {"Title": None, "Phone": "1"}
    assert (missing.type, missing.Id) == (None, None)
    assert [one.created for one in upserts] == [True, False]
    assert upserts[0].id == upserts[1].id
    assert (deleted[0].success, again[0].errors[0].statusCode) == (True, "ENTITY_IS_DELETED")


def test_what_a_duplicate_rule_finds_is_told_with_the_records_and_can_be_overruled(org: Org) -> None:
    there = org.query("SELECT Id, LastName, Email FROM Contact ORDER BY Id LIMIT 1").records[0]
    again = contact(LastName=values(there)["LastName"] or "", Email=values(there)["Email"] or "")
    allowing = {"allowSave": True, "includeRecordDetails": False, "runAsCurrentUser": True}

    (refused,) = org.service.create(sObjects=[again], _soapheaders=org.headers)
    (saved,) = org.service.create(sObjects=[again], _soapheaders={**org.headers, "DuplicateRuleHeader": allowing})

    (error,) = refused.errors
    (match,) = error.duplicateResult.matchResults
    assert (refused.success, error.statusCode, saved.success) == (False, "DUPLICATES_DETECTED", True)
    assert [one.record.Id for one in match.matchRecords] == [there.Id]


def test_all_or_none_takes_back_what_was_good(org: Org) -> None:
    before = org.query("SELECT COUNT() FROM Contact").size
    both = [contact(LastName="Good"), contact(FirstName="Nameless")]

    good, bad = org.service.create(sObjects=both, _soapheaders={**org.headers, "AllOrNoneHeader": {"allOrNone": True}})

    assert [one.errors[0].statusCode for one in (good, bad)] == [
        "ALL_OR_NONE_OPERATION_ROLLED_BACK",
        "REQUIRED_FIELD_MISSING",
    ]
    assert org.query("SELECT COUNT() FROM Contact").size == before


def test_leads_are_converted_one_by_one(org: Org) -> None:
    leads = [str(id) for id, row in org.sandbox.org.store.tables["Lead"].rows.items() if not row["IsConverted"]][:2]
    account = next(iter(org.sandbox.org.store.tables["Account"].rows))
    terms = {"doNotCreateOpportunity": False, "overwriteLeadSource": False, "sendNotificationEmail": False}
    wishes = [
        {"leadId": leads[0], "convertedStatus": "Closed - Converted", "accountId": account, **terms},
        {"leadId": leads[1], "convertedStatus": "Working - Contacted", **terms},
    ]

    good, bad = org.service.convertLead(wishes, _soapheaders=org.headers)

    assert (good.success, good.leadId, good.errors) == (True, leads[0], [])
    assert (good.accountId, good.contactId[:3], good.opportunityId[:3]) == (account, "003", "006")
    assert (bad.success, bad.leadId, bad.accountId) == (False, None, None)
    assert [(one.statusCode, one.fields) for one in bad.errors] == [("INVALID_STATUS", ["Status"])]
    (record,) = org.query("SELECT ConvertedContactId FROM Lead ORDER BY LastModifiedDate DESC LIMIT 1").records
    assert values(record) == {"ConvertedContactId": good.contactId}


def test_more_than_200_records_at_once_are_refused(org: Org) -> None:
    with pytest.raises(Fault) as caught:
        org.service.create(sObjects=[contact(LastName="X")] * 201, _soapheaders=org.headers)

    assert caught.value.code == "sf:LIMIT_EXCEEDED"


@pytest.mark.parametrize(
    ("soql", "code", "row", "column"),
    [
        ("SELECT Id FORM Contact", "MALFORMED_QUERY", "1", "11"),
        ("SELECT Id FROM Contact WHERE", "MALFORMED_QUERY", "1", "29"),
        ("SELECT Id FROM Contact WHERE Name = 'a", "MALFORMED_QUERY", "1", "37"),
        ("SELECT Nmae FROM Contact", "INVALID_FIELD", "1", "8"),
        ("SELECT Owner.Name FROM Contact", "INVALID_FIELD", "1", "8"),
        ("SELECT Id FROM Opportunity WHERE Amount > '5'", "INVALID_FIELD", "1", "43"),
        ("SELECT Id FROM Contakt", "INVALID_TYPE", "1", "16"),
    ],
)
def test_a_query_that_makes_no_sense_is_a_fault_with_its_place(
    org: Org, soql: str, code: str, row: str, column: str
) -> None:
    with pytest.raises(Fault) as caught:
        org.query(soql)

    detail = caught.value.detail
    place = [detail.findtext(f".//{{urn:fault.partner.soap.sforce.com}}{name}") for name in ("row", "column")]
    assert (caught.value.code, place) == (f"sf:{code}", [row, column])


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("Name LIKE '%a%' AND NOT (Name LIKE 'A%' OR MailingCity IN ('Osaka', 'lyon'))", None),
        ("NumberOfEmployees >= 100 AND AnnualRevenue < 50000000.5", None),
        ("CreatedDate > 2025-09-05T00:00:00Z", None),
        ("Phone = null", 0),
        ("Name != 'nobody'", 12),
        ("Industry NOT IN ('Technology')", 11),
    ],
)
def test_conditions_hold_for_what_they_give_and_for_nothing_else(org: Org, where: str, expected: int | None) -> None:
    kind = "Contact" if "Mailing" in where else "Account"
    found, others, everything = (
        org.query(" ".join(("SELECT COUNT() FROM", kind, condition))).size
        for condition in (f"WHERE {where}", f"WHERE NOT ({where})", "")
    )

    assert found + others == everything
    assert expected in (None, found)
    assert expected is not None or 0 < found < everything


def test_a_wrong_password_and_a_new_version_do_not_log_in(org: Org) -> None:
    client = zeep_at(org.url)
    later = client.create_service("{urn:partner.soap.sforce.com}SoapBinding", f"{org.url}/services/Soap/u/65.0")

    with pytest.raises(Fault) as wrong:
        client.service.login(username=USERNAME, password="wrong")
    with pytest.raises(Fault) as late:
        later.login(username=USERNAME, password=PASSWORD + SECURITY_TOKEN)

    assert (wrong.value.code, late.value.code) == ("sf:INVALID_LOGIN", "sf:INVALID_OPERATION")
    client.transport.session.close()


def test_a_locator_that_was_forgotten_is_a_fault(org: Org) -> None:
    result = org.query("SELECT Id FROM Contact", QueryOptions={"batchSize": 200})
    org.sandbox.expire_locators()

    with pytest.raises(Fault) as caught:
        org.service.queryMore(queryLocator=result.queryLocator, _soapheaders=org.headers)

    assert caught.value.code == "sf:INVALID_QUERY_LOCATOR"


def test_a_session_that_has_ended_is_a_fault(org: Org) -> None:
    with pytest.raises(Fault) as caught:
        org.service.getServerTimestamp(_soapheaders={"SessionHeader": {"sessionId": "stale"}})

    assert caught.value.code == "sf:INVALID_SESSION_ID"
    assert org.service.getServerTimestamp(_soapheaders=org.headers).tzinfo is not None
