"""The gateway on a real port, with clients that nobody here wrote."""

import json
import socket
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import httpx2

from tests.server.toy import toy_app
from tests.serving import served

NODE = Path(__file__).parent.parent / "node"


def test_every_audit_of_the_graphql_over_http_working_group_passes() -> None:
    with served(toy_app()) as url:
        ran = subprocess.run(["node", "audit.mjs", f"{url}/graphql"], cwd=NODE, capture_output=True, check=True)

    audits = json.loads(ran.stdout)
    assert len(audits) > 50
    assert [audit for audit in audits if audit["status"] != "ok"] == []


def test_a_body_of_10_mb_is_refused_to_the_clients_face() -> None:
    body = b'{"query": "{ echo }", "filler": "' + b"x" * 10_000_000 + b'"}'

    with served(toy_app()) as url:
        response = httpx2.post(f"{url}/graphql", content=body, headers={"Content-Type": "application/json"})
        following = httpx2.post(f"{url}/graphql", json={"query": "{ echo }"})

    assert response.status_code == 413
    assert response.json()["errors"][0]["message"] == "The body is larger than 1048576 bytes."
    assert following.json() == {"data": {"echo": "hello"}}


def test_a_connection_is_used_again_after_a_request_that_was_wrong() -> None:
    with served(toy_app()) as url, httpx2.Client(base_url=url) as client:
        wrong = client.post("/graphql", content=b"{", headers={"Content-Type": "application/json"})
        right = client.post("/graphql", json={"query": "{ echo }"})

    assert (wrong.status_code, right.status_code) == (400, 200)


def test_a_head_request_has_the_headers_and_no_body() -> None:
    with served(toy_app()) as url, socket.create_connection(("127.0.0.1", urlsplit(url).port or 0)) as connection:
        connection.sendall(
            b"HEAD /graphql HTTP/1.1\r\nHost: localhost\r\nAccept: text/html\r\nConnection: close\r\n\r\n"
        )
        answer = b"".join(iter(lambda: connection.recv(65_536), b""))

    assert answer.startswith(b"HTTP/1.1 200 OK")
    assert answer.endswith(b"\r\n\r\n")
