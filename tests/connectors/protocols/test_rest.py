"""REST calls as they go out and come back."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qsl, urlencode

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.call import Scope, call_of
from connectors.errors import NotAuthorized, NotFound, PayloadMismatch, UpstreamRejected, UpstreamUnavailable
from connectors.judgement import by_status
from connectors.protocols.rest import Rest, encoded, flattened, ids_in, segment
from connectors.upstream import Endpoint


class Wire:
    """Answers every request alike and keeps the last one."""

    def __init__(self, status: int = 200, content: bytes = b"{}") -> None:
        self._status, self._content = status, content
        self.request: httpx2.Request

    async def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.request = request
        response = httpx2.Response(self._status, content=self._content)
        response.extensions["verdict"] = by_status(response, 0.0)
        return response

    def rest(self, **options: Any) -> Rest:
        return Rest(Endpoint("toy", "https://toy.example/api", self, Scope()), **options)


def called(call: Callable[[Rest], Awaitable[Any]], wire: Wire, **options: Any) -> Any:
    async def run() -> Any:
        return await call(wire.rest(**options))

    return asyncio.run(run())


def test_a_write_without_a_body_sends_none() -> None:
    wire = Wire()
    called(lambda rest: rest.post("/things/1", operation="things.delete", method="DELETE"), wire)

    assert wire.request.content == b""
    assert "content-type" not in wire.request.headers


@pytest.mark.parametrize("value", [None, [], "text", 1])
def test_what_must_be_an_object_is_one(value: object) -> None:
    rest = Wire().rest()

    assert rest.object({"a": 1}, "things.get") == {"a": 1}
    with pytest.raises(PayloadMismatch):
        rest.object(value, "things.get")


@pytest.mark.parametrize("value", [None, {}, "text", [{}, None]])
def test_what_must_be_a_list_of_objects_is_one(value: object) -> None:
    rest = Wire().rest()

    assert rest.objects([{"a": 1}], "things.list") == [{"a": 1}]
    with pytest.raises(PayloadMismatch, match="things"):
        rest.objects(value, "things.list", path="things")


def test_nested_parameters_are_named_with_brackets() -> None:
    parameters = {"expand": ["a", "b"], "metadata": {"k": 1}, "items": [{"price": "p"}, {"price": "q"}], "a": {"b": {}}}

    assert list(flattened(parameters)) == [
        ("expand[]", "a"),
        ("expand[]", "b"),
        ("metadata[k]", "1"),
        ("items[0][price]", "p"),
        ("items[1][price]", "q"),
    ]


def test_nothing_is_left_out_and_booleans_are_words() -> None:
    assert list(flattened({"a": None, "b": True, "c": False, "d": 0, "e": ""})) == [
        ("b", "true"),
        ("c", "false"),
        ("d", "0"),
        ("e", ""),
    ]


@given(st.lists(st.tuples(st.text("aZ09_.~-&=% ä[]", max_size=3), st.text("aZ09_.~-&=% ä[]", max_size=3)), max_size=3))
def test_parameters_are_encoded_as_forms_are(pairs: list[tuple[str, str]]) -> None:
    assert encoded(pairs) == urlencode(pairs)


def test_an_empty_segment_cannot_make_a_list_of_an_object() -> None:
    with pytest.raises(ValueError, match="empty"):
        segment("")


@pytest.mark.parametrize("letters", [33_000, 70_000, 1_000_000])
def test_an_address_that_is_too_long_is_not_sent(letters: int) -> None:
    wire = Wire()

    with pytest.raises(UpstreamRejected) as caught:
        called(lambda rest: rest.get(f"/things/{segment('x' * letters)}", operation="things.get"), wire)
    assert (caught.value.status, hasattr(wire, "request")) == (414, False)


@pytest.mark.parametrize("value", ["../admin", "a/b", "..", ".", "a?b=c", "a#b", "%2e%2e", "ä b", "a\\b", "a\r\nb"])
def test_a_segment_cannot_reach_another_path(value: str) -> None:
    url = httpx2.URL(f"https://toy.example/things/{segment(value)}")

    assert url.raw_path.count(b"/") == 2
    assert url.raw_path.startswith(b"/things/")
    assert not url.query
    assert not url.fragment


def test_a_query_goes_behind_the_path_and_keeps_its_meaning() -> None:
    wire = Wire()
    called(lambda rest: rest.get("/things", {"q": "a&b=c", "created": {"gte": 5}}, operation="things.list"), wire)

    assert wire.request.method == "GET"
    assert wire.request.url.path == "/api/things"
    assert parse_qsl(wire.request.url.query.decode()) == [("q", "a&b=c"), ("created[gte]", "5")]
    assert wire.request.content == b""


def test_a_read_is_safe_and_a_write_is_not() -> None:
    wire = Wire()
    called(lambda rest: rest.get("/things", operation="things.list"), wire)
    read = call_of(wire.request)
    called(lambda rest: rest.post("/things", operation="things.create"), wire)
    write = call_of(wire.request)
    called(lambda rest: rest.post("/things/search", operation="things.search", safe=True), wire)
    search = call_of(wire.request)

    assert (read.operation, read.safe, read.repeatable) == ("things.list", True, True)
    assert (write.operation, write.safe, write.repeatable) == ("things.create", False, False)
    assert search.repeatable


def test_a_write_with_an_idempotency_key_may_be_repeated() -> None:
    wire = Wire()
    called(
        lambda rest: rest.post(
            "/things", operation="things.create", idempotency_key="k", headers={"Idempotency-Key": "k"}, bucket="writes"
        ),
        wire,
    )

    call = call_of(wire.request)
    assert (call.repeatable, call.idempotency_key, call.bucket) == (True, "k", "writes")
    assert wire.request.headers["idempotency-key"] == "k"


def test_a_json_body_says_so() -> None:
    wire = Wire()
    called(lambda rest: rest.post("/things", {"name": "Ä", "tags": ["x"]}, operation="things.create"), wire)

    assert wire.request.headers["content-type"] == "application/json"
    assert wire.request.content == '{"name":"Ä","tags":["x"]}'.encode()


def test_a_form_body_says_so() -> None:
    wire = Wire()
    called(
        lambda rest: rest.post("/things", {"name": "Ä &", "tags": ["x"]}, operation="things.create"), wire, body="form"
    )

    assert wire.request.headers["content-type"] == "application/x-www-form-urlencoded"
    assert parse_qsl(wire.request.content.decode()) == [("name", "Ä &"), ("tags[]", "x")]


def test_headers_of_the_client_go_with_every_request() -> None:
    wire = Wire()
    called(lambda rest: rest.get("/things", operation="things.list"), wire, headers={"Toy-Version": "3"})

    assert wire.request.headers["toy-version"] == "3"
    assert wire.request.headers["accept"] == "application/json"


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_writes_come_by_other_methods_too(method: Any) -> None:
    wire = Wire()
    called(lambda rest: rest.post("/things/1", {"a": 1}, operation="things.change", method=method), wire)

    assert wire.request.method == method


def test_an_empty_answer_is_nothing() -> None:
    answer = called(lambda rest: rest.post("/things", operation="things.create"), Wire(202, b""))

    assert answer is None


@pytest.mark.parametrize("content", [b"<html>", b'{"cut":', b"\xff\xfe"])
def test_an_answer_that_is_not_json_is_a_mismatch(content: bytes) -> None:
    with pytest.raises(PayloadMismatch) as caught:
        called(lambda rest: rest.get("/things", operation="things.list"), Wire(200, content))

    assert caught.value.operation == "things.list"
    assert caught.value.path == "body"


@pytest.mark.parametrize(
    ("status", "error"), [(401, NotAuthorized), (404, NotFound), (422, UpstreamRejected), (503, UpstreamUnavailable)]
)
def test_a_refusal_is_an_error(status: int, error: type[Exception]) -> None:
    with pytest.raises(error):
        called(lambda rest: rest.get("/things", operation="things.list"), Wire(status, b'{"secret": 1}'))


def test_an_upstream_that_is_down_may_say_for_how_long() -> None:
    async def down(request: httpx2.Request) -> httpx2.Response:
        response = httpx2.Response(503, headers={"Retry-After": "120"}, content=b"{}")
        response.extensions["verdict"] = by_status(response, 0.0)
        return response

    with pytest.raises(UpstreamUnavailable) as caught:
        asyncio.run(Rest(Endpoint("demo", "https://api.demo.example", down, Scope())).get("/", operation="things.list"))
    assert caught.value.retry_after_s == 120


def test_a_refusal_that_is_a_result_gives_its_payload() -> None:
    answer = called(
        lambda rest: rest.post("/pay", operation="pay", results=(402,)), Wire(402, b'{"error": {"code": "declined"}}')
    )

    assert answer == {"error": {"code": "declined"}}


def test_other_refusals_stay_errors_beside_a_result() -> None:
    with pytest.raises(UpstreamRejected):
        called(lambda rest: rest.post("/pay", operation="pay", results=(402,)), Wire(400))


def test_an_answer_holds_the_objects_that_have_an_id_in_it_and_not_those_it_refers_to() -> None:
    content = b'{"data": [{"id" : "ch_1", "customer": {"id":"cus_1"}, "invoice": "in_1", "uid": "x", "n": {"id": 3}}]}'

    assert sorted(ids_in(content)) == ["ch_1", "cus_1"]
    assert ids_in(b'{"id": "\xff"}') == ["\N{REPLACEMENT CHARACTER}"]
