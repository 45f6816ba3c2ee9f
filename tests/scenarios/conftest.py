"""Each scenario has a gateway of its own."""

from collections.abc import Iterator

import pytest

from tests.gateway import Gateway, running


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    with running() as gateway:
        yield gateway
