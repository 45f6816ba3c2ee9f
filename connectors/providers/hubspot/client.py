"""HubSpot's operations."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, cast

from connectors.errors import PayloadMismatch, ResultWindowExceeded, UpstreamError, UpstreamRejected
from connectors.paging import Page, Window, paged
from connectors.protocols.rest import Rest, segment
from connectors.providers.hubspot.payloads import (
    AssociatedPayload,
    AssociationPayload,
    AssociationTypePayload,
    ErrorPayload,
    FilterPayload,
    Found,
    Kind,
    ObjectPayload,
    OwnerPayload,
    Pair,
    WrittenPayload,
)
from connectors.upstream import Endpoint

OBJECTS, OWNERS, ASSOCIATIONS = "/crm/v3/objects", "/crm/v3/owners", "/crm/v4/associations"
"""The versions of the API that the payloads are written for: what the official library 12.0.0 speaks.

Source: https://developers.hubspot.com/docs/api-reference/legacy/overview
"""

MAX_BATCH = 100
SEARCH_WINDOW = 10_000
MOST_ASSOCIATED = 5_000
"""How many associations of one object are read at most; HubSpot gives them in pages."""

INVALID, CONFLICT = 400, 409
REFUSALS = {"VALIDATION_ERROR", "CONFLICT"}


class HubSpotClient:
    """Objects of the four standard kinds, what belongs together, and who owns what.

    `select` names the properties that objects come with; HubSpot gives its own choice where it is empty, so it is given
    something to leave the rest out. Lists are read forward only and come in the order of ids.
    A single object that HubSpot does not know raises `NotFound`, a token without the scope `NotAuthorized`.
    """

    upstream = "hubspot"

    def __init__(self, endpoint: Endpoint) -> None:
        self._rest = Rest(endpoint)

    @paged("objects.list", max_limit=100)
    async def list_objects(self, window: Window, *, kind: Kind, select: Collection[str] = ()) -> Page[ObjectPayload]:
        """Objects that are not archived.

        Source: https://developers.hubspot.com/docs/api/crm/contacts
        """
        query = {"limit": window.limit, "after": window.after, "properties": ",".join(_named(select))}
        body = await self._rest.get(f"{OBJECTS}/{kind}", query, operation=f"{kind}.list")
        return self._page(body, f"{kind}.list")

    @paged("objects.search", max_limit=200, counts=True)
    async def search_objects(
        self,
        window: Window,
        *,
        kind: Kind,
        query: str | None = None,
        groups: Sequence[Sequence[FilterPayload]] = (),
        sort: str | None = None,
        select: Collection[str] = (),
    ) -> Page[ObjectPayload]:
        """Objects that match `query` in one of their main properties, and all conditions of one of the `groups`.

        `sort` is a property's name, with `-` in front for the greatest first. What was just written may not be found
        yet. Past 10,000 results it raises `ResultWindowExceeded`; five searches a second are allowed.
        Source: https://developers.hubspot.com/docs/api/crm/search
        """
        operation, after = f"{kind}.search", window.after or ""
        start = int(after) if after.isdecimal() else 0
        if start >= SEARCH_WINDOW:
            message = f"only the first {SEARCH_WINDOW:,} results can be read: narrow the search"
            raise ResultWindowExceeded(self.upstream, operation, message)
        asked: dict[str, Any] = {
            "limit": min(window.limit, SEARCH_WINDOW - start),
            "properties": _named(select),
            "filterGroups": [{"filters": list(group)} for group in groups],
            "sorts": [sort] if sort else [],
        }
        asked |= {"query": query} if query else {}
        asked |= {"after": window.after} if window.after else {}
        path = f"{OBJECTS}/{kind}/search"
        body = await self._rest.post(path, asked, operation=operation, safe=True, bucket="search")
        total = self._rest.object(body, operation).get("total")
        return self._page(body, operation, total=total if isinstance(total, int) else None)

    async def get_many(
        self, kind: Kind, keys: Sequence[str], *, id_property: str | None = None, select: Collection[str] = ()
    ) -> Found:
        """Up to 100 objects by their ids, or by a property whose values are unique, such as `email`.

        Source: https://developers.hubspot.com/docs/api/crm/contacts
        """
        operation = f"{kind}.read"
        chosen = _named({*select, id_property} if id_property else select)
        asked: dict[str, Any] = {"inputs": [{"id": key} for key in keys], "properties": chosen}
        asked |= {"idProperty": id_property} if id_property else {}
        body = await self._rest.post(f"{OBJECTS}/{kind}/batch/read", asked, operation=operation, safe=True)
        objects, errors = self._batch(body, operation)
        failed = {
            key: UpstreamRejected(self.upstream, operation, status=207, reason=error["category"])
            for error in errors
            if error["category"] != "OBJECT_NOT_FOUND"
            for key in _keys(error, ("ids", "id", id_property or "ids"), keys)
        }
        return Found([self._whole(one, operation) for one in objects], failed)

    async def get_associations(
        self, from_kind: Kind, to_kind: Kind, ids: Sequence[str]
    ) -> dict[str, list[AssociationPayload] | UpstreamError]:
        """What each of up to 100 objects is associated with, by their ids; nothing for ids that HubSpot does not know.

        Of one object's associations, the first 5,000.
        Source: https://developers.hubspot.com/docs/api-reference/legacy/crm/associations/associate-records/batch/get-associations
        """
        operation = "associations.read"
        path = f"{ASSOCIATIONS}/{from_kind}/{to_kind}/batch/read"
        found: dict[str, list[AssociationPayload] | UpstreamError] = {id: [] for id in ids}
        open_list: list[dict[str, str]] = [{"id": id} for id in ids]
        while open_list:
            body = await self._rest.post(path, {"inputs": open_list}, operation=operation, safe=True)
            results, errors = self._batch(body, operation)
            open_list = []
            for result in results:
                id = str(self._rest.object(result.get("from"), operation, path="results.from").get("id"))
                known = found.get(id)
                if not isinstance(known, list):
                    continue
                more, after = self._rest.objects(result.get("to"), operation, path="results.to"), _after(result)
                known += cast(list[AssociationPayload], more)
                if after and more and len(known) < MOST_ASSOCIATED:
                    open_list.append({"id": id, "after": after})
            for error in errors:
                if error["category"] != "OBJECT_NOT_FOUND":
                    for id in _keys(error, ("fromObjectId",), ids):
                        reason = error["category"]
                        found[id] = UpstreamRejected(self.upstream, operation, status=207, reason=reason)
        return found

    async def get_association_types(self, from_kind: Kind, to_kind: Kind) -> list[AssociationTypePayload]:
        """The ways in which objects of one kind can belong to those of another, the account's own among them.

        Source: https://developers.hubspot.com/docs/api-reference/legacy/crm/associations/associations-schema/labels/get-association-labels
        """
        operation = "associations.types"
        body = await self._rest.get(f"{ASSOCIATIONS}/{from_kind}/{to_kind}/labels", operation=operation)
        types = self._rest.objects(self._rest.object(body, operation).get("results"), operation, path="results")
        return cast(list[AssociationTypePayload], types)

    async def associate(
        self, from_kind: Kind, to_kind: Kind, pairs: Sequence[Pair]
    ) -> list[AssociatedPayload | ErrorPayload | UpstreamError]:
        """Let up to 100 pairs of objects belong together, and what came of each, in their order.

        Those without ways in the plain one, by one call, and those with ways by another; where one of two calls fails,
        its pairs have the error. Done twice, it has the same effect.
        Source: https://developers.hubspot.com/docs/api-reference/legacy/crm/associations/associate-records/batch/create-associations-default
        and https://developers.hubspot.com/docs/api-reference/legacy/crm/associations/associate-records/batch/create-association-labels
        """
        plain = [pair for pair in pairs if not pair.ways]
        labelled = [pair for pair in pairs if pair.ways]
        calls = [call for call in ((plain, "batch/associate/default"), (labelled, "batch/create")) if call[0]]
        found: dict[Pair, AssociatedPayload | ErrorPayload | UpstreamError] = {}
        failed: list[UpstreamError] = []
        for chosen, way in calls:
            try:
                found |= await self._associate(from_kind, to_kind, chosen, way)
            except UpstreamError as error:
                found |= dict.fromkeys(chosen, error)
                failed.append(error)
        if failed and len(failed) == len(calls):
            raise failed[0]
        return [found[pair] for pair in pairs]

    async def disassociate(self, from_kind: Kind, to_kind: Kind, pairs: Sequence[Pair]) -> ErrorPayload | None:
        """Let up to 100 pairs of objects no longer belong together, or not in these ways; or why that was refused.

        Either all pairs have ways or none has.
        Source: https://developers.hubspot.com/docs/api-reference/legacy/crm/associations/associate-records/batch/delete-associations
        and https://developers.hubspot.com/docs/api-reference/legacy/crm/associations/associate-records/batch/delete-association-labels
        """
        if any(pair.ways for pair in pairs):
            way = "batch/labels/archive"
            inputs: list[Any] = [_written(pair) for pair in pairs]
        else:
            way = "batch/archive"
            inputs = [{"from": {"id": pair.from_id}, "to": [{"id": pair.to_id}]} for pair in pairs]
        operation = "associations.archive"
        body = await self._change(from_kind, to_kind, way, inputs, operation)
        return None if body is None else self._refusal(body, operation)

    async def _associate(
        self, from_kind: Kind, to_kind: Kind, pairs: Sequence[Pair], way: str
    ) -> dict[Pair, AssociatedPayload | ErrorPayload | UpstreamError]:
        operation = "associations.create"
        body = await self._change(from_kind, to_kind, way, [_written(pair) for pair in pairs], operation)
        if "results" not in self._rest.object(body, operation):
            return dict.fromkeys(pairs, self._refusal(body, operation))
        results, errors = self._batch(body, operation)
        made = {_ends(result): result.get("labels") or [] for result in results}
        missing = PayloadMismatch(self.upstream, operation, path="results", expected="a result for each pair")
        found: dict[Pair, AssociatedPayload | ErrorPayload | UpstreamError] = {}
        for pair in pairs:
            labels = made.get((pair.from_id, pair.to_id))
            error = next((one for one in errors if _is_about(one, pair)), None)
            found[pair] = error or missing if labels is None else AssociatedPayload(labels=labels)
        return found

    async def _change(self, from_kind: Kind, to_kind: Kind, way: str, inputs: list[Any], operation: str) -> Any:
        """Change what belongs together, which changes properties of the objects on both sides."""
        return await self._rest.post(
            f"{ASSOCIATIONS}/{from_kind}/{to_kind}/{way}",
            {"inputs": inputs},
            operation=operation,
            idempotent=True,
            evicts=("associations.*", f"{from_kind}.*", f"{to_kind}.*"),
            results=(INVALID,),
        )

    @paged("owners.list", max_limit=100)
    async def list_owners(self, window: Window, *, email: str | None = None) -> Page[OwnerPayload]:
        """Users who can own objects. Source: https://developers.hubspot.com/docs/api/crm/owners"""
        query = {"limit": window.limit, "after": window.after, "email": email}
        return self._page(await self._rest.get(OWNERS, query, operation="owners.list"), "owners.list")

    async def get_owner(self, id: str) -> OwnerPayload:
        """One owner. Source: https://developers.hubspot.com/docs/api/crm/owners"""
        body = await self._rest.get(f"{OWNERS}/{segment(id)}", operation="owners.get")
        return cast(OwnerPayload, self._rest.object(body, "owners.get"))

    async def create_object(self, kind: Kind, properties: Mapping[str, str]) -> WrittenPayload | ErrorPayload:
        """A new object, or why there is none: properties that are not valid, or a contact with that address.

        HubSpot cannot tell a repetition from a second object.
        Source: https://developers.hubspot.com/docs/api/crm/contacts
        """
        operation = f"{kind}.create"
        answer = await self._rest.post(
            f"{OBJECTS}/{kind}",
            {"properties": properties, "associations": []},
            operation=operation,
            evicts=(f"{kind}.*",),
            results=(INVALID, CONFLICT),
        )
        return self._written(answer, operation)

    async def update_object(self, kind: Kind, id: str, properties: Mapping[str, str]) -> WrittenPayload | ErrorPayload:
        """Set properties of one object, or why that was not done; an empty string clears one. Raises `NotFound`.

        Source: https://developers.hubspot.com/docs/api/crm/contacts
        """
        operation = f"{kind}.update"
        answer = await self._rest.post(
            f"{OBJECTS}/{kind}/{segment(id)}",
            {"properties": properties},
            operation=operation,
            method="PATCH",
            idempotent=True,
            evicts=(f"{kind}.*",),
            results=(INVALID, CONFLICT),
        )
        return self._written(answer, operation)

    async def upsert_objects(
        self, kind: Kind, id_property: str, records: Sequence[tuple[str, Mapping[str, str]]]
    ) -> list[WrittenPayload | ErrorPayload | UpstreamError]:
        """Create or update up to 100 objects by a property whose values are unique, and what came of each.

        `records` are the value of that property and the other properties.
        Source: https://developers.hubspot.com/docs/api-reference/legacy/crm/objects/contacts/batch/upsert-contacts
        """
        operation = f"{kind}.upsert"
        traces = [str(number) for number in range(len(records))]
        inputs = [
            {"idProperty": id_property, "id": key, "properties": properties, "objectWriteTraceId": trace}
            for trace, (key, properties) in zip(traces, records, strict=True)
        ]
        body = await self._rest.post(
            f"{OBJECTS}/{kind}/batch/upsert",
            {"inputs": inputs},
            operation=operation,
            idempotent=True,
            evicts=(f"{kind}.*",),
            results=(INVALID, CONFLICT),
        )
        if "results" not in self._rest.object(body, operation):
            refusal = self._written(body, operation)
            return [refusal for _ in records]
        results, errors = self._batch(body, operation)
        outcome: dict[str, Any] = {str(one.get("objectWriteTraceId")): self._whole(one, operation) for one in results}
        for error in errors:
            outcome |= dict.fromkeys(_keys(error, ("objectWriteTraceId",), traces), error)
        missing = PayloadMismatch(self.upstream, operation, path="results", expected="a result for each record")
        return [outcome.get(trace, missing) for trace in traces]

    def _page(self, body: Any, operation: str, total: int | None = None) -> Page[Any]:
        results = self._rest.objects(self._rest.object(body, operation).get("results"), operation, path="results")
        return Page(results, next_cursor=_after(body), total=total)

    def _batch(self, body: Any, operation: str) -> tuple[list[Any], list[ErrorPayload]]:
        """The results of a batch and its errors, of which there are some under 207."""
        answer = self._rest.object(body, operation)
        results = self._rest.objects(answer.get("results"), operation, path="results")
        errors = self._rest.objects(answer.get("errors", []), operation, path="errors")
        if not all(isinstance(error.get("category"), str) for error in errors):
            raise PayloadMismatch(self.upstream, operation, path="errors", expected="errors with a category")
        return results, cast(list[ErrorPayload], errors)

    def _written(self, answer: Any, operation: str) -> WrittenPayload | ErrorPayload:
        """What was written, or the error of a refusal that the caller can act on."""
        body = self._rest.object(answer, operation)
        if "category" not in body:
            return cast(WrittenPayload, self._whole(body, operation))
        return self._refusal(body, operation)

    def _refusal(self, answer: Any, operation: str) -> ErrorPayload:
        """A refusal that the caller can act on; any other is raised."""
        body = self._rest.object(answer, operation)
        if body.get("category") not in REFUSALS:
            raise UpstreamRejected(self.upstream, operation, status=INVALID, reason=str(body.get("category")))
        return cast(ErrorPayload, body)

    def _whole(self, value: Any, operation: str) -> ObjectPayload:
        if not (isinstance(value.get("id"), str) and isinstance(value.get("properties"), dict)):
            raise PayloadMismatch(self.upstream, operation, path="results", expected="objects with id and properties")
        return cast(ObjectPayload, value)


def _named(select: Iterable[str]) -> list[str]:
    """The properties to ask for; the id where none is wanted, as none at all stands for HubSpot's own choice."""
    return sorted(select) or ["hs_object_id"]


def _after(body: Mapping[str, Any]) -> str | None:
    """The cursor of the next page."""
    try:
        return str(body["paging"]["next"]["after"])
    except (KeyError, TypeError):
        return None


def _written(pair: Pair) -> dict[str, Any]:
    """A pair as HubSpot takes it."""
    ends = {"from": {"id": pair.from_id}, "to": {"id": pair.to_id}}
    types = [{"associationCategory": way.category, "associationTypeId": way.type_id} for way in pair.ways]
    return {**ends, "types": types} if types else ends


def _ends(result: Mapping[str, Any]) -> tuple[str, str]:
    """The two ids in the result of associating, which has one shape with labels and another without."""
    if "fromObjectId" in result:
        return str(result["fromObjectId"]), str(result.get("toObjectId"))
    ends = (result.get("from"), result.get("to"))
    first, second = (str(end.get("id")) if isinstance(end, dict) else "" for end in ends)
    return first, second


def _is_about(error: ErrorPayload, pair: Pair) -> bool:
    """Whether an error of a batch is about a pair: its context names one or both ends; about all, where it has none."""
    context = error.get("context") or {}
    ends = ((context.get("fromObjectId"), pair.from_id), (context.get("toObjectId"), pair.to_id))
    return all(told is None or end in map(str, told) for told, end in ends)


def _keys(error: ErrorPayload, names: Collection[str], keys: Sequence[str]) -> list[str]:
    """The keys that an error of a batch is about: its context has them under one of `names`; all, where it has none."""
    context = error.get("context") or {}
    told = [str(key) for name in names for key in context.get(name) or ()]
    return [key for key in keys if key in told] if told else list(keys)
