"""JSON Web Tokens of our own making. We never read one, so there is nothing here that could be talked into trust."""

import hmac
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from typing import Any, Literal

import httpx2
import orjson

from connectors.auth.fetched import FetchedAuth
from connectors.auth.token import Token, in_authorization
from connectors.call import Send

Algorithm = Literal["HS256", "RS256", "ES256"]

MARGIN_S = 30.0
"""A token says that it was issued so long ago: a server whose clock is behind ours would take it for a forgery."""


class SigningKey:
    """Signs claims as a compact JWS (RFC 7515, RFC 7518 section 3). `id` goes into the header as `kid`."""

    def __init__(self, algorithm: Algorithm, secret: bytes, *, id: str | None = None) -> None:
        """`secret` is the shared secret itself for HS256, else a private key as PEM.

        Raises `ValueError` for a key that is none, or is not of the algorithm's kind; the message quotes nothing of it.
        """
        self._header = {"alg": algorithm, "typ": "JWT", **({"kid": id} if id else {})}
        self.signature = _hs256(secret) if algorithm == "HS256" else _by_private_key(algorithm, secret)

    def jwt(self, claims: Mapping[str, Any]) -> str:
        """The token (RFC 7519)."""
        content = f"{_base64url(orjson.dumps(self._header))}.{_base64url(orjson.dumps(claims))}"
        return f"{content}.{_base64url(self.signature(content.encode('ascii')))}"


def jwt_bearer(
    key: SigningKey, claims: Mapping[str, Any], *, lifetime_s: float = 600.0, now: Callable[[], float] = time.time
) -> FetchedAuth[Token]:
    """`Authorization: Bearer` with a JWT of our own: `claims` with `iat` and `exp`, signed anew before it ends."""

    async def fetch(request: httpx2.Request, send: Send) -> Token:
        return short_lived(key, claims, lifetime_s=lifetime_s, now=now())

    return FetchedAuth(fetch, in_authorization, now=now)


def short_lived(key: SigningKey, claims: Mapping[str, Any], *, lifetime_s: float, now: float) -> Token:
    """A JWT that ends `lifetime_s` after its `iat`, which lies a little back."""
    issued_at = int(now - MARGIN_S)
    expires_at = int(issued_at + lifetime_s)
    token = key.jwt({**claims, "iat": issued_at, "exp": expires_at})
    return Token(access_token=token, issued_at=now, expires_at=expires_at)


def _base64url(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode("ascii")


def _hs256(secret: bytes) -> Callable[[bytes], bytes]:
    if not secret:
        raise ValueError("the secret is empty")
    return lambda content: hmac.digest(secret, content, "sha256")


def _by_private_key(algorithm: Literal["RS256", "ES256"], pem: bytes) -> Callable[[bytes], bytes]:
    # Imported here as it takes a tenth of a second, and few upstreams want signatures.
    from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError) as error:
        raise ValueError("it is not a private key in PEM without a password") from error

    def rs256(content: bytes) -> bytes:
        assert isinstance(key, RSAPrivateKey)
        return key.sign(content, PKCS1v15(), SHA256())

    def es256(content: bytes) -> bytes:
        assert isinstance(key, EllipticCurvePrivateKey)
        r, s = decode_dss_signature(key.sign(content, ECDSA(SHA256())))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")

    if algorithm == "RS256" and isinstance(key, RSAPrivateKey):
        return rs256
    if algorithm == "ES256" and isinstance(key, EllipticCurvePrivateKey) and key.curve.name == "secp256r1":
        return es256
    raise ValueError(f"it is not a key for {algorithm}")
