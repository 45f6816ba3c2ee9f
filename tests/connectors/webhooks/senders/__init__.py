"""What each sender sends, signed as it signs it: one module for each, with an `Example` in it as `EXAMPLE`."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from connectors.webhooks.sender import Webhooks

Sign = Callable[[bytes, str, float], Mapping[str, str]]
"""The headers of a body that is signed with a secret, at a time. The secret is one of an `Example`."""


@dataclass(frozen=True, kw_only=True)
class Example:
    """A delivery as its sender makes it, with `body` in it, which holds the events `ids`.

    `secrets` are two that it may be signed with; `known` is what the gateway knows a secret by, where that is something
    else. `timed` says that the signature is of a time. `ordered` are two bodies, of which the second tells of something
    later. Unless it `signs_body`, the signature is of something else. `takes_any` says that any object
    is an event. `query` is what stands behind the address. `answer` is the body of the answer, `stale` has the tags of
    what is evicted. `webhooks` stands in for the sender's own where that needs the network.
    """

    body: bytes
    ids: tuple[str, ...]
    types: tuple[str, ...]
    sign: Sign
    secrets: tuple[str, str] = ("one secret", "another secret")
    known: Callable[[str], str] = str
    timed: bool = True
    signs_body: bool = True
    takes_any: bool = False
    ordered: tuple[bytes, bytes] | None = None
    query: Callable[[str], str] = lambda secret: ""
    webhooks: Callable[[], Webhooks] | None = None
    answer: bytes = b""
    stale: frozenset[str] = frozenset()


def json_with(body: Mapping[str, Any] | list[Any]) -> bytes:
    """JSON that nobody else would write like this."""
    return json.dumps(body, indent=1).encode()
