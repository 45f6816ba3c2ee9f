"""The depot's part of the graph."""

import asyncio
from collections.abc import Sequence
from operator import itemgetter
from typing import Any

import strawberry

from connectors.errors import UpstreamError
from resolvers.batching import Loaded, align, batch
from resolvers.connections import Pages
from resolvers.context import Info
from resolvers.mapping import Reader, mapping
from resolvers.reading import identity, integer, text
from schema.compose import selected_attributes
from schema.fields import Calls, Fields
from schema.relay import Node
from tests.depot.client import DepotClient, ParcelPayload, rejected

COLUMNS = {"label": "label", "grams": "grams", "next_id": "next_id"}


@strawberry.type(description="A parcel.")
class DepotParcel(Node):
    label: str = strawberry.field(description="What stands on it.")
    grams: int = strawberry.field(description="How heavy it is.")
    next_id: strawberry.Private[str | None]


@strawberry.type(description="Parcels.")
class DepotQuery:
    pass


@mapping("depot", "parcel")
def to_parcel(read: Reader[ParcelPayload]) -> DepotParcel:
    return DepotParcel(
        upstream_id=read("id", identity),
        label=read("label", text),
        grams=read("grams", integer),
        next_id=read.maybe("next_id", text),
    )


def columns(info: Info) -> list[str]:
    """What the list is asked for."""
    return sorted(COLUMNS[attribute] for attribute in selected_attributes(info) if attribute in COLUMNS)


fields = Fields("depot")
fields.group("depot", DepotQuery)


@batch(DepotClient, max_keys=100, operation="parcels.batch")
async def parcels(depot: DepotClient, ids: Sequence[str]) -> Loaded[DepotParcel]:
    found, errors = await depot.read_batch(ids)
    loaded = align(ids, found, key=itemgetter("id"), make=to_parcel)
    failed = {error["id"]: rejected(error) for error in errors}
    return [failed.get(id, parcel) for id, parcel in zip(ids, loaded, strict=True)]


@batch(DepotClient, max_keys=50, operation="parcels.get", per_call=1)
async def single_parcels(depot: DepotClient, ids: Sequence[str]) -> Loaded[DepotParcel]:
    found = await asyncio.gather(*(depot.get_parcel(id) for id in ids), return_exceptions=True)
    return [one if isinstance(one, UpstreamError) else to_parcel(_checked(one)) for one in found]


def _checked(payload: ParcelPayload | BaseException) -> ParcelPayload:
    if isinstance(payload, BaseException):
        raise payload
    return payload


PARCELS = Pages(DepotClient, DepotClient.list_parcels, to_parcel, select=columns, count="parcels.count")


@fields.connection(DepotQuery, PARCELS)
def parcel_list(root: DepotQuery) -> dict[str, Any]:
    """Parcels, ten at a time."""
    return {}


@fields.connection(DepotQuery, Pages(DepotClient, DepotClient.list_stock, to_parcel))
def stock(root: DepotQuery) -> dict[str, Any]:
    """Parcels, up to a hundred at a time."""
    return {}


@fields.connection(DepotQuery, Pages(DepotClient, DepotClient.search, to_parcel))
def search(root: DepotQuery) -> dict[str, Any]:
    """Parcels, by offset."""
    return {}


fields.link(DepotParcel, "next", via=parcels, key="next_id", description="The next but one.")
fields.link(
    DepotParcel,
    "nextAlone",
    via=single_parcels,
    key="next_id",
    description="The same, fetched one by one.",
)
fields.node(DepotParcel, via=parcels)


@fields.mutation(calls=Calls(upstream="depot", operation="parcels.send"))
async def depot_send_parcel(info: Info, label: str) -> DepotParcel | None:
    """Send a parcel off."""
    return to_parcel(await info.context.client(DepotClient).send_parcel(label))
