"""Logging as the gateway does it: structlog's own default would render the variables of every frame of a traceback."""

from collections.abc import Iterator

import httpx2
import pytest
import structlog

from server import logs
from tests.server.toy import WAY
from tests.server.ways import ByShortcut


@pytest.fixture(autouse=True)
def logging() -> None:
    if not structlog.is_configured():
        logs.configure("json")


@pytest.fixture(params=[httpx2.ASGITransport, ByShortcut], ids=["asgi", "shortcut"])
def way(request: pytest.FixtureRequest) -> Iterator[None]:
    """Tests that use this are for both ways that requests go."""
    token = WAY.set(request.param)
    yield
    WAY.reset(token)
