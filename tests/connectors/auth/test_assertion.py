"""Service accounts, against an authorization server that is not ours (Authlib's)."""

from pathlib import Path
from typing import Any

import orjson
import pytest
from joserfc.jwk import RSAKey

from connectors.auth.assertion import assertion, service_account
from connectors.auth.jwt import SigningKey
from connectors.connector import ConfigurationError
from connectors.errors import NotAuthorized
from tests.vault.authorization import AUDIENCE, CLIENT_ID
from tests.vault.calls import given, owners, sender
from tests.vault.sandbox import VaultSandbox

KEY = RSAKey.generate_key(2048)
PEM = KEY.as_pem(private=True)


@pytest.fixture
def vault() -> VaultSandbox:
    vault = VaultSandbox()
    vault.memory.public_key = KEY
    return vault


def key_file(folder: Path, **changes: Any) -> dict[str, str]:
    content = {
        "type": "service_account",
        "client_email": CLIENT_ID,
        "private_key_id": "key-1",
        "private_key": PEM.decode(),
        "token_uri": AUDIENCE,
    }
    path = folder / "key.json"
    path.write_bytes(orjson.dumps({**content, **changes}))
    return {"VAULT_FILE": str(path)}


def test_a_service_account_acts_for_a_user(vault: VaultSandbox, tmp_path: Path) -> None:
    auth = service_account(given(key_file(tmp_path)), "VAULT_FILE", scopes=("read", "write"), subject="ada")

    assert owners(sender(vault, auth), times=30) == ["ada"] * 30
    assert vault.seen("oauth2.token") == 1


def test_an_assertion_by_another_key_is_refused(vault: VaultSandbox) -> None:
    other = SigningKey("RS256", RSAKey.generate_key(2048).as_pem(private=True))
    auth = assertion(given(), token_url=AUDIENCE, key=other, claims={"iss": CLIENT_ID})

    with pytest.raises(NotAuthorized, match="invalid_grant") as caught:
        owners(sender(vault, auth))
    assert caught.value.code == "UPSTREAM_NOT_AUTHORIZED"


@pytest.mark.parametrize(
    "changes",
    [
        {"private_key": "SECRET"},
        {"private_key": None},
        {"client_email": None, "private_key": "-----BEGIN PRIVATE KEY-----\nSECRET\n-----END PRIVATE KEY-----"},
        {"token_uri": "http://oauth.example/token"},
        {"token_uri": 1},
    ],
)
def test_a_key_file_that_is_none_is_refused_by_the_name_of_its_variable(tmp_path: Path, changes: Any) -> None:
    values = key_file(tmp_path, **changes)

    with pytest.raises(ConfigurationError, match="VAULT_FILE") as caught:
        service_account(given(values), "VAULT_FILE", scopes=())
    assert "SECRET" not in str(caught.value)


def test_a_key_file_that_is_not_there_is_refused_by_the_name_of_its_variable(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"VAULT_FILE.*No such file"):
        service_account(given({"VAULT_FILE": str(tmp_path / "none.json")}), "VAULT_FILE", scopes=())
