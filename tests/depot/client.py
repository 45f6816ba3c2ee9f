"""The depot's operations."""

from collections.abc import Sequence
from typing import Any, TypedDict

from connectors.errors import CursorExpired, NotFound, ResultWindowExceeded, UpstreamRejected
from connectors.paging import Page, Window, paged
from connectors.protocols.rest import Rest, segment
from connectors.upstream import Endpoint


class ParcelPayload(TypedDict, total=False):
    id: str
    label: str
    grams: int
    next_id: str | None


class BatchError(TypedDict):
    id: str
    code: str


class DepotClient:
    upstream = "depot"

    def __init__(self, endpoint: Endpoint) -> None:
        self._rest = Rest(endpoint)

    @paged("parcels.list", max_limit=10, counts=True)
    async def list_parcels(self, window: Window, *, select: Sequence[str]) -> Page[ParcelPayload]:
        """Pages of ten, whatever is asked for, by page token; the total costs a call of its own (`parcels.count`).

        Raises `CursorExpired` for a token that the depot has forgotten.
        """
        query = {"token": window.after, "fields": ",".join(select)}
        try:
            body = await self._rest.get("/parcels", query, operation="parcels.list")
        except NotFound as error:
            raise CursorExpired(self.upstream, "parcels.list") from error
        total = None
        if window.count:
            total = (await self._rest.get("/parcels/count", operation="parcels.count"))["count"]
        return Page(body["parcels"], next_cursor=body["next"], total=total)

    @paged("stock.list", max_limit=100)
    async def list_stock(self, window: Window) -> Page[ParcelPayload]:
        """Up to 100 at once, by the id of the last one seen, in the order of ids."""
        query = {"limit": window.limit, "after": window.after}
        body = await self._rest.get("/stock", query, operation="stock.list")
        items = body["parcels"]
        more = items[-1]["id"] if body["more"] else None
        return Page(items, next_cursor=more, cursors=[item["id"] for item in items])

    @paged("parcels.search", max_limit=20)
    async def search(self, window: Window) -> Page[ParcelPayload]:
        """By offset, within a window of 60 results. Raises `ResultWindowExceeded` past it."""
        try:
            query = {"limit": window.limit, "offset": window.after}
            body = await self._rest.get("/search", query, operation="parcels.search")
        except UpstreamRejected as error:
            if error.status != 400:
                raise
            message = "only the first 60 results can be read: narrow the search"
            raise ResultWindowExceeded(self.upstream, "parcels.search", message) from error
        return Page(body["parcels"], next_cursor=body["next"])

    async def read_batch(self, ids: Sequence[str]) -> tuple[list[ParcelPayload], list[BatchError]]:
        """Up to 100 at once, in any order; what could not be read is in the second list (207)."""
        body = await self._rest.post("/parcels/batch", {"ids": list(ids)}, operation="parcels.batch", safe=True)
        return body["parcels"], body.get("errors", [])

    async def get_parcel(self, id: str) -> ParcelPayload:
        """One parcel. Raises `NotFound`."""
        path = f"/parcels/{segment(id)}"
        payload: ParcelPayload = await self._rest.get(path, operation="parcels.get", about=(id,))
        return payload

    async def send_parcel(self, label: str) -> ParcelPayload:
        """Send one off. The depot cannot tell a repetition from a second parcel."""
        lists = ("parcels.list", "parcels.count", "parcels.search", "stock.list")
        payload: ParcelPayload = await self._rest.post(
            "/parcels", {"label": label}, operation="parcels.send", evicts=lists
        )
        return payload


def rejected(error: BatchError) -> Any:
    """What a batch's error says about one id."""
    return UpstreamRejected("depot", "parcels.batch", status=207, reason=error["code"])
