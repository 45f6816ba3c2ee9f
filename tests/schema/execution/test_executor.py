import asyncio
import gc
from weakref import ref

from graphql import ExecutionResult, parse

from schema.compose import Graph
from tests.schema.execution.nasty import nasty_fields


class Context:
    """What a request has of its own."""


def test_what_is_kept_of_a_document_holds_nothing_of_the_request_that_came_first() -> None:
    graph = Graph([nasty_fields(slow=False)])
    document, context = parse("{ thing { name } }"), Context()

    result = asyncio.run(graph.run(document, {}, context, None))
    left = ref(context)
    del context
    gc.collect()

    assert isinstance(result, ExecutionResult)
    assert graph._executors._kept
    assert left() is None


def test_no_executor_is_kept_of_a_document_with_variables() -> None:
    graph = Graph([nasty_fields(slow=False)])
    document = parse("query($count: Int!) { shelf(count: $count) { __typename } }")

    lengths = []
    for count in (1, 3):
        result = asyncio.run(graph.run(document, {"count": count}, None, None))
        assert isinstance(result, ExecutionResult)
        assert result.data
        lengths.append(len(result.data["shelf"]))

    assert lengths == [1, 3]
    assert not graph._executors._kept
