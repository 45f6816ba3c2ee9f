"""A Stripe account as its owner's programs see it."""

from dataclasses import dataclass

import stripe

from connectors.providers.stripe.sandbox import KEY, StripeSandbox
from connectors.sandbox.people import population

PEOPLE = population()


@dataclass
class Account:
    """A sandbox on a port of its own, and Stripe's library pointed at it."""

    sandbox: StripeSandbox
    url: str
    v1: stripe.V1Services


def library(url: str, key: str = KEY) -> stripe.V1Services:
    return stripe.StripeClient(key, base_addresses={"api": url}, max_network_retries=0).v1
