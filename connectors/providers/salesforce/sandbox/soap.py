"""The sandbox's SOAP dialect: the Partner API's operations, answers and faults."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import Any, cast

from lxml import etree
from starlette.requests import Request
from starlette.responses import Response

from connectors.protocols.soap.envelope import NAMESPACES
from connectors.protocols.soap.xml import XSI, NotXml, UnsafeXml, is_nil, local_name, parsed
from connectors.providers.salesforce.ids import suffix
from connectors.providers.salesforce.partner import FAULT, PARTNER, SOBJECT
from connectors.providers.salesforce.sandbox.conversion import Wish, convert
from connectors.providers.salesforce.sandbox.org import ORGANIZATION, USER, USERNAME, Batch, Org, Problem, batch_size
from connectors.providers.salesforce.sandbox.soql import Path, QueryFault, by_first_step, follow, parent_of, run
from connectors.providers.salesforce.sandbox.store import (
    DUPLICATE_RULE,
    DUPLICATES_FOUND,
    Record,
    Refusal,
    Store,
    Table,
    Value,
    kind_of,
)
from connectors.sandbox.address import address

ENVELOPE = NAMESPACES["1.1"]
DEFAULT_BATCH = 500
MAX_RECORDS, MAX_LEADS = 200, 100
FAULT_TYPES = {
    "INVALID_LOGIN": "LoginFault",
    "INVALID_QUERY_LOCATOR": "InvalidQueryLocatorFault",
    "MALFORMED_QUERY": "MalformedQueryFault",
    "INVALID_FIELD": "InvalidFieldFault",
    "INVALID_QUERY_FILTER_OPERATOR": "InvalidFieldFault",
    "INVALID_TYPE": "InvalidSObjectFault",
    "MALFORMED_ID": "InvalidIdFault",
}
ROLLED_BACK = Refusal(
    "ALL_OR_NONE_OPERATION_ROLLED_BACK",
    "Record rolled back because not all records were valid and the request was using AllOrNone header",
)
NO_IDS = ("accountId", "contactId", "leadId", "opportunityId")
QUERY_FAULTS = ("MalformedQueryFault", "InvalidFieldFault", "InvalidSObjectFault")

Call = etree._Element
Header = etree._Element | None


def operation_of(content: bytes) -> str:
    """The name of the element in an envelope's body."""
    try:
        body = parsed(content).find(f"{{{ENVELOPE}}}Body")
    except (NotXml, UnsafeXml):
        return "unknown"
    return local_name(body[0]) if body is not None and len(body) else "unknown"


async def answer(org: Org, request: Request) -> Response:
    """Do what an envelope asks for. Every refusal is a fault under HTTP 500."""
    operation = operation_of(await request.body())
    if operation not in OPERATIONS and operation != "login":
        return fault(Problem("INVALID_OPERATION", f"No operation available for request {operation}"))
    envelope = parsed(await request.body())
    header, call = envelope.find(f"{{{ENVELOPE}}}Header"), cast(Call, envelope.find(f"{{{ENVELOPE}}}Body"))[0]
    try:
        if operation == "login":
            return _answered(operation, [_login(org, request, call)])
        org.authorize(_header(header, "SessionHeader", "sessionId"))
        before = org.store.snapshot() if _flag(header, "AllOrNoneHeader", "allOrNone") else None
        results = list(OPERATIONS[operation](org, call, header))
        if before is not None and any(map(_failed, results)):
            org.store.put_back(before)
            results = [one if _failed(one) else _refused(ROLLED_BACK) for one in results]
        return _answered(operation, results)
    except QueryFault as error:
        return fault(Problem(error.code, error.message, error.row, error.column))
    except Problem as problem:
        return fault(problem)


def _login(org: Org, request: Request, call: Call) -> etree._Element:
    version = request.path_params["version"]
    session = org.log_in(version, _text(call, "username"), _text(call, "password"))
    organization, user, here = ORGANIZATION + suffix(ORGANIZATION), USER + suffix(USER), address(request)
    result = _element(
        "result",
        metadataServerUrl=f"{here}/services/Soap/m/{version}/{organization}",
        passwordExpired="false",
        sandbox="false",
        serverUrl=f"{here}/services/Soap/u/{version}/{organization}",
        sessionId=session,
        userId=user,
    )
    info = _element(
        "userInfo",
        organizationId=organization,
        organizationName="Punnet Sandbox",
        userEmail=USERNAME,
        userFullName="Sandbox Gateway",
        userId=user,
        userName=USERNAME,
        userTimeZone="GMT",
    )
    result.append(info)
    return result


def _query(org: Org, call: Call, header: Header) -> Iterator[etree._Element]:
    yield _query_result(org.store, org.begin(_text(call, "queryString"), _batch_size(header)))


def _query_more(org: Org, call: Call, header: Header) -> Iterator[etree._Element]:
    yield _query_result(org.store, org.go_on(_text(call, "queryLocator"), _batch_size(header)))


def _retrieve(org: Org, call: Call, header: Header) -> Iterator[etree._Element]:
    table = org.table(_text(call, "sObjectType"))
    query = f"SELECT {_text(call, 'fieldList')} FROM {table.name} LIMIT 0"  # noqa: S608  # of the sandbox's own language
    columns = run(org.store, query).columns
    for one in _ids(call):
        try:
            row = table.rows[org.store.known_id(table, one)]
        except Refusal as refusal:
            if refusal.code == "MALFORMED_ID":
                raise Problem("MALFORMED_ID", refusal.message) from refusal
            yield _element("result", nil=True)
        else:
            yield _record(org.store, table, row, columns, f"{{{PARTNER}}}result")


def _create(org: Org, call: Call, header: Header) -> Iterator[etree._Element]:
    allowed = _duplicates_allowed(header)
    for kind, _, values in _records_in(call):
        write = partial(org.store.create, org.table(kind).name, values, org.now(), allow_duplicates=allowed)
        yield _saved(write)


def _update(org: Org, call: Call, header: Header) -> Iterator[etree._Element]:
    allowed = _duplicates_allowed(header)
    for kind, record_id, values in _records_in(call):
        name = org.table(kind).name
        yield _saved(partial(org.store.update, name, record_id or "", values, org.now(), allow_duplicates=allowed))


def _upsert(org: Org, call: Call, header: Header) -> Iterator[etree._Element]:
    name, seen = _text(call, "externalIDFieldName"), set[str]()
    for kind, _, values in _records_in(call):
        table = org.table(kind)
        column = org.external_id(table, name)
        before = len(table.rows)
        key = str(values.pop(column, "") or "")
        result = _saved(partial(_upserted, org, table, column, key, values, seen, _duplicates_allowed(header)))
        result.insert(0, _element("created", "true" if len(table.rows) > before else "false"))
        yield result


def _upserted(
    org: Org, table: Table, column: str, key: str, values: dict[str, Any], seen: set[str], allowed: bool
) -> str:
    if not key:
        raise Refusal("MISSING_ARGUMENT", f"{column} not specified")
    if key.lower() in seen:
        raise Refusal("DUPLICATE_VALUE", f"Duplicate external id specified: {key}", (column,))
    seen.add(key.lower())
    return org.store.upsert(table.name, column, key, values, org.now(), allow_duplicates=allowed)[0]


def _delete(org: Org, call: Call, header: Header) -> Iterator[etree._Element]:
    for one in _ids(call):
        yield _saved(partial(org.store.delete, one))


def _convert_lead(org: Org, call: Call, header: Header) -> Iterator[etree._Element]:
    leads = call.findall(f"{{{PARTNER}}}leadConverts")
    _check_count(leads, MAX_LEADS)
    for lead in leads:
        wish = Wish(
            lead_id=_text(lead, "leadId"),
            status=_text(lead, "convertedStatus"),
            account_id=_text(lead, "accountId"),
            contact_id=_text(lead, "contactId"),
            opportunity_id=_text(lead, "opportunityId"),
            opportunity_name=_text(lead, "opportunityName"),
            create_opportunity=_text(lead, "doNotCreateOpportunity") not in ("true", "1"),
            owner_id=_text(lead, "ownerId"),
        )
        try:
            ids = convert(org.store, wish, org.now())
        except Refusal as refusal:
            yield _refused(refusal, NO_IDS)
        else:
            result = _element("result")
            result.extend([_element(name, id or "", nil=id is None) for name, id in ids.items()])
            result.append(_element("success", "true"))
            yield result


def _timestamp(org: Org, call: Call, header: Header) -> Iterator[etree._Element]:
    yield _element("result", timestamp=soap_text(org.now()))


OPERATIONS: dict[str, Callable[[Org, Call, Header], Iterator[etree._Element]]] = {
    "query": _query,
    "queryAll": _query,
    "queryMore": _query_more,
    "retrieve": _retrieve,
    "create": _create,
    "update": _update,
    "upsert": _upsert,
    "delete": _delete,
    "convertLead": _convert_lead,
    "getServerTimestamp": _timestamp,
}


def _saved(write: Callable[[], str]) -> etree._Element:
    """One record's result: the others do not depend on it."""
    try:
        return _element("result", id=write(), success="true")
    except Refusal as refusal:
        return _refused(refusal)


def _refused(refusal: Refusal, ids: Sequence[str] = ("id",)) -> etree._Element:
    """One record's result, in which these ids are empty: its elements stand in the order of the alphabet."""
    errors = _element("errors")
    errors.extend([_element("fields", name) for name in refusal.fields])
    errors.extend([_element("message", refusal.message), _element("statusCode", refusal.code)])
    if refusal.matches:
        errors.set(f"{{{XSI}}}type", "DuplicateError")
        errors.append(_duplicates(refusal.matches))
    result = _element("result")
    nothing = [_element(id, nil=True) for id in ids]
    result.extend(sorted([errors, *nothing, _element("success", "false")], key=local_name))
    return result


def _duplicates(ids: Sequence[str]) -> etree._Element:
    """What a duplicate rule found."""
    found = _element(
        "duplicateResult",
        allowSave="true",
        duplicateRule=DUPLICATE_RULE,
        duplicateRuleEntityType=kind_of(ids[0]),
        errorMessage=DUPLICATES_FOUND,
    )
    matches = _element("matchResults", entityType=kind_of(ids[0]), matchEngine="FuzzyMatchEngine")
    for id in ids:
        match = etree.SubElement(matches, f"{{{PARTNER}}}matchRecords")
        match.append(_element("matchConfidence", "100.0"))
        record = etree.SubElement(
            match, f"{{{PARTNER}}}record", {f"{{{XSI}}}type": "sf:sObject"}, nsmap={"sf": SOBJECT}
        )
        etree.SubElement(record, f"{{{SOBJECT}}}type").text = kind_of(id)
        etree.SubElement(record, f"{{{SOBJECT}}}Id").text = id
    matches.extend([_element("rule", DUPLICATE_RULE), _element("size", str(len(ids))), _element("success", "true")])
    found.append(matches)
    return found


def _failed(result: etree._Element) -> bool:
    return result.findtext(f"{{{PARTNER}}}success") == "false"


def _flag(header: Header, name: str, value: str) -> bool:
    return _header(header, name, value) in ("true", "1")


def _duplicates_allowed(header: Header) -> bool:
    return _flag(header, "DuplicateRuleHeader", "allowSave")


def _query_result(store: Store, batch: Batch) -> etree._Element:
    result = _element("result", done="true" if batch.locator is None else "false")
    result.append(_element("queryLocator", batch.locator or "", nil=batch.locator is None))
    for row in batch.rows:
        result.append(_record(store, batch.result.table, row, batch.result.columns, f"{{{PARTNER}}}records"))
    result.append(_element("size", str(batch.result.count)))
    return result


def fault(problem: Problem, status: int = 500) -> Response:
    message = f"{problem.code}: {problem.text}"
    kind = FAULT_TYPES.get(problem.code, "UnexpectedErrorFault")
    envelope = etree.Element(f"{{{ENVELOPE}}}Envelope", nsmap={"soapenv": ENVELOPE, "sf": FAULT, "xsi": XSI})
    element = etree.SubElement(etree.SubElement(envelope, f"{{{ENVELOPE}}}Body"), f"{{{ENVELOPE}}}Fault")
    etree.SubElement(element, "faultcode").text = f"sf:{problem.code}"
    etree.SubElement(element, "faultstring").text = message
    detail = etree.SubElement(etree.SubElement(element, "detail"), f"{{{FAULT}}}{kind}")
    detail.set(f"{{{XSI}}}type", f"sf:{kind}")
    etree.SubElement(detail, f"{{{FAULT}}}exceptionCode").text = problem.code
    etree.SubElement(detail, f"{{{FAULT}}}exceptionMessage").text = problem.text
    if kind in QUERY_FAULTS:
        etree.SubElement(detail, f"{{{FAULT}}}row").text = str(problem.row)
        etree.SubElement(detail, f"{{{FAULT}}}column").text = str(problem.column)
    return _xml(envelope, status)


def _answered(operation: str, results: list[etree._Element]) -> Response:
    envelope = etree.Element(f"{{{ENVELOPE}}}Envelope", nsmap=_prefixes(soapenv=ENVELOPE, xsi=XSI, sf=SOBJECT))
    body = etree.SubElement(envelope, f"{{{ENVELOPE}}}Body")
    etree.SubElement(body, f"{{{PARTNER}}}{operation}Response").extend(results)
    return _xml(envelope, 200)


def _xml(envelope: etree._Element, status: int) -> Response:
    content = etree.tostring(envelope, xml_declaration=True, encoding="UTF-8")
    return Response(content, status, media_type="text/xml")


def _element(name: str, text: str = "", *, nil: bool = False, **children: str) -> etree._Element:
    element = etree.Element(f"{{{PARTNER}}}{name}", nsmap=_prefixes(xsi=XSI))
    if nil:
        element.set(f"{{{XSI}}}nil", "true")
    elif children:
        element.extend([_element(child, value) for child, value in children.items()])
    else:
        element.text = text or None
    return element


def _record(store: Store, table: Table, row: Record, columns: tuple[Path, ...], tag: str) -> etree._Element:
    """An sObject as the Partner API writes it: `Id` stands twice where it was selected, parents are nested."""
    element = etree.Element(tag, nsmap=_prefixes(sf=SOBJECT, xsi=XSI))
    element.set(f"{{{XSI}}}type", "sf:sObject")
    etree.SubElement(element, f"{{{SOBJECT}}}type").text = table.name
    head = etree.SubElement(element, f"{{{SOBJECT}}}Id")
    if ("Id",) in columns:
        head.text = str(row["Id"])
    else:
        head.set(f"{{{XSI}}}nil", "true")
    for name, paths in by_first_step(columns):
        if paths == ((),):
            value = follow(store, table, row, (name,))
            child = etree.SubElement(element, f"{{{SOBJECT}}}{name}")
            if value is None:
                child.set(f"{{{XSI}}}nil", "true")
            else:
                child.text = soap_text(value)
            continue
        parent, parent_row = parent_of(store, table, row, name)
        if parent_row is None:
            etree.SubElement(element, f"{{{SOBJECT}}}{name}").set(f"{{{XSI}}}nil", "true")
        else:
            element.append(_record(store, parent, parent_row, paths, f"{{{SOBJECT}}}{name}"))
    return element


def _records_in(call: Call) -> Iterator[tuple[str, str | None, dict[str, Any]]]:
    """Kind, id and values of the sObjects in a call; `fieldsToNull` are values too."""
    elements = call.findall(f"{{{PARTNER}}}sObjects")
    _check_count(elements)
    for element in elements:
        values: dict[str, Any] = {}
        for child in element:
            name = local_name(child)
            if name == "fieldsToNull":
                values[child.text or ""] = None
            elif name not in ("type", "Id") and not is_nil(child):
                values[name] = child.text or ""
        yield element.findtext(f"{{{SOBJECT}}}type") or "", element.findtext(f"{{{SOBJECT}}}Id") or None, values


def _check_count(records: Sequence[object], most: int = MAX_RECORDS) -> None:
    if len(records) > most:
        message = f"record limit reached. cannot submit more than {most} records into this call"
        raise Problem("LIMIT_EXCEEDED", message)


def _header(header: Header, name: str, value: str) -> str | None:
    return None if header is None else header.findtext(f"{{{PARTNER}}}{name}/{{{PARTNER}}}{value}")


def _text(call: Call, name: str) -> str:
    return call.findtext(f"{{{PARTNER}}}{name}") or ""


def _prefixes(**prefixes: str) -> dict[str, str]:
    """With the Partner namespace as the default one."""
    return cast(dict[str, str], {None: PARTNER, **prefixes})


def _ids(call: Call) -> list[str]:
    ids = [element.text or "" for element in call.iterfind(f"{{{PARTNER}}}ids")]
    _check_count(ids)
    return ids


def _batch_size(header: Header) -> int:
    return batch_size(_header(header, "QueryOptions", "batchSize"), DEFAULT_BATCH)


def soap_text(value: Value) -> str:
    """A value as SOAP writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%S.") + f"{value.microsecond // 1000:03}Z"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value) if value % 1 else f"{value:.1f}"
    return str(value)
