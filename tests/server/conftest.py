"""Both ways that requests go."""

from collections.abc import Iterator

import httpx2
import pytest

from tests.server.toy import WAY
from tests.server.ways import ByShortcut


@pytest.fixture(params=[httpx2.ASGITransport, ByShortcut], ids=["asgi", "shortcut"])
def way(request: pytest.FixtureRequest) -> Iterator[None]:
    """Tests that use this are for both ways that requests go."""
    token = WAY.set(request.param)
    yield
    WAY.reset(token)
