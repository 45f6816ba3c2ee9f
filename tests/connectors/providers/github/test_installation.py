"""A GitHub App's tokens, as GitHub's manual shows the exchange."""

import asyncio
from pathlib import Path

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from connectors.connector import ConfigurationError
from connectors.pipeline import pipeline
from connectors.pipeline.setup import Setup
from connectors.providers.github.installation import by_installation
from connectors.providers.github.manifest import UPSTREAM
from connectors.upstream import Given
from tests.clock import FakeClock
from tests.wire import request

KEY = RSAKey.generate_key(2048)


def given(path: Path, clock: FakeClock) -> Given:
    values = {
        "GITHUB_APP_ID": "12345",
        "GITHUB_APP_INSTALLATION_ID": "678",
        "GITHUB_APP_PRIVATE_KEY_FILE": str(path),
    }
    return Given(values, upstream=UPSTREAM, base_url=UPSTREAM.base_url, clock=clock)


def test_an_app_exchanges_a_short_lived_jwt_for_a_token_of_its_installation(tmp_path: Path, clock: FakeClock) -> None:
    file = tmp_path / "app.pem"
    file.write_bytes(KEY.as_pem(private=True))
    seen: list[httpx2.Request] = []

    async def github(request: httpx2.Request) -> httpx2.Response:
        seen.append(request)
        if request.url.path.startswith("/app/"):
            return httpx2.Response(201, json={"token": "ghs_1", "expires_at": "2030-07-11T22:14:10Z"})
        return httpx2.Response(200, json={})

    send = pipeline(Setup(upstream="github", auth=by_installation(given(file, clock)), clock=clock), github)

    async def both() -> None:
        await send(request(url="https://api.github.com/user"))
        await send(request(url="https://api.github.com/user?page=2"))

    asyncio.run(both())
    exchange, *calls = seen
    claims = jwt.decode(exchange.headers["Authorization"].removeprefix("Bearer "), KEY, algorithms=["RS256"]).claims
    assert (exchange.method, str(exchange.url)) == (
        "POST",
        "https://api.github.com/app/installations/678/access_tokens",
    )
    assert claims["iss"] == "12345"
    assert claims["iat"] < clock.time() < claims["exp"] <= clock.time() + 600
    assert [call.headers["Authorization"] for call in calls] == ["Bearer ghs_1"] * 2


def test_a_key_file_that_is_none_is_refused_by_the_name_of_its_variable(tmp_path: Path, clock: FakeClock) -> None:
    file = tmp_path / "app.pem"
    with pytest.raises(ConfigurationError, match="GITHUB_APP_PRIVATE_KEY_FILE"):
        by_installation(given(file, clock))
    file.write_text("SECRET")

    with pytest.raises(ConfigurationError, match="GITHUB_APP_PRIVATE_KEY_FILE") as caught:
        by_installation(given(file, clock))
    assert "SECRET" not in str(caught.value)
