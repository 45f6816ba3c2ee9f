"""Stripe's part of the graph with its sandbox, in this process."""

from connectors.providers.stripe.manifest import UPSTREAM
from connectors.providers.stripe.sandbox import StripeSandbox
from resolvers import nodes
from resolvers.providers.stripe import fields
from schema.compose import compose
from tests.resolvers.providers.world import World

GRAPH = compose([nodes.fields, fields], ["stripe"])


class StripeWorld(World[StripeSandbox]):
    """A sandbox, and the graph in front of it."""

    def __init__(self) -> None:
        super().__init__(UPSTREAM, StripeSandbox, GRAPH)
