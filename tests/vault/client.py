"""The vault's operations."""

from typing import TypedDict

from connectors.protocols.rest import Rest, segment
from connectors.upstream import Endpoint


class ItemPayload(TypedDict):
    id: str
    owner: str


class VaultClient:
    def __init__(self, endpoint: Endpoint) -> None:
        self._rest = Rest(endpoint)

    async def get_item(self, id: str) -> ItemPayload:
        """One thing, and whose it is."""
        payload: ItemPayload = await self._rest.get(f"/items/{segment(id)}", operation="items.get")
        return payload
