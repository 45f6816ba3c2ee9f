"""The fields by which users connect accounts."""

import asyncio
from datetime import datetime

from strawberry.types import ExecutionResult

from connectors.auth.store.memory import MemoryVouchers
from connectors.call import Scope
from connectors.connector import connect
from connectors.consent import TICKET_S, Consent
from connectors.providers.github.manifest import UPSTREAM
from connectors.sandbox.people import population
from resolvers import users
from resolvers.context import Context
from resolvers.cursors import CursorCodec
from schema.compose import compose
from tests.clock import FakeClock


def test_a_link_says_until_when_it_is_good_by_the_gateway_s_clock() -> None:
    clock = FakeClock()
    connector = connect(UPSTREAM, {}, people=population(5), clock=clock)
    assert connector
    consent = Consent({"github": connector}, MemoryVouchers(clock.time), ())
    context = Context({UPSTREAM.client: connector}, Scope(user="ada"), CursorCodec(b"test"), consent=consent)
    graph = compose([users.fields], [users.USERS])

    asked = graph.execute('mutation { connectProvider(provider: "github") { url expiresAt } }', context_value=context)
    result = asyncio.run(asked)

    assert isinstance(result, ExecutionResult)
    assert result.data
    link = result.data["connectProvider"]
    assert datetime.fromisoformat(link["expiresAt"]).timestamp() == clock.time() + TICKET_S
    _, _, secret = link["url"].partition("?ticket=")
    clock.advance(TICKET_S - 1)
    assert asyncio.run(consent.wish_of("github", secret, spend=False)).user == "ada"
