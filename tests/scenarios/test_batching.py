"""Scenarios 8 to 12: joins, through a gateway over HTTP."""

import json
from typing import Any

import pytest

from connectors.sandbox.faults import Fault
from schema.relay import global_id
from tests.depot.sandbox import DepotSandbox
from tests.gateway import Gateway

NEXT = "query($first: Int) { depot { stock(first: $first) { nodes { upstreamId next { upstreamId label } } } } }"
ALONE = "{ depot { stock(first: 5) { nodes { upstreamId nextAlone { label } } } } }"


def ids(gateway: Gateway, operation: str) -> list[list[str]]:
    return [json.loads(call.body)["ids"] for call in gateway.sandboxes["depot"].calls if call.operation == operation]


@pytest.mark.parametrize("clumsy", [False, True])
def test_8_fifty_parents_with_a_child_each_are_one_batch_matched_by_key(gateway: Gateway, clumsy: bool) -> None:
    gateway.sandbox("depot", DepotSandbox).clumsy = clumsy

    parcels = gateway.data(NEXT, first=50)["depot"]["stock"]["nodes"]

    assert all(int(p["next"]["upstreamId"][1:]) == int(p["upstreamId"][1:]) + 2 for p in parcels)
    assert [len(batch) for batch in ids(gateway, "parcels.batch")] == [50]


def test_8_no_batch_is_larger_than_the_upstream_takes(gateway: Gateway) -> None:
    parcels = gateway.data(NEXT, first=250)["depot"]["stock"]["nodes"]

    assert len(parcels) == 250
    assert sorted(len(batch) for batch in ids(gateway, "parcels.batch")) == [50, 100, 100]


def test_8_fifty_customers_with_contact_and_payments_cost_what_the_batch_limits_require(gateway: Gateway) -> None:
    query = """{ stripe { customers(first: 50) { nodes {
      email salesforceContact { email title account { name } } paymentIntents(first: 5) { nodes { amount { amount } } }
    } } } }"""

    customers = gateway.data(query)["stripe"]["customers"]["nodes"]

    joined = [c for c in customers if c["salesforceContact"]]
    assert len(joined) >= 40
    assert all(c["salesforceContact"]["email"] == c["email"] for c in joined)
    assert gateway.calls("stripe").count("customers.list") == 1
    assert gateway.calls("stripe").count("payment_intents.list") == 50
    assert gateway.calls("salesforce") == ["login", "query", "query"]
    assert len(gateway.calls("stripe")) == 51


def test_8_charges_bring_their_customers_along(gateway: Gateway) -> None:
    charges = gateway.data("{ stripe { charges(first: 50) { nodes { id customer { email } } } } }")

    assert len(charges["stripe"]["charges"]["nodes"]) == 50
    assert gateway.calls("stripe") == ["charges.list"]


def test_9_a_batch_with_three_failures_is_97_values_and_three_errors_with_their_paths(gateway: Gateway) -> None:
    gateway.sandbox("depot", DepotSandbox).broken = {"p007": "LOCKED", "p050": "GONE", "p099": "LOCKED"}
    wanted = [global_id("DepotParcel", f"p{n:03}") for n in range(100)]

    answer = gateway.ask("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=wanted)

    assert [error["path"] for error in answer["errors"]] == [["nodes", n] for n in (7, 50, 99)]
    assert {error["extensions"]["code"] for error in answer["errors"]} == {"UPSTREAM_REJECTED"}
    assert [n for n, node in enumerate(answer["data"]["nodes"]) if node is None] == [7, 50, 99]


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (Fault(operation="parcels.get", times=None, status=404), "UPSTREAM_NOT_FOUND"),
        (Fault(operation="parcels.get", times=None, status=500), "UPSTREAM_UNAVAILABLE"),
        (Fault(operation="parcels.get", times=None, latency_s=0.7), "UPSTREAM_TIMEOUT"),
        (Fault(operation="parcels.get", times=None, status=403), "UPSTREAM_REJECTED"),
        (Fault(operation="parcels.get", times=None, malformed=True), "UPSTREAM_PAYLOAD_MISMATCH"),
    ],
)
def test_10_what_fails_for_one_item_has_its_own_code(gateway: Gateway, fault: Fault, code: str) -> None:
    gateway.sandboxes["depot"].faults.add(fault)

    answer = gateway.ask(ALONE)

    nodes = answer["data"]["depot"]["stock"]["nodes"]
    assert [node["upstreamId"] for node in nodes] == [f"p{n:03}" for n in range(5)]
    assert [node["nextAlone"] for node in nodes] == [None] * 5
    paths = [["depot", "stock", "nodes", n, "nextAlone"] for n in range(5)]
    assert sorted(error["path"] for error in answer["errors"]) == paths
    assert {error["extensions"]["code"] for error in answer["errors"]} == {code}


def test_10_siblings_of_a_failed_item_are_intact(gateway: Gateway) -> None:
    gateway.sandboxes["depot"].faults.add(Fault(operation="parcels.get", skip=2, times=1, status=404))

    answer = gateway.ask(ALONE)

    values = [node["nextAlone"] for node in answer["data"]["depot"]["stock"]["nodes"]]
    assert sum(value is None for value in values) == 1
    (error,) = answer["errors"]
    assert values[error["path"][3]] is None


def test_11_the_same_entity_at_five_places_is_one_call(gateway: Gateway) -> None:
    one = global_id("DepotParcel", "p005")
    places = " ".join(f'n{place}: node(id: "{one}") {{ ... on DepotParcel {{ label }} }}' for place in range(5))

    answer = gateway.data(f"{{ {places} }}")

    assert {node["label"] for node in answer.values()} == {"Parcel 5"}
    assert ids(gateway, "parcels.batch") == [["p005"]]


def test_12_a_rest_upstream_is_asked_for_the_selected_fields(gateway: Gateway) -> None:
    gateway.data("{ depot { parcelList(first: 1) { nodes { label } } } }")
    gateway.data("{ depot { parcelList(first: 1) { nodes { grams next { id } } } } }")

    queries = [call.query for call in gateway.sandboxes["depot"].calls if call.operation == "parcels.list"]
    assert [query.split("fields=")[1] for query in queries] == ["label", "grams%2Cnext_id"]


def test_12_soql_has_the_selected_columns(gateway: Gateway) -> None:
    gateway.data("{ salesforce { contacts(first: 1) { nodes { firstName title } } } }")

    body = gateway.sandboxes["salesforce"].calls[-1].body.decode()
    soql = body.split("SELECT ")[1].split(" FROM")[0]
    assert {column.strip() for column in soql.split(",")} == {"Id", "FirstName", "Title"}


def test_12_github_is_asked_for_the_selected_fields_in_one_document(gateway: Gateway) -> None:
    login = gateway.people[0].login
    gateway.data(
        """query($login: String!) { github {
          viewer { login } user(login: $login) { name repositories(first: 3) { nodes { nameWithOwner } } }
        } }""",
        login=login,
    )

    (call,) = gateway.sandboxes["github"].calls
    document: Any = json.loads(call.body)["query"]
    assert all(word in document for word in ("viewer", "nameWithOwner", "name"))
    assert not any(word in document for word in ("description", "stargazerCount", "bio", "totalCount"))
