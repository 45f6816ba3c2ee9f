import asyncio
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from connectors.errors import NotFound, UpstreamUnavailable
from resolvers.batching import DataLoader, align, align_groups
from resolvers.connections import Pages
from resolvers.context import Tasks
from schema.compose import compose, selected_attributes
from schema.fields import Fields
from schema.relay import global_id
from tests.graphs import Number, NumbersClient, context_of, fields, run, to_number

ROOT = Path(__file__).parents[2]


def gets(client: NumbersClient) -> list[tuple[str, ...]]:
    return [asked[0] for operation, asked in client.calls if operation == "numbers.get"]


def test_replies_in_any_order_match_by_key() -> None:
    payloads = [{"id": "c"}, {"id": "a"}, {"id": "a"}]

    aligned = align(["a", "b", "c", "a"], payloads, key=lambda p: p["id"], make=lambda p: p["id"].upper())

    assert aligned == ["A", None, "C", "A"]


def test_groups_keep_the_order_of_the_keys() -> None:
    payloads = [{"of": "b", "n": 1}, {"of": "a", "n": 2}, {"of": "b", "n": 3}, {"of": "z", "n": 4}]

    groups = align_groups(["a", "b", "c"], payloads, key=lambda p: str(p["of"]), make=lambda p: p["n"])

    assert groups == [[2], [1, 3], []]


def test_a_level_is_one_call_for_each_batch_limit_and_each_key_is_asked_for_once() -> None:
    client = NumbersClient()
    result = asyncio.run(
        run("{ numbers { all(first: 10) { nodes { value half { value half { value } } } } } }", client)
    )

    assert result.errors is None
    assert gets(client) == [("0", "1", "2", "3", "4")]


@pytest.mark.parametrize(
    ("link", "order"),
    [
        ("half { far { value } }", ["list", "get", "list", "list", "get"]),
        ("half { value }", ["list", "list", "list", "get"]),
    ],
)
def test_the_longest_chain_of_calls_begins_before_pages_beside_it(link: str, order: list[str]) -> None:
    more = Fields("numbers")

    @more.connection(Number, Pages(NumbersClient, NumbersClient.list_numbers, to_number, select=selected_attributes))
    def others(root: Number) -> dict[str, Any]:
        """Numbers beside it."""
        return {"odd": None}

    client = NumbersClient()
    document = f"{{ numbers {{ all(first: 2) {{ nodes {{ others(first: 1) {{ nodes {{ value }} }} {link} }} }} }} }}"
    found = compose([fields, more], ["numbers"]).execute(document, context_value=context_of(client))

    assert asyncio.run(found).errors is None
    assert [operation.removeprefix("numbers.") for operation, _ in client.calls] == order


def test_no_batch_is_larger_than_the_upstream_takes() -> None:
    client = NumbersClient()
    asyncio.run(run("{ numbers { all(first: 100, odd: false) { nodes { half { value } } } } }", client))

    assert all(len(keys) <= 20 for keys in gets(client))
    assert sum(len(keys) for keys in gets(client)) == 49


def test_the_same_entity_at_five_places_is_one_call() -> None:
    client = NumbersClient()
    one = global_id("Number", "7")
    document = "{" + " ".join(f'n{i}: node(id: "{one}") {{ ... on Number {{ value }} }}' for i in range(5)) + "}"
    asyncio.run(run(document, client))

    assert gets(client) == [("7",)]


def test_a_batch_asks_for_what_the_whole_operation_selects() -> None:
    client = NumbersClient()
    one = global_id("Number", "7")
    asyncio.run(
        run(
            f'{{ a: node(id: "{one}") {{ id }} b: node(id: "{one}") {{ ... on Number {{ half {{ value }} }} }} }}',
            client,
        )
    )

    assert client.calls[0][1][1] == {"half_id", "value"}


def test_a_failed_batch_nulls_its_own_fields_only() -> None:
    result = asyncio.run(run("{ numbers { all(first: 40) { nodes { value half { value } } } } }"))

    assert result.data is not None
    numbers = result.data["numbers"]["all"]["nodes"]
    failed = {error.path[3] for error in result.errors or [] if error.path}
    assert all(isinstance(error.original_error, UpstreamUnavailable) for error in result.errors or [])
    assert {26, 27} <= failed
    assert [n["half"] is None for n in numbers if n["value"]] == [n["value"] in failed for n in numbers if n["value"]]
    assert [n["value"] for n in numbers] == list(range(40))


def test_a_dangling_reference_of_the_upstream_is_an_error_with_its_path() -> None:
    result = asyncio.run(run("{ numbers { all(first: 12) { nodes { far { value } } } } }"))

    assert [error.path for error in result.errors or []] == [["numbers", "all", "nodes", n, "far"] for n in (10, 11)]
    assert all(isinstance(error.original_error, NotFound) for error in result.errors or [])


def test_nodes_come_in_the_order_of_their_ids_with_null_for_a_miss() -> None:
    ids = [global_id("Number", n) for n in ("9", "1000", "3", "9")]
    client = NumbersClient()

    result = asyncio.run(run("query($ids: [ID!]!) { nodes(ids: $ids) { ... on Number { value } } }", client, ids=ids))

    assert (result.errors, result.data) == (None, {"nodes": [{"value": 9}, None, {"value": 3}, {"value": 9}]})
    assert gets(client) == [("9", "1000", "3")]


def test_an_id_that_is_none_harms_its_own_place_only() -> None:
    result = asyncio.run(
        run("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=["nonsense", global_id("Number", "3")])
    )

    assert result.data == {"nodes": [None, {"id": global_id("Number", "3")}]}
    assert [error.path for error in result.errors or []] == [["nodes", 0]]


LEFT_BEHIND = """
import asyncio, gc
from graphql import parse
from tests.graphs import GRAPH, NumbersClient, context_of

async def left_behind():
    document = parse("{ numbers { all(first: 10) { nodes { id value half { value } } } } }")
    await GRAPH.run(document, {}, context_of(NumbersClient()), None)
    gc.collect()
    gc.disable()
    await GRAPH.run(document, {}, context_of(NumbersClient()), None)
    return gc.collect()

print(asyncio.run(left_behind()))
"""


def test_a_request_leaves_nothing_to_the_garbage_collector() -> None:
    """In a process of its own: what other tests have begun in this one leaves things behind too."""
    ran = subprocess.run([sys.executable, "-c", LEFT_BEHIND], cwd=ROOT, capture_output=True, text=True, check=True)

    assert ran.stdout == "0\n"


def test_the_rest_of_a_batch_goes_on_where_one_who_asked_gives_up() -> None:
    asked: list[list[int]] = []

    async def fetch(keys: list[int]) -> list[Any]:
        asked.append(keys)
        await asyncio.sleep(0)
        return keys

    async def found() -> list[Any]:
        loader = DataLoader(fetch, max_keys=2, tasks=Tasks())
        given_up, waiting = (asyncio.ensure_future(loader.load_many(keys)) for keys in ([1, 2, 3], [3, 4]))
        await asyncio.sleep(0)
        given_up.cancel()
        return await waiting

    assert asyncio.run(found()) == [3, 4]
    assert asked == [[1, 2], [3, 4]]


def test_what_a_batch_raises_is_the_error_of_each_of_its_keys() -> None:
    async def fetch(keys: list[int]) -> list[Any]:
        raise ValueError

    async def found() -> list[Any]:
        return await DataLoader(fetch, max_keys=2, tasks=Tasks()).load_many([1, 2])

    first, second = asyncio.run(found())

    assert isinstance(first, ValueError)
    assert second is first
