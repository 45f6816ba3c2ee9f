from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from connectors.auth.auth import Auth
from connectors.auth.static import basic
from connectors.connector import (
    ConfigurationError,
    auth_from,
    checked_url,
    client_certificate,
    connect,
    discover,
    wanted_variables,
)
from connectors.sandbox.base import Sandbox
from connectors.sandbox.people import Person, population
from connectors.upstream import Credentials, Endpoint, Upstream
from connectors.wires.tls import ClientCertificate


class Quiet(Sandbox):
    def __init__(self, people: tuple[Person, ...]) -> None:
        super().__init__()

    @property
    def routes(self) -> Sequence[Route]:
        return [Route("/hello", self.hello, name="hello")]

    async def hello(self, request: Request) -> Response:
        return Response("hello")

    def failure(self, status: int) -> Response:
        return Response(status_code=status)

    def throttled(self, retry_after_s: float) -> Response:
        return Response(status_code=429)

    def expire(self) -> Response:
        return Response(status_code=401)


def made(values: Mapping[str, str]) -> Auth:
    return basic(values["DEMO_ID"], values["DEMO_SECRET"])


DEMO = Upstream[Endpoint](
    name="demo",
    title="Demo",
    base_url="https://api.demo.example",
    base_url_variable="DEMO_BASE_URL",
    docs_url="https://demo.example/docs",
    client=lambda endpoint: endpoint,
    credentials=(
        Credentials(variables=("DEMO_ID", "DEMO_SECRET"), make=made),
        Credentials(
            variables=("DEMO_TOKEN",),
            optional=("DEMO_REGION",),
            make=lambda values: basic("token", values["DEMO_TOKEN"]),
        ),
    ),
    sandbox=Quiet,
    sandbox_environment={"DEMO_ID": "sandbox", "DEMO_SECRET": "sandbox"},
)
REAL = {"DEMO_ID": "me", "DEMO_SECRET": "secret"}


def test_credentials_lead_to_the_real_upstream() -> None:
    connector = connect(DEMO, REAL, people=population(3))

    assert connector is not None
    assert (connector.sandbox, connector.base_url) == (None, "https://api.demo.example")


def test_without_credentials_there_is_a_sandbox_only_if_asked_for() -> None:
    sandboxed = connect(DEMO, {}, people=population(3))

    assert sandboxed is not None
    assert isinstance(sandboxed.sandbox, Quiet)
    assert connect(DEMO, {}) is None


def test_the_base_url_can_point_elsewhere() -> None:
    connector = connect(DEMO, {**REAL, "DEMO_BASE_URL": "http://127.0.0.1:9000/demo/"})

    assert connector is not None
    assert connector.base_url == "http://127.0.0.1:9000/demo"


@pytest.mark.parametrize("url", ["http://api.demo.example", "ftp://api.demo.example", "api.demo.example", "https://"])
def test_an_unsafe_base_url_is_refused_by_name(url: str) -> None:
    with pytest.raises(ConfigurationError, match="DEMO_BASE_URL"):
        checked_url("DEMO_BASE_URL", url)


@pytest.mark.parametrize(
    "url",
    [
        "https://me:s3cret@api.demo.example",
        "https://s3cret@api.demo.example",
        "https://@api.demo.example",
        "https://api.demo.example/?key=s3cret",
        "https://api.demo.example?",
        "https://api.demo.example/#s3cret",
        "https://api.demo.example\n",
        " https://api.demo.example",
        "https://me:s3cret/@api.demo.example",
    ],
)
def test_a_base_url_is_an_address_and_nothing_else(url: str) -> None:
    with pytest.raises(ConfigurationError, match="DEMO_BASE_URL") as caught:
        checked_url("DEMO_BASE_URL", url)
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize("people", [None, population(3)])
def test_a_base_url_that_would_not_be_used_is_an_error(people: tuple[Person, ...] | None) -> None:
    with pytest.raises(ConfigurationError, match="DEMO_BASE_URL is set without credentials") as caught:
        connect(DEMO, {"DEMO_BASE_URL": "https://api.demo.example"}, people=people)
    assert ("sandbox" in str(caught.value)) == (people is not None)


@pytest.mark.parametrize(
    "value", ["s3cret\n", " s3cret", "s3cret\t", "s3\x00cret", "s3\ncret", "s3\x7fcret", "\u00a0s3cret"]
)
def test_a_credential_that_was_copied_badly_is_refused_by_name(value: str) -> None:
    with pytest.raises(ConfigurationError, match="DEMO_SECRET") as caught:
        auth_from(DEMO, {"DEMO_ID": "me", "DEMO_SECRET": value})
    assert "cret" not in str(caught.value).replace("DEMO_SECRET", "")


def test_what_is_optional_is_nothing_by_itself() -> None:
    with pytest.raises(ConfigurationError, match="DEMO_REGION needs DEMO_TOKEN beside it"):
        auth_from(DEMO, {"DEMO_REGION": "north"})
    assert auth_from(DEMO, {"DEMO_REGION": "north", "DEMO_TOKEN": "t"}) is not None


def test_half_a_credential_is_an_error_that_names_the_other_half() -> None:
    with pytest.raises(ConfigurationError, match="DEMO_ID needs DEMO_SECRET") as caught:
        auth_from(DEMO, {"DEMO_ID": "me"})
    assert "me" not in str(caught.value).split()


def test_what_is_of_use_elsewhere_is_no_half_of_a_credential() -> None:
    way = replace(DEMO.credentials[0], elsewhere=("DEMO_SECRET",))
    demo = replace(DEMO, credentials=(way,))

    assert auth_from(demo, {"DEMO_SECRET": "secret"}) is None
    with pytest.raises(ConfigurationError, match="DEMO_ID needs DEMO_SECRET"):
        auth_from(demo, {"DEMO_ID": "me"})


def test_any_complete_alternative_counts() -> None:
    assert auth_from(DEMO, {"DEMO_TOKEN": "t"}) is not None
    assert auth_from(DEMO, {}) is None


def test_the_alternatives_can_be_told() -> None:
    assert wanted_variables(DEMO) == "DEMO_ID + DEMO_SECRET, or DEMO_TOKEN"


def test_every_provider_folder_is_found_under_its_name() -> None:
    found = discover()

    assert found
    assert all(upstream.name == name for name, upstream in found.items())


def test_a_proxy_that_cannot_be_used_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "socks5://me:SECRET@proxy.example:1080")

    with pytest.raises(ConfigurationError, match="HTTPS_PROXY must be the address of an HTTP proxy") as caught:
        connect(DEMO, REAL)
    assert "SECRET" not in str(caught.value)


def test_the_environment_names_our_certificate() -> None:
    files = {"DEMO_CLIENT_CERTIFICATE": "/run/ours.pem", "DEMO_CLIENT_KEY": "/run/key.pem"}

    assert client_certificate(DEMO, {}) is None
    assert client_certificate(DEMO, files) == ClientCertificate(certificate="/run/ours.pem", key="/run/key.pem")


@pytest.mark.parametrize(
    "files",
    [
        {"DEMO_CLIENT_KEY": "/run/key.pem"},
        {"DEMO_CLIENT_KEY_PASSWORD": "open sesame"},
        {"DEMO_CLIENT_CERTIFICATE": "/nowhere/ours.pem"},
        {"DEMO_CLIENT_CERTIFICATE": "/etc/hostname"},
    ],
)
def test_a_certificate_that_cannot_be_used_is_refused(files: Mapping[str, str]) -> None:
    with pytest.raises(ConfigurationError, match="Demo") as caught:
        connect(DEMO, {**REAL, **files})
    assert "sesame" not in str(caught.value)
