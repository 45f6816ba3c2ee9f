"""A gateway over a toy graph: one field for each thing that can happen to an operation."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

import httpx2
import strawberry
from fastapi import FastAPI
from strawberry.scalars import JSON

from connectors.call import Scope
from connectors.errors import RateLimited, UpstreamUnavailable
from connectors.webhooks.delivery import Event
from connectors.webhooks.hub import Hub
from resolvers.batching import Loaded, batch
from resolvers.context import Context, Info
from resolvers.cursors import CursorCodec
from resolvers.events import Events, Filter
from schema.compose import compose
from schema.fields import Fields
from schema.problems import BadInput
from server.callers import Caller, Callers
from server.documents import Documents
from server.operations import Operations
from server.persisted import Persisted
from server.settings import Settings
from server.site import site
from server.users import users_from
from tests.clock import FakeClock


@dataclass
class ToyClient:
    """`calls` lists what was asked of the upstream, `events` what became of the slow ones."""

    upstream = "toy"
    calls: list[str] = field(default_factory=list)
    events: list[str] = field(default_factory=list)
    slow: asyncio.Event = field(default_factory=asyncio.Event)

    async def slowly(self, name: str) -> str:
        self.calls.append(name)
        self.slow.set()
        try:
            await asyncio.sleep(0.2)
        except asyncio.CancelledError:
            self.events.append(f"{name} cancelled")
            raise
        self.events.append(f"{name} done")
        return name

    def client(self, scope: Scope) -> "ToyClient":
        """This object is its own connector."""
        return self


@strawberry.type(description="A level of a deep graph.")
class Level:
    number: int = strawberry.field(description="How deep it is.")


fields = Fields("toy")


@batch(ToyClient, max_keys=10)
async def slow_things(client: ToyClient, keys: Sequence[str]) -> Loaded[str]:
    return [await client.slowly(key) for key in keys]


@batch(ToyClient, max_keys=10)
async def named_levels(client: ToyClient, names: Sequence[str]) -> Loaded[Level]:
    return [Level(number=len(await client.slowly(name))) for name in names]


@fields.query
async def echo(info: Info, text: str = "hello", times: int = 1) -> str | None:
    """The same text again."""
    info.context.client(ToyClient).calls.append("echo")
    return text * times


@fields.query
async def slow(info: Info, name: str = "slow") -> str | None:
    """Something that takes its time."""
    return await info.context.client(ToyClient).slowly(name)


@fields.query(calls=slow_things.calls)
async def slow_batch(info: Info) -> str | None:
    """The same through a batch."""
    return await slow_things.load(info, "slow batch")


@fields.query
async def limited() -> str | None:
    """An upstream that asks to be left alone."""
    raise RateLimited("toy", "things.list", retry_after_s=60)


@fields.query
async def down() -> str | None:
    """An upstream that is down."""
    raise UpstreamUnavailable("toy", "things.get", "the connection broke")


@fields.query
async def picky() -> str | None:
    """A resolver that dislikes its arguments."""
    raise BadInput("no number is that large")


@fields.query
async def broken() -> str | None:
    """A resolver with a bug."""
    raise RuntimeError("the password is hunter2")


@fields.query
async def lost() -> str | None:
    """A resolver that waits for what somebody else cancels."""
    waiting = asyncio.ensure_future(asyncio.Event().wait())
    asyncio.get_running_loop().call_soon(waiting.cancel)
    return str(await waiting)


@fields.query
async def essential() -> str:
    """A field that cannot be null and fails."""
    raise UpstreamUnavailable("toy", "things.get", "the connection broke")


@fields.query
async def too_large() -> int | None:
    """A number that GraphQL has no room for."""
    return 2**40


@fields.query
async def unspeakable() -> str | None:
    """Text that UTF-8 cannot say."""
    return "\ud800"


@fields.query
async def level() -> Level | None:
    """The top of a graph without a bottom."""
    return Level(number=0)


@fields.query
async def levels(to: int) -> list[Level] | None:
    """Levels from the top down."""
    return [Level(number=number) for number in range(to)]


@fields.on(Level)
async def below(root: strawberry.Parent[Level]) -> Level | None:
    """The next level."""
    return Level(number=root.number + 1)


@fields.mutation
async def change(info: Info) -> str | None:
    """A change that takes its time."""
    return await info.context.client(ToyClient).slowly("change")


@fields.subscription
async def count(info: Info, to: int) -> AsyncIterator[int]:
    """Numbers from 1; an upstream fails behind the last one."""
    for number in range(1, to + 1):
        yield number
    raise UpstreamUnavailable("toy", "things.watch", "the connection broke")


def to_level(subject: dict[str, Any]) -> Level:
    return Level(number=subject["number"])


def to_word(subject: dict[str, Any]) -> str:
    return str(subject["word"])


NUMBER = Filter(name="number", of=lambda subject: str(subject["number"]), description="Only this one.")

events = Events(fields, "toy", subject=itemgetter("thing"))
events.tell("level_reached", ("level.reached", "level.left"), to_level, "Somebody is on a level.", NUMBER)
events.load("level_changed", "level.changed", named_levels, itemgetter("name"), "A level is not what it was.")
events.tell("word_said", "word.said", to_word, "Somebody says a word.")


@fields.mutation
async def happen(info: Info, type: str, thing: JSON) -> bool:
    """Have something happen."""
    await info.context.hub.publish(Event(provider="toy", id="1", type=type, payload={"thing": thing}))
    return True


WAY: ContextVar[type[httpx2.ASGITransport]] = ContextVar("WAY", default=httpx2.ASGITransport)
"""How requests get to the app."""


def toy_app(
    client: ToyClient | None = None,
    *,
    clock: FakeClock | None = None,
    hub: Hub | None = None,
    persisted: Persisted | None = None,
    closing: Sequence[Callable[[], Awaitable[None]]] = (),
    **given: Any,
) -> FastAPI:
    """The app over the toy graph."""
    hub = hub or Hub()
    settings = Settings(**{"allowed_hosts": "localhost,127.0.0.1,testserver", **given})
    documents = Documents(settings.limits)
    graph = compose([fields], ["toy"], [documents.extension], max_calls=settings.max_upstream_calls)
    clock = clock or FakeClock()
    operator_token = settings.operator_token.get_secret_value().encode() if settings.operator_token else None
    callers = Callers(operator_token=operator_token, users=users_from(settings, clock.time))
    connectors: Any = {ToyClient: client or ToyClient()}

    def context(caller: Caller) -> Context:
        scope = Scope(principal=caller.principal, user=caller.user)
        return Context(connectors, scope, CursorCodec(b"test"), operator=caller.operator, hub=hub)

    operations = Operations(graph, documents, context, share=settings.share_queries, persisted=persisted, clock=clock)
    return site(settings, operations, graph.as_str, {"toy": "sandbox"}, closing, clock, {}, callers, hub=hub)


def ask(
    method: str,
    url: str,
    *,
    app: FastAPI | None = None,
    **request: Any,
) -> httpx2.Response:
    """One request to the app, the toy one unless another is given, in this process."""

    async def send() -> httpx2.Response:
        transport = WAY.get()(app=app or toy_app())
        async with httpx2.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await client.request(method, url, **request)

    return asyncio.run(send())
