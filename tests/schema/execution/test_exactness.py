"""The executor against its oracle: the same document, the same trouble, the same answer as graphql-core's.

Compared are the data to the byte, with the order of keys, and the errors with message, path and locations. Two things
are different on purpose:

1. Errors come in the order in which the answer is written, not in the order in which things happened to fail.
2. Where something waits and a position is nulled by an error below it, that error is the first in the order of the
   answer; graphql-core reports the one that failed first. Either way the position is null and has an error.

`PUNNET_EXAMPLES` sets how many documents are drawn for each test (300 by default).
"""

import asyncio
import gc
import json
import os
import warnings
from typing import Any

import pytest
from graphql import DocumentNode, ExecutionResult, get_introspection_query, parse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schema.compose import Graph, compose
from tests.schema.execution.documents import documents
from tests.schema.execution.nasty import nasty_fields
from tests.schema.execution.oracle import by_graphql_core, settled, written

PROMPT = compose([nasty_fields(slow=False)], [])
SLOW = compose([nasty_fields(slow=True)], [])
MANY = settings(
    max_examples=int(os.environ.get("PUNNET_EXAMPLES", "300")),
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)


class Oracle(Graph):
    """The same graph, run by graphql-core."""

    def __init__(self, slow: bool) -> None:
        super().__init__([nasty_fields(slow=slow)])

    async def run(self, document: DocumentNode, variables: dict[str, Any], *_: object) -> Any:
        return await by_graphql_core(self, document, variables, None)


PROMPT_ORACLE = Oracle(slow=False)
SLOW_ORACLE = Oracle(slow=True)


def constant(document: str, yes: bool) -> str:
    """The document with a value in place of its variable."""
    return document.replace("($yes: Boolean!)", "").replace("$yes", str(yes).lower())


def answer(graph: Graph, document: str, yes: bool, times: int = 1) -> ExecutionResult:
    """The answer to a document that is executed so many times, in the end."""

    async def run() -> ExecutionResult:
        parsed = parse(document)
        for _ in range(times):
            result = await graph.run(parsed, {"yes": yes}, None, None)
        assert isinstance(result, ExecutionResult)
        left_behind = asyncio.all_tasks() - {asyncio.current_task()}
        await asyncio.gather(*left_behind, return_exceptions=True)
        return result

    return asyncio.run(run())


def expected(graph: Graph, document: str, yes: bool) -> ExecutionResult:
    """The oracle's answer. It leaves coroutines behind where a sibling fails, which is not what is tested here."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        result = answer(graph, document, yes)
        for error in result.errors or []:
            error.__traceback__ = None
            if error.original_error:
                error.original_error.__traceback__ = None
        gc.collect(1)
    return result


@pytest.mark.parametrize("operation", ["query", "mutation"])
@given(data=st.data(), yes=st.booleans())
@MANY
def test_where_nothing_waits_every_error_is_the_same(operation: str, data: st.DataObject, yes: bool) -> None:
    document = data.draw(documents(PROMPT._schema, operation))
    if data.draw(st.booleans()):
        document = constant(document, yes)

    ours, theirs = answer(PROMPT, document, yes, times=2), answer(PROMPT_ORACLE, document, yes)

    assert json.dumps(ours.data) == json.dumps(theirs.data)
    assert sorted(map(written, ours.errors or [])) == sorted(map(written, theirs.errors or []))


@pytest.mark.parametrize("operation", ["query", "mutation"])
@given(data=st.data(), yes=st.booleans())
@MANY
def test_where_some_fields_wait_the_data_and_the_nulls_are_the_same(
    operation: str, data: st.DataObject, yes: bool
) -> None:
    document = data.draw(documents(SLOW._schema, operation))
    if data.draw(st.booleans()):
        document = constant(document, yes)

    ours, theirs = answer(SLOW, document, yes), expected(SLOW_ORACLE, document, yes)

    assert json.dumps(ours.data) == json.dumps(theirs.data)
    assert settled(ours) == settled(theirs)


def test_introspection_is_the_same() -> None:
    whole = get_introspection_query(input_value_deprecation=True, schema_description=True)
    query = whole.replace(
        "query IntrospectionQuery {", '{ __typename thing { __typename } __type(name: "Nope") { name }'
    )

    ours, theirs = answer(PROMPT, query, True), answer(PROMPT_ORACLE, query, True)

    assert json.dumps(ours.data) == json.dumps(theirs.data)
    assert ours.errors == theirs.errors


def test_the_documents_meet_trouble() -> None:
    seeds = " ".join(f't{n}: thing(seed: "s{n}") {{ name count words children {{ must }} }}' for n in range(40))

    result = answer(PROMPT, f"{{ {seeds} }}", True)

    assert len(result.errors or []) > 20


def test_errors_come_in_the_order_of_the_answer() -> None:
    result = answer(SLOW, "{ things(count: 30) { slowChildren { count } count linked { count } } }", True)

    fields = ["slowChildren", "count", "linked"]
    places = [
        (int(path[1]), fields.index(str(path[2]))) for path in (error.path or [] for error in result.errors or [])
    ]
    assert len(places) > 5
    assert places == sorted(places)
