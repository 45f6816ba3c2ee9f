import asyncio

import strawberry
from graphql import parse

from schema.compose import Graph
from schema.execution.plan import PLANS_KEPT, VARIANTS_KEPT, WEIGHT_KEPT
from schema.fields import Fields
from tests.schema.execution.nasty import nasty_fields


def test_the_combinations_of_switches_that_are_kept_are_few() -> None:
    graph = Graph([nasty_fields(slow=False)])
    names = [f"v{n}" for n in range(6)]
    fields = " ".join(f"f{n}: name @include(if: ${name})" for n, name in enumerate(names))
    document = f"query({' '.join(f'${name}: Boolean!' for name in names)}) {{ thing {{ seen: place {fields} }} }}"

    async def ask_all() -> None:
        for bits in range(64):
            values = {name: bool(bits >> n & 1) for n, name in enumerate(names)}
            result = await graph.execute(document, variable_values=values)
            assert result.data
            assert len(result.data["thing"]) == 1 + bits.bit_count()

    asyncio.run(ask_all())
    assert all(len(operation.plans) <= VARIANTS_KEPT for operation in graph._plans._operations.values())


def test_the_operations_that_are_kept_are_bounded() -> None:
    graph = Graph([nasty_fields(slow=False)])

    async def ask_all() -> None:
        for n in range(PLANS_KEPT + 50):
            await graph.execute(f"{{ a{n}: __typename }}")

    asyncio.run(ask_all())
    assert len(graph._plans._operations) == PLANS_KEPT


def test_what_the_plans_weigh_together_is_bounded_however_few_they_are() -> None:
    graph = Graph([nasty_fields(slow=False)])
    fields = " ".join(f"a{n}: name" for n in range(1_000))
    documents = [parse(f"{{ a{n}: thing {{ {fields} }} }}") for n in range(35)]

    for document in documents:
        graph.estimate(document)

    kept = graph._plans._operations.values()
    assert sum(operation.weight for operation in kept) <= WEIGHT_KEPT
    assert len(kept) > 1


def test_plans_go_with_the_document_though_others_have_pushed_it_out_before_it_ran() -> None:
    graph = Graph([nasty_fields(slow=False)])

    async def ask(text: str, **variables: bool) -> None:
        await graph.run(parse(text), variables, None, None)

    asyncio.run(ask("query Named { thing { name } }"))
    asyncio.run(ask("query($yes: Boolean!) { thing @include(if: $yes) { name } }", yes=True))
    assert not graph._plans._operations
    assert not graph._executors._kept


def test_a_list_that_comes_item_by_item_is_left_to_graphql_core() -> None:
    fields = Fields()

    @fields.query
    async def numbers() -> strawberry.Streamable[int]:
        """Numbers, one after another."""
        yield 1
        yield 2

    result = asyncio.run(Graph([fields]).execute("{ numbers }"))

    assert result.data == {"numbers": [1, 2]}
