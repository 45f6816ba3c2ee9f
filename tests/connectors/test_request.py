"""Requests made and remade without the detours of `httpx2.Request`, which says what they must look like."""

from typing import Any

import httpx2
import pytest

from connectors.call import Call, call_of
from connectors.headers import fields_of
from connectors.request import made, rebuilt

CALL = Call(operation="things.list", safe=True)


def same(ours: httpx2.Request, theirs: httpx2.Request) -> bool:
    facts = [(r.method, r.url, sorted(r.headers.multi_items()), r.content) for r in (ours, theirs)]
    return facts[0] == facts[1]


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("content", [b"", b'{"a": 1}'])
@pytest.mark.parametrize(
    "url", ["https://toy.example/api?q=%C3%A4", "http://127.0.0.1:8080/", "https://bücher.example"]
)
def test_a_request_is_what_httpx2_makes_of_it(method: str, content: bytes, url: str) -> None:
    headers = {"Accept": "application/json", "Toy-Version": "3"}

    assert same(
        made(CALL, method, url, headers=headers, content=content),
        httpx2.Request(method, url, headers=headers, content=content),
    )


def test_requests_made_alike_share_nothing_that_changes() -> None:
    first, second = made(CALL, "GET", "https://toy.example/"), made(CALL, "GET", "https://toy.example/")
    first.headers["Authorization"] = "token"
    first.extensions["verdict"] = "seen"

    assert "Authorization" not in second.headers
    assert second.extensions == {"call": CALL}


def test_headers_count_that_were_changed_where_they_were_looked_at() -> None:
    request = made(CALL, "GET", "https://toy.example/", headers={"Accept": "text/plain"})
    before = fields_of(request)
    request.headers["Accept"] = "application/json"

    assert before == {"host": "Host: toy.example", "accept": "Accept: text/plain"}
    assert fields_of(request) == {"host": "Host: toy.example", "accept": "Accept: application/json"}
    assert rebuilt(request).headers["accept"] == "application/json"


@pytest.mark.parametrize(
    "changes",
    [
        {"url": "https://other.example:444/b"},
        {"content": b"longer than before"},
        {"headers": {"authorization": "token", "Accept": "text/plain"}},
        {"url": "https://other.example/", "content": b"", "headers": {"X-New": "1"}},
    ],
)
def test_a_copy_differs_in_what_was_asked_for_and_is_complete(changes: dict[str, Any]) -> None:
    request = made(CALL, "POST", "https://toy.example/a", headers={"Accept": "application/json"}, content=b"{}")
    wanted: dict[str, Any] = {"url": request.url, "content": request.content, **changes}
    wanted["headers"] = {"Accept": "application/json"} | {k.title(): v for k, v in changes.get("headers", {}).items()}

    copy = rebuilt(request, **changes)
    assert same(copy, httpx2.Request("POST", **wanted))
    assert call_of(copy) is CALL
    assert (request.url.host, request.content, "authorization" in request.headers) == ("toy.example", b"{}", False)
