"""What Stripe's tests share."""

import pytest

from tests.resolvers.providers.stripe.world import StripeWorld


@pytest.fixture
def world() -> StripeWorld:
    return StripeWorld()
