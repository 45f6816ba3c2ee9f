"""Named calls to Salesforce's Partner API."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any, Literal

from lxml import etree

from connectors.errors import CursorExpired, PayloadMismatch, UpstreamRejected
from connectors.paging import Page, Window, paged
from connectors.protocols.soap.client import Soap
from connectors.protocols.soap.faults import SoapFault
from connectors.providers.salesforce import soql as write
from connectors.providers.salesforce.ids import AN_ID
from connectors.providers.salesforce.partner import FAULT, PARTNER, SOAP_PATH, query_result, wsdl
from connectors.providers.salesforce.payloads import QueryResultPayload, RecordPayload
from connectors.upstream import Endpoint

Kind = Literal["Account", "Contact", "Opportunity", "Case"]
Columns = Collection[str]
MIN_BATCH, MAX_BATCH = 200, 2000
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
    """Records by SOQL. `select` names the columns wanted; `Id` comes with them.

    Every list is in the order of `Id`, and reading goes on by query locators, which Salesforce keeps for two days; a
    place in the first batch has no locator and is found by running the query again.
    """

    upstream = "salesforce"

    def __init__(self, endpoint: Endpoint) -> None:
        self._soap = Soap(replace(endpoint, base_url=endpoint.base_url + SOAP_PATH), wsdl())

    @paged("soql.query", max_limit=MAX_BATCH, counts=True)
    async def query(self, window: Window, *, soql: str) -> Page[RecordPayload]:
        """The records of any SELECT.

        A batch holds 200 records at least, whatever the window says, and 2,000 at most. The total costs nothing.
        Raises `CursorExpired` for a locator that Salesforce has forgotten, `QueryRefused` with the reason
        `MALFORMED_QUERY`, `INVALID_FIELD`, `INVALID_TYPE` ... for a query it does not take.
        Source: https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_calls_query.htm
        """
        if window.after is None:
            result = await self._read("query", {"queryString": soql}, window.limit)
        else:
            result = await self._read("queryMore", {"queryLocator": window.after}, window.limit)
        next_cursor = None if result["done"] else result["queryLocator"]
        return Page(result["records"], next_cursor=next_cursor, total=result["size"])

    @paged("accounts.list", max_limit=MAX_BATCH, counts=True)
    async def accounts(
        self, window: Window, *, websites: Sequence[str] | None = None, select: Columns = ()
    ) -> Page[RecordPayload]:
        """All accounts, or those with one of some websites (in any case). Errors as for `query`.

        Source: https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_account.htm
        """
        conditions = [write.one_of("Website", websites)] if websites else []
        return await self.query(window, soql=write.select("Account", select, *conditions))

    @paged("contacts.list", max_limit=MAX_BATCH, counts=True)
    async def contacts(
        self, window: Window, *, email: str | None = None, account_id: str | None = None, select: Columns = ()
    ) -> Page[RecordPayload]:
        """Contacts, those with one email address (in any case) or of one account. Errors as for `query`.

        Source: https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_contact.htm
        """
        conditions = _conditions(Email=email, AccountId=account_id)
        return await self.query(window, soql=write.select("Contact", select, *conditions))

    @paged("opportunities.list", max_limit=MAX_BATCH, counts=True)
    async def opportunities(
        self, window: Window, *, account_id: str | None = None, select: Columns = ()
    ) -> Page[RecordPayload]:
        """Opportunities, all or of one account. Errors as for `query`.

        Source: https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_opportunity.htm
        """
        return await self.query(window, soql=write.select("Opportunity", select, *_conditions(AccountId=account_id)))

    @paged("cases.list", max_limit=MAX_BATCH, counts=True)
    async def cases(
        self, window: Window, *, account_id: str | None = None, contact_id: str | None = None, select: Columns = ()
    ) -> Page[RecordPayload]:
        """Cases, all or those of one account or contact. Errors as for `query`.

        Source: https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_case.htm
        """
        conditions = _conditions(AccountId=account_id, ContactId=contact_id)
        return await self.query(window, soql=write.select("Case", select, *conditions))

    async def get_many(self, kind: Kind, ids: Sequence[str], *, select: Columns = ()) -> list[RecordPayload]:
        """The records with these ids, up to 200, in any order; what does not exist is left out.

        What cannot be an id is not asked for: Salesforce would refuse the whole query.
        Source: https://developer.salesforce.com/docs/atlas.en-us.salesforce_app_limits_cheatsheet.meta (SOQL limits)
        """
        known = [one for one in ids if AN_ID.match(one)]
        return await self._all(write.select(kind, select, write.one_of("Id", known)), "Id") if known else []

    async def contacts_by_email(self, emails: Sequence[str], *, select: Columns = ()) -> list[RecordPayload]:
        """The contacts with these email addresses (in any case), up to 200 addresses, in the order of `Id`.

        Several contacts may share an address. `Email` is always selected.
        Source: https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_contact.htm
        """
        known = [one for one in emails if one and len(one) <= EMAIL_LETTERS]
        query = write.select("Contact", {*select, "Email"}, write.one_of("Email", known)) if known else None
        return await self._all(query, "Email") if query else []

    async def _all(self, soql: str, key: str) -> list[RecordPayload]:
        """All records of a query that have one of some values in the column `key`."""
        page = await self.query(Window(MAX_BATCH), soql=soql)
        records = list(page.items)
        while page.next_cursor is not None:
            page = await self.query(Window(MAX_BATCH, after=page.next_cursor), soql=soql)
            records += page.items
        if not all(record.get(key) and isinstance(record[key], str) for record in records):
            raise PayloadMismatch(self.upstream, "query", path=f"result.records.{key}", expected="a text in each")
        return records

    async def _read(self, operation: str, arguments: dict[str, Any], limit: int) -> QueryResultPayload:
        options = {"QueryOptions": {"batchSize": min(max(limit, MIN_BATCH), MAX_BATCH)}}
        try:
            envelope = await self._soap.exchange(operation, arguments, headers=options, safe=True)
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


def _conditions(**wanted: str | None) -> list[str]:
    return [write.equals(column, value) for column, value in wanted.items() if value is not None]
