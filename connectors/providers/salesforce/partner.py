"""The Partner API's own shapes: version, namespaces, records as they stand in an answer."""

from functools import cache
from pathlib import Path
from typing import Any

from lxml import etree

from connectors.protocols.soap.wsdl import Wsdl
from connectors.protocols.soap.xml import XSI, is_nil
from connectors.providers.salesforce.payloads import QueryResultPayload, RecordPayload

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
def wsdl() -> Wsdl:
    """The Partner WSDL, read once."""
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
