"""What Stripe's tests share."""

import pytest

from tests.resolvers.providers.stripe.world import World


@pytest.fixture
def world() -> World:
    return World()
