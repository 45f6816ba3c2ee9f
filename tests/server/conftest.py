"""Logging as the gateway does it: structlog's own default would render the variables of every frame of a traceback."""

import pytest
import structlog

from server import logs


@pytest.fixture(autouse=True)
def logging() -> None:
    if not structlog.is_configured():
        logs.configure("json")
