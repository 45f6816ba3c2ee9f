"""Scenario 35: no secret gets out, whatever happens: into no answer, log line, metric or span.

Every credential is a canary, and so is what clients send in headers, and what upstreams say when something is wrong.
"""

import json
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import httpx2
import pytest
from graphql import GraphQLObjectType, GraphQLSchema, build_schema, get_named_type, is_leaf_type, is_required_argument
from strawberry.utils.str_converters import to_camel_case

from connectors.connector import discover
from connectors.policy import BreakerPolicy, RetryPolicy
from connectors.sandbox.base import Sandbox
from connectors.sandbox.faults import Fault
from connectors.upstream import Upstream
from tests.collector import collecting
from tests.depot.manifest import UPSTREAM as DEPOT
from tests.gateway import running

OPERATOR, CURSORS = "canary-operator-token", "canary-cursor-secret"
CLIENT, BODY, ARGUMENT = "canary-of-a-client", "canary-in-a-body", "canary-in-an-argument"

HEADERS = {
    "Authorization": f"Bearer {CLIENT}",
    "Cookie": f"session={CLIENT}",
    "X-Api-Key": CLIENT,
    "X-Request-Id": f"{CLIENT} is not a plain id",
    "traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    "baggage": f"user={CLIENT}",
    **{f"X-Punnet-{told}": "1" for told in ("Trace", "Plan", "Cache")},
}
STATE = """{ upstreams { name title circuits { credential status } queues { credential bucket }
  lastFailure { operation outcome reason } operations { name outcomes { outcome calls } } } }"""
CLIENTS_MISTAKES = [
    f'mutation {{ depotSendParcel(label: "{ARGUMENT}") {{ label }} }}',
    f'{{ node(id: "{ARGUMENT}") {{ id }} }}',
    f'{{ stripe {{ customers(after: "{ARGUMENT}") {{ nodes {{ id }} }} }} }}',
    f'{{ stripe {{ customer(id: "{ARGUMENT}") {{ id }} }} }}',
    f'{{ stripe {{ customers(first: "{ARGUMENT}") {{ nodes {{ id }} }} }} }}',
    f'{{ {ARGUMENT.replace("-", "_")} "{ARGUMENT}',
]

SAYING = (
    *(json.dumps(body) for body in ({BODY: 1}, [BODY], BODY, {"id": [BODY]}, {"error": {"code": 7, "message": BODY}})),
    json.dumps({"data": [{"id": BODY, "object": BODY, "created": BODY}], "errors": [{"message": BODY, "type": 7}]}),
    f"<html>{BODY}</html>",
    f"<soapenv:Envelope><soapenv:Body>{BODY}",
)
FAULTS = (
    *(Fault(times=None, status=status, body=f'{{"error": "{BODY}"}}') for status in (400, 404, 500)),
    *(Fault(times=None, status=200, body=body) for body in SAYING),
    Fault(times=None, status=302, body=BODY, headers={"Location": f"https://{BODY}.example/", "Set-Cookie": BODY}),
    Fault(times=None, malformed=True),
    Fault(times=None, drop="request"),
    Fault(times=None, drop="answer"),
    Fault(times=None, latency_s=2),
    Fault(times=1, expired=True),
    Fault(times=None, throttled_s=3600, headers={"X-Secret": BODY}),
)
REFUSALS = tuple(Fault(times=None, status=status, body=f'{{"error": "{BODY}"}}') for status in (401, 403))
"""The last that can happen to those who log in: they do not try again for a while."""


def credentials() -> list[str]:
    values = {value for upstream in discover().values() for value in upstream.sandbox_environment.values()}
    return ["depot-token", *sorted(value for value in values if len(value) > 6 and "@" not in value)]


def leaks(text: str, secrets: list[str]) -> set[str]:
    """The secrets in a text, as they are or as headers, addresses and JSON have them written."""
    return {
        secret
        for secret in secrets
        for form in (secret, quote(secret, safe=""), json.dumps(secret)[1:-1], b64encode(secret.encode()).decode()[:-4])
        if form in text
    }


def patient(upstream: Upstream[Any]) -> Upstream[Any]:
    """The upstream with a breaker that never opens and short waits, so that each fault is met."""
    policy = replace(upstream.policy, breaker=BreakerPolicy(volume=10_000), retry=RetryPolicy(attempts=2, base_s=0.01))
    return replace(upstream, policy=policy)


def query(schema: GraphQLSchema, provider: str) -> str | None:
    """A query of the provider's first field that needs no arguments, if any, with all leaves of what it gives."""
    assert schema.query_type is not None
    group = to_camel_case(provider)
    kind = get_named_type(schema.query_type.fields[group].type)
    assert isinstance(kind, GraphQLObjectType)
    for name, field in kind.fields.items():
        target = get_named_type(field.type)
        if not any(map(is_required_argument, field.args.values())):
            below = f"{{ {selection(target)} }}" if isinstance(target, GraphQLObjectType) else ""
            return f"{{ {group} {{ {name} {below} }} }}"
    return None


def selection(kind: GraphQLObjectType) -> str:
    free = {
        name: get_named_type(field.type)
        for name, field in kind.fields.items()
        if not any(map(is_required_argument, field.args.values()))
    }
    if isinstance(free.get("nodes"), GraphQLObjectType):
        return f"nodes {{ {selection(free['nodes'])} }}"
    return " ".join(["__typename", *(name for name, target in free.items() if is_leaf_type(target))])


def asked(client: httpx2.Client, query: str, **headers: str) -> str:
    """All that the gateway says to a query, headers included."""
    response = client.post("/graphql", json={"query": query}, headers={**HEADERS, **headers})
    return f"{response.headers} {response.text}"


def tormented(client: httpx2.Client, sandbox: Sandbox, query: str) -> str:
    """All that the gateway says while an upstream does whatever it could do wrong."""
    faults = sandbox.faults
    said = asked(client, query)
    for fault in (*FAULTS, *REFUSALS):
        faults.add(fault)
        said += asked(client, query, **{"grpc-timeout": "400m" if fault.latency_s else "2S"})
        faults.clear()
    return said


@pytest.mark.usefixtures("unconfigured_log")
def test_35_no_secret_gets_out(capfd: pytest.CaptureFixture[str]) -> None:
    environment = {"PUNNET_OPERATOR_TOKEN": OPERATOR, "PUNNET_CURSOR_SECRET": CURSORS, "PUNNET_LOG_LEVEL": "debug"}
    with collecting() as collector:
        environment["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.url
        upstreams = {name: patient(upstream) for name, upstream in discover().items()}
        with (
            running(environment, **upstreams, depot=patient(DEPOT)) as gateway,
            httpx2.Client(base_url=gateway.url, timeout=60) as client,
        ):
            schema = build_schema(client.get("/schema.graphql").text)
            with ThreadPoolExecutor() as pool:
                asking = {name: query(schema, name) for name in gateway.sandboxes}
                met = {name: gateway.sandboxes[name] for name, wanted in asking.items() if wanted}
                parts = pool.map(lambda name: tormented(client, met[name], asking[name] or ""), met)
                said = "".join([*parts, *(asked(client, mistake) for mistake in CLIENTS_MISTAKES)])
            state = asked(client, STATE, Authorization=f"Bearer {OPERATOR}")
            metrics = client.get("/metrics").text
            used = {name: len(sandbox.calls) for name, sandbox in met.items()}

    spans = "".join(map(str, collector.exports))
    log = "".join(capfd.readouterr())
    hidden = [*credentials(), OPERATOR, CURSORS, CLIENT, BODY]
    everything = {"answers": said, "state": state, "metrics": metrics, "spans": spans}
    assert {where: leaks(text, hidden) for where, text in everything.items()} == {where: set() for where in everything}
    assert leaks(metrics + spans, [ARGUMENT]) == set()
    assert [line for line in log.splitlines() if leaks(line, [*hidden, ARGUMENT])] == []

    assert len(credentials()) > 4
    assert len(used) >= len(upstreams)
    assert all(calls >= len(FAULTS) for calls in used.values()), used
    told = ("UPSTREAM_UNAVAILABLE", "UPSTREAM_TIMEOUT", "UPSTREAM_RATE_LIMITED", "UPSTREAM_PAYLOAD_MISMATCH", '"trace"')
    assert [word for word in told if word not in said] == []
    assert all(f'upstream="{name}"' in metrics and f'"{name}"' in spans and name in log + state for name in used)


def test_the_search_finds_secrets_however_they_are_written() -> None:
    secrets = ["s3cret/key", "other"]

    for text in ("a s3cret/key b", "?key=s3cret%2Fkey&", f"Basic {b64encode(b's3cret/key').decode()}"):
        assert leaks(text, secrets) == {"s3cret/key"}
    assert leaks("nothing of the kind", secrets) == set()
