"""Grants without a user, against an authorization server that is not ours (Authlib's)."""

import pytest

from connectors.auth.oauth2 import client_credentials, refreshing
from connectors.auth.token_endpoint import Client, ClientAuthentication
from connectors.errors import CredentialsUnavailable, NotAuthorized, ReauthorizationRequired
from connectors.sandbox.faults import Fault
from tests.vault.authorization import AUDIENCE, CLIENT_ID, CLIENT_SECRET
from tests.vault.calls import given, owners, sender
from tests.vault.sandbox import VaultSandbox


@pytest.fixture
def vault() -> VaultSandbox:
    return VaultSandbox()


def test_a_client_says_who_it_is_as_the_rfc_shows() -> None:
    """RFC 6749, section 2.3.1: the same client, in a header and in the body."""
    header, _ = Client(id="s6BhdRkqt3", secret="7Fjfp0ZBr1KtDRbnfVdmIw").identified({})
    _, body = Client(id="s6BhdRkqt3", secret="7Fjfp0ZBr1KtDRbnfVdmIw", authentication="client_secret_post").identified(
        {"grant_type": "refresh_token"}
    )

    assert header == {"Authorization": "Basic czZCaGRSa3F0Mzo3RmpmcDBaQnIxS3REUmJuZlZkbUl3"}
    assert body == {
        "grant_type": "refresh_token",
        "client_id": "s6BhdRkqt3",
        "client_secret": "7Fjfp0ZBr1KtDRbnfVdmIw",
    }


def test_what_would_break_the_header_is_encoded_and_a_secret_is_not_shown() -> None:
    header, _ = Client(id="a:b", secret="c d").identified({})

    assert header == {"Authorization": "Basic YSUzQWI6Yytk"}
    assert "c d" not in repr(Client(id="a:b", secret="c d"))


@pytest.mark.parametrize("authentication", ["client_secret_basic", "client_secret_post"])
def test_thirty_calls_share_one_token(vault: VaultSandbox, authentication: ClientAuthentication) -> None:
    auth = client_credentials(
        given(),
        token_url=AUDIENCE,
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
        scope="read",
        authentication=authentication,
    )

    assert owners(sender(vault, auth), times=30) == ["app"] * 30
    assert vault.seen("oauth2.token") == 1


def test_a_token_that_was_revoked_is_replaced_once_for_all_calls(vault: VaultSandbox) -> None:
    auth = client_credentials(given(), token_url=AUDIENCE, client_id=CLIENT_ID, client_secret=CLIENT_SECRET)
    send = sender(vault, auth)
    owners(send)
    vault.expire()

    assert owners(send, times=30) == ["app"] * 30
    assert vault.seen("oauth2.token") == 2


def test_a_wrong_secret_is_refused_once_and_not_shown(vault: VaultSandbox) -> None:
    auth = client_credentials(given(), token_url=AUDIENCE, client_id=CLIENT_ID, client_secret="WRONG")
    send = sender(vault, auth)

    for _ in range(3):
        with pytest.raises(NotAuthorized, match="invalid_client") as caught:
            owners(send)
        assert "WRONG" not in str(caught.value)

    assert vault.seen("oauth2.token") == 1
    assert vault.seen("items.get") == 0


def test_a_token_endpoint_that_fails_is_asked_again_and_its_failure_is_not_that_of_the_api(vault: VaultSandbox) -> None:
    auth = client_credentials(given(), token_url=AUDIENCE, client_id=CLIENT_ID, client_secret=CLIENT_SECRET)
    send = sender(vault, auth)
    vault.faults.add(Fault(operation="oauth2.token", status=503, times=4))

    with pytest.raises(CredentialsUnavailable):
        owners(send)
    assert owners(send) == ["app"]
    assert vault.seen("oauth2.token") == 5


def test_the_token_endpoint_moves_with_the_base_url() -> None:
    elsewhere = given(base_url="http://127.0.0.1:9000/vault")

    assert given().moved(AUDIENCE) == AUDIENCE
    assert elsewhere.moved(AUDIENCE) == "http://127.0.0.1:9000/vault/oauth/token"


def test_a_refresh_token_is_used_again_and_again_where_it_is_not_rotated(vault: VaultSandbox) -> None:
    granted = vault.memory.authorize("ada").refresh_token
    assert granted is not None
    auth = refreshing(
        given(), token_url=AUDIENCE, client_id=CLIENT_ID, client_secret=CLIENT_SECRET, refresh_token=granted
    )
    send = sender(vault, auth)

    assert owners(send) == ["ada"]
    vault.expire()
    assert owners(send) == ["ada"]
    assert vault.seen("oauth2.token") == 2


def test_a_grant_that_was_revoked_asks_for_the_user(vault: VaultSandbox) -> None:
    auth = refreshing(
        given(), token_url=AUDIENCE, client_id=CLIENT_ID, client_secret=CLIENT_SECRET, refresh_token="REVOKED"
    )
    send = sender(vault, auth)

    for _ in range(3):
        with pytest.raises(ReauthorizationRequired, match="invalid_grant") as caught:
            owners(send)
        assert "REVOKED" not in str(caught.value)
    assert vault.seen("oauth2.token") == 1
