import asyncio
from dataclasses import replace

import pytest

from connectors.auth.open import Open
from connectors.connector import connect
from connectors.errors import NotAuthorized
from connectors.pipeline import pipeline
from connectors.protocols.answers import accepted
from connectors.providers.stripe.manifest import UPSTREAM
from connectors.upstream import Credentials
from tests.clock import FakeClock
from tests.wire import ScriptedWire, answer, ok, request, setup


def test_an_open_api_is_sent_no_credentials(clock: FakeClock) -> None:
    wire = ScriptedWire(ok())
    send = pipeline(setup(clock, auth=Open()), wire)

    asyncio.run(send(request()))

    assert "authorization" not in wire.requests[0].headers


def test_an_open_api_that_refuses_us_is_asked_once(clock: FakeClock) -> None:
    wire = ScriptedWire(answer(401))
    send = pipeline(setup(clock, auth=Open()), wire)
    sent = request()

    response = asyncio.run(send(sent))

    with pytest.raises(NotAuthorized):
        accepted("demo", sent, response)
    assert len(wire.requests) == 1


def test_an_open_api_needs_no_variable_to_be_connected() -> None:
    upstream = replace(UPSTREAM, credentials=(Credentials(variables=(), make=lambda values: Open()),))

    async def connected() -> bool:
        there = connect(upstream, {})
        assert there is not None
        await there.close()
        return there.sandbox is None

    assert asyncio.run(connected())
