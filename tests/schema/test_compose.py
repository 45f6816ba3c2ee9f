import asyncio
from typing import Any

import pytest
import strawberry
from strawberry.types import ExecutionResult

from schema.compose import Graph, compose
from schema.fields import Fields
from tests.graphs import GRAPH


@strawberry.type(description="A cup.")
class Cup:
    size: int = strawberry.field(description="In ml.")


@strawberry.type(description="Cups.")
class CupQuery:
    pass


def cups() -> Fields:
    fields = Fields("cups")
    fields.group("cups", CupQuery)

    @fields.on(CupQuery)
    def largest(root: strawberry.Parent[CupQuery]) -> Cup | None:
        """The largest
        of all."""
        return Cup(size=900)

    return fields


def between() -> Fields:
    fields = Fields("cups", "plates")

    @fields.on(Cup, needs=("size",))
    def plate(root: strawberry.Parent[Cup]) -> int:
        """The size of the plate that goes with it."""
        return root.size // 10

    return fields


def test_fields_come_from_outside_their_class() -> None:
    graph = compose([cups()], ["cups"])

    result = asyncio.run(graph.execute("{ cups { largest { size } } }"))

    assert isinstance(result, ExecutionResult)
    assert result.data == {"cups": {"largest": {"size": 900}}}


def test_a_docstring_is_the_description() -> None:
    assert '"""The largest of all."""' in compose([cups()], ["cups"]).as_str()


def test_a_link_between_providers_is_there_when_both_are() -> None:
    assert "plate" in compose([cups(), between()], ["cups", "plates"]).as_str()
    assert "plate" not in compose([cups(), between()], ["cups"]).as_str()


def test_composing_leaves_no_trace_in_the_types() -> None:
    before = compose([cups()], ["cups"]).as_str()
    compose([cups(), between()], ["cups", "plates"])

    assert compose([cups()], ["cups"]).as_str() == before


def test_a_field_without_a_description_is_refused() -> None:
    def nameless(root: strawberry.Parent[CupQuery]) -> int:
        return 1

    with pytest.raises(TypeError, match="docstring"):
        Fields("cups").on(CupQuery)(nameless)


def test_a_graph_knows_what_each_field_reads() -> None:
    assert GRAPH.needs("Number", "value") == {"value"}
    assert GRAPH.needs("Number", "half") == {"half_id"}
    assert GRAPH.needs("Number", "id") == frozenset()


def test_connections_have_relays_shape() -> None:
    printed = GRAPH.as_str()

    assert "interface Node {" in printed
    assert "edges: [NumberEdge!]!" in printed
    assert "all(" in printed


def test_a_graph_is_a_strawberry_schema() -> None:
    graph: Any = compose([cups()], ["cups"])

    assert isinstance(graph, Graph)
    assert isinstance(graph, strawberry.Schema)
