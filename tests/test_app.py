"""From an environment to an app."""

import subprocess
import sys
from collections.abc import Mapping

import pytest
from fastapi import FastAPI
from structlog.testing import capture_logs

from app import create_app
from connectors.connector import ConfigurationError, discover
from tests.server.toy import ask

STRIPE = {"STRIPE_API_KEY": "sk_test_s3cret"}

SELDOM = ("cryptography", "dbos", "h2", "joserfc", "opentelemetry.sdk", "prometheus_client", "pydantic.v1", "redis",
          "sqlalchemy", "zeep")  # fmt: skip
"""What takes long to load, and is needed by some gateways only, or not before the first call."""


def providers(app: FastAPI) -> Mapping[str, str]:
    found: dict[str, str] = ask("GET", "/readyz", app=app).json()["providers"]
    return found


def test_the_sandbox_stands_in_for_every_provider_without_credentials_where_asked_for() -> None:
    app = create_app({"PUNNET_SANDBOX": "1", **STRIPE})

    assert providers(app) == {name: "real" if name == "stripe" else "sandbox" for name in discover()}


def test_without_the_sandbox_a_provider_without_credentials_is_not_in_the_graph() -> None:
    app = create_app(STRIPE)

    query = ask("GET", "/graphql", app=app, params={"query": "{ __schema { queryType { fields { name } } } }"})
    names = {field["name"] for field in query.json()["data"]["__schema"]["queryType"]["fields"]}
    assert providers(app) == {name: "real" if name == "stripe" else "left out" for name in discover()}
    assert names & set(discover()) == {"stripe"}


def test_without_credentials_and_sandbox_there_is_nothing_to_serve() -> None:
    with pytest.raises(ConfigurationError) as caught:
        create_app({})

    message = str(caught.value)
    assert "PUNNET_SANDBOX=1" in message
    for upstream in discover().values():
        assert f"{upstream.title}: {upstream.credentials[0].variables[0]}" in message


def test_a_start_loads_nothing_that_is_seldom_needed() -> None:
    start = "import sys, app; app.create_app({'PUNNET_SANDBOX': '1'}); print(*sys.modules)"

    ran = subprocess.run([sys.executable, "-c", start], capture_output=True, text=True, check=True)

    loaded = set(ran.stdout.split())
    assert "strawberry" in loaded
    assert loaded.isdisjoint(SELDOM)


def test_the_log_says_where_each_provider_stands_and_what_it_wants() -> None:
    with capture_logs() as lines:
        create_app(STRIPE)

    stands = {line["provider"]: (line["standing"], line.get("wants")) for line in lines}
    assert stands["stripe"] == ("real", None)
    assert all(wants for where, wants in stands.values() if where == "left out")
    assert "s3cret" not in str(lines)


def test_workers_that_take_webhooks_and_tell_each_other_nothing_are_warned_of() -> None:
    def warnings(**more: str) -> list[str]:
        with capture_logs() as lines:
            create_app({**STRIPE, "PUNNET_WORKERS": "2", **more})
        return [line["event"] for line in lines if line["log_level"] == "warning"]

    assert warnings() == []
    assert "PUNNET_REDIS_URL" in " ".join(warnings(STRIPE_WEBHOOK_SECRET="whsec_1"))
    assert warnings(STRIPE_WEBHOOK_SECRET="whsec_1", PUNNET_REDIS_URL="redis://cache.example") == []


def test_a_cursor_is_good_for_every_app_with_the_same_secret_and_for_no_other() -> None:
    first, replica, stranger = (
        create_app({"PUNNET_SANDBOX": "1", "PUNNET_CURSOR_SECRET": secret}) for secret in ("a", "a", "b")
    )
    query = "query($after: String) { stripe { customers(first: 2, after: $after) { pageInfo { endCursor } } } }"
    page = ask("POST", "/graphql", app=first, json={"query": query}).json()["data"]["stripe"]["customers"]
    following = {"query": query, "variables": {"after": page["pageInfo"]["endCursor"]}}

    assert "errors" not in ask("POST", "/graphql", app=replica, json=following).json()
    (error,) = ask("POST", "/graphql", app=stranger, json=following).json()["errors"]
    assert error["extensions"]["code"] == "INVALID_CURSOR"


def test_an_operation_ends_by_its_deadline() -> None:
    app = create_app({"PUNNET_SANDBOX": "1", "PUNNET_REQUEST_TIMEOUT_S": "1e-9"})

    answer = ask("POST", "/graphql", app=app, json={"query": "{ stripe { balance { livemode } } }"}).json()

    assert [error["extensions"]["code"] for error in answer["errors"]] == ["UPSTREAM_TIMEOUT"]
