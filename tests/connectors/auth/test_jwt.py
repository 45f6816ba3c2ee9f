"""Signatures, against the examples of RFC 7515 (appendix A) and a library that is not ours (joserfc)."""

import asyncio
from base64 import urlsafe_b64decode
from typing import Any

import httpx2
import pytest
from joserfc import jws, jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

from connectors.auth.jwt import Algorithm, SigningKey, jwt_bearer
from connectors.call import Call
from tests.clock import FakeClock

PAYLOAD = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"

HS256_KEY = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"
HS256 = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"

RS256_KEY: dict[str, str | list[str]] = {
    "kty": "RSA",
    "n": (
        "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SF"
        "d2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo"
        "7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkM"
        "Ls91kzk2PAcDTW9gb54h4FRWyuXpoQ"
    ),
    "e": "AQAB",
    "d": (
        "Eq5xpGnNCivDflJsRQBXHx1hdR1k6Ulwe2JZD50LpXyWPEAeP88vLNO97IjlA7_GQ5sLKMgvfTeXZx9SE-7YwVol2NXOoAJe46sui395"
        "IW_GO-pWJ1O0BkTGoVEn2bKVRUCgu-GjBVaYLU6f3l9kJfFNS3E0QbVdxzubSu3Mkqzjkn439X0M_V51gfpRLI9JYanrC4D4qAdGcopV"
        "_0ZHHzQlBjudU2QvXt4ehNYTCBr6XCLQUShb1juUO1ZdiYoFaFQT5Tw8bGUl_x_jTj3ccPDVZFD9pIuhLhBOneufuBiB4cS98l2SR_RQ"
        "yGWSeWjnczT0QU91p1DhOVRuOopznQ"
    ),
}
RS256 = (
    "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdb"
    "F9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383"
    "LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWy"
    "wlVmtVrBp0igcN_IoypGlUPQGe77Rw"
)

ES256_KEY: dict[str, str | list[str]] = {
    "kty": "EC",
    "crv": "P-256",
    "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
    "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    "d": "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI",
}


def bytes_of(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def test_hs256_signs_as_the_rfc_shows() -> None:
    key = SigningKey("HS256", bytes_of(HS256_KEY))

    content = f"eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.{PAYLOAD}"

    assert key.signature(content.encode()) == bytes_of(HS256)


def test_rs256_signs_as_the_rfc_shows() -> None:
    key = SigningKey("RS256", RSAKey.import_key(RS256_KEY).as_pem(private=True))

    assert key.signature(f"eyJhbGciOiJSUzI1NiJ9.{PAYLOAD}".encode()) == bytes_of(RS256)


@pytest.mark.parametrize(
    ("algorithm", "secret", "public"),
    [
        ("HS256", bytes_of(HS256_KEY), OctKey.import_key(bytes_of(HS256_KEY))),
        ("RS256", RSAKey.import_key(RS256_KEY).as_pem(private=True), RSAKey.import_key(RS256_KEY)),
        ("ES256", ECKey.import_key(ES256_KEY).as_pem(private=True), ECKey.import_key(ES256_KEY)),
    ],
)
def test_a_token_is_read_by_others(algorithm: Algorithm, secret: bytes, public: Any) -> None:
    claims = {"iss": "app", "nested": {"é": [1, None]}}

    token = jwt.decode(SigningKey(algorithm, secret, id="k1").jwt(claims), public, algorithms=[algorithm])

    assert token.claims == claims
    assert token.header == {"alg": algorithm, "typ": "JWT", "kid": "k1"}


def test_es256_signatures_have_the_rfc_s_form_every_time() -> None:
    key = SigningKey("ES256", ECKey.import_key(ES256_KEY).as_pem(private=True))

    tokens = [key.jwt({"n": number}) for number in range(50)]

    assert all(jws.deserialize_compact(token, ECKey.import_key(ES256_KEY), algorithms=["ES256"]) for token in tokens)
    assert {len(bytes_of(token.rpartition(".")[2])) for token in tokens} == {64}


@pytest.mark.parametrize(
    ("algorithm", "secret"),
    [
        ("HS256", b""),
        ("RS256", b"SECRET"),
        ("RS256", ECKey.import_key(ES256_KEY).as_pem(private=True)),
        ("ES256", ECKey.generate_key("P-384").as_pem(private=True)),
        ("RS256", RSAKey.import_key(RS256_KEY).as_pem(private=False)),
    ],
)
def test_a_key_of_another_kind_is_refused(algorithm: Algorithm, secret: bytes) -> None:
    with pytest.raises(ValueError, match=r"empty|not a") as caught:
        SigningKey(algorithm, secret)
    assert "SECRET" not in str(caught.value)


def test_a_jwt_is_sent_until_shortly_before_its_end(clock: FakeClock) -> None:
    auth = jwt_bearer(SigningKey("HS256", bytes_of(HS256_KEY)), {"iss": "app"}, lifetime_s=600, now=clock.time)
    issued = clock.time()

    async def no_wire(request: httpx2.Request) -> httpx2.Response:
        raise AssertionError("nothing is fetched")

    async def sent() -> Any:
        request = httpx2.Request("GET", "https://a.example", extensions={"call": Call(operation="x", safe=True)})
        signed = await auth.authorize(request, no_wire)
        return jwt.decode(
            signed.headers["Authorization"].removeprefix("Bearer "), OctKey.import_key(bytes_of(HS256_KEY))
        ).claims

    async def run() -> list[Any]:
        first = await sent()
        clock.advance(400)
        second = await sent()
        clock.advance(170)
        return [first, second, await sent()]

    first, second, third = asyncio.run(run())
    assert first == second == {"iss": "app", "iat": int(issued - 30), "exp": int(issued + 570)}
    assert third["iat"] == int(issued + 540)
