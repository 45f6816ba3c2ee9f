"""A wire that answers by script, and a pipeline or single stage around it."""

from collections.abc import Callable
from dataclasses import replace
from math import inf

import httpx2

from connectors.auth.auth import Auth
from connectors.auth.static import StaticHeader, bearer
from connectors.call import Call, Record, Scope
from connectors.clock import Clock
from connectors.judgement import Judge, Outcome, Quota, Verdict, by_status
from connectors.pipeline.setup import Setup
from connectors.policy import Policy

Answer = httpx2.Response | Exception | Callable[[httpx2.Request], httpx2.Response]


class ScriptedWire:
    """Gives its answers in order, the last one for ever; `requests` lists what it was sent."""

    def __init__(self, *answers: Answer) -> None:
        self._answers = list(answers)
        self.requests: list[httpx2.Request] = []

    async def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, httpx2.Response):
            return httpx2.Response(answer.status_code, headers=answer.headers, content=answer.content)
        return answer(request)


def ok(content: bytes = b"{}", **headers: str) -> httpx2.Response:
    """A success; header names are given with underscores."""
    return answer(200, content, **headers)


def answer(status: int, content: bytes = b"{}", **headers: str) -> httpx2.Response:
    """An answer with the verdict that plain HTTP gives, as the judge stage would leave it."""
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx2.Response(status, headers=names, content=content)


def judged(
    status: int, outcome: Outcome, **facts: float | bool | str | Quota | None
) -> Callable[[httpx2.Request], httpx2.Response]:
    """An answer with a verdict, for stages tested without the judge."""

    def make(request: httpx2.Request) -> httpx2.Response:
        response = httpx2.Response(status, content=b"{}")
        response.extensions["verdict"] = replace(Verdict(outcome), **facts)  # type: ignore[arg-type]
        return response

    return make


def setup(
    clock: Clock,
    *,
    auth: Auth | None = None,
    judge: Judge = by_status,
    policy: Policy | None = None,
    chance: float = 0.0,
) -> Setup:
    """A set-up for an upstream named `demo`, with no jitter unless `chance` says so."""
    return Setup(
        upstream="demo",
        auth=auth or bearer("secret-token"),
        judge=judge,
        policy=policy or Policy(),
        clock=clock,
        chance=lambda: chance,
    )


class Personal(StaticHeader):
    """Credentials of each principal's own."""

    def __init__(self) -> None:
        super().__init__("Authorization", "Bearer personal")

    def credential(self, scope: Scope) -> str:
        return scope.principal


def request(
    operation: str = "things.list",
    *,
    method: str = "GET",
    url: str = "https://api.demo.example/things",
    safe: bool = True,
    idempotency_key: str | None = None,
    scope: Scope | None = None,
    bucket: str = "default",
    cost: float = 1.0,
    deadline: float = inf,
    anonymous: bool = False,
) -> httpx2.Request:
    """A request as a protocol makes it, with the notes that outer stages would have left on it."""
    call = Call(
        operation=operation,
        safe=safe,
        idempotency_key=idempotency_key,
        scope=scope or Scope(),
        bucket=bucket,
        cost=cost,
        anonymous=anonymous,
    )
    extensions = {"call": call, "record": Record("demo", operation, deadline=deadline)}
    return httpx2.Request(method, url, extensions=extensions)
