"""Scenarios 1 to 7: lists, through a gateway over HTTP."""

from typing import Any

import pytest

from tests.depot.sandbox import DepotSandbox
from tests.gateway import Gateway

PARCELS = """query($first: Int, $after: String) { depot { parcelList(first: $first, after: $after) {
  edges { cursor node { upstreamId label } } pageInfo { hasNextPage endCursor } } } }"""
STOCK = """query($first: Int, $after: String) { depot { stock(first: $first, after: $after) {
  nodes { upstreamId } pageInfo { hasNextPage endCursor } } } }"""
CUSTOMERS = """query($last: Int, $before: String, $first: Int, $after: String) { stripe {
  customers(last: $last, before: $before, first: $first, after: $after) {
    edges { cursor node { upstreamId createdAt } } pageInfo { hasNextPage hasPreviousPage startCursor } } } }"""


def labels(answer: Any) -> list[str]:
    return [edge["node"]["label"] for edge in answer["depot"]["parcelList"]["edges"]]


def test_1_a_page_ends_inside_an_upstream_page_and_the_next_starts_behind_it(gateway: Gateway) -> None:
    first = gateway.data(PARCELS, first=25)
    info = first["depot"]["parcelList"]["pageInfo"]
    assert labels(first) == [f"Parcel {n}" for n in range(25)]
    assert (info["hasNextPage"], gateway.calls("depot")) == (True, ["parcels.list"] * 3)

    second = gateway.data(PARCELS, first=25, after=info["endCursor"])
    assert labels(second) == [f"Parcel {n}" for n in range(25, 50)]


def test_2_more_than_a_page_holds_is_one_connection_from_full_pages(gateway: Gateway) -> None:
    stock = gateway.data(STOCK, first=250)["depot"]["stock"]

    assert len({node["upstreamId"] for node in stock["nodes"]}) == 250
    limits = [call.query for call in gateway.sandboxes["depot"].calls]
    assert [query.split("&")[0] for query in limits] == ["limit=100", "limit=100", "limit=50"]


def test_3_stripe_reads_backward_in_relay_order(gateway: Gateway) -> None:
    forward = gateway.data(CUSTOMERS, first=30)["stripe"]["customers"]["edges"]
    before = forward[25]["cursor"]

    back = gateway.data(CUSTOMERS, last=10, before=before)["stripe"]["customers"]

    assert [edge["node"] for edge in back["edges"]] == [edge["node"] for edge in forward[15:25]]
    assert back["pageInfo"]["hasNextPage"] is True
    assert back["pageInfo"]["hasPreviousPage"] is True
    assert "ending_before=" in gateway.sandboxes["stripe"].calls[-1].query


def test_3_a_forward_only_upstream_says_so_without_a_call(gateway: Gateway) -> None:
    (error,) = gateway.errors("{ salesforce { contacts(last: 10) { nodes { name } } } }")

    assert error["extensions"]["code"] == "BACKWARD_PAGINATION_UNSUPPORTED"
    assert gateway.calls("salesforce") == []


def test_4_an_expired_cursor_says_so(gateway: Gateway) -> None:
    end = gateway.data(PARCELS, first=25)["depot"]["parcelList"]["pageInfo"]["endCursor"]
    gateway.sandbox("depot", DepotSandbox).forgotten.add("t20")

    (error,) = gateway.errors(PARCELS, first=25, after=end)

    assert error["extensions"] == {"code": "CURSOR_EXPIRED", "upstream": "depot", "operation": "parcels.list"}
    assert error["path"] == ["depot", "parcelList"]


@pytest.mark.parametrize("kind", ["forged", "foreign"])
def test_4_a_cursor_that_is_not_ours_is_refused_without_a_call(gateway: Gateway, kind: str) -> None:
    foreign = gateway.data(STOCK, first=1)["depot"]["stock"]["pageInfo"]["endCursor"]
    gateway.sandboxes["depot"].calls.clear()

    (error,) = gateway.errors(PARCELS, after="bm90IGEgY3Vyc29y" if kind == "forged" else foreign)

    assert (error["extensions"]["code"], gateway.calls("depot")) == ("INVALID_CURSOR", [])


def test_5_past_the_result_window_is_an_error_and_never_a_short_list(gateway: Gateway) -> None:
    query = "query($first: Int) { depot { search(first: $first) { nodes { label } pageInfo { hasNextPage } } } }"

    inside = gateway.data(query, first=60)["depot"]["search"]
    assert (len(inside["nodes"]), inside["pageInfo"]["hasNextPage"]) == (60, True)

    (error,) = gateway.errors(query, first=80)
    assert error["extensions"]["code"] == "RESULT_WINDOW_EXCEEDED"


def test_6_what_is_inserted_between_two_pages_repeats_nothing(gateway: Gateway) -> None:
    depot = gateway.sandbox("depot", DepotSandbox)
    first = gateway.data(STOCK, first=100)["depot"]["stock"]
    depot.ids += [f"p{n:03}a" for n in range(0, 300, 7)]

    second = gateway.data(STOCK, first=100, after=first["pageInfo"]["endCursor"])["depot"]["stock"]

    seen = [node["upstreamId"] for node in first["nodes"] + second["nodes"]]
    assert len(seen) == len(set(seen)) == 200


def test_7_the_total_costs_a_call_only_when_selected(gateway: Gateway) -> None:
    gateway.data("{ depot { parcelList(first: 5) { nodes { label } } } }")
    assert gateway.calls("depot") == ["parcels.list"]

    counted = gateway.data("{ depot { parcelList(first: 5) { totalCount nodes { label } } } }")
    assert counted["depot"]["parcelList"]["totalCount"] == 300
    assert sorted(gateway.calls("depot")[1:]) == ["parcels.count", "parcels.list"]


def test_7_the_total_is_null_where_the_upstream_has_none(gateway: Gateway) -> None:
    assert gateway.data("{ depot { stock { totalCount } } }") == {"depot": {"stock": {"totalCount": None}}}
    assert gateway.data("{ stripe { charges { totalCount } } }") == {"stripe": {"charges": {"totalCount": None}}}
