import asyncio

import httpx2
import pytest
from starlette.testclient import TestClient
from starlette.types import Message
from starlette.websockets import WebSocketDisconnect

from server.doors import names_of
from tests.server.toy import ask, toy_app

QUERY = {"query": "{ __typename }"}


def posted(host: str, allowed_hosts: str | None = None) -> httpx2.Response:
    return ask("POST", "/graphql", app=toy_app(allowed_hosts=allowed_hosts), json=QUERY, headers={"Host": host})


@pytest.mark.parametrize("host", ["localhost", "localhost:8000", "127.0.0.1:8000", "[::1]:8000", "LOCALHOST"])
def test_this_machines_own_names_are_let_in(host: str) -> None:
    assert posted(host).status_code == 200


@pytest.mark.parametrize("host", ["attacker.example", "attacker.example:80", "", "[::1", "localhost.attacker.example"])
def test_another_name_is_refused_whatever_it_resolves_to(host: str) -> None:
    response = posted(host)

    assert response.status_code == 421
    assert response.json()["errors"][0]["extensions"]["code"] == "HOST_NOT_ALLOWED"


def test_the_operator_says_which_names_there_are() -> None:
    assert posted("gate.example", allowed_hosts="gate.example, other.example").status_code == 200
    assert posted("localhost", allowed_hosts="gate.example").status_code == 421


@pytest.mark.parametrize(("host", "names"), [("0.0.0.0", None), ("::", None), ("10.0.0.5", "10.0.0.5")])
def test_who_listens_everywhere_lets_every_name_in(host: str, names: str | None) -> None:
    found = names_of(host, None)

    assert found is None if names is None else found is not None and names in found


def preflight(origin: str, allowed_origins: str | None = None) -> httpx2.Response:
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
    app = toy_app(allowed_origins=allowed_origins)
    return ask("OPTIONS", "/graphql", app=app, headers={"Origin": origin, **asked})


def test_pages_of_other_sites_may_not_ask_unless_they_are_let() -> None:
    assert "access-control-allow-origin" not in preflight("https://app.example").headers
    let = preflight("https://app.example", allowed_origins="https://app.example")
    assert (let.status_code, let.headers["access-control-allow-origin"]) == (200, "https://app.example")
    assert (
        "access-control-allow-origin" not in preflight("https://b.example", allowed_origins="https://a.example").headers
    )


def test_a_websocket_is_for_pages_of_the_sites_that_are_let() -> None:
    client = TestClient(toy_app(allowed_origins="https://a.example, https://app.example"))

    def connect(origin: str) -> None:
        with client.websocket_connect("/graphql", ["graphql-transport-ws"], headers={"Origin": origin}):
            pass

    connect("https://app.example")
    with pytest.raises(WebSocketDisconnect) as caught:
        connect("https://b.example")
    assert caught.value.code == 1008


def test_a_websocket_for_another_name_is_closed() -> None:
    sent: list[dict[str, object]] = []

    async def connect() -> None:
        scope = {"type": "websocket", "path": "/graphql", "headers": [(b"host", b"attacker.example")]}

        async def receive() -> dict[str, object]:
            return {"type": "websocket.connect"}

        async def send(message: dict[str, object]) -> None:
            sent.append(message)

        await toy_app()(scope, receive, send)  # type: ignore[arg-type]

    asyncio.run(connect())
    assert [message["type"] for message in sent] == ["websocket.close"]


@pytest.mark.parametrize(
    ("version", "allowed", "status"), [("1.1", None, 400), ("1.1", "x.example", 400), ("1.0", None, 200)]
)
def test_a_request_by_http_1_1_has_to_say_which_host_it_is_for(version: str, allowed: str | None, status: int) -> None:
    app, sent = toy_app(host="0.0.0.0" if allowed is None else "127.0.0.1", allowed_hosts=allowed), []
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/graphql",
        "http_version": version,
        "query_string": b"query={__typename}",
        "headers": [],
    }

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(app(scope, receive, send))

    assert sent[0]["status"] == status
