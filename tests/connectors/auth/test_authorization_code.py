"""A user's agreement, against an authorization server that is not ours (Authlib's)."""

import asyncio
from urllib.parse import parse_qs, urlsplit

import pytest

from connectors.auth.authorization_code import AuthorizationCode, challenge_of, new_verifier
from connectors.auth.open import Open
from connectors.auth.token_endpoint import DEAD_GRANTS, Client, TokenEndpoint
from connectors.call import Send
from connectors.clock import SystemClock
from connectors.errors import ReauthorizationRequired
from tests.vault.authorization import AUDIENCE, CLIENT_ID, CLIENT_SECRET, REDIRECT_URI, Code
from tests.vault.calls import sender
from tests.vault.sandbox import VaultSandbox


@pytest.fixture
def vault() -> VaultSandbox:
    return VaultSandbox()


@pytest.fixture
def send(vault: VaultSandbox) -> Send:
    return sender(vault, Open())


GRANT = AuthorizationCode(
    endpoint=TokenEndpoint(
        upstream="vault",
        url=AUDIENCE,
        clock=SystemClock(),
        client=Client(id=CLIENT_ID, secret=CLIENT_SECRET),
        dead_grants=DEAD_GRANTS,
    ),
    authorization_url="https://vault.example/oauth/authorize?audience=api",
    scopes=("read", "write"),
    revocation_url="https://vault.example/oauth/revoke",
    more={"access_type": "offline"},
)


def agreed(vault: VaultSandbox, verifier: str) -> str:
    """As if a user had followed the link and agreed: the code they come back with."""
    link = GRANT.link(redirect_uri=REDIRECT_URI, state="s", verifier=verifier)
    asked = {name: values[0] for name, values in parse_qs(urlsplit(link).query).items()}
    code = Code("code-1", "ada", asked["redirect_uri"], asked["code_challenge"], asked["code_challenge_method"])
    vault.memory.codes[code.code] = code
    return code.code


def test_a_challenge_is_as_the_rfc_shows() -> None:
    """RFC 7636, appendix B."""
    assert challenge_of("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk") == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    assert 43 <= len(new_verifier()) <= 128
    assert new_verifier() != new_verifier()


def test_the_link_says_what_is_asked_for_and_keeps_what_it_had() -> None:
    link = urlsplit(GRANT.link(redirect_uri=REDIRECT_URI, state="a&b", verifier="v" * 43))

    assert (link.scheme, link.netloc, link.path) == ("https", "vault.example", "/oauth/authorize")
    assert parse_qs(link.query) == {
        "audience": ["api"],
        "response_type": ["code"],
        "client_id": [CLIENT_ID],
        "redirect_uri": [REDIRECT_URI],
        "state": ["a&b"],
        "code_challenge": [challenge_of("v" * 43)],
        "code_challenge_method": ["S256"],
        "scope": ["read write"],
        "access_type": ["offline"],
    }


def test_a_code_is_exchanged_once_and_only_with_its_verifier(vault: VaultSandbox, send: Send) -> None:
    verifier = new_verifier()
    code = agreed(vault, verifier)

    with pytest.raises(ReauthorizationRequired, match="invalid_grant"):
        asyncio.run(GRANT.exchange(code, send, redirect_uri=REDIRECT_URI, verifier=new_verifier()))
    token = asyncio.run(GRANT.exchange(code, send, redirect_uri=REDIRECT_URI, verifier=verifier))
    with pytest.raises(ReauthorizationRequired, match="invalid_grant"):
        asyncio.run(GRANT.exchange(code, send, redirect_uri=REDIRECT_URI, verifier=verifier))

    assert vault.memory.user_of(token.access_token) == "ada"


def test_a_token_is_given_back(vault: VaultSandbox, send: Send) -> None:
    verifier = new_verifier()
    token = asyncio.run(GRANT.exchange(agreed(vault, verifier), send, redirect_uri=REDIRECT_URI, verifier=verifier))

    asyncio.run(GRANT.revoke(token, send))
    asyncio.run(GRANT.revoke(token, send))

    assert vault.memory.user_of(token.access_token) is None
