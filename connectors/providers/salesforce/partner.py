"""The Partner API's own shapes: version, namespaces, records as they go out and as they stand in an answer."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lxml import etree

from connectors.protocols.soap.xml import XSI, is_nil
from connectors.providers.salesforce.payloads import (
    ConvertResultPayload,
    QueryResultPayload,
    RecordPayload,
    SaveErrorPayload,
    SaveResultPayload,
)

if TYPE_CHECKING:
    from connectors.protocols.soap.wsdl import Wsdl

API_VERSION = "64.0"
"""The last version that has `login()`: 65.0 and later answer it with `INVALID_OPERATION`.

Summer '27 ends it in 64.0 too; from then on only OAuth access tokens open a session.

Source: https://developer.salesforce.com/docs/atlas.en-us.256.0.api.meta/api/api_eol_soap.htm
"""
SOAP_PATH = f"/services/Soap/u/{API_VERSION}"
PARTNER = "urn:partner.soap.sforce.com"
SOBJECT = "urn:sobject.partner.soap.sforce.com"
FAULT = "urn:fault.partner.soap.sforce.com"
XSI_TYPE = f"{{{XSI}}}type"
WSDL_FILE = Path(__file__).with_name("partner.wsdl")


@cache
def wsdl() -> "Wsdl":
    """The Partner WSDL, read once."""
    from connectors.protocols.soap.wsdl import Wsdl  # loads Zeep, and Requests with it

    return Wsdl(WSDL_FILE)


def session_header(session_id: str) -> etree._Element:
    """The SOAP header that names the session; an OAuth access token is a session id too."""
    header = etree.Element(f"{{{PARTNER}}}SessionHeader", nsmap={"urn": PARTNER})
    etree.SubElement(header, f"{{{PARTNER}}}sessionId").text = session_id
    return header


def query_result(result: etree._Element) -> QueryResultPayload:
    """A `QueryResult` element as values. Raises `ValueError` where it lacks what every such element has."""
    size = result.findtext(f"{{{PARTNER}}}size")
    done = result.findtext(f"{{{PARTNER}}}done")
    if size is None or done not in ("true", "false"):
        raise ValueError("a QueryResult has `size` and `done`")
    locator = result.findtext(f"{{{PARTNER}}}queryLocator") or None
    if done == "false" and locator is None:
        raise ValueError("a QueryResult that is not done has a `queryLocator`")
    records = [record(element) for element in result.iterfind(f"{{{PARTNER}}}records")]
    return QueryResultPayload(done=done == "true", queryLocator=locator, size=int(size), records=records)


def record(element: etree._Element) -> RecordPayload:
    """An `sObject` element by column name. Values are strings, as SOAP sends them; related records are nested.

    Salesforce gives `Id` twice where it was selected; once is kept.
    """
    values: RecordPayload = {}
    for child in element:
        name = _local(child.tag)
        if name != "fieldsToNull" and (name != "Id" or values.get("Id") is None):
            values[name] = _value(child)
    return values


def sobject(kind: str, values: Mapping[str, Any], record_id: str | None = None) -> dict[str, Any]:
    """A record to write, for the WSDL; `None` clears a column. Raises `ValueError` for what XML cannot carry."""
    columns = []
    for name, value in values.items():
        if value is not None:
            column = etree.Element(f"{{{SOBJECT}}}{name}")
            column.text = written(value)
            columns.append(column)
    cleared = [name for name, value in values.items() if value is None]
    return {"type": kind, "fieldsToNull": cleared, "Id": record_id, "_value_1": columns}


def written(value: Any) -> str:
    """A value as XML Schema writes it; a time without an offset is taken for UTC."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        aware = value if value.tzinfo else value.replace(tzinfo=UTC)
        return aware.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def save_results(envelope: etree._Element) -> list[SaveResultPayload]:
    """What became of each record that was to be written. Raises `ValueError` for what is no such answer."""
    return [_save_result(result) for result in envelope.iterfind(f".//{{{PARTNER}}}result")]


def convert_result(envelope: etree._Element) -> ConvertResultPayload:
    """What became of the one lead that was to be converted. Raises `ValueError` for what is no such answer."""
    result = envelope.find(f".//{{{PARTNER}}}result")
    success = None if result is None else _text(result, "success")
    if result is None or success not in ("true", "false"):
        raise ValueError("a result has `success`")
    converted = ConvertResultPayload(
        leadId=_text(result, "leadId"),
        accountId=_text(result, "accountId"),
        contactId=_text(result, "contactId"),
        opportunityId=_text(result, "opportunityId"),
        success=success == "true",
        errors=_errors_in(result),
    )
    if converted["success"] and not (converted["leadId"] and converted["accountId"] and converted["contactId"]):
        raise ValueError("a lead is converted into an account and a contact")
    return converted


def _save_result(result: etree._Element) -> SaveResultPayload:
    success, record_id = _text(result, "success"), _text(result, "id")
    if success not in ("true", "false") or (success == "true" and record_id is None):
        raise ValueError("a result has `success`, and `id` with it")
    created = _text(result, "created")
    return SaveResultPayload(
        id=record_id,
        success=success == "true",
        created=None if created is None else created == "true",
        errors=_errors_in(result),
    )


def _errors_in(result: etree._Element) -> list[SaveErrorPayload]:
    return [_save_error(error) for error in result.iterfind(f"{{{PARTNER}}}errors")]


def _save_error(error: etree._Element) -> SaveErrorPayload:
    alike = error.iterfind(f".//{{{PARTNER}}}matchRecords/{{{PARTNER}}}record/{{{SOBJECT}}}Id")
    return SaveErrorPayload(
        statusCode=error.findtext(f"{{{PARTNER}}}statusCode") or "UNKNOWN_EXCEPTION",
        message=error.findtext(f"{{{PARTNER}}}message"),
        fields=[field.text for field in error.iterfind(f"{{{PARTNER}}}fields") if field.text],
        duplicates=list(dict.fromkeys(one.text for one in alike if one.text)),
    )


def _text(result: etree._Element, name: str) -> str | None:
    """What an element of a result says; `None` where it is missing, empty or `xsi:nil`."""
    return result.findtext(f"{{{PARTNER}}}{name}") or None


def _value(element: etree._Element) -> Any:
    if is_nil(element):
        return None
    if not len(element):
        return element.text or ""
    kind = element.get(XSI_TYPE, "").rpartition(":")[2]
    if kind == "sObject":
        return record(element)
    if kind == "QueryResult":
        return query_result(element)
    return {_local(child.tag): _value(child) for child in element}


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]
