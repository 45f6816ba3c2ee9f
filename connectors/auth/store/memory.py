"""Tokens and vouchers in this process alone: for sandboxes, which forget them too when it ends."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from connectors.auth.store.store import Account, Kept
from connectors.auth.store.vouchers import Kind, new_secret
from connectors.auth.token import Token


class MemoryTokens:
    """A `TokenStore`."""

    def __init__(self) -> None:
        self._kept: dict[Account, Kept] = {}

    def __contains__(self, account: object) -> bool:
        return account in self._kept

    async def load(self, account: Account) -> Kept | None:
        return self._kept.get(account)

    async def save(self, account: Account, token: Token) -> None:
        known = self._kept.get(account)
        self._kept[account] = Kept(token=token, version=known.version + 1 if known else 1)

    async def add(self, account: Account, token: Token) -> bool:
        if account in self._kept:
            return False
        await self.save(account, token)
        return True

    async def claim(self, account: Account, version: int, *, until: float) -> int | None:
        return version + 1 if self._change(account, version, claimed_until=until) else None

    async def release(self, account: Account, version: int) -> None:
        self._change(account, version, claimed_until=None)

    async def replace(self, account: Account, version: int, token: Token) -> bool:
        return self._change(account, version, token=token, dead=False, claimed_until=None)

    async def condemn(self, account: Account, version: int) -> None:
        self._change(account, version, dead=True, claimed_until=None)

    async def delete(self, account: Account) -> None:
        self._kept.pop(account, None)

    def _change(self, account: Account, version: int, **values: Any) -> bool:
        kept = self._kept.get(account)
        if kept is None or kept.version != version:
            return False
        self._kept[account] = replace(kept, version=version + 1, **values)
        return True


class MemoryVouchers:
    """`Vouchers`."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._kept: dict[tuple[Kind, str], tuple[float, Mapping[str, Any]]] = {}

    async def issue(self, kind: Kind, facts: Mapping[str, Any], *, lifetime_s: float) -> str:
        now = self._now()
        self._kept = {name: kept for name, kept in self._kept.items() if now < kept[0]}
        secret = new_secret()
        self._kept[kind, secret] = (now + lifetime_s, facts)
        return secret

    async def look(self, kind: Kind, secret: str) -> Mapping[str, Any] | None:
        ends, facts = self._kept.get((kind, secret), (0.0, {}))
        return facts if self._now() < ends else None

    async def redeem(self, kind: Kind, secret: str) -> Mapping[str, Any] | None:
        facts = await self.look(kind, secret)
        self._kept.pop((kind, secret), None)
        return facts
