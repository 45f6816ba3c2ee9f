"""The command `punnet`, as a process of its own."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from random import randrange
from typing import Any

import httpx2
import orjson
import pytest
from gql import Client, gql
from gql.transport.websockets import WebsocketsTransport
from graphql import build_schema

ROOT = Path(__file__).parent.parent.parent
PUNNET = [sys.executable, "-c", "from app import main; main()"]


def environment(**variables: str) -> dict[str, str]:
    """This process's environment without anything that a gateway would read."""
    return {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "COLUMNS": "200", **variables}


def punnet(*arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    command = [*PUNNET, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, env=environment(**variables))


def free_port() -> int:
    """A port that is free, and not one of those that the system gives to others meanwhile."""
    while True:
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", randrange(10_000, 32_000)))
            port: int = probe.getsockname()[1]
            return port


@contextmanager
def running(*arguments: str, port: int, **variables: str) -> Iterator["subprocess.Popen[str]"]:
    """The command while it listens on `port`; interrupted at the end."""
    pipe = subprocess.PIPE
    process = subprocess.Popen([*PUNNET, *arguments], stdout=pipe, stderr=pipe, text=True, env=environment(**variables))
    try:
        for _ in range(900):  # a busy machine takes its time
            with socket.socket() as probe:
                if process.poll() is not None or probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield process
    finally:
        process.send_signal(signal.SIGINT)


def test_serve_without_upstreams_says_what_to_set() -> None:
    ran = punnet("serve")

    assert ran.returncode == 2
    assert "PUNNET_SANDBOX=1" in ran.stderr
    assert "STRIPE_API_KEY" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_explain_says_that_a_file_is_not_text(tmp_path: Path) -> None:
    file = tmp_path / "query.graphql"
    file.write_bytes(b"{ __typename } # \xff")

    ran = punnet("explain", str(file))

    assert (ran.returncode, ran.stderr) == (2, f"punnet: {file} is not text in UTF-8 (byte 18)\n")


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"PUNNET_PORT": "x"}, "punnet: PUNNET_PORT: "),
        ({"STRIPE_API_KEY": "sk_test_1", "STRIPE_BASE_URL": "http://api.stripe.example"}, "punnet: STRIPE_BASE_URL "),
    ],
)
def test_a_mistake_in_the_environment_is_one_line_and_status_2(variables: dict[str, str], message: str) -> None:
    ran = punnet("serve", **variables)

    assert ran.returncode == 2
    (line,) = ran.stderr.splitlines()
    assert line.startswith(message)
    assert "sk_test_1" not in line


def test_serve_answers_and_logs_json_without_secrets() -> None:
    port = free_port()

    with running(
        "serve", "--port", str(port), port=port, PUNNET_SANDBOX="1", STRIPE_API_KEY="sk_test_s3cret"
    ) as process:
        ready = httpx2.get(f"http://127.0.0.1:{port}/readyz").json()
        answer = httpx2.post(f"http://127.0.0.1:{port}/graphql", json={"query": "query Kind { __typename }"})
    output, log = process.communicate(timeout=20)

    assert ready["providers"]["stripe"] == "real"
    assert answer.json() == {"data": {"__typename": "Query"}}
    lines = [orjson.loads(line) for line in log.splitlines()]
    standings = {line["provider"]: line["standing"] for line in lines if line["event"] == "provider"}
    assert standings == ready["providers"]
    assert [line["operation"] for line in lines if line["event"] == "graphql request"] == ["Kind"]
    assert "s3cret" not in output + log


def test_serve_speaks_graphql_over_a_websocket_to_a_client_of_the_protocol() -> None:
    port = free_port()

    async def ask() -> dict[str, Any]:
        subprotocols = [WebsocketsTransport.GRAPHQLWS_SUBPROTOCOL]
        transport = WebsocketsTransport(f"ws://127.0.0.1:{port}/graphql", subprotocols=subprotocols)
        return await Client(transport=transport).execute_async(gql("{ __typename }"))

    with running("serve", port=port, PUNNET_SANDBOX="1", PUNNET_PORT=str(port)) as process:
        answer = asyncio.run(ask())
    process.communicate(timeout=20)

    assert answer == {"__typename": "Query"}


def test_schema_prints_the_whole_schema_without_any_credentials() -> None:
    ran = punnet("schema")

    assert ran.returncode == 0
    assert "type StripeCustomer" in ran.stdout
    assert build_schema(ran.stdout).query_type is not None


def test_explain_prints_what_a_query_calls_without_any_credentials(tmp_path: Path) -> None:
    file = tmp_path / "customers.graphql"
    file.write_text(
        """query Joined($first: Int!) {
          stripe { customers(first: $first) { nodes { email salesforceContact { title account { name } } } } }
        }
        query Own { stripe { balance { livemode } } }"""
    )

    ran = punnet("explain", str(file), "--operation", "Joined", "--variables", '{"first": 250}')

    assert ran.returncode == 0
    assert ran.stdout.splitlines() == [
        "Level 1",
        "  stripe customers.list: 3 calls",
        "    stripe.customers",
        "Level 2",
        "  salesforce query: 2 calls with 250 keys",
        "    stripe.customers.nodes.salesforceContact",
        "Level 3",
        "  salesforce query: 2 calls with 250 keys",
        "    stripe.customers.nodes.salesforceContact.account",
        "7 calls at most: stripe 3, salesforce 4",
    ]


@pytest.mark.parametrize(
    ("query", "variables", "limit", "status", "message"),
    [
        ("{ nope }", "{}", "9", 1, "punnet: Cannot query field 'nope' on type 'Query'"),
        ("query($n: Int!) { stripe { customers(first: $n) { nodes { id } } } }", "{}", "9", 1, "punnet: Variable '$n'"),
        (
            "{ stripe { customers(first: 1000) { nodes { id } } } }",
            "{}",
            "9",
            1,
            "punnet: The operation makes up to 10 ",
        ),
        ("{ __typename }", "[]", "9", 2, "punnet: --variables must be an object"),
        ("{ __typename }", "{", "9", 2, "punnet: --variables is not JSON"),
    ],
)
def test_explain_says_what_is_wrong(
    tmp_path: Path, query: str, variables: str, limit: str, status: int, message: str
) -> None:
    file = tmp_path / "query.graphql"
    file.write_text(query)

    ran = punnet("explain", str(file), "--variables", variables, PUNNET_MAX_UPSTREAM_CALLS=limit)

    assert ran.returncode == status
    assert ran.stderr.startswith(message)
    assert "Traceback" not in ran.stderr


def test_reseal_says_what_it_did_and_what_it_lacks(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path / 'punnet.sqlite3'}"

    done = punnet("reseal", PUNNET_DATABASE_URL=database, PUNNET_ENCRYPTION_KEY=f"{'A' * 43}=")
    keyless = punnet("reseal", PUNNET_DATABASE_URL=database)

    assert (done.returncode, done.stdout) == (0, "0 resealed\n")
    assert (keyless.returncode, keyless.stdout) == (2, "")
    assert "PUNNET_ENCRYPTION_KEY" in keyless.stderr


def test_sandbox_stands_in_for_an_upstream_of_a_gateway() -> None:
    port = free_port()
    with running("sandbox", "--only", "stripe", "--port", str(port), port=port) as sandboxes:
        assert sandboxes.stdout is not None
        variables = dict(pair.split("=", 1) for pair in sandboxes.stdout.readline().split())
        other = free_port()
        with running("serve", "--port", str(other), port=other, **variables) as gateway:
            query = "{ stripe { customers(first: 1) { nodes { email } } } }"
            answer = httpx2.post(f"http://127.0.0.1:{other}/graphql", json={"query": query}).json()
        gateway.communicate(timeout=20)
    sandboxes.communicate(timeout=20)

    assert variables["STRIPE_BASE_URL"].startswith(f"http://127.0.0.1:{port}/stripe")
    assert answer["data"]["stripe"]["customers"]["nodes"][0]["email"].endswith(".example")


def test_sandbox_knows_no_other_providers() -> None:
    ran = punnet("sandbox", "--only", "stripes")

    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr.startswith("punnet: there is no provider stripes, only ")
