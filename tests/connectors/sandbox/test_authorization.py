"""The sandboxes' authorization servers: by the RFCs' rules, and as the providers' own clients know them."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
import requests
import stripe
from google.auth.exceptions import RefreshError
from google.auth.transport.requests import Request as GoogleRequest
from google.oauth2.credentials import Credentials
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.oauth.installation_store import Installation
from slack_sdk.oauth.token_rotation import TokenRotator

from connectors.auth.authorization_code import challenge_of
from connectors.connector import discover
from connectors.sandbox.authorization import CODE_LIFE_S, AuthorizationServer
from connectors.sandbox.base import Sandbox
from connectors.sandbox.people import population
from connectors.sandbox.standalone import standalone
from tests.clock import FakeClock
from tests.serving import served

PEOPLE = population(10)
CALLBACK = "https://gateway.example/connect/any/callback"
VERIFIER = "v" * 43


class Provider:
    """One sandbox in this process, by requests made by hand."""

    def __init__(self, name: str) -> None:
        self.sandbox: Sandbox = discover()[name].sandbox(PEOPLE)
        assert self.sandbox.authorization
        self.server: AuthorizationServer = self.sandbox.authorization
        self.clock = FakeClock()
        self.sandbox.time = self.clock.time

    def send(self, method: str, path: str, **about: Any) -> httpx2.Response:
        async def sent() -> httpx2.Response:
            transport = httpx2.ASGITransport(app=self.sandbox)
            async with httpx2.AsyncClient(transport=transport, base_url="https://provider.example") as client:
                return await client.request(method, path, **about)

        return asyncio.run(sent())

    def asked(self, **changed: str) -> dict[str, str]:
        asked = {
            "response_type": "code",
            "client_id": self.server.dialect.client_id,
            "redirect_uri": CALLBACK,
            "state": "s",
            "code_challenge": challenge_of(VERIFIER),
            "code_challenge_method": "S256",
            **self.server.dialect.offline,
            **changed,
        }
        return {name: value for name, value in asked.items() if value}

    def agree(self, **changed: str) -> dict[str, str]:
        """What a browser is sent back with."""
        data = {"decision": "allow"}
        response = self.send("POST", self.server.dialect.authorize, params=self.asked(**changed), data=data)
        assert response.status_code == 302, response.text
        location = response.headers["location"]
        assert location.startswith(CALLBACK)
        return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}

    def token(self, **form: str) -> dict[str, Any]:
        dialect = self.server.dialect
        client = {"client_id": dialect.client_id, "client_secret": dialect.client_secret}
        answer: dict[str, Any] = self.send("POST", dialect.token, data={**client, **form}).json()
        return answer

    def exchanged(self, code: str, **form: str) -> dict[str, Any]:
        about = {"redirect_uri": CALLBACK, "code_verifier": VERIFIER, **form}
        return self.token(grant_type="authorization_code", code=code, **about)

    def refreshed(self, refresh_token: str) -> dict[str, Any]:
        return self.token(grant_type="refresh_token", refresh_token=refresh_token)


@pytest.fixture
def salesforce() -> Provider:
    return Provider("salesforce")


def test_a_code_is_good_once_and_what_came_of_it_ends_when_it_comes_again(salesforce: Provider) -> None:
    """RFC 6749, section 4.1.2."""
    code = salesforce.agree()["code"]
    token = salesforce.exchanged(code)

    assert salesforce.exchanged(code) == {"error": "invalid_grant"}
    assert salesforce.refreshed(token["refresh_token"]) == {"error": "invalid_grant"}


@pytest.mark.parametrize(
    "form", [{"code_verifier": "w" * 43}, {"code_verifier": ""}, {"redirect_uri": f"{CALLBACK}/other"}]
)
def test_a_code_is_good_for_who_asked_for_it_only(form: dict[str, str], salesforce: Provider) -> None:
    code = salesforce.agree()["code"]

    assert salesforce.exchanged(code, **form) == {"error": "invalid_grant"}


def test_a_code_ends(salesforce: Provider) -> None:
    code = salesforce.agree()["code"]
    salesforce.clock.advance(CODE_LIFE_S)

    assert salesforce.exchanged(code) == {"error": "invalid_grant"}


def test_a_client_must_show_its_secret(salesforce: Provider) -> None:
    code = salesforce.agree()["code"]

    assert salesforce.exchanged(code, client_secret="guessed") == {"error": "invalid_client"}
    assert "access_token" in salesforce.exchanged(code)


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"code_challenge": ""}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
    ],
)
def test_what_is_wrong_with_a_request_is_told_to_who_sent_it(
    changed: dict[str, str], error: str, salesforce: Provider
) -> None:
    assert salesforce.agree(**changed) == {"error": error, "state": "s"}


@pytest.mark.parametrize(
    "changed",
    [{"client_id": "stranger"}, {"redirect_uri": "http://gateway.example/callback"}, {"redirect_uri": "https://a/b"}],
)
def test_nobody_is_sent_where_nobody_knows(changed: dict[str, str], salesforce: Provider) -> None:
    response = salesforce.send("GET", salesforce.server.dialect.authorize, params=salesforce.asked(**changed))

    assert response.status_code == 400
    assert "location" not in response.headers


def test_a_refresh_token_that_is_used_twice_ends_all_that_came_of_it() -> None:
    """RFC 9700, section 4.14.2."""
    github = Provider("github")
    first = github.exchanged(github.agree()["code"])
    second = github.refreshed(first["refresh_token"])

    assert second["refresh_token"] != first["refresh_token"]
    assert github.refreshed(first["refresh_token"])["error"] == "bad_refresh_token"
    assert github.refreshed(second["refresh_token"])["error"] == "bad_refresh_token"
    assert github.server.issued == []


def test_google_gives_a_refresh_token_to_who_asks_for_one_and_not_again() -> None:
    google = Provider("google_calendar")
    online = google.exchanged(google.agree(access_type="")["code"])
    offline = google.exchanged(google.agree()["code"])

    assert "refresh_token" not in online
    assert "refresh_token" not in google.refreshed(offline["refresh_token"])


@contextmanager
def running(name: str) -> Iterator[tuple[Provider, str]]:
    provider = Provider(name)
    with served(standalone({name: provider.sandbox})) as url:
        yield provider, f"{url}/{name}"


def test_stripe_s_own_client_connects_an_account_and_ends_the_connection() -> None:
    with running("stripe") as (provider, url):
        client = stripe.StripeClient(
            provider.server.dialect.client_secret,
            client_id=provider.server.dialect.client_id,
            base_addresses={"connect": url, "api": url},
            max_network_retries=0,
        )
        link = client.oauth.authorize_url({"scope": "read_write", "state": "s"})
        code = provider.agree(code_challenge="", code_challenge_method="")["code"]
        token = client.oauth.token({"grant_type": "authorization_code", "code": code})
        account = str(token.stripe_user_id)
        seen = client.v1.customers.list(options={"stripe_account": account}).data
        with pytest.raises(stripe.oauth_error.InvalidGrantError):
            client.oauth.token({"grant_type": "authorization_code", "code": "guessed"})
        gone = [client.oauth.deauthorize({"stripe_user_id": account})]
        with pytest.raises(stripe.PermissionError):
            client.v1.customers.list(options={"stripe_account": account})

    assert urlsplit(link).path.endswith(provider.server.dialect.authorize)
    assert seen
    assert gone


def test_slack_s_own_client_installs_refreshes_and_revokes() -> None:
    with running("slack") as (provider, url):
        dialect = provider.server.dialect
        about = {"client_id": dialect.client_id, "client_secret": dialect.client_secret}
        client = WebClient(base_url=f"{url}/api/")
        code = provider.agree(scope="users:read", user_scope="search:read")["code"]
        installed = client.oauth_v2_access(**about, code=code, redirect_uri=CALLBACK)
        with pytest.raises(SlackApiError, match="invalid_code"):
            client.oauth_v2_access(**about, code="guessed", redirect_uri=CALLBACK)
        next_ = client.oauth_v2_access(**about, grant_type="refresh_token", refresh_token=installed["refresh_token"])
        with pytest.raises(SlackApiError, match="invalid_auth"):
            WebClient(installed["access_token"], base_url=f"{url}/api/").users_list()
        people = WebClient(next_["access_token"], base_url=f"{url}/api/").users_list()
        revoked = WebClient(next_["access_token"], base_url=f"{url}/api/").auth_revoke()

    assert installed["team"]["name"] == PEOPLE[0].company.name
    assert installed["authed_user"]["access_token"].startswith("xoxe.xoxp-")
    assert people["members"]
    assert revoked["revoked"] is True
    assert provider.server.issued == []


def test_slack_s_own_client_rotates_the_tokens_of_bot_and_user_each_by_itself() -> None:
    with running("slack") as (provider, url):
        dialect = provider.server.dialect
        about = {"client_id": dialect.client_id, "client_secret": dialect.client_secret}
        client = WebClient(base_url=f"{url}/api/")
        code = provider.agree(scope="users:read", user_scope="search:read")["code"]
        told = client.oauth_v2_access(**about, code=code, redirect_uri=CALLBACK)
        user = told["authed_user"]
        before = Installation(
            user_id=user["id"],
            bot_token=told["access_token"],
            bot_refresh_token=told["refresh_token"],
            bot_token_expires_in=told["expires_in"],
            user_token=user["access_token"],
            user_refresh_token=user["refresh_token"],
            user_token_expires_in=user["expires_in"],
        )
        after = TokenRotator(client=client, **about).perform_token_rotation(
            installation=before, minutes_before_expiration=24 * 60
        )
        assert after
        found = WebClient(after.user_token, base_url=f"{url}/api/").search_messages(query="order")
        with pytest.raises(SlackApiError, match="invalid_auth"):
            WebClient(before.user_token, base_url=f"{url}/api/").search_messages(query="order")

    assert found["ok"]
    assert (after.bot_token, after.bot_refresh_token) != (before.bot_token, before.bot_refresh_token)
    assert after.user_refresh_token not in (None, before.user_refresh_token, after.bot_refresh_token)


def test_google_s_own_client_refreshes_until_it_is_revoked() -> None:
    with running("google_calendar") as (provider, url), requests.Session() as session:
        token = provider.exchanged(provider.agree(scope="openid email")["code"])
        dialect = provider.server.dialect
        credentials = Credentials(  # type: ignore[no-untyped-call]
            None,
            refresh_token=token["refresh_token"],
            token_uri=f"{url}/token",
            client_id=dialect.client_id,
            client_secret=dialect.client_secret,
        )
        credentials.refresh(GoogleRequest(session))  # type: ignore[no-untyped-call]
        fresh = credentials.token
        provider.send("POST", "/revoke", data={"token": token["refresh_token"]})
        with pytest.raises(RefreshError, match="invalid_grant"):
            credentials.refresh(GoogleRequest(session))  # type: ignore[no-untyped-call]

    assert fresh not in (None, token["access_token"])
