"""The vault's manifest."""

from connectors.auth.auth import Auth
from connectors.auth.oauth2 import client_credentials, rotating
from connectors.auth.passed import passed_through
from connectors.policy import CachePolicy, Policy, RetryPolicy
from connectors.upstream import Credentials, Given, Upstream
from tests.vault.authorization import CLIENT_ID, CLIENT_SECRET
from tests.vault.client import VaultClient
from tests.vault.sandbox import VaultSandbox

TOKEN_URL = "https://vault.example/oauth/token"


def for_the_app(given: Given) -> Auth:
    return client_credentials(
        given,
        token_url=TOKEN_URL,
        client_id=given["VAULT_CLIENT_ID"],
        client_secret=given["VAULT_CLIENT_SECRET"],
    )


def for_a_user(given: Given) -> Auth:
    return rotating(
        given,
        token_url=TOKEN_URL,
        client_id=given["VAULT_CLIENT_ID"],
        client_secret=given["VAULT_CLIENT_SECRET"],
        refresh_token=given["VAULT_REFRESH_TOKEN"],
    )


UPSTREAM = Upstream[VaultClient](
    name="vault",
    title="Vault",
    base_url="https://vault.example",
    base_url_variable="VAULT_BASE_URL",
    docs_url="https://vault.example/docs",
    client=VaultClient,
    credentials=(
        Credentials(variables=("VAULT_TOKEN_HEADER",), make=lambda given: passed_through(given, "VAULT_TOKEN_HEADER")),
        Credentials(variables=("VAULT_CLIENT_ID", "VAULT_CLIENT_SECRET", "VAULT_REFRESH_TOKEN"), make=for_a_user),
        Credentials(variables=("VAULT_CLIENT_ID", "VAULT_CLIENT_SECRET"), make=for_the_app),
    ),
    sandbox=VaultSandbox,
    sandbox_environment={"VAULT_CLIENT_ID": CLIENT_ID, "VAULT_CLIENT_SECRET": CLIENT_SECRET},
    # Without waits, and without answers from memory.
    policy=Policy(retry=RetryPolicy(attempts=3, base_s=0.0, cap_s=0.0), cache=CachePolicy(max_bytes=0, share=False)),
)
