"""The addresses of the HubSpot sandbox, its token and limits, and how errors look."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from connectors.providers.hubspot.sandbox.portal import (
    LABELS,
    PROPERTIES,
    UNIQUE,
    USUAL,
    Json,
    faults,
    written,
)
from connectors.providers.hubspot.sandbox.search import WrongSearch, matches, ordered, shown
from connectors.providers.hubspot.sandbox.story import tell
from connectors.providers.hubspot.sandbox.users import DIALECT
from connectors.sandbox.authorization import AuthorizationServer
from connectors.sandbox.base import Sandbox
from connectors.sandbox.people import Person

TOKEN = "pat-na1-punnet"  # noqa: S105
MAX_BATCH, MAX_PAGE, MAX_SEARCH_PAGE, SEARCH_WINDOW = 100, 100, 200, 10_000
CATEGORIES = {
    400: "VALIDATION_ERROR",
    401: "INVALID_AUTHENTICATION",
    403: "MISSING_SCOPES",
    404: "OBJECT_NOT_FOUND",
    409: "CONFLICT",
    423: "LOCKED",
    429: "RATE_LIMITS",
}
LIMITS = {
    "X-HubSpot-RateLimit-Max": "100",
    "X-HubSpot-RateLimit-Remaining": "99",
    "X-HubSpot-RateLimit-Interval-Milliseconds": "10000",
}

Handler = Callable[[Request, Json], Json]


class Refused(Exception):
    """The request is refused with a status, and what HubSpot says of it."""

    def __init__(self, status: int, message: str, *, category: str | None = None, **facts: Any) -> None:
        super().__init__(message)
        self.status = status
        self.answer: Json = {"status": "error", "message": message, "category": category or CATEGORIES[status], **facts}


class HubSpotSandbox(Sandbox):
    """One account. `associations_page` is how many associations of one object come at a time.

    The operations are named by kind: `contacts.list`, `deals.search`. Private apps' tokens do not expire, so `expire`
    answers as if this one had.
    """

    def __init__(self, people: tuple[Person, ...]) -> None:
        super().__init__()
        self.portal = tell(people)
        self.associations_page = 500
        self._requests = 0
        self.tokens = {TOKEN}
        self.authorization = AuthorizationServer(DIALECT, people, self.tokens, now=lambda: self.time())
        objects, between = "/crm/v3/objects/{kind}", "/crm/v4/associations/{kind}/{to_kind}"
        self._routes = [
            self._route_to("/crm/v3/owners/", "GET", "owners.list", self._owners),
            self._route_to("/crm/v3/owners", "GET", "owners.list", self._owners),
            self._route_to("/crm/v3/owners/{id}", "GET", "owners.get", self._owner),
            self._route_to(objects, "GET", "{kind}.list", self._page),
            self._route_to(objects, "POST", "{kind}.create", self._create),
            self._route_to(f"{objects}/search", "POST", "{kind}.search", self._search),
            self._route_to(f"{objects}/batch/read", "POST", "{kind}.read", self._read),
            self._route_to(f"{objects}/batch/upsert", "POST", "{kind}.upsert", self._upsert),
            self._route_to(f"{objects}/{{id}}", "GET", "{kind}.get", self._get),
            self._route_to(f"{objects}/{{id}}", "PATCH", "{kind}.update", self._update),
            self._route_to(f"{between}/batch/read", "POST", "associations.read", self._associations),
            self._route_to(f"{between}/batch/associate/default", "POST", "associations.create", self._associate),
            self._route_to(f"{between}/batch/create", "POST", "associations.create", self._associate_by_types),
            self._route_to(f"{between}/batch/archive", "POST", "associations.archive", self._archive),
            self._route_to(f"{between}/batch/labels/archive", "POST", "associations.archive", self._archive_types),
            self._route_to(f"{between}/labels", "GET", "associations.types", self._types),
        ]

    @property
    def routes(self) -> Sequence[Route]:
        return self._routes

    async def operation(self, request: Request, route: Route) -> str:
        return route.name.format(**request.path_params)

    def failure(self, status: int) -> Response:
        category = CATEGORIES.get(status, "INTERNAL_ERROR" if status >= 500 else "VALIDATION_ERROR")
        return self._respond({"status": "error", "message": "as ordered", "category": category}, status)

    def throttled(self, retry_after_s: float) -> Response:
        answer = {
            "status": "error",
            "message": "You have reached your ten_secondly_rolling limit.",
            "errorType": "RATE_LIMIT",
            "category": "RATE_LIMITS",
            "policyName": "TEN_SECONDLY_ROLLING",
        }
        response = self._respond(answer, 429)
        response.headers["Retry-After"] = f"{retry_after_s:.0f}"
        return response

    def expire(self) -> Response:
        message = "The OAuth token used to make this call has expired"
        return self._respond({"status": "error", "message": message, "category": "EXPIRED_AUTHENTICATION"}, 401)

    def _route_to(self, path: str, method: str, name: str, handler: Handler) -> Route:
        async def endpoint(request: Request) -> Response:
            try:
                scheme, _, token = request.headers.get("authorization", "").partition(" ")
                if scheme != "Bearer" or token not in self.tokens:
                    raise Refused(401, "Authentication credentials not found.")
                for part in ("kind", "to_kind"):
                    if request.path_params.get(part, "contacts") not in PROPERTIES:
                        raise Refused(404, "Unable to infer object type", category="OBJECT_NOT_FOUND")
                answer = handler(request, _body(await request.body()))
            except Refused as refused:
                return self._respond(refused.answer, refused.status)
            if not answer:
                return Response(status_code=204, headers=LIMITS)
            if request.url.path.endswith("/default"):
                status = 200  # with errors in it or not, as HubSpot's library has it
            else:
                status = 207 if answer.get("errors") else 201 if name.endswith("create") else 200
            return self._respond(answer, status, {} if request.url.path.endswith("/search") else LIMITS)

        return Route(path, endpoint, methods=[method], name=name)

    def _page(self, request: Request, body: Json) -> Json:
        kind, query = request.path_params["kind"], request.query_params
        limit = _number(query.get("limit", "10"), "limit", MAX_PAGE)
        after = _number(query.get("after", "0"), "after", 10**18, least=0)
        rows = [row for id, row in self.portal.objects[kind].items() if int(id) >= after]
        page = [shown(row, _names(kind, query.getlist("properties"))) for row in rows[:limit]]
        return {"results": page, **_paging(rows[limit]["id"] if rows[limit:] else None)}

    def _search(self, request: Request, body: Json) -> Json:
        kind = request.path_params["kind"]
        limit = _number(body.get("limit", 10), "limit", MAX_SEARCH_PAGE)
        after = _number(body.get("after") or 0, "after", 10**9, least=0)
        if after + limit > SEARCH_WINDOW:
            raise Refused(400, "The offset and limit must not exceed 10000")
        try:
            found = matches(kind, body)
            rows = [row for row in self.portal.objects[kind].values() if found(row)]
            rows = ordered(kind, rows, body.get("sorts") or [])
        except WrongSearch as wrong:
            raise Refused(400, str(wrong)) from wrong
        page = [shown(row, _names(kind, body.get("properties"))) for row in rows[after : after + limit]]
        following = str(after + limit) if rows[after + limit :] else None
        return {"total": len(rows), "results": page, **_paging(following)}

    def _get(self, request: Request, body: Json) -> Json:
        kind, id, query = request.path_params["kind"], request.path_params["id"], request.query_params
        id_property = query.get("idProperty")
        self._unique(kind, id_property)
        row = self.portal.find(kind, id, id_property)
        if row is None:
            raise Refused(404, "resource not found")
        return shown(row, _names(kind, query.getlist("properties")))

    def _read(self, request: Request, body: Json) -> Json:
        kind, inputs, id_property = request.path_params["kind"], self._inputs(body), body.get("idProperty")
        self._unique(kind, id_property)
        keys = list(dict.fromkeys(str(one.get("id")) for one in inputs))
        found = {key: self.portal.find(kind, key, id_property) for key in keys}
        missing = [key for key, row in found.items() if row is None]
        there = {row["id"]: shown(row, _names(kind, body.get("properties"))) for row in found.values() if row}
        context = {"ids": missing}
        message = f"Could not get some {kind.upper()} objects, they may be deleted or not exist."
        return self._batch(list(there.values()), [_error(message, context)] if missing else [])

    def _create(self, request: Request, body: Json) -> Json:
        kind, properties = request.path_params["kind"], _properties(body)
        wrong = faults(kind, properties, new=True)
        if wrong:
            raise Refused(400, "Property values were not valid", errors=wrong)
        self._free(kind, properties, None)
        self.portal.now += timedelta(seconds=1)
        row = self.portal.add(kind, properties, self.portal.now)
        return shown(row, tuple(properties))

    def _update(self, request: Request, body: Json) -> Json:
        kind, properties = request.path_params["kind"], _properties(body)
        id_property = request.query_params.get("idProperty")
        self._unique(kind, id_property)
        row = self.portal.find(kind, request.path_params["id"], id_property)
        if row is None:
            raise Refused(404, "resource not found")
        wrong = faults(kind, properties, new=False)
        if wrong:
            raise Refused(400, "Property values were not valid", errors=wrong)
        self._free(kind, properties, row["id"])
        self.portal.now += timedelta(seconds=1)
        return shown(self.portal.change(kind, row, properties), tuple(properties))

    def _upsert(self, request: Request, body: Json) -> Json:
        kind, inputs = request.path_params["kind"], self._inputs(body)
        keys = [(one.get("idProperty"), str(one.get("id")).lower()) for one in inputs]
        if len(set(keys)) < len(keys):
            raise Refused(400, "Duplicate IDs found in batch input")
        results: list[Json] = []
        errors: list[Json] = []
        for one in inputs:
            id_property, key = one.get("idProperty"), str(one.get("id"))
            if not isinstance(id_property, str) or id_property == "hs_object_id":
                raise Refused(400, "idProperty is required")
            self._unique(kind, id_property)
            properties = {id_property: key, **_properties(one)}
            row = self.portal.find(kind, key, id_property)
            trace = one.get("objectWriteTraceId")
            wrong = faults(kind, properties, new=row is None)
            if wrong:
                context = {"objectWriteTraceId": [str(trace)]} if trace is not None else {"ids": [key]}
                refusal = _error("Property values were not valid", context, category="VALIDATION_ERROR")
                errors.append({**refusal, "errors": wrong})
                continue
            self.portal.now += timedelta(seconds=1)
            new = row is None
            row = self.portal.add(kind, properties, self.portal.now) if row is None else row
            row = row if new else self.portal.change(kind, row, properties)
            traced = {} if trace is None else {"objectWriteTraceId": trace}
            results.append({**shown(row, tuple(properties)), "new": new, **traced})
        return self._batch(results, errors)

    def _associations(self, request: Request, body: Json) -> Json:
        kind, to_kind = self._kinds(request)
        results: list[Json] = []
        errors: list[Json] = []
        for one in self._inputs(body, most=1000):
            id = str(one.get("id"))
            found = self.portal.associations.get((kind, to_kind, id), [])
            start = _number(one.get("after") or 0, "after", 10**9, least=0)
            end = start + self.associations_page
            if not found:
                context = {"fromObjectId": [id], "fromObjectType": [kind], "toObjectType": [to_kind]}
                facts = {"subCategory": "crm.associations.NO_ASSOCIATIONS_FOUND"}
                errors.append({**_error(f"No {to_kind} are associated with {id}.", context), **facts})
                continue
            results.append({"from": {"id": id}, "to": found[start:end], **_paging(str(end) if found[end:] else None)})
        return self._batch(results, errors)

    def _types(self, request: Request, body: Json) -> Json:
        return {"results": self.portal.types(*self._kinds(request))}

    def _associate(self, request: Request, body: Json) -> Json:
        kind, to_kind = self._kinds(request)
        results: list[Json] = []
        errors: list[Json] = []
        for id, to_id, _ in self._pairs(body):
            wrong = self._unknown(kind, id, to_kind, to_id)
            if wrong:
                errors.append(wrong)
                continue
            self.portal.connect(kind, id, to_kind, to_id, ())
            for one, one_id, other, other_id in ((kind, id, to_kind, to_id), (to_kind, to_id, kind, id)):
                plain = self.portal.types(one, other)[-1]
                spec = {"associationCategory": plain["category"], "associationTypeId": plain["typeId"]}
                results.append({"from": {"id": one_id}, "to": {"id": other_id}, "associationSpec": spec})
        return self._batch(results, errors)

    def _associate_by_types(self, request: Request, body: Json) -> Json:
        kind, to_kind = self._kinds(request)
        results: list[Json] = []
        errors: list[Json] = []
        for id, to_id, types in self._pairs(body):
            labels, unknown = self._labels(kind, to_kind, types)
            wrong = self._unknown(kind, id, to_kind, to_id)
            if unknown:
                context = {"fromObjectId": [id], "toObjectId": [to_id]}
                wrong = _error(f"Association type {unknown} is not valid", context, category="VALIDATION_ERROR")
            if wrong:
                errors.append(wrong)
                continue
            self.portal.connect(kind, id, to_kind, to_id, labels)
            told = [label for label in labels if label]
            names = {"fromObjectTypeId": kind, "toObjectTypeId": to_kind}
            results.append({**names, "fromObjectId": int(id), "toObjectId": int(to_id), "labels": told})
        return self._batch(results, errors)

    def _archive(self, request: Request, body: Json) -> Json:
        kind, to_kind = self._kinds(request)
        for one in self._inputs(body):
            for other in one.get("to") or ():
                self.portal.disconnect(kind, str(one["from"]["id"]), to_kind, str(other["id"]))
        return {}

    def _archive_types(self, request: Request, body: Json) -> Json:
        kind, to_kind = self._kinds(request)
        for id, to_id, types in self._pairs(body):
            labels, unknown = self._labels(kind, to_kind, types)
            if unknown:
                raise Refused(400, f"Association type {unknown} is not valid")
            self.portal.disconnect(kind, id, to_kind, to_id, labels)
        return {}

    def _kinds(self, request: Request) -> tuple[str, str]:
        kinds = request.path_params["kind"], request.path_params["to_kind"]
        if kinds not in LABELS:
            raise Refused(400, f"{kinds[0]} cannot be associated with {kinds[1]}")
        return kinds

    def _pairs(self, body: Json) -> list[tuple[str, str, list[Json]]]:
        try:
            return [
                (str(one["from"]["id"]), str(one["to"]["id"]), one.get("types") or []) for one in self._inputs(body)
            ]
        except (KeyError, TypeError):
            raise Refused(400, "Invalid input JSON: from and to are required") from None

    def _unknown(self, kind: str, id: str, to_kind: str, to_id: str) -> Json | None:
        """What is wrong where an object is not there."""
        for name, one, one_id in (("fromObjectId", kind, id), ("toObjectId", to_kind, to_id)):
            if self.portal.find(one, one_id) is None:
                return _error(f"No {one} with id {one_id}", {name: [one_id]})
        return None

    def _labels(self, kind: str, to_kind: str, types: list[Json]) -> tuple[list[str | None], int | None]:
        """The labels of types, and the first type that there is not."""
        known = {(one["category"], one["typeId"]): one["label"] for one in self.portal.types(kind, to_kind)}
        asked = [(one.get("associationCategory"), one.get("associationTypeId")) for one in types]
        unknown = next((type_id for category, type_id in asked if (category, type_id) not in known), None)
        return [known[one] for one in asked if one in known], unknown

    def _owners(self, request: Request, body: Json) -> Json:
        query = request.query_params
        limit, email = _number(query.get("limit", "100"), "limit", 500), query.get("email")
        after = query.get("after", "")
        rows = [o for id, o in self.portal.owners.items() if id >= after and email in (None, "", o["email"])]
        return {"results": rows[:limit], **_paging(rows[limit]["id"] if rows[limit:] else None)}

    def _owner(self, request: Request, body: Json) -> Json:
        owner = self.portal.owners.get(request.path_params["id"])
        if owner is None:
            raise Refused(404, "resource not found")
        return owner

    def _inputs(self, body: Json, most: int = MAX_BATCH) -> list[Json]:
        inputs = body.get("inputs")
        if not isinstance(inputs, list) or not inputs or not all(isinstance(one, dict) for one in inputs):
            raise Refused(400, "Invalid input JSON: inputs are required")
        if len(inputs) > most:
            raise Refused(400, f"The maximum number of inputs supported in a batch request is {most}")
        return inputs

    def _unique(self, kind: str, name: Any) -> None:
        if name is not None and name not in UNIQUE[kind]:
            raise Refused(400, f"{str(name)[:80]} is not a unique property of {kind}")

    def _free(self, kind: str, properties: Json, own_id: str | None) -> None:
        """Refuse an address that another contact has."""
        taken = self.portal.find(kind, properties["email"], "email") if properties.get("email") else None
        if kind == "contacts" and taken and taken["id"] != own_id:
            raise Refused(409, f"Contact already exists. Existing ID: {taken['id']}")

    def _batch(self, results: list[Json], errors: list[Json]) -> Json:
        time = written(self.portal.now)
        answer: Json = {"status": "COMPLETE", "results": results, "startedAt": time, "completedAt": time}
        return answer | ({"numErrors": len(errors), "errors": errors} if errors else {})

    def _respond(self, answer: Json, status: int, headers: dict[str, str] | None = None) -> Response:
        self._requests += 1
        if status >= 400:
            answer = {**answer, "correlationId": str(UUID(int=self._requests))}
        return Response(orjson.dumps(answer), status, headers=headers, media_type="application/json")


def _body(content: bytes) -> Json:
    if not content:
        return {}
    try:
        body = orjson.loads(content)
    except orjson.JSONDecodeError:
        raise Refused(400, "Invalid input JSON") from None
    if not isinstance(body, dict):
        raise Refused(400, "Invalid input JSON")
    return body


def _properties(body: Json) -> Json:
    properties = body.get("properties")
    if not isinstance(properties, dict):
        raise Refused(400, "Invalid input JSON: properties are required")
    return properties


def _number(value: Any, name: str, most: int, least: int = 1) -> int:
    if isinstance(value, str) and value.isdecimal():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise Refused(400, f"{name} must be from {least} to {most}")
    return value


def _names(kind: str, given: Any) -> Sequence[str]:
    """The properties to show, parted by commas or named one by one; HubSpot's choice where none are."""
    names = [name for part in given or () for name in str(part).split(",") if name]
    return names or USUAL[kind]


def _paging(after: str | None) -> Json:
    return {"paging": {"next": {"after": after, "link": f"?after={after}"}}} if after else {}


def _error(message: str, context: dict[str, list[str]], category: str = "OBJECT_NOT_FOUND") -> Json:
    return {"status": "error", "category": category, "message": message, "context": context}
