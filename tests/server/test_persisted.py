"""Documents that are named rather than sent, over HTTP, over the toy graph."""

import json
from pathlib import Path
from typing import Any

import httpx2
import pytest

from connectors.connector import ConfigurationError
from server.persisted import Persisted, hash_of, persisted
from server.requests import GraphQLRequest
from server.settings import Settings
from tests.server.toy import ToyClient, ask, toy_app

ECHO = "query($text: String) { echo(text: $text) }"
CHANGE = "mutation { change }"
NEW = "application/graphql-response+json"


def hashed(text: str, version: int = 1) -> dict[str, Any]:
    return {"persistedQuery": {"version": version, "sha256Hash": hash_of(text)}}


def codes(response: httpx2.Response) -> list[str]:
    return [error["extensions"]["code"] for error in response.json()["errors"]]


def post(app: Any, **body: Any) -> httpx2.Response:
    return ask("POST", "/graphql", app=app, json=body, headers={"Accept": NEW})


def get(app: Any, **parameters: Any) -> httpx2.Response:
    texts = {name: value if isinstance(value, str) else json.dumps(value) for name, value in parameters.items()}
    return ask("GET", "/graphql", app=app, params=texts, headers={"Accept": NEW})


def test_a_document_that_was_sent_with_its_hash_is_known_by_it_from_then_on() -> None:
    app = toy_app()

    before = post(app, extensions=hashed(ECHO))
    sent = post(app, query=ECHO, extensions=hashed(ECHO), variables={"text": "one"})
    after = post(app, extensions=hashed(ECHO), variables={"text": "two"})
    by_get = get(app, extensions=hashed(ECHO), variables={"text": "three"})

    assert (before.status_code, codes(before)) == (400, ["PERSISTED_QUERY_NOT_FOUND"])
    assert before.json()["errors"][0]["message"] == "PersistedQueryNotFound"
    assert [answer.json() for answer in (sent, after, by_get)] == [
        {"data": {"echo": text}} for text in ("one", "two", "three")
    ]


def test_a_document_may_be_registered_by_get_and_named_by_its_prefixed_id() -> None:
    app = toy_app()

    get(app, query=ECHO, extensions=hashed(ECHO))
    answer = post(app, documentId=f"sha256:{hash_of(ECHO)}", variables={"text": "hello"})

    assert answer.json() == {"data": {"echo": "hello"}}


def test_another_hash_is_refused_and_nothing_is_remembered() -> None:
    app = toy_app()

    refused = post(app, query=ECHO, extensions=hashed("{ echo }"))

    assert (refused.status_code, codes(refused)) == (400, ["PERSISTED_QUERY_HASH_MISMATCH"])
    assert codes(post(app, extensions=hashed("{ echo }"))) == ["PERSISTED_QUERY_NOT_FOUND"]


def test_a_wrong_document_is_not_remembered() -> None:
    app = toy_app()

    post(app, query="{ nope }", extensions=hashed("{ nope }"))

    assert codes(post(app, extensions=hashed("{ nope }"))) == ["PERSISTED_QUERY_NOT_FOUND"]


def test_a_mutation_that_is_named_is_still_refused_by_get() -> None:
    client = ToyClient()
    app = toy_app(client)
    post(app, query=CHANGE, extensions=hashed(CHANGE))

    response = get(app, extensions=hashed(CHANGE))

    assert response.status_code == 405
    assert client.calls == ["change"]


@pytest.mark.parametrize(
    ("extensions", "code"),
    [
        (hashed(ECHO, version=2), "PERSISTED_QUERY_NOT_SUPPORTED"),
        ({"persistedQuery": {"version": 1}}, "BAD_REQUEST"),
        ({"persistedQuery": {"version": 1, "sha256Hash": 7}}, "BAD_REQUEST"),
        ({"persistedQuery": "ECHO"}, "BAD_REQUEST"),
        ({"persistedQuery": None}, "BAD_REQUEST"),
        ({}, "BAD_REQUEST"),
    ],
)
def test_what_is_no_name_of_a_document_is_refused(extensions: dict[str, Any], code: str) -> None:
    response = post(toy_app(), extensions=extensions)

    assert (response.status_code, codes(response)) == (400, [code])


def test_the_oldest_documents_are_forgotten_for_new_ones() -> None:
    kept = Persisted(max_bytes=1_200)
    for text in ("{ a1234567 }", "{ b }", "{ c1234567 }"):
        kept.keep(GraphQLRequest(text, sha256=hash_of(text)))

    assert kept.text_of(GraphQLRequest("", sha256=hash_of("{ b }"))) == "{ b }"
    with pytest.raises(Exception, match="PersistedQueryNotFound"):
        kept.text_of(GraphQLRequest("", sha256=hash_of("{ a1234567 }")))


def test_a_document_too_large_to_keep_is_not_kept() -> None:
    Persisted(max_bytes=5).keep(GraphQLRequest("{ hello }", sha256=hash_of("{ hello }")))


def test_trusted_documents_are_known_by_id_and_by_hash() -> None:
    app = toy_app(persisted=Persisted({"echo": ECHO}))

    by_id = post(app, documentId="echo", variables={"text": "id"})
    by_hash = post(app, extensions=hashed(ECHO), variables={"text": "hash"})
    unknown = post(app, documentId="nope")

    assert (by_id.json(), by_hash.json()) == ({"data": {"echo": "id"}}, {"data": {"echo": "hash"}})
    assert codes(unknown) == ["PERSISTED_QUERY_NOT_FOUND"]


@pytest.mark.parametrize(
    "body",
    [
        {"query": "{ echo }"},
        {"query": "{ echo }", "documentId": "echo"},
        {"query": "{ echo }", "extensions": hashed("{ echo }")},
        {"query": "{ __schema { queryType { name } } }"},
        {"query": ECHO + " "},
        {"query": ""},
        {"documentId": "nope"},
        {"extensions": hashed("{ echo }")},
    ],
)
def test_where_only_trusted_documents_run_all_else_is_refused(body: dict[str, Any]) -> None:
    response = post(toy_app(persisted=Persisted({"echo": ECHO}, only=True)), **body)

    assert (response.status_code, codes(response)) == (400, ["DOCUMENT_NOT_TRUSTED"])


@pytest.mark.parametrize("body", [{"query": ECHO}, {"documentId": "echo"}, {"extensions": hashed(ECHO)}])
def test_where_only_trusted_documents_run_they_run_however_they_are_named(body: dict[str, Any]) -> None:
    response = post(toy_app(persisted=Persisted({"echo": ECHO}, only=True)), **body, variables={"text": "yes"})

    assert response.json() == {"data": {"echo": "yes"}}


def test_the_operator_lists_documents_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "documents.json"
    file.write_text(json.dumps({"echo": ECHO}))

    found = persisted(Settings(trusted_documents=file, trusted_only=True))

    assert found.text_of(GraphQLRequest("", document_id="echo")) == ECHO


@pytest.mark.parametrize("text", ["", "[]", '{"echo": 1}', None])
def test_a_file_that_is_no_list_of_documents_is_an_error_of_configuration(tmp_path: Path, text: str | None) -> None:
    file = tmp_path / "documents.json"
    if text is not None:
        file.write_text(text)

    with pytest.raises(ConfigurationError, match=r"^PUNNET_TRUSTED_DOCUMENTS: "):
        persisted(Settings(trusted_documents=file))


def test_trusting_only_what_is_listed_needs_a_list() -> None:
    with pytest.raises(ConfigurationError, match="PUNNET_TRUSTED_DOCUMENTS"):
        persisted(Settings(trusted_only=True))
