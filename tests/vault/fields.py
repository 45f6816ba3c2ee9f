"""The vault's part of the graph."""

import strawberry

from resolvers.context import Info
from schema.fields import Calls, Fields
from tests.vault.client import VaultClient


@strawberry.type(description="Something in the vault.")
class VaultItem:
    owner: str = strawberry.field(description="Whose it is.")


@strawberry.type(description="What is in the vault.")
class VaultQuery:
    pass


fields = Fields("vault")
fields.group("vault", VaultQuery)


@fields.on(VaultQuery, calls=Calls(upstream="vault", operation="items.get"))
async def item(info: Info, id: str) -> VaultItem | None:
    """One thing."""
    payload = await info.context.client(VaultClient).get_item(id)
    return VaultItem(owner=payload["owner"])
