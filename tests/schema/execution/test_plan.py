import asyncio

from schema.compose import Graph
from schema.execution.plan import PLANS_KEPT, VARIANTS_KEPT
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
