import asyncio
from typing import Any

import pytest

from connectors.errors import CursorExpired
from connectors.paging import Position, Window
from resolvers.cursors import CursorCodec, listing_of
from schema.problems import BackwardPaginationUnsupported, BadInput, InvalidCursor
from tests.graphs import NumbersClient, run

PAGE = """query Page($first: Int, $after: String, $odd: Boolean) {
  numbers { all(first: $first, after: $after, odd: $odd) {
    nodes { value } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } edges { cursor }
  } }
}"""


def page(client: NumbersClient, **variables: Any) -> dict[str, Any]:
    result = asyncio.run(run(PAGE, client, **variables))
    assert result.errors is None
    assert result.data is not None
    found: dict[str, Any] = result.data["numbers"]["all"]
    return found


def refused(selection: str, **variables: Any) -> tuple[Exception | None, NumbersClient]:
    client = NumbersClient()
    result = asyncio.run(run(selection, client, **variables))
    assert result.errors
    return result.errors[0].original_error, client


def test_25_items_from_pages_of_10_are_three_calls_and_the_next_page_starts_at_26() -> None:
    client = NumbersClient()

    first = page(client, first=25)
    assert [node["value"] for node in first["nodes"]] == list(range(25))
    assert first["pageInfo"]["hasNextPage"] is True
    assert len(client.calls) == 3

    second = page(client, first=25, after=first["pageInfo"]["endCursor"])
    assert [node["value"] for node in second["nodes"]] == list(range(25, 50))
    assert second["pageInfo"]["hasPreviousPage"] is True


def test_every_edge_can_be_resumed_behind() -> None:
    edges = page(NumbersClient(), first=25)["edges"]

    starts = [page(NumbersClient(), first=1, after=edge["cursor"])["nodes"][0]["value"] for edge in edges]

    assert starts == list(range(1, 26))


def test_twenty_is_what_you_get_without_asking() -> None:
    assert len(page(NumbersClient())["nodes"]) == 20


def test_the_last_page_says_so() -> None:
    assert page(NumbersClient(), first=100)["pageInfo"]["hasNextPage"] is False


def test_a_cursor_of_another_argument_is_refused_without_a_call() -> None:
    cursor = page(NumbersClient(), odd=True)["pageInfo"]["endCursor"]

    error, client = refused(PAGE, after=cursor, odd=False)

    assert isinstance(error, InvalidCursor)
    assert client.calls == []


def test_reading_backward_where_the_upstream_cannot_is_refused_without_a_call() -> None:
    error, client = refused("{ numbers { all(last: 10) { nodes { value } } } }")

    assert isinstance(error, BackwardPaginationUnsupported)
    assert client.calls == []


@pytest.mark.parametrize(
    "arguments", ["first: -1", "first: 1001", "last: -1", "first: 1, last: 1", 'first: 1, before: "x"']
)
def test_arguments_that_make_no_sense_are_refused_without_a_call(arguments: str) -> None:
    error, client = refused(f"{{ numbers {{ all({arguments}) {{ nodes {{ value }} }} }} }}")

    assert isinstance(error, BadInput)
    assert client.calls == []


@pytest.mark.parametrize(
    ("selection", "found", "windows"),
    [
        ("nodes { value } edges { cursor }", {"nodes": [], "edges": []}, []),
        ("pageInfo { hasPreviousPage startCursor }", {"pageInfo": {"hasPreviousPage": False, "startCursor": None}}, []),
        ("pageInfo { hasNextPage }", {"pageInfo": {"hasNextPage": True}}, [Window(1)]),
        ("totalCount nodes { value }", {"totalCount": 100, "nodes": []}, [Window(1, count=True)]),
    ],
)
def test_none_at_all_costs_a_call_only_where_something_is_to_be_known(
    selection: str, found: dict[str, Any], windows: list[Window]
) -> None:
    client = NumbersClient()

    result = asyncio.run(run(f"{{ numbers {{ all(first: 0) {{ {selection} }} }} }}", client))

    assert (result.errors, result.data) == (None, {"numbers": {"all": found}})
    assert [window for _, (window, _) in client.calls] == windows


def test_an_expired_upstream_cursor_is_said_to_be_so() -> None:
    cursor = CursorCodec(b"test").encode(listing_of("numbers", "numbers.list", {"odd": None}), Position("gone"))

    error, _ = refused(PAGE, after=cursor)

    assert isinstance(error, CursorExpired)


@pytest.mark.parametrize(("selection", "counted"), [("totalCount nodes { value }", True), ("nodes { value }", False)])
def test_the_total_is_asked_for_only_when_selected(selection: str, counted: bool) -> None:
    client = NumbersClient()
    asyncio.run(run(f"{{ numbers {{ all(first: 25) {{ {selection} }} }} }}", client))

    assert [window.count for _, (window, _) in client.calls] == [counted, False, False]


def test_the_total_is_that_of_the_whole_list() -> None:
    result = asyncio.run(run("{ numbers { all(first: 1, odd: true) { totalCount } } }"))

    assert result.data == {"numbers": {"all": {"totalCount": 50}}}


@pytest.mark.parametrize(
    "selection", ["nodes { value }", "edges { node { value } }", "...F @include(if: true) edges { node { ...N } }"]
)
def test_only_the_selected_fields_are_asked_for(selection: str) -> None:
    client = NumbersClient()
    fragments = "fragment F on NumberConnection { nodes { id @skip(if: true) value } } fragment N on Number { value }"
    document = f"{{ numbers {{ all(first: 1) {{ {selection} }} }} }}" + (fragments if "...F" in selection else "")
    asyncio.run(run(document, client))

    assert client.calls[0][1][1] == {"value"}
