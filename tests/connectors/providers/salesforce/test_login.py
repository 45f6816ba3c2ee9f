"""Logging in, and where a session may be sent."""

import asyncio

import httpx2
import pytest

from connectors.call import Scope
from connectors.connector import ConfigurationError, Connector, auth_from, connect
from connectors.errors import NotAuthorized, PayloadMismatch, UpstreamError
from connectors.paging import Page, Window
from connectors.pipeline import pipeline
from connectors.pipeline.setup import Setup
from connectors.providers.salesforce.client import SalesforceClient
from connectors.providers.salesforce.login import session_from
from connectors.providers.salesforce.manifest import UPSTREAM
from connectors.providers.salesforce.payloads import LoginResultPayload, RecordPayload
from connectors.sandbox.faults import Fault
from connectors.sandbox.people import population
from connectors.upstream import Endpoint
from connectors.wires import sandbox_wire

PEOPLE = population(10)
SOQL = "SELECT Id FROM Contact"


def connected() -> Connector:
    connector = connect(UPSTREAM, {}, people=PEOPLE)
    assert connector is not None
    return connector


def with_credentials(**environment: str) -> tuple[Connector, SalesforceClient]:
    """A sandbox, and a client that comes to it with credentials of its own."""
    connector = connected()
    auth = auth_from(UPSTREAM, environment)
    assert auth is not None
    assert connector.sandbox is not None
    setup = Setup(upstream="salesforce", auth=auth, judge=UPSTREAM.judge, policy=UPSTREAM.policy)
    send = pipeline(setup, sandbox_wire(connector.sandbox))
    return connector, SalesforceClient(Endpoint("salesforce", UPSTREAM.base_url, send, Scope()))


def answer(url: str) -> LoginResultPayload:
    return {"sessionId": "SECRET", "serverUrl": url, "passwordExpired": False}


def test_a_wrong_password_is_explained_without_being_repeated() -> None:
    connector, client = with_credentials(SALESFORCE_USERNAME="ada@example.com", SALESFORCE_PASSWORD="SECRET")

    for _ in range(3):
        with pytest.raises(NotAuthorized, match=r"password or the security token was refused") as caught:
            asyncio.run(client.query(Window(1), soql=SOQL))
        assert "SECRET" not in str(caught.value)

    assert connector.sandbox is not None
    assert [call.operation for call in connector.sandbox.calls] == ["login"]


def test_a_login_is_repeated_when_it_broke() -> None:
    connector = connected()
    assert connector.sandbox is not None
    connector.sandbox.faults.add(Fault(operation="login", status=503))

    page = asyncio.run(connector.client(Scope()).query(Window(1), soql=SOQL))

    assert page.total == 10
    assert connector.sandbox.seen("login") == 2


def test_the_login_is_among_the_calls_of_who_waited_for_it() -> None:
    scope = Scope()

    asyncio.run(connected().client(scope).query(Window(1), soql=SOQL))

    assert [call.operation for call in scope.calls] == ["login", "query"]


def test_requests_go_to_the_server_that_the_login_named() -> None:
    connector = connected()
    assert connector.sandbox is not None

    asyncio.run(connector.client(Scope()).query(Window(1), soql=SOQL))

    assert [call.path for call in connector.sandbox.calls] == [
        "/services/Soap/u/64.0",
        "/services/Soap/u/64.0/00DgK0000000001UAA",
    ]


def test_thirty_reads_whose_session_has_expired_log_in_once() -> None:
    connector = connected()
    sandbox = connector.sandbox
    assert sandbox is not None

    async def run() -> list[Page[RecordPayload]]:
        client = connector.client(Scope())
        await client.query(Window(1), soql=SOQL)
        sandbox.expire()
        reads = [client.query(Window(1), soql=f"{SOQL} LIMIT {n}") for n in range(1, 31)]
        pages: list[Page[RecordPayload]] = await asyncio.gather(*reads)
        return pages

    pages = asyncio.run(run())
    assert [page.total for page in pages] == [min(n, 10) for n in range(1, 31)]
    assert sandbox.seen("login") == 2


def test_a_session_that_is_always_refused_ends_in_one_error() -> None:
    connector = connected()
    assert connector.sandbox is not None
    connector.sandbox.faults.add(Fault(operation="query", expired=True, times=None))

    with pytest.raises(NotAuthorized, match="INVALID_SESSION_ID"):
        asyncio.run(connector.client(Scope()).query(Window(1), soql=SOQL))

    assert (connector.sandbox.seen("login"), connector.sandbox.seen("query")) == (2, 2)


def test_an_access_token_is_a_session_at_its_instance() -> None:
    connector = connected()
    asyncio.run(connector.client(Scope()).query(Window(1), soql=SOQL))
    sandbox, client = with_credentials(
        SALESFORCE_ACCESS_TOKEN="00DgK0000000001!AQ.sandbox.1", SALESFORCE_INSTANCE_URL="https://acme.my.salesforce.com"
    )
    assert sandbox.sandbox is not None
    asyncio.run(sandbox.client(Scope()).query(Window(1), soql=SOQL))

    page = asyncio.run(client.query(Window(1), soql=SOQL))

    assert page.total == 10
    assert sandbox.sandbox.calls[-1].path == "/services/Soap/u/64.0"
    assert sandbox.sandbox.seen("login") == 1


def test_a_refused_access_token_is_not_renewed() -> None:
    connector, client = with_credentials(
        SALESFORCE_ACCESS_TOKEN="SECRET", SALESFORCE_INSTANCE_URL="https://acme.my.salesforce.com"
    )

    with pytest.raises(NotAuthorized, match="INVALID_SESSION_ID"):
        asyncio.run(client.query(Window(1), soql=SOQL))

    assert connector.sandbox is not None
    assert [call.operation for call in connector.sandbox.calls] == ["query"]


def test_an_instance_without_https_is_a_configuration_error() -> None:
    with pytest.raises(ConfigurationError, match="SALESFORCE_INSTANCE_URL must use https"):
        with_credentials(SALESFORCE_ACCESS_TOKEN="t", SALESFORCE_INSTANCE_URL="http://acme.my.salesforce.com")


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        ("https://login.salesforce.com/x", "https://acme.my.salesforce.com/services/Soap/u/64.0/00D"),
        ("https://login.salesforce.com/x", "https://login.salesforce.com/services/Soap/u/64.0/00D"),
        ("https://crm-proxy.example/x", "https://crm-proxy.example/services/Soap/u/64.0/00D"),
        ("http://127.0.0.1:9000/salesforce/x", "http://127.0.0.1:9000/salesforce/services/Soap/u/64.0/00D"),
    ],
)
def test_a_session_goes_to_salesforce_or_to_the_server_that_was_asked(asked: str, named: str) -> None:
    assert session_from(answer(named), httpx2.URL(asked)).url == named


@pytest.mark.parametrize(
    "named",
    [
        "http://acme.my.salesforce.com/services",
        "https://salesforce.com.evil.example/services",
        "https://evilsalesforce.com/services",
        "https://evil.example/login.salesforce.com",
        "https://acme.my.salesforce.com@evil.example/",
        "http://127.0.0.1/services",
        "https://169.254.169.254/",
        "/services/Soap",
        "https://[",
    ],
)
def test_a_session_goes_nowhere_else(named: str) -> None:
    with pytest.raises(PayloadMismatch, match=r"result\.serverUrl") as caught:
        session_from(answer(named), httpx2.URL("https://login.salesforce.com/services/Soap/u/64.0"))
    assert "SECRET" not in str(caught.value)


def test_an_expired_password_and_an_empty_result_open_no_session() -> None:
    here = httpx2.URL("https://login.salesforce.com")

    with pytest.raises(NotAuthorized, match="password has expired"):
        session_from({"sessionId": "s", "serverUrl": "https://a.salesforce.com", "passwordExpired": True}, here)
    with pytest.raises(UpstreamError, match="sessionId"):
        session_from({"sessionId": None, "serverUrl": None, "passwordExpired": False}, here)


def test_a_login_without_a_result_is_a_mismatch() -> None:
    with pytest.raises(PayloadMismatch):
        session_from(None, httpx2.URL("https://login.salesforce.com/x"))
