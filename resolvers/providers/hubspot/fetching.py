"""HubSpot's objects by key: one call for up to 100 keys, with the properties that the operation needs."""

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import suppress
from typing import Any, get_type_hints

from graphql import GraphQLError

from connectors.errors import NotFound, UpstreamError
from connectors.paging import Window
from connectors.providers.hubspot.client import MAX_BATCH, HubSpotClient
from connectors.providers.hubspot.payloads import (
    AssociationPayload,
    FilterPayload,
    ObjectPayload,
    OwnerPayload,
)
from resolvers.batching import Batch, Loaded, batch
from resolvers.context import Info
from resolvers.providers.hubspot.convert import (
    COMPANIES,
    CONTACTS,
    DEALS,
    TICKETS,
    ObjectKind,
    to_company,
    to_contact,
    to_owner,
)
from schema.compose import attributes_anywhere, selected_attributes
from schema.problems import BadInput
from schema.providers.hubspot import HubSpotCompany, HubSpotContact, HubSpotOwner
from schema.selection import Selected, everywhere, node_fields, selected

PROPERTY_NAME = re.compile(r"[a-z][a-z0-9_]{0,99}")
USUAL_ASSOCIATIONS = 2
"""How many associations of one object a planner expects."""


def properties_here(kind: ObjectKind) -> Callable[[Info], frozenset[str]]:
    """For a list: the properties that are selected on it."""
    return lambda info: chosen(kind, selected_attributes(info), node_fields(selected(info)))


def properties_anywhere(kind: ObjectKind) -> Callable[[Info], frozenset[str]]:
    """For a batch: the properties that the whole operation reads of one kind."""
    return lambda info: chosen(kind, attributes_anywhere(info, kind.type), everywhere(info, kind.type.__name__))


def chosen(kind: ObjectKind, attributes: Collection[str], fields: Iterable[Selected]) -> frozenset[str]:
    """The properties behind attributes, and those that are selected by their names, unless these are null."""
    custom: list[Sequence[str]] = []
    for field in fields:
        if field.name == "properties":
            with suppress(GraphQLError):
                custom.append(checked(field.arguments["names"]))
    known = {kind.properties[attribute][0] for attribute in attributes if attribute in kind.properties}
    return frozenset(known.union(*custom))


def checked(names: Sequence[str]) -> Sequence[str]:
    """Names of properties as they are. Raises `BadInput` for what is none, and for too many."""
    for name in names:
        if not PROPERTY_NAME.fullmatch(name):
            raise BadInput(f"{name[:80]!r} is not the name of a property: they are like `favorite_fruit`")
    if len(names) > MAX_BATCH:
        raise BadInput(f"`names` takes {MAX_BATCH} names at most, not {len(names)}")
    return names


async def read(hubspot: HubSpotClient, kind: ObjectKind, ids: Sequence[str], select: Collection[str]) -> Loaded[Any]:
    """Objects by their ids; what is no number is nobody's id."""
    wanted = [id for id in dict.fromkeys(ids) if id.isascii() and id.isdecimal()]
    if not wanted:
        return [None for _ in ids]
    found = await hubspot.get_many(kind.name, wanted, select=select)
    objects = {payload["id"]: kind.make(payload) for payload in found.objects}
    return [found.failed.get(id) or objects.get(id) for id in ids]


def by_id(kind: ObjectKind) -> Batch[Any]:
    """Objects of one kind by their ids."""

    async def fetch(hubspot: HubSpotClient, ids: Sequence[str], select: Collection[str]) -> Loaded[Any]:
        return await read(hubspot, kind, ids, select)

    fetch.__annotations__["return"] = Loaded[kind.type]  # type: ignore[name-defined]
    operation, select = f"{kind.name}.read", properties_anywhere(kind)
    return batch(HubSpotClient, max_keys=MAX_BATCH, operation=operation, select=select)(fetch)


def as_written(kind: ObjectKind) -> Batch[Any]:
    """The same by id and time of writing, so that what was read before the writing is not given again."""

    async def fetch(hubspot: HubSpotClient, keys: Sequence[tuple[str, str]], select: Collection[str]) -> Loaded[Any]:
        return await read(hubspot, kind, [id for id, _ in keys], select)

    fetch.__annotations__["return"] = Loaded[kind.type]  # type: ignore[name-defined]
    operation, select = f"{kind.name}.read", properties_anywhere(kind)
    return batch(HubSpotClient, max_keys=MAX_BATCH, operation=operation, select=select)(fetch)


def associations(kind: ObjectKind, to_kind: ObjectKind, make: Callable[[AssociationPayload], Any]) -> Batch[Any]:
    """What objects of one kind have to do with those of another: for each, a list of what `make` gives."""

    async def fetch(hubspot: HubSpotClient, ids: Sequence[str]) -> Loaded[Any]:
        found = await hubspot.get_associations(kind.name, to_kind.name, ids)
        each = (found[id] for id in ids)
        return [those if isinstance(those, UpstreamError) else [make(one) for one in those] for those in each]

    made: Any = get_type_hints(make)["return"]
    fetch.__annotations__["return"] = Loaded[list[made]]
    usual = USUAL_ASSOCIATIONS
    return batch(HubSpotClient, max_keys=MAX_BATCH, operation="associations.read", items=usual)(fetch)


contacts_by_id, companies_by_id = by_id(CONTACTS), by_id(COMPANIES)
deals_by_id, tickets_by_id = by_id(DEALS), by_id(TICKETS)


@batch(HubSpotClient, max_keys=MAX_BATCH, operation="contacts.read", select=properties_anywhere(CONTACTS))
async def contacts_by_email(
    hubspot: HubSpotClient, emails: Sequence[str], select: Collection[str]
) -> Loaded[HubSpotContact]:
    """The contact with an address, in any case."""
    wanted = list(dict.fromkeys(email.lower() for email in emails))
    found = await hubspot.get_many("contacts", wanted, id_property="email", select=select)
    contacts = {str(payload["properties"].get("email")).lower(): to_contact(payload) for payload in found.objects}
    return [found.failed.get(email.lower()) or contacts.get(email.lower()) for email in emails]


@batch(HubSpotClient, max_keys=MAX_BATCH, operation="companies.search", select=properties_anywhere(COMPANIES))
async def companies_by_domain(
    hubspot: HubSpotClient, domains: Sequence[str], select: Collection[str]
) -> Loaded[HubSpotCompany]:
    """The company with a domain, in any case; of several the oldest."""
    condition: FilterPayload = {
        "propertyName": "domain",
        "operator": "IN",
        "values": sorted({domain.lower() for domain in domains}),
    }
    first: dict[str, ObjectPayload] = {}
    after: str | None = None
    while True:
        page = await hubspot.search_objects(
            Window(200, after), kind="companies", groups=[[condition]], sort="createdate", select={*select, "domain"}
        )
        for payload in page.items:
            first.setdefault(str(payload["properties"].get("domain")).lower(), payload)
        after = page.next_cursor
        if after is None:
            break
    return [to_company(first[domain.lower()]) if domain.lower() in first else None for domain in domains]


@batch(HubSpotClient, max_keys=MAX_BATCH, operation="owners.list")
async def owners_by_id(hubspot: HubSpotClient, ids: Sequence[str]) -> Loaded[HubSpotOwner]:
    """Owners who have not left. One is asked for; several are looked for among all, who are few."""
    if len(ids) == 1:
        try:
            return [to_owner(await hubspot.get_owner(ids[0]))]
        except NotFound:
            return [None]
    found: dict[str, OwnerPayload] = {}
    after: str | None = None
    while True:
        page = await hubspot.list_owners(Window(100, after))
        found |= {str(owner.get("id")): owner for owner in page.items}
        after = page.next_cursor
        if after is None or found.keys() >= set(ids):
            return [to_owner(found[id]) if id in found else None for id in ids]
