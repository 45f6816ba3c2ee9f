import asyncio
import gc
from collections.abc import Awaitable, Collection
from typing import Any
from weakref import ref

import strawberry
from graphql import ExecutionResult, parse

from schema.compose import Graph
from schema.fields import Calls, Fields


@strawberry.type(description="An author.")
class Author:
    name: str = strawberry.field(description="The name.")


@strawberry.type(description="A book.")
class Book:
    title: str = strawberry.field(description="The title.")
    author_id: str = strawberry.field(description="Whose it is.")


class Authors:
    """A loader that counts how many books there still are while authors are waited for."""

    result: Any = Author
    calls: Calls = Calls(upstream="library", operation="authors.get")

    def __init__(self, books: list[ref[Book]]) -> None:
        self.books = books
        self.seen: list[int] = []

    def load(self, info: Any, key: Any) -> Awaitable[Any]:
        raise NotImplementedError

    async def load_many(self, info: Any, keys: Collection[Any]) -> list[Any]:
        await asyncio.sleep(0)
        gc.collect()
        self.seen.append(sum(book() is not None for book in self.books))
        return [Author(name=key.upper()) for key in keys]


def test_objects_that_have_been_read_are_let_go_while_links_are_waited_for() -> None:
    made: list[ref[Book]] = []
    fields, authors = Fields("library"), Authors(made)

    @fields.query(calls=Calls(upstream="library", operation="books.list"))
    async def books() -> list[Book]:
        """Books."""
        found = [Book(title=f"B{n}", author_id=f"a{n}") for n in range(3)]
        made.extend(map(ref, found))
        return found

    fields.link(Book, "author", via=authors, key="author_id", description="Who wrote it.")
    fields.link(Book, "editor", via=authors, key="author_id", description="Who edited it.")
    document = parse("{ books { title author { name } editor { name } } }")

    result = asyncio.run(Graph([fields]).run(document, {}, None, None))

    assert isinstance(result, ExecutionResult)
    assert result.data == {
        "books": [{"title": f"B{n}", "author": {"name": f"A{n}"}, "editor": {"name": f"A{n}"}} for n in range(3)]
    }
    assert authors.seen == [0, 0]


def test_a_schema_goes_though_its_documents_stay() -> None:
    fields = Fields("library")

    @fields.query
    async def hello() -> str:
        """A word."""
        return "hello"

    graph = Graph([fields])
    document = parse("{ hello }")
    assert asyncio.run(graph.run(document, {}, None, None)) == ExecutionResult({"hello": "hello"}, None)
    there = ref(graph)

    del graph
    gc.collect()

    assert there() is None
    assert document.definitions
