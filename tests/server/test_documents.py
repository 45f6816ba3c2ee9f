import asyncio
import gc
import tracemalloc
import weakref
from typing import Any

import pytest
from graphql import Source
from strawberry.types import Info

from schema.compose import MOST_FAULTS, compose
from schema.fields import Fields
from server.documents import Documents

fields = Fields()


@fields.query
async def hello(info: Info) -> str:
    """A greeting, that notes in the context which operation it was asked by."""
    info.context.append(info._raw_info.operation)
    return "hello"


@fields.query
def echo(text: str) -> str:
    """What was said."""
    return text


GRAPH = compose([fields], [])


def test_a_document_is_prepared_once() -> None:
    documents = Documents()

    first = documents.prepare(GRAPH, "{ hello }")
    again = documents.prepare(GRAPH, "{ hello }")

    assert first.document is not None
    assert again is first


def test_a_wrong_document_is_remembered_with_its_errors() -> None:
    documents = Documents()

    first = documents.prepare(GRAPH, "{ nope }")
    again = documents.prepare(GRAPH, "{ nope }")

    assert first.document is None
    assert [error["extensions"]["code"] for error in first.errors] == ["GRAPHQL_VALIDATION_FAILED"]
    assert again is first


def test_of_many_faults_the_first_are_told() -> None:
    wrong = Documents().prepare(GRAPH, "{ " + " ".join(f"nope{n}" for n in range(200)) + " }")

    assert len(wrong.errors) == MOST_FAULTS + 1


def test_fragments_that_are_too_deep_inside_one_another_are_refused_as_what_they_are() -> None:
    chain = " ".join(f"fragment F{n} on Query {{ ...F{n + 1} }}" for n in range(250))

    wrong = Documents().prepare(GRAPH, f"{{ ...F0 }} {chain} fragment F250 on Query {{ hello }}")

    assert [error["extensions"]["code"] for error in wrong.errors] == ["QUERY_TOO_DEEP"]


def test_an_error_is_where_graphql_core_says_it_is() -> None:
    text = "{\n\r\n  hello\r\r b: hello\n}"
    document = Documents().prepare(GRAPH, text).document
    assert document is not None
    assert document.loc is not None

    places = [document.loc.source.get_location(at) for at in range(len(text) + 1)]

    assert places == [Source(text).get_location(at) for at in range(len(text) + 1)]


def test_the_oldest_documents_are_forgotten_for_new_ones() -> None:
    documents = Documents(max_bytes=6_000)
    first = documents.prepare(GRAPH, "{ a: hello }")
    documents.prepare(GRAPH, "{ b: hello }")
    documents.prepare(GRAPH, "{ c: hello }")

    assert documents.prepare(GRAPH, "{ a: hello }") is not first


def test_a_document_too_large_to_keep_is_still_prepared() -> None:
    assert Documents(max_bytes=5).prepare(GRAPH, "{ hello }").document is not None


def test_the_prepared_document_is_the_one_that_runs() -> None:
    documents = Documents()
    graph = compose([fields], [], [documents.extension])
    prepared = documents.prepare(graph, "{ hello }")
    seen: list[Any] = []

    result = asyncio.run(graph.execute("{ hello }", context_value=seen))

    assert result.data == {"hello": "hello"}
    assert prepared.document is not None
    assert seen == [prepared.document.definitions[0]]


@pytest.mark.parametrize(
    "text",
    [
        "{a%d:hello}",
        "# " + "x" * 5_000 + "\n{ a%d: hello }",
        "{ n%d x y z }",
        "{ n%d: echo(text: " + "[" * 150 + "]" * 150 + ") }",
    ],
)
def test_a_document_weighs_about_what_it_takes(text: str) -> None:
    documents = Documents()
    tracemalloc.start()
    for n in range(100, 120):
        documents.prepare(GRAPH, text % n)
    gc.collect()
    before, _ = tracemalloc.get_traced_memory()

    prepared = [documents.prepare(GRAPH, text % n) for n in range(200, 220)]

    gc.collect()
    taken = (tracemalloc.get_traced_memory()[0] - before) / 20
    tracemalloc.stop()
    assert 0.6 * taken < prepared[0].weight < 1.6 * taken


def test_with_a_document_goes_all_that_was_made_for_it() -> None:
    documents = Documents(max_bytes=4_000)
    prepared = documents.prepare(GRAPH, "{ hello }")
    assert prepared.document is not None
    asyncio.run(GRAPH.run(prepared.document, {}, [], None))
    tree = weakref.ref(prepared.document)
    del prepared

    documents.prepare(GRAPH, "{ b: hello }")
    gc.collect()

    assert tree() is None
