"""Named calls to Salesforce's Partner API."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal, get_args

from lxml import etree

from connectors.call import ALL
from connectors.errors import CursorExpired, PayloadMismatch, UpstreamRejected
from connectors.paging import Page, Window, paged
from connectors.protocols.soap.client import Soap
from connectors.protocols.soap.faults import SoapFault
from connectors.providers.salesforce import soql as write
from connectors.providers.salesforce.ids import AN_ID
from connectors.providers.salesforce.partner import (
    FAULT,
    PARTNER,
    SOAP_PATH,
    convert_result,
    query_result,
    save_results,
    sobject,
    wsdl,
)
from connectors.providers.salesforce.payloads import (
    ConvertResultPayload,
    QueryResultPayload,
    RecordPayload,
    SaveErrorPayload,
    SaveResultPayload,
)
from connectors.upstream import Endpoint

Kind = Literal["Account", "Contact", "Opportunity", "Case", "Lead", "Task"]
KINDS: Mapping[str, Kind] = {kind.lower(): kind for kind in get_args(Kind)}
"""By how they may be written: case does not count."""

Columns = Collection[str]
Values = Mapping[str, Any]
MIN_BATCH, MAX_BATCH = 200, 2000
MAX_RECORDS = 200
"""How many records one call writes."""

HOLDERS_OF_TASKS: Collection[str] = ("Contact", "Opportunity", "Case")
"""The kinds whose account is that of their tasks as well."""

ANY_QUERY = "soql"
"""What answers to queries of the caller's own are evicted by: nobody knows what they are about."""

CHANGED_BY_CONVERSION = ("Lead", "Account", "Contact", "Opportunity", "Task", ANY_QUERY)
"""What a conversion makes untrue: what was planned with the lead goes to the contact."""

UNKNOWN_COLUMN = "INVALID_FIELD"
DELETED = frozenset(("ENTITY_IS_DELETED", "INVALID_CROSS_REFERENCE_KEY"))
"""What a second deletion is refused with: the record is in the bin, or there is none (any more)."""

EMAIL_LETTERS = 80
"""How long an email column can be, so that 200 addresses stay far below the 100,000 characters of a query."""


class QueryRefused(UpstreamRejected):
    """Salesforce does not take a query; `row` and `column` say where in it, from 1, if Salesforce does."""

    def __init__(self, upstream: str, operation: str, fault: SoapFault) -> None:
        super().__init__(upstream, operation, status=fault.status, reason=fault.reason)
        self.row, self.column = _place(fault.detail)
        if self.row is not None:
            self.args = (f"{self.args[0]} at row {self.row}, column {self.column} of the query",)


class SalesforceClient:
    """Records, read by SOQL. `select` names the columns wanted; `Id` comes with them.

    Every list is in the order of `Id`, and reading goes on by query locators, which Salesforce keeps for two days; a
    place in the first batch has no locator and is found by running the query again.
    """

    upstream = "salesforce"

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._soap = Soap(replace(endpoint, base_url=endpoint.base_url + SOAP_PATH), wsdl())

    @paged("soql.query", max_limit=MAX_BATCH, counts=True)
    async def query(self, window: Window, *, soql: str) -> Page[RecordPayload]:
        """The records of any SELECT.

        A batch holds 200 records at least, whatever the window says, and 2,000 at most. The total costs nothing.
        Raises `CursorExpired` for a locator that Salesforce has forgotten, `QueryRefused` with the reason
        `MALFORMED_QUERY`, `INVALID_FIELD`, `INVALID_TYPE` ... for a query it does not take.
        Source: https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_calls_query.htm
        """
        return await self._page(window, soql, ANY_QUERY)

    @paged("accounts.list", max_limit=MAX_BATCH, counts=True)
    async def accounts(
        self, window: Window, *, websites: Sequence[str] | None = None, select: Columns = ()
    ) -> Page[RecordPayload]:
        """All accounts, or those with one of some websites (in any case). Errors as for `query`.

        Source: https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_account.htm
        """
        conditions = [write.one_of("Website", websites)] if websites else []
        return await self._page(window, write.select("Account", select, *conditions), "Account")

    @paged("contacts.list", max_limit=MAX_BATCH, counts=True)
    async def contacts(
        self, window: Window, *, email: str | None = None, account_id: str | None = None, select: Columns = ()
    ) -> Page[RecordPayload]:
        """Contacts, those with one email address (in any case) or of one account. Errors as for `query`.

        Source: https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_contact.htm
        """
        conditions = _conditions(Email=email, AccountId=account_id)
        return await self._page(window, write.select("Contact", select, *conditions), "Contact")

    @paged("opportunities.list", max_limit=MAX_BATCH, counts=True)
    async def opportunities(
        self, window: Window, *, account_id: str | None = None, select: Columns = ()
    ) -> Page[RecordPayload]:
        """Opportunities, all or of one account. Errors as for `query`.

        Source: https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_opportunity.htm
        """
        return await self._page(
            window, write.select("Opportunity", select, *_conditions(AccountId=account_id)), "Opportunity"
        )

    @paged("cases.list", max_limit=MAX_BATCH, counts=True)
    async def cases(
        self, window: Window, *, account_id: str | None = None, contact_id: str | None = None, select: Columns = ()
    ) -> Page[RecordPayload]:
        """Cases, all or those of one account or contact. Errors as for `query`.

        Source: https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_case.htm
        """
        conditions = _conditions(AccountId=account_id, ContactId=contact_id)
        return await self._page(window, write.select("Case", select, *conditions), "Case")

    @paged("leads.list", max_limit=MAX_BATCH, counts=True)
    async def leads(self, window: Window, *, email: str | None = None, select: Columns = ()) -> Page[RecordPayload]:
        """Leads, all or those with one email address (in any case), converted ones too. Errors as for `query`.

        Source: https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_lead.htm
        """
        return await self._page(window, write.select("Lead", select, *_conditions(Email=email)), "Lead")

    @paged("tasks.list", max_limit=MAX_BATCH, counts=True)
    async def tasks(
        self,
        window: Window,
        *,
        account_id: str | None = None,
        what_id: str | None = None,
        who_id: str | None = None,
        select: Columns = (),
    ) -> Page[RecordPayload]:
        """Tasks, all or those of one account, about one record (`what_id`), or with one contact or lead (`who_id`).

        Those that Salesforce has archived are not among them. Errors as for `query`.
        Source: https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_task.htm
        """
        conditions = _conditions(AccountId=account_id, WhatId=what_id, WhoId=who_id)
        return await self._page(window, write.select("Task", select, *conditions), "Task")

    async def get_many(self, kind: Kind, ids: Sequence[str], *, select: Columns = ()) -> list[RecordPayload]:
        """The records with these ids, up to 200, in any order; what does not exist is left out.

        What cannot be an id is not asked for: Salesforce would refuse the whole query.
        Source: https://developer.salesforce.com/docs/atlas.en-us.salesforce_app_limits_cheatsheet.meta (SOQL limits)
        """
        known = [one for one in ids if AN_ID.match(one)]
        return await self._all(write.select(kind, select, write.one_of("Id", known)), kind, "Id") if known else []

    async def contacts_by_email(self, emails: Sequence[str], *, select: Columns = ()) -> list[RecordPayload]:
        """The contacts with these email addresses (in any case), up to 200 addresses, in the order of `Id`.

        Several contacts may share an address. `Email` is always selected.
        Source: https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_contact.htm
        """
        known = [one for one in emails if one and len(one) <= EMAIL_LETTERS]
        query = write.select("Contact", {*select, "Email"}, write.one_of("Email", known)) if known else None
        return await self._all(query, "Contact", "Email") if query else []

    async def create(
        self, kind: str, records: Sequence[Values], *, all_or_none: bool = False, allow_duplicates: bool = False
    ) -> list[SaveResultPayload]:
        """Make up to 200 records of one kind, and what became of each, in their order.

        `all_or_none` keeps none where one is refused. `allow_duplicates` saves what a duplicate rule only warns of.
        Salesforce cannot tell a repetition from more records.
        Raises `SoapFault` where the kind is unknown (`INVALID_TYPE`), `ValueError` for what XML cannot carry.
        Source: https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_calls_create.htm
        """
        sent = {"sObjects": [sobject(kind, values) for values in records]}
        return await self._write("create", sent, len(records), kind, all_or_none, allow_duplicates, idempotent=False)

    async def update(
        self,
        kind: str,
        records: Sequence[tuple[str, Values]],
        *,
        all_or_none: bool = False,
        allow_duplicates: bool = False,
    ) -> list[SaveResultPayload]:
        """Set columns of up to 200 records of one kind, by their ids; `None` clears one. All else as for `create`.

        Source: https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_calls_update.htm
        """
        sent = {"sObjects": [sobject(kind, values, record_id) for record_id, values in records]}
        return await self._write("update", sent, len(records), kind, all_or_none, allow_duplicates, idempotent=True)

    async def upsert(
        self,
        kind: str,
        external_id: str,
        records: Sequence[Values],
        *,
        all_or_none: bool = False,
        allow_duplicates: bool = False,
    ) -> list[SaveResultPayload]:
        """Set columns of those records that are there by an external id, and make the others. Each has that column.

        Done twice, it has the same effect. Raises `SoapFault` (`INVALID_FIELD`) where the column is no external id.
        All else as for `create`.
        Source: https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_calls_upsert.htm
        """
        sent = {"externalIDFieldName": external_id, "sObjects": [sobject(kind, values) for values in records]}
        return await self._write("upsert", sent, len(records), kind, all_or_none, allow_duplicates, idempotent=True)

    async def delete(self, ids: Sequence[str], *, all_or_none: bool = False) -> list[SaveResultPayload]:
        """Delete up to 200 records, of any kinds, with what belongs to them. What is gone already is refused.

        What a repetition finds gone after a lost answer has been deleted.
        Source: https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_calls_delete.htm
        """
        sent = {"ids": list(ids)}
        results = await self._write("delete", sent, len(ids), None, all_or_none, False, idempotent=True)
        if not self._endpoint.in_doubt():
            return results
        gone = [any(error["statusCode"] in DELETED for error in result["errors"]) for result in results]
        if all_or_none and not all(gone):
            return results
        deleted = [SaveResultPayload(id=id, success=True, created=None, errors=[]) for id in ids]
        return [done if was else result for done, was, result in zip(deleted, gone, results, strict=True)]

    async def convert_lead(
        self,
        lead_id: str,
        status: str,
        *,
        account_id: str | None = None,
        contact_id: str | None = None,
        opportunity_id: str | None = None,
        opportunity_name: str | None = None,
        create_opportunity: bool = True,
        owner_id: str | None = None,
        notify_owner: bool = False,
    ) -> ConvertResultPayload:
        """Make an account, a contact and an opportunity of a lead, or merge it into those that are given.

        `status` is one of the org's `LeadStatus` with `IsConverted`. A contact must be one of the account, which is
        given with it. The opportunity is named after the lead's company unless told otherwise, in up to 80 characters;
        with `create_opportunity` off it has neither id nor name. Only empty columns of what is there are written.
        Salesforce cannot tell a repetition from another conversion: either finds the lead converted.
        Source: https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_calls_convertlead.htm
        """
        lead = {
            "accountId": account_id,
            "contactId": contact_id,
            "convertedStatus": status,
            "doNotCreateOpportunity": not create_opportunity,
            "leadId": lead_id,
            "opportunityId": opportunity_id,
            "opportunityName": opportunity_name,
            "overwriteLeadSource": False,
            "ownerId": owner_id,
            "sendNotificationEmail": notify_owner,
        }
        envelope = await self._soap.exchange("convertLead", {"leadConverts": [lead]}, evicts=CHANGED_BY_CONVERSION)
        try:
            return convert_result(envelope)
        except ValueError as error:
            expected = "what a lead was converted into, or errors"
            raise PayloadMismatch(self.upstream, "convertLead", path="result", expected=expected) from error

    async def _write(
        self,
        operation: str,
        arguments: dict[str, Any],
        count: int,
        kind: str | None,
        all_or_none: bool,
        allow_duplicates: bool,
        *,
        idempotent: bool,
    ) -> list[SaveResultPayload]:
        headers: dict[str, Any] = {"AllOrNoneHeader": {"allOrNone": True}} if all_or_none else {}
        if allow_duplicates:
            rule = {"allowSave": True, "includeRecordDetails": False, "runAsCurrentUser": True}
            headers["DuplicateRuleHeader"] = rule
        evicts = ALL if kind is None else (*_kinds_of(kind), ANY_QUERY)
        try:
            envelope = await self._soap.exchange(
                operation, arguments, headers=headers, idempotent=idempotent, evicts=evicts
            )
        except SoapFault as fault:
            if fault.faultcode != UNKNOWN_COLUMN or operation == "upsert":
                raise
            wrong = SaveErrorPayload(statusCode=UNKNOWN_COLUMN, message=None, fields=[], duplicates=[])
            return [SaveResultPayload(id=None, success=False, created=None, errors=[wrong])] * count
        try:
            results = save_results(envelope)
            if len(results) != count:
                raise ValueError("a result for each record")
        except ValueError as error:
            expected = f"{count} results"
            raise PayloadMismatch(self.upstream, operation, path="result", expected=expected) from error
        return results

    async def _page(self, window: Window, soql: str, about: str) -> Page[RecordPayload]:
        if window.after is None:
            result = await self._read("query", {"queryString": soql}, window.limit, about)
        else:
            result = await self._read("queryMore", {"queryLocator": window.after}, window.limit, about)
        next_cursor = None if result["done"] else result["queryLocator"]
        return Page(result["records"], next_cursor=next_cursor, total=result["size"])

    async def _all(self, soql: str, kind: str, key: str) -> list[RecordPayload]:
        """All records of a query that have one of some values in the column `key`."""
        page = await self._page(Window(MAX_BATCH), soql, kind)
        records = list(page.items)
        while page.next_cursor is not None:
            page = await self._page(Window(MAX_BATCH, after=page.next_cursor), soql, kind)
            records += page.items
        if not all(record.get(key) and isinstance(record[key], str) for record in records):
            raise PayloadMismatch(self.upstream, "query", path=f"result.records.{key}", expected="a text in each")
        return records

    async def _read(self, operation: str, arguments: dict[str, Any], limit: int, about: str) -> QueryResultPayload:
        options = {"QueryOptions": {"batchSize": min(max(limit, MIN_BATCH), MAX_BATCH)}}
        try:
            envelope = await self._soap.exchange(operation, arguments, headers=options, safe=True, about=(about,))
        except SoapFault as error:
            if error.faultcode == "INVALID_QUERY_LOCATOR":
                raise CursorExpired(self.upstream, operation) from error
            raise QueryRefused(self.upstream, operation, error) from error
        result = envelope.find(f".//{{{PARTNER}}}result")
        try:
            if result is None:
                raise ValueError("an answer to a query has a result")
            return query_result(result)
        except ValueError as error:
            raise PayloadMismatch(self.upstream, operation, path="result", expected="a QueryResult") from error


def _place(detail: etree._Element | None) -> tuple[int | None, int | None]:
    """Row and column in the detail of a fault about a query; Salesforce gives -1 where it cannot say."""
    texts = ["" if detail is None else detail.findtext(f".//{{{FAULT}}}{name}") or "" for name in ("row", "column")]
    row, column = (int(text) if text.isdigit() else None for text in texts)
    return (row, column) if row is not None and column is not None else (None, None)


def _kinds_of(kind: str) -> tuple[str, ...]:
    """The kinds that a write of one kind changes."""
    known = KINDS.get(kind.lower(), kind)
    return (known, "Task") if known in HOLDERS_OF_TASKS else (known,)


def _conditions(**wanted: str | None) -> list[str]:
    return [write.equals(column, value) for column, value in wanted.items() if value is not None]
