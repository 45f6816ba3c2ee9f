"""Answers given again without an execution: only while everything they are made of is kept and fresh."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import cycle
from typing import Any

import httpx2
import orjson
import pytest
import strawberry
from strawberry.extensions import SchemaExtension
from structlog.testing import capture_logs

from connectors.call import Scope, Send
from connectors.pipeline import pipeline
from connectors.policy import CachePolicy, Policy
from connectors.protocols.rest import Rest
from connectors.upstream import Endpoint
from resolvers.batching import Loaded, batch
from resolvers.context import Context, Info
from resolvers.cursors import CursorCodec
from schema.compose import compose
from schema.fields import Calls, Fields
from server.callers import Caller, Callers
from server.documents import Documents
from server.operations import Execution, Operations
from server.requests import GraphQLRequest
from server.settings import Settings
from server.site import site
from tests.clock import FakeClock
from tests.wire import setup

GET = Calls(upstream="notes", operation="notes.get")


class NotesClient:
    upstream = "notes"

    def __init__(self, endpoint: Endpoint) -> None:
        self._rest = Rest(endpoint)

    async def get(self, name: str) -> Any:
        return await self._rest.get(f"/{name}", operation="notes.get")

    async def put(self, name: str) -> Any:
        return await self._rest.post(f"/{name}", operation="notes.put")


@strawberry.type(description="A note.")
class Note:
    text: str = strawberry.field(description="What it says.")
    next: strawberry.Private[str]


fields = Fields("notes")


def to_note(payload: dict[str, str]) -> Note:
    return Note(text=payload["text"], next=payload["next"])


@batch(NotesClient, max_keys=1)
async def notes(client: NotesClient, names: Sequence[str]) -> Loaded[Note]:
    return [to_note(await client.get(name)) for name in names]


@fields.query(calls=GET)
async def note(info: Info, name: str = "fresh") -> Note | None:
    """A note."""
    return await notes.load(info, name)


@fields.query
async def undeclared(info: Info) -> Note | None:
    """A note, and who knows what else."""
    return await notes.load(info, "fresh")


@fields.query(calls=GET)
async def picky(info: Info) -> str | None:
    """Something that goes wrong after a call."""
    await notes.load(info, "fresh")
    raise ValueError


@fields.query
def motto(root: Any) -> str:
    """The same for everyone."""
    return "carpe diem"


fields.link(Note, "next", via=notes, key=lambda note: note.next, description="The next note.")


@fields.mutation(calls=GET)
async def write(info: Info, name: str) -> str | None:
    """Write a note."""
    payload = await info.context.client(NotesClient).put(name)
    return str(payload["text"])


@dataclass
class Notes:
    """An upstream of notes; `asked` lists what it was asked. The names of its notes say how they may be kept."""

    asked: list[str] = field(default_factory=list)

    async def __call__(self, request: httpx2.Request) -> httpx2.Response:
        name = request.url.path.strip("/")
        self.asked.append(f"{request.method} {name}")
        kept = {"secret": "no-store", "short": "max-age=5"}.get(name, "max-age=60")
        body = {"text": f"{name} {len(self.asked)}", "next": "short"}
        return httpx2.Response(200, headers={"cache-control": kept}, content=orjson.dumps(body))


@dataclass
class Desk:
    """A gateway over the notes. `principals` ask, one after the other."""

    clock: FakeClock
    principals: Iterator[str] = field(default_factory=lambda: cycle(["app"]))
    memory_bytes: int = 1_000_000
    cache_bytes: int = 1_000_000
    share: bool = True
    extensions: tuple[type[SchemaExtension], ...] = ()

    def __post_init__(self) -> None:
        self.notes = Notes()
        policy = Policy(cache=CachePolicy(max_bytes=self.cache_bytes))
        self._send: Send = pipeline(setup(self.clock, policy=policy), self.notes)
        documents = Documents()
        self.graph = compose([fields], ["notes"], [documents.extension, *self.extensions])
        self.operations = Operations(
            self.graph, documents, self._context, share=self.share, memory_bytes=self.memory_bytes
        )

    def client(self, scope: Scope) -> NotesClient:
        return NotesClient(Endpoint("notes", "https://notes.example", self._send, scope))

    def _context(self, caller: Caller) -> Context:
        connectors: Any = {NotesClient: self}
        scope = Scope(principal=caller.principal, deadline=self.clock.now() + 30)
        return Context(connectors, scope, CursorCodec(b"test"))

    def ask(self, query: str, name: str | None = None, **variables: Any) -> tuple[Any, Execution]:
        """The answer, and whose execution it is from."""
        operation = self.operations.find(GraphQLRequest(query, variables, name))
        caller = Caller(principal=next(self.principals))
        if remembered := self.operations.recall(operation, caller):
            return remembered.result, "remembered"
        answer, execution = asyncio.run(self.operations.run(operation, caller))
        return answer.result, execution


@pytest.fixture
def desk(clock: FakeClock) -> Desk:
    return Desk(clock)


FRESH = {"data": {"note": {"text": "fresh 1"}}}


@pytest.mark.parametrize("share", [True, False])
def test_an_answer_made_of_what_is_kept_is_given_again(clock: FakeClock, share: bool) -> None:
    desk = Desk(clock, share=share)

    assert desk.ask("{ note { text } }") == (FRESH, "own")
    assert desk.ask("{ note { text } }") == (FRESH, "remembered")
    assert desk.notes.asked == ["GET fresh"]


def test_it_is_gone_with_the_first_of_what_it_is_made_of(desk: Desk) -> None:
    query = "{ note { text next { text } } }"
    desk.ask(query)
    desk.clock.advance(4)
    assert desk.ask(query)[1] == "remembered"

    desk.clock.advance(2)

    assert desk.ask(query) == ({"data": {"note": {"text": "fresh 1", "next": {"text": "short 3"}}}}, "own")
    assert desk.ask(query)[1] == "remembered"


def test_it_is_gone_when_the_cache_needs_the_room(clock: FakeClock) -> None:
    desk = Desk(clock, cache_bytes=5_000)
    desk.ask("{ note { text } }")

    for n in "abcd":
        desk.ask("query($n: String!) { note(name: $n) { text } }", n=n)

    assert desk.ask("{ note { text } }")[1] == "own"


@pytest.mark.parametrize(
    "query",
    [
        '{ note(name: "secret") { text } }',
        '{ note { text } other: note(name: "secret") { text } }',
        "{ undeclared { text } }",
        "{ note { text } picky }",
    ],
)
def test_what_is_made_of_anything_else_is_asked_for_again(desk: Desk, query: str) -> None:
    assert [desk.ask(query)[1] for _ in range(3)] == ["own"] * 3


def test_an_answer_made_of_its_document_alone_is_given_again(desk: Desk) -> None:
    query = "{ __typename motto __schema { queryType { name } } }"

    first, again = desk.ask(query), desk.ask(query)

    assert (first[0], first[1], again[1]) == (again[0], "own", "remembered")


def test_variables_operations_texts_and_principals_are_told_apart(clock: FakeClock) -> None:
    desk = Desk(clock, principals=iter(["ada"] * 5 + ["grace"]))
    query = "query A($n: String!) { note(name: $n) { text } } query B($n: String!) { note(name: $n) { text } }"
    asking = [
        partial(desk.ask, query, "A", n="fresh"),
        partial(desk.ask, query, "A", n="short"),
        partial(desk.ask, query, "B", n="fresh"),
        partial(desk.ask, query + " ", "A", n="fresh"),
        partial(desk.ask, query, "A", n="fresh"),
        partial(desk.ask, query, "A", n="fresh"),
    ]

    executions = [ask()[1] for ask in asking]

    assert executions == ["own", "own", "own", "own", "remembered", "own"]
    assert desk.notes.asked == ["GET fresh", "GET short", "GET fresh"]


def test_a_mutation_runs_each_time(desk: Desk) -> None:
    assert [desk.ask('mutation { write(name: "fresh") }')[1] for _ in range(2)] == ["own", "own"]
    assert desk.notes.asked == ["POST fresh", "POST fresh"]


def test_after_a_mutation_an_answer_is_what_the_cache_would_make_it(desk: Desk) -> None:
    query = "{ note { text } }"
    desk.ask(query)
    desk.ask('mutation { write(name: "fresh") }')

    remembered = desk.ask(query)

    other_words = desk.ask("{ note { text  } }")
    assert remembered[0] == other_words[0]


def test_nothing_is_remembered_without_room_for_it(clock: FakeClock) -> None:
    desk = Desk(clock, memory_bytes=0)

    assert [desk.ask("{ note { text } }")[1] for _ in range(2)] == ["own", "own"]
    assert desk.notes.asked == ["GET fresh"]


def test_an_extension_of_strawberry_sees_every_query(clock: FakeClock) -> None:
    class Watching(SchemaExtension):
        pass

    desk = Desk(clock, extensions=(Watching,))

    assert [desk.ask("{ note { text } }")[1] for _ in range(2)] == ["own", "own"]


def test_a_client_sees_what_it_asks_to_see_of_an_answer_from_memory(desk: Desk) -> None:
    app = site(Settings(), desk.operations, str, {"notes": "real"}, [], desk.clock, {}, Callers())

    async def post(**headers: str) -> Any:
        transport = httpx2.ASGITransport(app=app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://localhost") as client:
            response = await client.post("/graphql", json={"query": "{ note { text } }"}, headers=headers)
        return response.json()

    async def scenario() -> list[Any]:
        seen = [await post(), await post()]
        return [*seen, await post(**{"X-Punnet-Plan": "1"}), await post(**{"X-Punnet-Trace": "1"})]

    with capture_logs() as lines:
        first, second, planned, traced = asyncio.run(scenario())

    requests = [line for line in lines if line["event"] == "graphql request"]
    assert [line["execution"] for line in requests] == ["own", "remembered", "remembered", "own"]
    assert first == second == FRESH
    assert (planned["data"], list(planned["extensions"])) == (FRESH["data"], ["plan"])
    assert (traced["data"], [call["cache"] for call in traced["extensions"]["trace"]["calls"]]) == (
        FRESH["data"],
        ["hit"],
    )
    assert desk.notes.asked == ["GET fresh"]
