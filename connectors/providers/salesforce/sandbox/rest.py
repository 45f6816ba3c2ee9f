"""The sandbox's REST dialect: queries and single records, as Salesforce's Python client uses them."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from connectors.providers.salesforce.sandbox.org import MAX_BATCH, Batch, Org, Problem, batch_size
from connectors.providers.salesforce.sandbox.soql import Path, QueryFault, by_first_step, follow, parent_of
from connectors.providers.salesforce.sandbox.store import (
    DUPLICATE_RULE,
    DUPLICATES_FOUND,
    Column,
    Record,
    Refusal,
    Store,
    Table,
    Value,
    kind_of,
)

STATUS = {"INVALID_SESSION_ID": 401, "NOT_FOUND": 404, "ENTITY_IS_DELETED": 404, "REQUEST_LIMIT_EXCEEDED": 403}

Handler = Callable[[Org, Request, bytes], Response]


def routes(org: Org) -> tuple[Route, ...]:
    """Where the operations are; their names are those of SOAP."""
    data = "/services/data/v{version}"
    record, external = f"{data}/sobjects/{{type}}/{{id}}", f"{data}/sobjects/{{type}}/{{column}}/{{key}}"
    places: tuple[tuple[str, str, str, Handler], ...] = (
        ("GET", f"{data}/query", "query", _query),
        ("GET", f"{data}/query/", "query", _query),
        ("GET", f"{data}/query/{{locator}}", "queryMore", _query_more),
        ("POST", f"{data}/sobjects/{{type}}", "create", _create),
        ("POST", f"{data}/sobjects/{{type}}/", "create", _create),
        ("GET", f"{data}/sobjects/{{type}}/describe", "describe", _describe),
        ("GET", record, "retrieve", _retrieve),
        ("PATCH", record, "update", _update),
        ("DELETE", record, "delete", _delete),
        ("GET", external, "retrieve", _retrieve),
        ("PATCH", external, "upsert", _upsert),
    )
    return tuple(
        Route(path, _answering(org, handler), methods=[method], name=name) for method, path, name, handler in places
    )


def _answering(org: Org, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        try:
            org.authorize(request.headers.get("authorization", "").removeprefix("Bearer "))
            return handler(org, request, await request.body())
        except QueryFault as fault:
            place = f"ERROR at Row:{fault.row}:Column:{fault.column}\n" if fault.row > 0 else ""
            return error(fault.code, place + fault.message)
        except Problem as problem:
            return error("NOT_FOUND" if problem.code == "INVALID_TYPE" else problem.code, problem.text)
        except Refusal as refusal:
            return refused(refusal)
        except orjson.JSONDecodeError:
            return error("JSON_PARSER_ERROR", "The HTTP entity body is not JSON.")

    return answer


def error(code: str, message: str, fields: Sequence[str] = ()) -> Response:
    """Errors are an array."""
    return _json([{"message": message, "errorCode": code, "fields": list(fields)}], STATUS.get(code, 400))


def refused(refusal: Refusal) -> Response:
    """A record was not written. What a duplicate rule found has a form of its own."""
    if not refusal.matches:
        return error(refusal.code, refusal.message, refusal.fields)
    kind = kind_of(refusal.matches[0])
    records = [{"record": {"attributes": {"type": kind}, "Id": id}, "matchConfidence": 100.0} for id in refusal.matches]
    matches = {
        "entityType": kind,
        "matchRecords": records,
        "rule": DUPLICATE_RULE,
        "size": len(records),
        "success": True,
    }
    found = {
        "allowSave": True,
        "duplicateRule": DUPLICATE_RULE,
        "duplicateRuleEntityType": kind,
        "errorMessage": DUPLICATES_FOUND,
        "matchResults": [matches],
    }
    return _json([{"duplicateResult": found, "errorCode": refusal.code, "message": refusal.message}], 400)


def _query(org: Org, request: Request, body: bytes) -> Response:
    soql = request.query_params.get("q")
    if not soql:
        raise Problem("MALFORMED_QUERY", "SOQL string is required.")
    return _batch(org, request, org.begin(soql, _batch_size(request)))


def _query_more(org: Org, request: Request, body: bytes) -> Response:
    return _batch(org, request, org.go_on(request.path_params["locator"], _batch_size(request)))


def _batch(org: Org, request: Request, batch: Batch) -> Response:
    version = request.path_params["version"]
    table, columns = batch.result.table, batch.result.columns
    answer: dict[str, Any] = {"totalSize": batch.result.count, "done": batch.locator is None}
    if batch.locator is not None:
        answer["nextRecordsUrl"] = f"/services/data/v{version}/query/{batch.locator}"
    answer["records"] = [_record(org.store, table, row, columns, version) for row in batch.rows]
    return _json(answer)


def _create(org: Org, request: Request, body: bytes) -> Response:
    table = org.table(request.path_params["type"])
    record_id = org.store.create(table.name, _object(body), org.now(), allow_duplicates=_duplicates_allowed(request))
    return _json({"id": record_id, "success": True, "errors": []}, 201)


def _retrieve(org: Org, request: Request, body: bytes) -> Response:
    table, row = _row(org, request)
    wanted = request.query_params.get("fields")
    names = [table.column(name) for name in wanted.split(",")] if wanted else list(table.columns)
    columns: tuple[Path, ...] = tuple((name,) for name in names if name)
    return _json(_record(org.store, table, row, columns, request.path_params["version"]))


def _update(org: Org, request: Request, body: bytes) -> Response:
    table, row = _row(org, request)
    allowed = _duplicates_allowed(request)
    org.store.update(table.name, str(row["Id"]), _object(body), org.now(), allow_duplicates=allowed)
    return Response(status_code=204)


def _upsert(org: Org, request: Request, body: bytes) -> Response:
    table = org.table(request.path_params["type"])
    column = org.external_id(table, request.path_params["column"])
    key = request.path_params["key"]
    record_id, created = org.store.upsert(
        table.name, column, key, _object(body), org.now(), allow_duplicates=_duplicates_allowed(request)
    )
    return _json({"id": record_id, "success": True, "errors": [], "created": created}, 201 if created else 200)


def _delete(org: Org, request: Request, body: bytes) -> Response:
    _, row = _row(org, request)
    org.store.delete(str(row["Id"]))
    return Response(status_code=204)


def _describe(org: Org, request: Request, body: bytes) -> Response:
    table = org.table(request.path_params["type"])
    fields = [_described(name, column) for name, column in table.columns.items()]
    return _json({"name": table.name, "label": table.name, "keyPrefix": table.prefix, "fields": fields})


def _row(org: Org, request: Request) -> tuple[Table, Record]:
    """The record that the path names, by id or by external id."""
    table = org.table(request.path_params["type"])
    key = request.path_params.get("key")
    if key is not None:
        column = org.external_id(table, request.path_params["column"])
        found = [row for row in table.rows.values() if str(row[column] or "").lower() == key.lower()]
        if not found:
            raise Problem("NOT_FOUND")
        return table, found[0]
    try:
        return table, table.rows[org.store.known_id(table, request.path_params["id"])]
    except Refusal as refusal:
        raise Problem("NOT_FOUND") from refusal


def _record(store: Store, table: Table, row: Record, columns: tuple[Path, ...], version: str) -> dict[str, Any]:
    url = f"/services/data/v{version}/sobjects/{table.name}/{row['Id']}"
    record: dict[str, Any] = {"attributes": {"type": table.name, "url": url}}
    for name, paths in by_first_step(columns):
        if paths == ((),):
            record[name] = json_value(follow(store, table, row, (name,)))
            continue
        parent, parent_row = parent_of(store, table, row, name)
        record[name] = _record(store, parent, parent_row, paths, version) if parent_row else None
    return record


def _duplicates_allowed(request: Request) -> bool:
    options = request.headers.get("sforce-duplicate-rule-header", "").replace(" ", "").lower()
    return "allowsave=true" in options.split(";")


def _batch_size(request: Request) -> int:
    return batch_size(request.headers.get("sforce-query-options", "").partition("batchSize=")[2], MAX_BATCH)


def _object(body: bytes) -> dict[str, Any]:
    values = orjson.loads(body)
    if not isinstance(values, dict):
        raise Refusal("JSON_PARSER_ERROR", "Expected an object")
    return {name: value for name, value in values.items() if name != "attributes"}


def _described(name: str, column: Column) -> dict[str, Any]:
    return {
        "name": name,
        "label": name.replace("_", " "),
        "type": "reference" if column.targets else column.type,
        "length": column.length,
        "nillable": not column.required,
        "createable": not column.readonly,
        "updateable": not column.readonly,
        "externalId": column.external_id,
        "referenceTo": list(column.targets),
    }


def json_value(value: Value) -> Any:
    """A value as REST writes it."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%S.") + f"{value.microsecond // 1000:03}+0000"
    return value.isoformat() if isinstance(value, date) else value


def _json(answer: Any, status: int = 200) -> Response:
    return Response(orjson.dumps(answer), status, media_type="application/json")
