"""The sandbox on a port of its own, and Stripe's own library pointed at it."""

from collections.abc import Iterator

import pytest
import stripe
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.types import Receive, Scope, Send

from connectors.providers.stripe.sandbox import StripeSandbox
from tests.connectors.providers.stripe.sandbox.account import PEOPLE, Account, library
from tests.serving import served


@pytest.fixture(scope="module", autouse=True)
def _quiet() -> Iterator[None]:
    before = stripe.enable_telemetry
    stripe.enable_telemetry = False
    yield
    stripe.enable_telemetry = before


class Stand:
    """Where a sandbox stands, so that each test has a new one behind the same port."""

    def __init__(self) -> None:
        self.sandbox = StripeSandbox(PEOPLE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.sandbox(scope, receive, send)


@pytest.fixture(scope="module", params=["", "/stripe"], ids=["at the root", "under a prefix"])
def place(request: pytest.FixtureRequest) -> Iterator[tuple[Stand, str]]:
    stand = Stand()
    with served(Starlette(routes=[Mount(request.param or "/", stand)])) as url:
        yield stand, f"{url}{request.param}"


@pytest.fixture
def account(place: tuple[Stand, str]) -> Account:
    stand, url = place
    stand.sandbox = StripeSandbox(PEOPLE)
    return Account(stand.sandbox, url, library(url))
