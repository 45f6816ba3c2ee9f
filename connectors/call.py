"""What travels with a request through the pipeline, beside the request itself."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from math import inf
from typing import Any, cast

import httpx2

Send = Callable[[httpx2.Request], Coroutine[Any, Any, httpx2.Response]]
Stage = Callable[[Send], Send]


@dataclass(frozen=True, kw_only=True)
class Scope:
    """On whose behalf, and until when.

    `principal` separates caches and credentials of different users. `deadline` is in seconds of the pipeline's clock;
    no call and no wait outlives it.
    """

    principal: str = "app"
    deadline: float = inf


@dataclass(frozen=True, kw_only=True)
class Call:
    """One named upstream call (`charges.list`).

    `safe` marks a read, whatever its HTTP method. `idempotency_key` is ours and the same on every attempt; `None` on a
    write says that the upstream cannot recognise a repetition. `bucket` names the allowance the call draws on.
    `anonymous` calls carry no credentials: they are the ones that fetch credentials.
    """

    operation: str
    safe: bool
    scope: Scope = field(default_factory=Scope)
    idempotency_key: str | None = None
    bucket: str = "default"
    anonymous: bool = False

    @property
    def repeatable(self) -> bool:
        """Whether sending it twice has the effect of sending it once."""
        return self.safe or self.idempotency_key is not None


def call_of(request: httpx2.Request) -> Call:
    """The call that a request of the pipeline carries."""
    return cast(Call, request.extensions["call"])


def rebuilt(
    request: httpx2.Request,
    *,
    url: httpx2.URL | str | None = None,
    headers: dict[str, str] | None = None,
    content: bytes | None = None,
) -> httpx2.Request:
    """A copy of a request with another address, more headers or another body; its call goes along."""
    merged = httpx2.Headers(request.headers)
    if url is not None:
        merged.pop("host", None)
    if content is not None:
        merged.pop("content-length", None)
    merged.update(headers or {})
    return httpx2.Request(
        request.method,
        request.url if url is None else url,
        headers=merged,
        content=request.content if content is None else content,
        extensions=request.extensions,
    )
