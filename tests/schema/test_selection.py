import asyncio
import gc
import weakref
from typing import Any

import pytest
from graphql import DocumentNode, parse

from schema.selection import Outline
from tests.graphs import GRAPH, NumbersClient, context_of

SOMETIMES = (
    "query ($half: Boolean!) { numbers { all(first: 1) { nodes { value half @include(if: $half) { value } } } } }"
)


def asked(document: DocumentNode, **variables: Any) -> list[frozenset[str]]:
    """What the upstream was asked for, call by call."""
    client = NumbersClient()
    asyncio.run(GRAPH.run(document, variables, context_of(client), None))
    return [wanted[1] for _, wanted in client.calls]


def test_what_is_selected_follows_the_variables_of_each_request() -> None:
    document = parse(SOMETIMES)

    found = [asked(document, half=half) for half in (True, False, True)]

    assert found == [[{"value", "half_id"}], [{"value"}], [{"value", "half_id"}]]


def test_the_same_document_asks_for_the_same_each_time() -> None:
    document = parse("{ numbers { all(first: 1) { nodes { far { id } } } other: all(first: 1) { nodes { value } } } }")

    first, second = asked(document), asked(document)

    assert first == second == [{"far_id"}, {"value"}, {"value", "far_id"}]


@pytest.mark.parametrize("variables", [{}, {"half": True}])
def test_nothing_of_a_request_is_kept_with_what_was_found_out_for_it(variables: dict[str, Any]) -> None:
    document = parse(SOMETIMES if variables else "{ numbers { all { nodes { half { value } } } } }")
    context = context_of(NumbersClient())
    gone = weakref.ref(context)
    asyncio.run(GRAPH.run(document, variables, context, None))

    del context
    gc.collect()

    assert gone() is None


def test_no_outline_is_left_to_the_garbage_collector_with_a_requests_variables() -> None:
    document = parse(SOMETIMES)
    (operation,) = document.definitions

    asked(document, half=True)

    assert not [one for one in gc.get_objects() if isinstance(one, Outline) and one.operation is operation]
