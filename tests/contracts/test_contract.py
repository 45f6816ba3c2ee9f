import json
from typing import Any

import pytest

from tests.contracts.contract import Contract
from tests.providers.worlds import Exchange

APPLE = {
    "type": "object",
    "required": ["id", "grams"],
    "properties": {
        "id": {"type": "string"},
        "grams": {"type": "integer"},
        "tree": {"anyOf": [{"type": "string"}, {"$ref": "#/components/schemas/tree"}], "nullable": True},
    },
}
TREE = {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}, "age": {"type": "integer"}}}
ANSWERS = {
    "200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/apple"}}}},
    "default": {
        "content": {"application/json": {"schema": {"properties": {"ok": {"enum": [False]}}, "required": ["ok"]}}}
    },
}
PICKED = {
    "type": "object",
    "required": ["grams"],
    "properties": {
        "grams": {"type": "integer"},
        "tags": {"type": "object", "additionalProperties": {"type": "string"}},
    },
}
CONTRACT = Contract(
    {
        "servers": [{"url": "https://orchard.example/v1"}],
        "components": {"schemas": {"apple": APPLE, "tree": TREE}},
        "paths": {
            "/apples/{id}": {
                "get": {
                    "parameters": [
                        {"in": "query", "name": "expand", "schema": {"type": "array", "items": {"type": "string"}}},
                        {"in": "query", "name": "since", "required": True, "schema": {"type": "integer"}},
                    ],
                    "responses": ANSWERS,
                }
            },
            "/apples": {
                "post": {
                    "requestBody": {"content": {"application/x-www-form-urlencoded": {"schema": PICKED}}},
                    "responses": {"200": {"description": "Picked."}},
                }
            },
        },
    }
)


def got(answer: Any, query: str = "since=1", path: str = "/v1/apples/1", status: int = 200) -> list[str]:
    exchange = Exchange("apples.get", "GET", path, query, "", b"", status, json.dumps(answer).encode())
    return sorted(CONTRACT.breaches(exchange))


def posted(body: str, content_type: str = "application/x-www-form-urlencoded") -> list[str]:
    exchange = Exchange("apples.pick", "POST", "/v1/apples", "", content_type, body.encode(), 200, b"")
    return sorted(CONTRACT.breaches(exchange))


@pytest.mark.parametrize("tree", [None, "t1", {"id": "t1", "age": 40}])
def test_what_the_contract_has_breaks_nothing(tree: Any) -> None:
    assert got({"id": "a", "grams": 120, "tree": tree}, "since=1&expand%5B%5D=tree&expand%5B%5D=age") == []


@pytest.mark.parametrize(
    ("answer", "breach"),
    [
        ({"id": "a"}, "grams is missing"),
        ({"id": "a", "grams": "120"}, "grams is no integer"),
        ({"id": "a", "grams": 120, "colour": "red"}, "colour is not in the contract"),
        ({"id": "a", "grams": 120, "tree": {"age": 40}}, "tree.id is missing"),
        ({"id": "a", "grams": 120, "tree": {"id": "t", "rings": 40}}, "tree.rings is not in the contract"),
    ],
)
def test_an_answer_of_another_shape_is_told_by_its_place(answer: Any, breach: str) -> None:
    assert got(answer) == [f"GET /apples/{{id}} answer: {breach}"]


def test_an_error_that_comes_as_a_success_is_an_error() -> None:
    assert got({"ok": False}) == []


@pytest.mark.parametrize(
    ("query", "breach"),
    [
        ("since=1&until=2", "until is not in the contract"),
        ("since=never", "since is no integer"),
        ("expand[]=tree", "since is missing"),
    ],
)
def test_a_parameter_that_there_is_not_and_a_wrong_or_missing_one_is_told(query: str, breach: str) -> None:
    assert got({"id": "a", "grams": 120}, query) == [f"GET /apples/{{id}} query: {breach}"]


@pytest.mark.parametrize("path", ["/v2/apples/1", "/v1/pears/1", "/v1/apples/1/tree"])
def test_an_operation_that_there_is_not_is_told(path: str) -> None:
    assert got({}, path=path) == [f"GET {path}: no such operation"]


@pytest.mark.parametrize(
    ("body", "breaches"),
    [
        ("grams=120&tags[kind]=gala", []),
        ("grams=much", ["grams is no integer"]),
        ("tags[kind]=gala&worm=1", ["grams is missing", "worm is not in the contract"]),
    ],
)
def test_a_form_is_read_as_its_schema_has_it(body: str, breaches: list[str]) -> None:
    assert posted(body) == [f"POST /apples body: {breach}" for breach in breaches]


def test_a_body_of_another_kind_is_told_and_read_all_the_same() -> None:
    assert posted('{"worm": 1}', "application/json") == [
        "POST /apples body: application/json is not in the contract",
        "POST /apples body: grams is missing",
        "POST /apples body: worm is not in the contract",
    ]
