"""What travels with a request through the pipeline, beside the request itself."""

from collections.abc import Callable, Coroutine, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import lru_cache
from math import inf
from typing import Any, Literal

import httpx2

Send = Callable[[httpx2.Request], Coroutine[Any, Any, httpx2.Response]]
Stage = Callable[[Send], Send]


KEYS: ContextVar[int | None] = ContextVar("KEYS", default=None)
"""How many keys are being fetched together, for the records of the calls that this takes; unset, it is no batch."""


APP = "app"
"""Who everybody is where users are not told apart."""

EVERYTHING = "*"
"""The tag that every answer has."""

ALL = (EVERYTHING,)
"""What a write evicts that does not say what it changes."""


BROKEN = "broken"
"""The outcome of a call that a mistake of ours ended."""


class AnswerTooLarge(httpx2.TransportError):
    """A wire stopped reading. The message says what was expected: an answer of at most so many bytes."""


@dataclass(slots=True)
class Record:
    """What happened to one call: every stage writes its own part, and the trace stage what became of it in the end.

    `began` is in seconds of the pipeline's clock. `outcome` is that of the verdict, or an error's code, or `cancelled`;
    `reason` the upstream's own code, where it refused. Where a stale answer was used as the upstream failed, they say
    how it failed. `deadline` is the budget stage's word to those below it. `unanswered` counts the attempts that were
    sent, as far as we know, and of which we do not know (yet) how they ended at the upstream. `bytes` is the size of
    the answer. `holds`, where the answer is kept, says whether it still is and is still fresh: then the same call would
    be given the same answer without asking the upstream. `keys` is the size of the batch that the call, with others
    perhaps, was made for. `age_s` is how old an answer from the cache is, `stale_s` for how long it has been stale.
    """

    upstream: str
    operation: str
    began: float = 0.0
    deadline: float = inf
    duration_s: float = 0.0
    outcome: str = BROKEN
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
    though there be a fresh answer, or another call in flight. `refreshes` is the cache's own: a call for a newer answer
    than the stale one that is used meanwhile.
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
    refreshes: bool = False

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
