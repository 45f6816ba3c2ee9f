"""Users connect accounts of their own, at every provider that has that: nobody tells these tests which there are."""

from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

from connectors.sandbox.faults import Fault
from tests.gateway import Gateway
from tests.scenarios.connecting import (
    RETURN,
    SECRET,
    UPSTREAMS,
    User,
    connecting,
    server_of,
    some_query,
    told,
    users_of,
)

Users = Callable[[str], User]
each_provider = pytest.mark.parametrize("provider", UPSTREAMS)


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with connecting(tmp_path_factory.mktemp("connect")) as gateway:
        yield gateway


@pytest.fixture(scope="module")
def user(gateway: Gateway) -> Iterator[Users]:
    with users_of(gateway) as users:
        yield users


@each_provider
def test_a_user_connects_an_account_uses_it_and_disconnects_it(gateway: Gateway, user: Users, provider: str) -> None:
    ada, server, query = user(f"ada-{provider}"), server_of(gateway, provider), some_query(provider)
    before = ada.ask(query)["errors"][0]["extensions"]

    page = ada.connect(provider)

    assert (before["code"], before["connect"]) == ("CONNECTION_REQUIRED", f"/connect/{provider}")
    assert (page.status_code, "is connected" in page.text) == (200, True)
    assert ada.connection(provider)["connected"]
    assert ada.code(query) is None
    assert len({issued.family for issued in server.issued}) == 1

    assert ada.disconnect(provider) == {"provider": provider, "revoked": True, "problem": None}
    assert server.issued == []
    assert ada.code(query) == "CONNECTION_REQUIRED"
    assert ada.connection(provider) == {
        "provider": provider,
        "connected": False,
        "reauthorizationRequired": False,
        "account": None,
        "scopes": [],
        "expiresAt": None,
    }
    assert ada.disconnect(provider) is None


@each_provider
def test_a_token_that_has_ended_is_renewed_and_one_that_was_taken_back_asks_for_the_user(
    gateway: Gateway, user: Users, provider: str
) -> None:
    ada, server, query = user(f"ada-{provider}-later"), server_of(gateway, provider), some_query(provider)
    ada.connect(provider)
    server.expire()
    calls = gateway.sandboxes[provider].seen("oauth2.token")

    renewed = ada.code(query)
    renewals = gateway.sandboxes[provider].seen("oauth2.token") - calls
    for issued in list(server.issued):
        server.end(issued.family)
    again = ada.ask(query.replace("$first: Int", "$first: Int = 3"))["errors"][0]["extensions"]

    assert (renewed, renewals) == (None, 1)
    assert (again["code"], again["connect"]) == ("REAUTHORIZATION_REQUIRED", f"/connect/{provider}")
    assert ada.connection(provider)["reauthorizationRequired"]
    assert not ada.connection(provider)["connected"]


def test_who_shows_no_user_can_connect_nothing(gateway: Gateway, user: Users) -> None:
    stranger = user("stranger")
    for query in (
        "{ connections { provider } }",
        'mutation { connectProvider(provider: "github") { url } }',
        'mutation { disconnect(provider: "github") { revoked } }',
    ):
        answer = stranger.browser.post(f"{gateway.url}/graphql", json={"query": query}).json()
        assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"

    assert stranger.browser.get(f"{gateway.url}/connect/github").status_code == 401
    assert stranger.browser.get(f"{gateway.url}/connect/github?ticket=guessed").status_code == 400
    assert stranger.browser.get(f"{gateway.url}/connect/nobody/callback").status_code == 404
    assert stranger.code('mutation { connectProvider(provider: "sendgrid") { url } }') == "BAD_USER_INPUT"


def test_an_account_is_its_user_s_alone(gateway: Gateway, user: Users) -> None:
    ada, bob = user("ada-alone"), user("bob-alone")

    ada.connect("hubspot")

    assert ada.code(some_query("hubspot")) is None
    assert bob.code(some_query("hubspot")) == "CONNECTION_REQUIRED"
    assert not bob.connection("hubspot")["connected"]


def test_a_connection_says_what_the_provider_says_of_it(gateway: Gateway, user: Users) -> None:
    ada = user("ada-facts")
    for provider in ("google_calendar", "slack", "github"):
        ada.connect(provider)

    google, slack, github = (ada.connection(provider) for provider in ("google_calendar", "slack", "github"))

    assert google["account"] == gateway.people[0].email
    assert google["scopes"] == ["openid", "email", "https://www.googleapis.com/auth/calendar"]
    assert google["expiresAt"] is not None
    assert slack["account"] == gateway.people[0].company.name
    assert "chat:write" in slack["scopes"]
    assert (github["account"], github["scopes"]) == (None, [])


def test_search_in_slack_goes_with_the_user_s_own_token(user: Users) -> None:
    ada = user("ada-search")
    ada.connect("slack")

    assert ada.code('{ slack { searchMessages(query: "order") { nodes { text } } } }') is None


def refused_at(user: User, address: str, provider: str = "github") -> bool:
    """Whether coming back to an address leaves the user without an account."""
    answer = user.browser.get(address)
    assert answer.status_code == 400, answer.text
    return not user.connection(provider)["connected"]


def test_a_state_that_nobody_made_is_refused(gateway: Gateway, user: Users) -> None:
    ada = user("ada-forged")
    address = ada.agree(ada.depart("github"))

    for state in ("", "forged", told(address)["state"] + "x"):
        forged = f"{urlsplit(address)._replace(query='').geturl()}?{urlencode({**told(address), 'state': state})}"
        assert refused_at(ada, forged)
    assert refused_at(ada, urlsplit(address)._replace(query=urlencode({"code": told(address)["code"]})).geturl())


def test_coming_back_twice_does_nothing_twice(gateway: Gateway, user: Users) -> None:
    ada = user("ada-replay")
    address = ada.agree(ada.depart("github"))
    ada.browser.get(address)
    calls = gateway.sandboxes["github"].seen("oauth2.token")

    assert ada.browser.get(address).status_code == 400
    assert gateway.sandboxes["github"].seen("oauth2.token") == calls
    assert ada.connection("github")["connected"]


def test_a_code_is_no_good_to_who_brings_it_to_a_state_of_their_own(gateway: Gateway, user: Users) -> None:
    """The code is stolen before it is used: PKCE ties it to the flow it was made in."""
    ada, eve = user("ada-stolen"), user("eve-stolen")
    stolen = told(ada.agree(ada.depart("github")))["code"]
    hers = eve.agree(eve.depart("github"))

    answer = eve.browser.get(hers.replace(told(hers)["code"], stolen))

    assert answer.status_code == 502
    assert not eve.connection("github")["connected"]
    assert stolen not in answer.text


def test_a_state_is_good_in_the_browser_it_was_made_for_only(user: Users) -> None:
    """Else Eve could have Ada's browser finish what Eve began, and Ada would use an account of Eve's, or Eve hers."""
    ada, eve = user("ada-other"), user("eve-other")
    begun = eve.agree(eve.depart("github"))
    ada.depart("github")

    assert refused_at(ada, begun)
    assert not eve.connection("github")["connected"]


def test_a_state_is_good_at_its_own_provider_only(user: Users) -> None:
    ada = user("ada-mixed")
    address = ada.agree(ada.depart("github"))

    assert refused_at(ada, address.replace("/connect/github/", "/connect/hubspot/"), "hubspot")
    assert refused_at(ada, address)


@pytest.mark.parametrize("issuer", ["https://evil.example", "https://accounts.göögle.com"])
def test_an_answer_of_another_issuer_is_refused_before_its_code_is_used(
    gateway: Gateway, user: Users, issuer: str
) -> None:
    ada = user("ada-issuer")
    address = ada.agree(ada.depart("google_calendar"))
    calls = gateway.sandboxes["google_calendar"].seen("oauth2.token")
    forged = urlsplit(address)._replace(query=urlencode({**told(address), "iss": issuer})).geturl()

    assert told(address)["iss"] == "https://accounts.google.com"
    assert refused_at(ada, forged, "google_calendar")
    assert gateway.sandboxes["google_calendar"].seen("oauth2.token") == calls


def test_a_link_is_good_once_for_its_provider_and_only_from_our_own_page(gateway: Gateway, user: Users) -> None:
    ada, ours = user("ada-link"), {"Origin": gateway.url}
    link = ada.ticket_link("github")
    page = ada.browser.get(link)

    assert "ada-link" in page.text
    assert page.headers["cache-control"] == "no-store"
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
    for headers in ({}, {"Origin": "https://evil.example"}, {"Origin": "null"}):
        assert ada.browser.post(link, headers=headers).status_code == 403
    assert ada.browser.post(link.replace("/github", "/hubspot"), headers=ours).status_code == 400

    link = ada.ticket_link("github")
    first, second = (ada.browser.post(link, headers=ours) for _ in range(2))
    assert (first.status_code, second.status_code) == (303, 400)
    cookie = first.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie


@pytest.mark.parametrize(
    "page",
    [
        "https://evil.example/settings",
        "https://app.example.evil.example/settings",
        "https://app.example@evil.example/settings",
        "https://app.example:8443/settings",
        "http://app.example/settings",
        "https://app.example/settings-of-eve",
        "https://app.example/",
        "https://app.example/settings/../admin",
        "https://app.example/settings/%2e%2e/admin",
        "https://app.example\\@evil.example/settings",
        "//evil.example/settings",
        "/settings",
        "javascript:alert(1)",
        "https://app.example/settings\r\nSet-Cookie: a=b",
        "",
    ],
)
def test_a_user_is_sent_back_to_pages_of_the_operator_s_only(page: str, user: Users) -> None:
    ada = user("ada-open")
    query = 'mutation($r: String) { connectProvider(provider: "github", returnTo: $r) { url } }'

    assert ada.ask(query, r=page)["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


def test_a_user_is_sent_back_with_what_became_of_it(user: Users) -> None:
    ada = user("ada-back")

    done = ada.connect("github", f"{RETURN}/accounts?tab=2#github")
    denied = ada.browser.get(ada.agree(ada.depart("github", RETURN), decision="deny"))

    assert done.status_code == denied.status_code == 303
    assert done.headers["location"] == f"{RETURN}/accounts?tab=2&connected=github#github"
    assert told(denied.headers["location"]) == {"provider": "github", "connect_error": "access_denied"}


def test_who_says_no_is_told_that_nothing_happened(user: Users) -> None:
    ada = user("ada-no")

    page = ada.browser.get(ada.agree(ada.depart("slack"), decision="deny"))

    assert (page.status_code, "You said no" in page.text) == (400, True)
    assert not ada.connection("slack")["connected"]


def test_a_provider_that_fails_leaves_the_user_as_they_were(gateway: Gateway, user: Users) -> None:
    ada, faults = user("ada-down"), gateway.sandboxes["hubspot"].faults
    addresses = [ada.agree(ada.depart("hubspot", return_to)) for return_to in (None, RETURN)]
    faults.add(Fault(operation="oauth2.token", status=400, times=None))

    page, back = map(ada.browser.get, addresses)
    faults.clear()

    assert (page.status_code, "Not connected" in page.text) == (502, True)
    assert told(back.headers["location"])["connect_error"] == "upstream_not_authorized"
    assert not ada.connection("hubspot")["connected"]


def test_who_disconnects_is_disconnected_though_the_provider_does_not_answer(gateway: Gateway, user: Users) -> None:
    ada, faults = user("ada-leaves"), gateway.sandboxes["hubspot"].faults
    ada.connect("hubspot")
    faults.add(Fault(operation="oauth2.revoke", status=400, times=None))

    gone = ada.disconnect("hubspot")
    faults.clear()

    assert gone == {"provider": "hubspot", "revoked": False, "problem": "UPSTREAM_NOT_AUTHORIZED"}
    assert ada.code(some_query("hubspot")) == "CONNECTION_REQUIRED"


def test_a_token_is_taken_back_when_one_of_another_account_replaces_it(gateway: Gateway, user: Users) -> None:
    ada, sandbox = user("ada-moves"), gateway.sandboxes["hubspot"]
    first, *others = server_of(gateway, "hubspot").people
    other = next(one for one in others if one.company != first.company)

    taken_back = [sandbox.seen("oauth2.revoke")]
    for person in (first, first, other):
        ada.connect("hubspot", person=person.email)
        taken_back.append(sandbox.seen("oauth2.revoke"))

    assert [now - before for before, now in pairwise(taken_back)] == [0, 0, 1]
    assert ada.code(some_query("hubspot")) is None


def test_answers_of_an_account_go_with_it_though_they_may_be_kept(tmp_path: Path) -> None:
    rules = tmp_path / "rules.toml"
    rules.write_text('[hubspot."*"]\nttl_s = 600\n')
    with connecting(tmp_path, PUNNET_CACHE_RULES=str(rules)) as gateway, users_of(gateway) as user:
        ada, query = user("ada"), some_query("hubspot")
        ada.connect("hubspot")
        kept = [ada.code(query) for _ in range(2)]
        calls = [call.operation for call in gateway.sandboxes["hubspot"].calls if call.operation.endswith(".list")]
        ada.disconnect("hubspot")

        assert (kept, len(calls)) == ([None, None], 1)
        assert ada.code(query) == "CONNECTION_REQUIRED"


def test_what_is_connected_is_not_remembered_with_the_answers_beside_it(tmp_path: Path) -> None:
    rules = tmp_path / "rules.toml"
    rules.write_text('[hubspot."*"]\nttl_s = 600\n')
    query = some_query("hubspot").replace("{", "{ connections { provider connected } ", 1)
    with connecting(tmp_path, PUNNET_CACHE_RULES=str(rules)) as gateway, users_of(gateway) as user:
        ada = user("ada")
        ada.connect("hubspot")
        before = [ada.ask(query) for _ in range(2)][1]
        ada.connect("github")
        after = ada.ask(query)

        assert {"provider": "github", "connected": False} in before["data"]["connections"]
        assert {"provider": "github", "connected": True} in after["data"]["connections"]


@pytest.mark.usefixtures("unconfigured_log")
def test_35_no_code_and_no_token_gets_out(capfd: Any, tmp_path: Path) -> None:
    with connecting(tmp_path, PUNNET_LOG_LEVEL="debug") as gateway, users_of(gateway) as user:
        ada, secrets = user("ada"), {SECRET}
        for provider, upstream in UPSTREAMS.items():
            ada.browser.get(ada.ticket_link(provider))
            link = ada.ticket_link(provider)
            left = ada.browser.post(link, headers={"Origin": gateway.url}).headers["location"]
            address = ada.agree(left)
            secrets |= {told(link)["ticket"], told(left)["state"], told(address)["code"]}
            secrets |= {value for name, value in upstream.sandbox_users.items() if "SECRET" in name or "KEY" in name}
            page = ada.browser.get(address)
            again = ada.browser.get(address)
            issued = server_of(gateway, provider).issued
            secrets |= {one.access_token for one in issued} | {one.refresh_token or SECRET for one in issued}
            assert ada.code(some_query(provider)) is None
            assert [secret for secret in secrets if secret in page.text + again.text + str(page.headers)] == []
            ada.disconnect(provider)

    written = "".join(capfd.readouterr())
    database = b"".join(path.read_bytes() for path in tmp_path.glob("punnet.sqlite3*"))
    assert len(secrets) > 6 * len(UPSTREAMS)
    assert "account connected" in written
    assert [secret for secret in secrets if secret in written or secret.encode() in database] == []
