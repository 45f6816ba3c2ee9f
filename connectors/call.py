"""What travels with a request through the pipeline, beside the request itself."""

from collections.abc import Callable, Coroutine, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from math import inf
from typing import Any, Literal

import httpx2

from connectors.address import Address, address, parsed

Send = Callable[[httpx2.Request], Coroutine[Any, Any, httpx2.Response]]
Stage = Callable[[Send], Send]
Headers = httpx2.Headers | Mapping[str, str]


KEYS: ContextVar[int | None] = ContextVar("KEYS", default=None)
"""How many keys are being fetched together, for the records of the calls that this takes; unset, it is no batch."""


APP = "app"
"""Who everybody is where users are not told apart."""

EVERYTHING = "*"
"""The tag that every answer has."""

ALL = (EVERYTHING,)
"""What a write evicts that does not say what it changes."""


class AnswerTooLarge(httpx2.TransportError):
    """A wire stopped reading. The message says what was expected: an answer of at most so many bytes."""


@dataclass(slots=True)
class Record:
    """What happened to one call: every stage writes its own part, and the trace stage what became of it in the end.

    `began` is in seconds of the pipeline's clock. `outcome` is that of the verdict, or an error's code, or `cancelled`;
    `reason` the upstream's own code, where it refused. `deadline` is the budget stage's word to those below it.
    `unanswered` counts the attempts that were sent, as far as we know, and not answered (yet). `bytes` is the size of
    the answer. `holds`, where the answer is kept, says whether it still is and is still fresh: then the same call would
    be given the same answer without asking the upstream. `keys` is the size of the batch that the call, with others
    perhaps, was made for. `age_s` is how old an answer from the cache is, `stale_s` for how long it has been stale.
    """

    upstream: str
    operation: str
    began: float = 0.0
    deadline: float = inf
    duration_s: float = 0.0
    outcome: str = "broken"
    status: int | None = None
    reason: str | None = None
    bytes: int | None = None
    keys: int | None = None
    attempts: int = 0
    unanswered: int = 0
    cache: Literal["off", "miss", "hit", "stale", "shared", "revalidated"] = "off"
    waited_s: float = 0.0
    holds: Callable[[], bool] | None = None
    age_s: float | None = None
    stale_s: float | None = None


@dataclass(kw_only=True, slots=True)
class Scope:
    """On whose behalf, and until when. (Not frozen, nor is `Call`: that takes three times as long to make.)

    `user` is whose tokens calls go out with; `principal` separates the caches of those who must not see each other's
    answers. `began` and `deadline` are in seconds of the pipeline's clock; no call and no wait outlives the deadline.
    `calls` are those made so far, in the order in which they ended. `headers` are those of the client's request that an
    upstream is to get, with names in lower case.
    """

    principal: str = APP
    user: str = APP
    began: float = 0.0
    deadline: float = inf
    calls: list[Record] = field(default_factory=list, compare=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(kw_only=True, slots=True)
class Call:
    """One named upstream call (`charges.list`); it is never changed.

    `safe` marks a read, whatever its HTTP method. `idempotency_key` is ours and the same on every attempt; `None` on a
    write says that the upstream cannot recognise a repetition. `idempotent` marks a write that does no more when it is
    repeated (RFC 9110, section 9.2.2), recognised or not. `bucket` names the allowance the call draws on, and
    `cost` says how much of it, in the upstream's unit (requests, or its points).
    `anonymous` calls carry no credentials: they are the ones that fetch credentials.
    `about` has the ids or kinds of what is read, as far as known beforehand. `evicts` says which answers a write makes
    untrue, by their tags: ids, operations (`customers.list`), all operations of a kind (`customers.*`), or all (`*`).
    `sound` tells answers that are what they should be from those that are not worth keeping. `reload` asks the upstream
    though there be a fresh answer.
    """

    operation: str
    safe: bool
    scope: Scope = field(default_factory=Scope)
    idempotency_key: str | None = None
    idempotent: bool = False
    bucket: str = "default"
    cost: float = 1.0
    anonymous: bool = False
    about: tuple[str, ...] = ()
    evicts: tuple[str, ...] = ALL
    sound: Callable[[bytes], bool] | None = None
    reload: bool = False

    @property
    def tags(self) -> tuple[str, ...]:
        """What the answer to a read is evicted by."""
        owner = () if self.scope.user == APP else (answers_of(self.scope.user),)
        return (EVERYTHING, *owner, *_names(self.operation), *self.about)

    @property
    def repeatable(self) -> bool:
        """Whether sending it twice has the effect of sending it once."""
        return self.safe or self.idempotent or self.idempotency_key is not None


@lru_cache(maxsize=1024)
def _names(operation: str) -> tuple[str, ...]:
    """What an operation is called, and the kinds it is one of."""
    names = operation.split("+")
    kinds = {f"{name.rpartition('.')[0]}.*" for name in names if "." in name}
    return (*kinds, *names)


def answers_of(user: str) -> str:
    """The tag of every answer that a user's calls have brought; where there is one user, of every answer."""
    return EVERYTHING if user == APP else f"@{user}"


def call_of(request: httpx2.Request) -> Call:
    """The call that a request of the pipeline carries."""
    call: Call = request.extensions["call"]
    return call


Fields = dict[str, str]
"""The headers of a request as lines (`Host: toy.example`), by their names in lower case."""

Pairs = list[tuple[bytes, bytes]]
"""The headers of an answer as they came, but for their names in lower case."""

Told = dict[bytes, bytes]
"""The values of an answer's headers, by names in lower case."""


class Whole(httpx2.Request):
    """A request whose headers and content are complete. (`httpx2.Request(content=...)` works them out, at a price.)

    What `httpx2` keeps of it is made for those who look at it: our own wire does not. Once they are made, `headers` are
    what counts; `fields_of` has them either way.
    """

    content: bytes = b""  # a property of `httpx2.Request`, which costs more to ask than an attribute

    def __init__(
        self, method: str, address: Address, fields: Fields, content: bytes, extensions: dict[str, Any]
    ) -> None:
        self.method, self.address, self.content, self.extensions = method, address, content, extensions
        self.fields: Fields | None = fields

    @cached_property
    def url(self) -> httpx2.URL:  # type: ignore[override]
        return self.address.url

    @cached_property
    def headers(self) -> httpx2.Headers:  # type: ignore[override]
        fields, self.fields = self.fields or {}, None
        return httpx2.Headers(dict(line.split(": ", 1) for line in fields.values()), "utf-8")

    @property
    def stream(self) -> httpx2.ByteStream:  # type: ignore[override]
        return httpx2.ByteStream(self.content)


def fields_of(request: httpx2.Request) -> Fields:
    """The headers of a request. They are not to be changed."""
    fields: Fields | None = getattr(request, "fields", None)
    return _fields(request.headers) if fields is None else fields


def _fields(headers: httpx2.Headers) -> Fields:
    """The same of any request; what has several values has one line."""
    fields: Fields = {}
    for raw_name, raw_value in headers.raw:
        name, value = (raw.decode(errors="surrogateescape") for raw in (raw_name, raw_value))
        before = fields.get(name.lower())
        fields[name.lower()] = f"{before}, {value}" if before else f"{name}: {value}"
    return fields


def address_of(request: httpx2.Request) -> Address:
    """Where a request goes."""
    there: Address | None = getattr(request, "address", None)
    return parsed(request.url) if there is None else there


def pairs_of(response: httpx2.Response) -> Pairs:
    """The headers of an answer, a name perhaps more than once."""
    pairs: Pairs | None = getattr(response, "pairs", None)
    return [(name.lower(), value) for name, value in response.headers.raw] if pairs is None else pairs


def told_of(response: httpx2.Response) -> Told:
    """The headers of an answer by name. An `httpx2.Headers` costs ten times as much and is seldom needed."""
    told: Told | None = getattr(response, "told", None)
    return told_by(pairs_of(response)) if told is None else told


def told_by(pairs: Pairs) -> Told:
    """The same of pairs; several values are one list (RFC 9110, section 5.2)."""
    told = dict(pairs)
    if len(told) < len(pairs):
        for name in told:
            told[name] = b", ".join([value for each, value in pairs if each == name])
    return told


def texts_of(response: httpx2.Response) -> Mapping[str, str]:
    """The same as text, for those who read several."""
    told = told_of(response)
    return {name.decode("iso-8859-1"): value.decode("iso-8859-1") for name, value in told.items()}


def header_of(response: httpx2.Response, name: str) -> str | None:
    """One header of an answer; `None` if it is not there."""
    value = told_of(response).get(name.lower().encode())
    return None if value is None else value.decode("iso-8859-1")


def written(headers: Mapping[str, str]) -> Fields:
    """Headers as they are sent."""
    return {name.lower(): f"{name}: {value}" for name, value in headers.items()}


def made(
    call: Call,
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    fields: Fields | None = None,
    content: bytes = b"",
) -> httpx2.Request:
    """A request that carries `call`: what `httpx2.Request` makes of a body given as bytes, at a tenth of its cost.

    `fields` are headers that have been `written` before.
    """
    there = address(url)
    complete = {"host": f"Host: {there.host}"}
    if fields:
        complete.update(fields)
    if headers:
        complete.update(written(headers))
    if content or method in ("POST", "PUT", "PATCH"):
        complete["content-length"] = f"Content-Length: {len(content)}"
    return Whole(method, there, complete, content, {"call": call})


def rebuilt(
    request: httpx2.Request,
    *,
    url: httpx2.URL | str | None = None,
    headers: Mapping[str, str] | None = None,
    fields: Fields | None = None,
    content: bytes | None = None,
) -> httpx2.Request:
    """A copy of a request with another address, more headers or another body; its call goes along.

    `fields` are headers that have been `written` before.
    """
    there, complete, body = address_of(request), fields_of(request).copy(), request.content
    if url is not None:
        there = address(url) if isinstance(url, str) else parsed(url)
        complete["host"] = f"Host: {there.host}"
    if content is not None:
        body = content
        complete["content-length"] = f"Content-Length: {len(content)}"
    if fields:
        complete.update(fields)
    if headers:
        complete.update(written(headers))
    return Whole(request.method, there, complete, body, request.extensions.copy())
